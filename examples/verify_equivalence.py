"""Statement: when two deep lightning networks have the same function.

Checked here: with sympy and no algattn, the identities behind the symmetries that a deep network
has in addition to changes of bases (scaling, collapse after a layer of rank one, exchange of v and
k before proportional layers, skew layers that change places); with algattn, that its decision
agrees with the expanded polynomials on random small networks of every kind.
"""

from __future__ import annotations

import random
import sys

import sympy

from algattn import Lightning, Weights


def tokens(d: int, t: int) -> sympy.Matrix:
    return sympy.Matrix(d, t, sympy.symbols(f"x1:{d * t + 1}"))


def layers(X: sympy.Matrix, *B: sympy.Matrix) -> sympy.Matrix:
    for b in B:
        X = (X * X.T * b * X).applyfunc(sympy.expand)
    return X


def same(left: sympy.Matrix, right: sympy.Matrix) -> bool:
    return (left - right).applyfunc(sympy.expand).is_zero_matrix is True


def vector(name: str, d: int) -> sympy.Matrix:
    return sympy.Matrix(sympy.symbols(f"{name}1:{d + 1}"))


def scaling() -> bool:
    X, c = tokens(2, 2), sympy.Symbol("c")
    B, C = sympy.Matrix([[1, 2], [0, 1]]), sympy.Matrix([[0, 1], [1, 3]])
    return same(layers(X, c * B, C), c**3 * layers(X, B, C))


def collapse() -> bool:
    """After k q^T only the symmetric part of the next matrix is seen."""
    X, k, q = tokens(2, 2), sympy.Matrix([1, 2]), vector("q", 2)
    B = sympy.Matrix(2, 2, sympy.symbols("b1:5"))
    return same(layers(X, k * q.T, B), layers(X, k * q.T, (B + B.T) / 2))


def exchange() -> bool:
    """k and v may be exchanged at a collapsing layer when all later forms are (v.x)^2."""
    X, k, q, v = tokens(2, 2), sympy.Matrix([1, 2]), sympy.Matrix([1, -1]), sympy.Matrix([3, 1])
    left = v.T * layers(X, k * q.T, v * v.T)
    return same(left, k.T * layers(X, v * q.T, k * k.T))


def skew_layers_change_places(t: int) -> bool:
    X = tokens(3, t)
    K = sympy.Matrix([[0, 1, 0], [-1, 0, 0], [0, 0, 0]])
    B = K + sympy.diag(0, 0, 1)
    if t > 2:  # two different numbers refute the identity
        X = sympy.Matrix(3, t, list(range(1, 3 * t + 1)))
        X = X.applyfunc(lambda n: n**2 % 7)
    return same(layers(X, K, B), layers(X, B, K))


def decisions_agree_with_expansion(cases: int, seed: int) -> bool:
    rng = random.Random(seed)
    for _ in range(cases):
        d_out, t = rng.randint(1, 2), rng.randint(1, 2)
        net = Lightning(widths=(2, 2, d_out), ranks=2, tokens=t)

        def draw(m: int) -> list[list[int]]:
            return [[rng.randint(-1, 1) for _ in range(2)] for _ in range(m)]

        pair = []
        for _ in range(2):
            pair.append(Weights(A=[draw(2), draw(2)], V=[[[1, 0], [0, 1]], draw(d_out)]))
        first, second = (net.function(W) for W in pair)
        if net.equivalent(*pair).value != (first == second):
            print("counterexample:", net, pair)
            return False
    return True


def main() -> int:
    checks = {
        "scaling by c and c^3": scaling(),
        "collapse after a layer of rank one": collapse(),
        "exchange of k and v at a collapsing layer": exchange(),
        "skew layers change places, t = 2": skew_layers_change_places(2),
        "but not for t = 3": not skew_layers_change_places(3),
        "decisions on 300 pairs of small networks": decisions_agree_with_expansion(300, 1),
    }
    for name, holds in checks.items():
        print("holds" if holds else "FAILS", "-", name)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
