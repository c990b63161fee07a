"""Statement: the function space of one lightning layer has dimension
alpha(2d - alpha) + d d' - 1 for t >= 2 and s d - s(s-1)/2 + d d' - 1 for t = 1, where
alpha = min(a, d) and s = min(2a, d).

Checked against the rank of a Jacobian that sympy derives from the matrix product, at random
rational weights, for small shapes; the certificates of algattn are verified again.
"""

from __future__ import annotations

import random
import sys
from itertools import product

import sympy

from algattn import Lightning


def rank_by_sympy(d: int, d_out: int, a: int, tokens: int, rng: random.Random) -> int:
    K = sympy.Matrix(a, d, sympy.symbols(f"k0:{a * d}"))
    Q = sympy.Matrix(a, d, sympy.symbols(f"q0:{a * d}"))
    V = sympy.Matrix(d_out, d, sympy.symbols(f"v0:{d * d_out}"))
    parameters = [*K, *Q, *V]
    point = {p: rng.randint(-9, 9) for p in parameters}
    rows = []
    for _ in range(4 * len(parameters) // (d_out * tokens) + 2):
        X = sympy.Matrix(d, tokens, [rng.randint(-9, 9) for _ in range(d * tokens)])
        output = V * X * X.T * K.T * Q * X
        rows.append(output.reshape(d_out * tokens, 1).jacobian(parameters).subs(point))
    domain = sympy.polys.matrices.DomainMatrix.from_Matrix(sympy.Matrix.vstack(*rows))
    return domain.convert_to(sympy.QQ).rank()


def formula(d: int, d_out: int, a: int, tokens: int) -> int:
    alpha, s = min(a, d), min(2 * a, d)
    forms = s * d - s * (s - 1) // 2 if tokens == 1 else alpha * (2 * d - alpha)
    return forms + d * d_out - 1


def main() -> int:
    rng, good = random.Random(1), True
    shapes = [*product((1, 2), (1, 2), (1, 2), (1, 2)), (3, 1, 1, 1), (3, 1, 1, 2)]
    for d, d_out, a, tokens in shapes:
        result = Lightning(widths=(d, d_out), ranks=a, tokens=tokens).dimension()
        numbers = {
            result.value,
            formula(d, d_out, a, tokens),
            rank_by_sympy(d, d_out, a, tokens, rng),
        }
        holds = len(numbers) == 1 and result.status.name == "PROVED" and result.verify()
        print("holds" if holds else "FAILS", f"- {(d, d_out, a, tokens)}: {numbers}")
        good = good and holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
