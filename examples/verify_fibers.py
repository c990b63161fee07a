"""Statement: which weights of one layer give the same function (t >= 2).

Checked here: with sympy and no algattn, that exchanging v and k in A = k q^T, V = h v^T leaves the
function unchanged, as an identity of polynomials; with algattn, that recovering weights from the
coefficients of random small functions finds the scaling orbit, and the exchanged one exactly when
A and V have rank one and v, k are not parallel.
"""

from __future__ import annotations

import random
import sys

import sympy

from algattn import Lightning, Weights


def exchange_is_an_identity(d: int, tokens: int) -> bool:
    k, q, v, h = (sympy.Matrix(sympy.symbols(f"{n}1:{d + 1}")) for n in "kqvh")
    X = sympy.Matrix(d, tokens, sympy.symbols(f"x1:{d * tokens + 1}"))

    def layer(A: sympy.Matrix, V: sympy.Matrix) -> sympy.Matrix:
        return V * X * X.T * A * X

    difference = layer(k * q.T, h * v.T) - layer(v * q.T, h * k.T)
    return difference.expand() == sympy.zeros(d, tokens)


def parallel(x: list[int], y: list[int]) -> bool:
    n = range(len(x))
    return all(x[i] * y[j] == x[j] * y[i] for i in n for j in n)


def recovered_classes_are_right(cases: int, seed: int) -> bool:
    rng = random.Random(seed)
    for _ in range(cases):
        d, d_out, a = rng.randint(1, 3), rng.randint(1, 2), rng.randint(1, 2)
        net = Lightning(widths=(d, d_out), ranks=a)
        W = net.random_weights(rng.randrange(10**6), size=1)
        f = net.function(W)
        if f.is_zero:
            continue
        A, V = W.A[0], W.V[0]
        expected = 1
        if A.rank() == V.rank() == 1:
            k = next(c for c in A.T.tolist() if any(c))
            v = next(r for r in V.tolist() if any(r))
            expected = 1 if parallel(k, v) else 2
        found = net.recover(f)
        if len(found) != expected or any(net.function(w) != f for w in found):
            print("counterexample:", net, W)
            return False
    return True


def main() -> int:
    checks = {
        "exchange of v and k, d = 2, t = 2": exchange_is_an_identity(2, 2),
        "exchange of v and k, d = 2, t = 3": exchange_is_an_identity(2, 3),
        "classes of weights of 400 random functions": recovered_classes_are_right(400, 1),
        "fiber of a rank-one pair has two components": Lightning(widths=(2, 2), ranks=1)
        .fiber(Weights(A=[[[1, 0], [0, 0]]], V=[[[0, 1], [0, 2]]]))
        .complex_components
        == 2,
    }
    for name, holds in checks.items():
        print("holds" if holds else "FAILS", "-", name)
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
