"""Equations of the space of one layer that are cheap to evaluate, as reasons for "outside".

Each family vanishes on every layer, and for t >= 2 the first four together cut out the closure
(proof in ``algattn/docs/one_layer.md``, lemma *equations*): so whenever a function is outside, a
random member of one of them says so with a single nonzero number.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from flint import fmpq_poly

from algattn.attention import FunctionMap
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer, two_tokens
from algattn.errors import UndecidedError
from algattn.exact import QQ, Matrix
from algattn.fibers.cubics import restrict
from algattn.fibers.factorisation import MEMBERSHIP, cubic_rows, flattening, nonzero_minor, pencil
from algattn.fibers.layer_invariants import ONE_LAYER
from algattn.results import Claim, Evidence, Status, about, declare

EQUATIONS = Theorem("equations (t >= 2)", ONE_LAYER, *plain_layer, two_tokens)

FAMILIES = {
    "rank": "the (a+1)-minors of the flattening (outputs and left indices) x (right index)",
    "outer product": "the 2-minors of the matrix M(x) = (V x)(A^T x)^T",
    "form": "the 3-minors of the quadratic form x -> r.F(x, y), a product of two linear forms",
    "common value factor": "the resultant of r.F(., y1) and r.F(., y2) on a line",
    "common key factor": "the resultant of r1.F(., y) and r2.F(., y) on a line",
    "common quadratic factor": "the 5-minors of the Sylvester matrix of two rows on a line",
}

_MINOR = {"rows", "columns"}
_DATA = {
    "rank": _MINOR,
    "outer product": _MINOR | {"x"},
    "form": _MINOR | {"r", "y"},
    "common value factor": {"r", "y1", "y2", "p", "w"},
    "common key factor": {"y", "r1", "r2", "p", "w"},
    "common quadratic factor": _MINOR | {"r1", "r2", "p", "w"},
}


def sylvester(f: fmpq_poly, g: fmpq_poly, degree: int) -> Matrix:
    """The Sylvester matrix of two binary forms of the given degree (dehomogenised)."""
    rows = []
    for poly in (f, g):
        coeffs = [poly[i] for i in range(degree + 1)]
        for shift in range(degree):
            rows.append([QQ(0)] * shift + coeffs + [QQ(0)] * (degree - 1 - shift))
    return Matrix(QQ, rows)


def combination(function: FunctionMap, rho: Sequence[int], y: Sequence[int]) -> Matrix:
    """The symmetric matrix of the quadratic form ``x -> rho . F(x, y)``, t >= 2."""
    M, d = pencil(function), function.d_in

    def entry(i: int, j: int) -> Any:
        total = QQ(0)
        for r, a in enumerate(rho):
            for k, b in enumerate(y):
                if a and b:
                    total += M[i][j][r, k] * (a * b)
        return total if i == j else total / 2

    return Matrix(QQ, [[entry(i, j) for j in range(d)] for i in range(d)])


def on_line(form: Matrix, p: Sequence[int], w: Sequence[int]) -> fmpq_poly:
    """A quadratic form restricted to ``p + s w``."""
    lines = [fmpq_poly([a, b]) for a, b in zip(p, w, strict=True)]
    total = fmpq_poly([])
    for i, row in enumerate(form.rows):
        for j, c in enumerate(row):
            total += lines[i] * lines[j] * c
    return total


def value_of(function: FunctionMap, family: str, data: Mapping[str, Any]) -> Any:
    """The value, at a function, of the equation that `family` and `data` describe."""
    if family == "rank":
        return _minor(flattening(function), data["rows"], data["columns"])
    if family == "outer product":
        x, M = data["x"], pencil(function)
        at = Matrix.zeros(QQ, function.d_out, function.d_in)
        for i, a in enumerate(x):
            for j, b in enumerate(x):
                if i <= j and a and b:
                    at = at + M[i][j] * (a * b)
        return _minor(at, data["rows"], data["columns"])
    if family == "form":
        form = combination(function, data["r"], data["y"])
        return _minor(form, data["rows"], data["columns"])
    if family == "common quadratic factor":
        rows = cubic_rows(function)
        polys = [
            sum(
                (restrict(row, data["p"], data["w"]) * c for row, c in zip(rows, r, strict=True)),
                fmpq_poly([]),
            )
            for r in (data["r1"], data["r2"])
        ]
        f, g = polys
        return _minor(sylvester(f, g, 3), data["rows"], data["columns"])
    if family == "common value factor":
        forms = [combination(function, data["r"], y) for y in (data["y1"], data["y2"])]
    else:
        forms = [combination(function, r, data["y"]) for r in (data["r1"], data["r2"])]
    f, g = (on_line(form, data["p"], data["w"]) for form in forms)
    return sylvester(f, g, 2).det()


def _minor(matrix: Matrix, rows: Sequence[int], columns: Sequence[int]) -> Any:
    return Matrix(matrix.field, [[matrix[i, j] for j in columns] for i in rows]).det()


@declare("membership.violated", about("membership.one-layer", "closure"), Status.PROVED)
@dataclass(frozen=True)
class Violated(Evidence):
    """An equation of the function space that does not vanish at the function."""

    family: str
    data: Mapping[str, tuple[int, ...]]
    value: int | str

    def summary(self) -> str:
        return f"violates {FAMILIES.get(self.family, '?')}: {self.value} instead of 0"

    def check(self, problem: Problem, claim: Claim) -> None:
        network, function = problem.under(EQUATIONS, MEMBERSHIP), problem.function()
        if self.family not in _allowed(function.tokens):
            raise self.fail("this is not an equation of such layers")
        if set(self.data) != _DATA[self.family] or not self._fits(function):
            raise self.fail("the numbers are not those of this family")
        size = {"rank": network.ranks[0] + 1, "outer product": 2, "form": 3}.get(self.family, 5)
        if "rows" in self.data and len(self.data["rows"]) != size:
            raise self.fail("the minor has the wrong size")
        found = value_of(function, self.family, self.data)
        if found == 0:
            raise self.fail("the equation vanishes")
        self.expect(self.value, QQ.format(found), "the equation has another value")
        if claim.value is not False:
            raise self.fail("an equation can only prove that a function is outside")

    def _fits(self, function: FunctionMap) -> bool:
        """Whether indices are not negative and vectors have the length of the function's."""
        for name, numbers in self.data.items():
            if name in _MINOR:
                if min(numbers, default=0) < 0:
                    return False
            elif len(numbers) != (function.d_out if name[0] == "r" else function.d_in):
                return False
        return True


def _allowed(tokens: int) -> set[str]:
    single = {"common quadratic factor"}
    return single if tokens == 1 else set(FAMILIES) - single


def find_violated(function: FunctionMap, bound: int, seed: int = 0) -> Violated:
    """A violated equation for a function outside the closure; deterministic for a seed.

    Raises
    ------
    UndecidedError
        If none shows up in 2000 random members of the families (never for a function that is
        outside by the factorisation, as far as we know).
    """
    if function.tokens > 1:
        flat = flattening(function)
        if flat.rank() > bound:
            rows, columns = nonzero_minor(flat, bound + 1)
            data: dict[str, Any] = {"rows": rows, "columns": columns}
            return Violated("rank", data, QQ.format(value_of(function, "rank", data)))
    for family, data in _candidates(function, seed):
        found = value_of(function, family, data)
        if found != 0:
            return Violated(family, data, QQ.format(found))
    raise UndecidedError(
        "find an equation that the function violates", "2000 tries vanish", "use another seed"
    )


def _candidates(function: FunctionMap, seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    rng = random.Random(f"algattn equations {seed}")
    d, d_out = function.d_in, function.d_out

    def draw(n: int, size: int) -> list[int]:
        while True:
            v = [rng.randint(-size, size) for _ in range(n)]
            if any(v):
                return v

    for attempt in range(2000):
        size = 1 + attempt // 20
        if function.tokens == 1:
            r1, r2, p, w = draw(d_out, size), draw(d_out, size), draw(d, size), draw(d, size)
            base = {"r1": r1, "r2": r2, "p": p, "w": w}
            rows = cubic_rows(function)
            polys = [
                sum(
                    (restrict(row, p, w) * c for row, c in zip(rows, r, strict=True)), fmpq_poly([])
                )
                for r in (r1, r2)
            ]
            matrix = sylvester(polys[0], polys[1], 3)
            if matrix.rank() >= 5:
                minor = nonzero_minor(matrix, 5)
                yield "common quadratic factor", base | {"rows": minor[0], "columns": minor[1]}
            continue
        x = draw(d, size)
        for rows2 in combinations(range(d_out), 2):
            for columns2 in combinations(range(d), 2):
                yield "outer product", {"x": x, "rows": list(rows2), "columns": list(columns2)}
        r, y = draw(d_out, size), draw(d, size)
        form = combination(function, r, y)
        if form.rank() >= 3:
            minor = nonzero_minor(form, 3)
            yield "form", {"r": r, "y": y, "rows": minor[0], "columns": minor[1]}
        p, w = draw(d, size), draw(d, size)
        yield "common value factor", {"r": r, "y1": y, "y2": draw(d, size), "p": p, "w": w}
        yield "common key factor", {"y": y, "r1": r, "r2": draw(d_out, size), "p": p, "w": w}
