"""Statement: at a stationary point of the action of attention paths all sides of the balance law,
N_l (tr(U_{l+1}^-1 tr_h U_l)/s_l - dim U_l) for every layer and r^T K r - tr(G^-1 K), are equal;
and the kernel of a network is K(U) with U the overlaps of its effective weights.

The kernel identity is checked over QQ against forward passes; a critical point is certified in a
box of side 2^-59, and the balance law is evaluated there in rational arithmetic.
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction

import sympy

from algattn import load
from algattn.paths import PathNetwork, PathWeights


def balance(net: PathNetwork, levels: list[sympy.Matrix], kernels: object, Y: list[int]) -> list:
    """All sides of the balance law, with sympy rationals."""
    shape = net.shape
    sides = []
    for k, U in enumerate(levels):
        above = levels[k + 1] if k + 1 < len(levels) else sympy.eye(1)
        m = above.rows
        traced = sympy.zeros(m, m)
        for h in range(shape.fan[k]):
            traced += U[h * m : (h + 1) * m, h * m : (h + 1) * m]
        s = sympy.Rational(str(shape.chain_variances[k]))
        sides.append(shape.widths[k] * ((above.inv() * traced).trace() / s - U.rows))
    K = sympy.zeros(len(Y), len(Y))
    for i in range(shape.count):
        for j in range(shape.count):
            K += levels[0][i, j] * sympy.Matrix(kernels.block(i, j).tolist()) / shape.count
    inverse = (K + sympy.eye(len(Y)) / 10).inv()
    r = inverse * sympy.Matrix(Y)
    sides.append((r.T * K * r)[0] - (inverse * K).trace())
    return sides


def main() -> int:
    rng = random.Random(1)
    net = PathNetwork((2, 2), (5, 6, 7), (1, 2, 1, "1/2"), attention="hardmax")
    X = [[[rng.randint(-3, 3) for _ in range(3)] for _ in range(3)] for _ in range(5)]
    Y = [1, -1, 1, 1, -1]
    kernels = net.path_kernels(X)
    for seed in range(3):
        weights = PathWeights.random(net.shape, seed=seed)
        if kernels.kernel(weights.order_parameter()) != weights.collapsed_kernel(
            net.head_list(3), X, net.readout
        ):
            print("FALSE: the kernel of the network is not K(U)")
            return 1
    print("K(U) is the kernel of the network, over QQ, for 3 random integer networks")
    point = net.certify(X, Y, temperature="1/10")
    if not load(point.to_json()).verify():
        print("FALSE: the certificate does not hold")
        return 1
    print(point)
    numbers = iter(Fraction(v) for v in point.value["midpoint"])
    levels = []
    for d in net.shape.dims:
        U = sympy.zeros(d, d)
        for i in range(d):
            for j in range(i, d):
                v = next(numbers)
                U[i, j] = U[j, i] = sympy.Rational(v.numerator, v.denominator)
        levels.append(U)
    sides = balance(net, levels, kernels, Y)
    spread = max(sides) - min(sides)
    print(f"balance: {[f'{float(s):.12f}' for s in sides]}, spread {float(spread):.1e}")
    if spread > sympy.Rational(1, 10**12) or abs(sides[0]) < sympy.Rational(1, 100):
        print("FALSE: the sides differ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
