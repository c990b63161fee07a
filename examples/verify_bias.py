"""Check the statements of algattn about implicit bias on small data, one line for each.

    python examples/verify_bias.py

Exits with status 1 when something does not hold.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction

import numpy as np

from algattn import load
from algattn.bias import AttentionSVM, diagnose, instances, local_selections, train
from algattn.results import seal


def main() -> int:
    failed = 0

    def say(holds: bool, text: str) -> None:
        nonlocal failed
        failed += not holds
        print(f"{'holds ' if holds else 'FAILED'}  {text}")

    margin = AttentionSVM(instances.two_sequences()).solve()
    say(margin.norm_squared == Fraction(50, 9) and margin.verify(), f"two sequences: {margin}")

    data = json.loads(margin.to_json())
    for place in (data["detail"], *(claim["value"] for claim in data["claims"])):
        place["support"].pop()
    say(not load(json.dumps(seal(data))).verify(), "a changed support is noticed")

    middle = AttentionSVM(instances.middle_token()).solve()
    say(not middle.feasible and middle.verify(), f"middle token: {middle}")

    for n, T in ((2, 3), (3, 4)):
        found = AttentionSVM(instances.orthonormal(n, T)).solve()
        say(
            found.norm_squared == Fraction(n * (T - 1), T) and found.verify(),
            f"orthonormal, n = {n}, T = {T}: |W|^2 = n(T-1)/T = {found.norm_squared}",
        )

    both = local_selections(instances.counterexample())
    say(both.value == 2 and both.verify(), f"counterexample: {both}")
    say(
        diagnose(instances.counterexample()).applies("not_global"), "its limit depends on the start"
    )
    aim = AttentionSVM(instances.counterexample(), selection=[1]).solve().array()
    far = train(instances.counterexample(), steps=5000, start=10 * aim / np.linalg.norm(aim))
    near = train(instances.counterexample(), steps=5000)
    say(
        far.value > 1 and near.value < 1e-3,
        f"training from far along the other direction stays there ({far.value:.3f}), "
        f"from zero it finds the best token ({near.value:.1e})",
    )

    for seed in (1, 3, 10):
        data = instances.random_data(3, 3, 16, seed=seed)
        for method, options in (
            ("ngd", {"steps": 8000, "rate": 0.4}),
            ("polyak", {"steps": 1500}),
            ("gd", {"steps": 8000, "rate": 1.0}),
        ):
            run = train(data, method=method, **options)
            for c in run.comparisons:
                say(c.relative < 0.1, f"seed {seed}, {method}: {c}")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
