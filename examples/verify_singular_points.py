"""Statement: where the function space of one layer is singular.

Checked with equations that sympy derives here, for two spaces whose complete equations are known in
closed form: (d, d', a) = (2, 1, 2) is the hypersurface where two binary quadratic forms have a
common root (a resultant), and (2, 1, 1) is the cone of 3 x 2 matrices of rank one. The Jacobian
criterion has to agree with algattn at every point of a grid of weights.
"""

from __future__ import annotations

import sys
from itertools import product

import sympy

from algattn import Lightning, Weights

c = sympy.symbols("c0:6")  # c_{1,11,1}, c_{1,11,2}, c_{1,12,1}, c_{1,12,2}, c_{1,22,1}, c_{1,22,2}


def equations(a: int) -> list[sympy.Expr]:
    if a == 1:
        flat = sympy.Matrix(3, 2, c)
        return [flat.extract(rows, [0, 1]).det() for rows in ([0, 1], [0, 2], [1, 2])]
    x = sympy.Symbol("x")
    first = c[0] * x**2 + c[2] * x + c[4]
    second = c[1] * x**2 + c[3] * x + c[5]
    return [sympy.resultant(first, second, x)]


def main() -> int:
    good = True
    for a, dimension in ((1, 4), (2, 5)):
        net = Lightning(widths=(2, 1), ranks=a)
        system = sympy.Matrix(equations(a))
        jacobian = system.jacobian(c)
        counts = {True: 0, False: 0}
        for entries in product((-1, 0, 1), repeat=6):
            A = [[entries[0], entries[1]], [entries[2], entries[3]]]
            if a == 1 and A[0][0] * A[1][1] != A[0][1] * A[1][0]:
                continue
            W = Weights(A=[A], V=[[list(entries[4:])]])
            values = {
                s: sympy.Rational(str(v)) for s, v in zip(c, net.function(W).vector(), strict=True)
            }
            on_it = system.subs(values) == sympy.zeros(*system.shape)
            singular = jacobian.subs(values).rank() < 6 - dimension
            answer = net.classify(W)
            if not on_it or answer.singular != singular or answer.status.name != "PROVED":
                print("FAILS at", W, answer)
                good = False
            counts[singular] += 1
        print(f"(2, 1, {a}): {counts[True]} singular and {counts[False]} smooth weights agree")
        good = good and all(counts.values())
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
