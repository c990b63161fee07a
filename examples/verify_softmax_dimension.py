"""Statement: a softmax network with two layers of rank two and equal widths d has a function space
of dimension d^2 + 8d - 8, on two or more tokens, for every d >= 2; at d = 1 it is 3.

Checked by the certificate of a whole family, by single certificates modulo a prime, by ball
arithmetic with true exponentials, and by floating point where that still works.
"""

from __future__ import annotations

import sys

import numpy as np

from algattn import Softmax, load
from algattn.dimension import family


def rank_in_floats(d: int, seed: int) -> int:
    """Central differences of a plain numpy network at random points."""
    rng = np.random.default_rng(seed)
    shapes = [(2, d), (2, d), (d, d)] * 2
    sizes = [m * n for m, n in shapes]
    cuts = np.cumsum(sizes)[:-1]
    w, inputs = rng.standard_normal(sum(sizes)), rng.standard_normal((40, d, 3))

    def network(flat: np.ndarray) -> np.ndarray:
        x = inputs
        parts = [p.reshape(s) for p, s in zip(np.split(flat, cuts), shapes, strict=True)]
        for k, q, v in (parts[:3], parts[3:]):
            scores = np.swapaxes(k @ x, 1, 2) @ (q @ x)
            p = np.exp(scores - scores.max(axis=1, keepdims=True))
            x = v @ x @ (p / p.sum(axis=1, keepdims=True))
        return x.ravel()

    step = 1e-5 * np.eye(len(w))
    columns = [(network(w + s) - network(w - s)) / 2e-5 for s in step]
    values = np.linalg.svd(np.array(columns), compute_uv=False)
    return int((values > 1e-7 * values[0]).sum())


def main() -> int:
    good = True

    def note(holds: bool, what: str) -> None:
        nonlocal good
        good = good and holds
        print("holds" if holds else "FAILS", "-", what)

    whole = family(depth=2, kind="softmax")
    note(load(whole.to_json()).verify() and whole.status.name == "PROVED", whole.sentence())
    for d in range(1, 9):
        value = d * d + 8 * d - 8 if d > 1 else 3
        network = Softmax((d, d, d), 2, 3)
        modular, balls = network.dimension(method="dense"), network.dimension(method="balls")
        answers = {value, modular.value, balls.value, whole.at(d, 2)}
        proved = {modular.status.name, balls.status.name} == {"PROVED"}
        checked = modular.verify() and balls.verify()
        note(len(answers) == 1 and proved and checked, f"d = {d}: {sorted(answers)}")
    note(rank_in_floats(3, 0) == 25, "d = 3 in floating point, by differences")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
