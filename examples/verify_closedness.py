"""Statement: the function space of one layer is closed.

The map (A, V) -> function is bilinear, so it is enough that only A = 0 or V = 0 give the zero
function (for t = 1: sym(A) = 0 or V = 0): then the space is the image of a compact set of lines. We
check with Groebner bases that some power of every product (entry of A) * (entry of V) lies in the
ideal of the coefficients, which says just that, over the complex numbers. For deep networks the
statement is false.
"""

from __future__ import annotations

import sys
from itertools import product

import sympy


def coefficients(d: int, d_out: int, tokens: int) -> tuple[list[sympy.Expr], list, list]:
    A = sympy.Matrix(d, d, sympy.symbols(f"a0:{d * d}"))
    V = sympy.Matrix(d_out, d, sympy.symbols(f"v0:{d * d_out}"))
    X = sympy.Matrix(d, tokens, sympy.symbols(f"x0:{d * tokens}"))
    output = (V * X * X.T * A * X).expand()
    found = {c for entry in output for c in sympy.Poly(entry, *X).coeffs()}
    seen = (A + A.T) if tokens == 1 else A
    return sorted(found, key=str), [e for e in seen if e != 0], list(V)


def base_point_free(d: int, d_out: int, tokens: int) -> bool:
    ideal, attention, values = coefficients(d, d_out, tokens)
    gens = sorted(set().union(*(e.free_symbols for e in ideal)), key=str)
    basis = sympy.groebner(ideal, *gens, order="grevlex")
    return all(
        any(basis.contains((a * v) ** n) for n in range(1, 5))
        for a, v in product(attention, values)
    )


def main() -> int:
    good = True
    for d, d_out, tokens in ((1, 1, 1), (1, 2, 2), (2, 1, 1), (2, 1, 2), (2, 2, 1), (2, 2, 2)):
        holds = base_point_free(d, d_out, tokens)
        print("holds" if holds else "FAILS", f"- d = {d}, d' = {d_out}, t = {tokens}")
        good = good and holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
