"""Real slices of the function space for d = 2, d' = 1, a = 1, computed from its equations.

A function is ``s(x) (q.y)`` with s a binary quadratic form: its six coefficients are a 3 x 2 matrix
M of rank at most one, rows ``x1^2, x1 x2, x2^2``, columns ``y1, y2``.  It has real weights exactly
when s is a product of two real lines.  A slice is an affine space of dimension three; on it the
variety is the common zero set of the three 2-minors of M.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import label_latex, natural_labels, parse_label
from algattn.attention.weights import as_weights
from algattn.errors import AlgattnError, HypothesisError, InputError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.words import one_of, quoted

#: Ready slices: the coordinates x, y, z and the affine function of them for each coefficient.
SLICES: dict[str, dict[str, str]] = {
    # s = a x1^2 + b x1 x2 always splits: the whole quadric is reached
    "segre": {
        "c_1_1_1_1": "1+x",
        "c_1_1_1_2": "y+z",
        "c_1_1_2_1": "z-y",
        "c_1_1_2_2": "x-1",
    },
    # s = a x1^2 + c x2^2 splits over the reals only where a c <= 0
    "segre-boundary": {
        "c_1_1_1_1": "1+x",
        "c_1_1_1_2": "y+z",
        "c_1_2_2_1": "z-y",
        "c_1_2_2_2": "x-1",
    },
    # q = (1, 0) fixed: all binary quadratic forms, and the cone of squares between them
    "boundary": {
        "c_1_1_1_1": "z+x",
        "c_1_1_2_1": "2*y",
        "c_1_2_2_1": "z-x",
    },
}


@dataclass(frozen=True)
class Slice:
    """A slice, exactly: each coefficient as an affine function of x, y, z, and the equations.

    Attributes
    ----------
    network : Architecture
    entries : dict
        Label to affine polynomial.
    equations : tuple of Polynomial
        The variety on the slice; none when it is the whole slice.
    boundary_equations : tuple of Polynomial
        Together with ``equations`` they cut out the boundary: the quadratic form is a square.
    points : dict
        Marked functions: name to coordinates (x, y, z).
    """

    network: Architecture
    entries: Mapping[Any, Polynomial]
    equations: tuple[Polynomial, ...]
    boundary_equations: tuple[Polynomial, ...]
    points: Mapping[str, tuple[Any, Any, Any]] = field(default_factory=dict)

    @property
    def caption(self) -> str:
        """The slice and its exact equations in one paragraph."""
        fixed = ", ".join(f"{label_latex(k)} = {_pretty(p)}" for k, p in self.entries.items())
        if self.equations:
            on = "function space on it: " + ", ".join(f"{_pretty(e)} = 0" for e in self.equations)
        else:
            on = "every point of it lies in the Zariski closure"
        edge = ", ".join(f"{_pretty(e)} = 0" for e in self.boundary_equations)
        return f"{fixed}; {on}; boundary: {edge}."

    def function(self, point: Sequence[Any]) -> FunctionMap:
        """The function at a point of the slice."""
        x = [QQ(c) for c in point]
        values = {k: _value(p, x) for k, p in self.entries.items()}
        return FunctionMap(2, 1, self.network.tokens, values)

    def place(self, weights: Weights) -> tuple[Any, Any, Any] | None:
        """Coordinates of the function of the weights, if it lies on the slice."""
        f = FunctionMap.of(self.network, as_weights(self.network, weights))
        rows, right = [], []
        for label, p in self.entries.items():
            terms = dict(p.terms())
            units = [tuple(int(i == j) for j in range(3)) for i in range(3)]
            rows.append([terms.get(u, QQ(0)) for u in units])
            right.append([f[label] - terms.get((0, 0, 0), QQ(0))])
        found = Matrix(QQ, rows).solve(Matrix(QQ, right))
        return None if found is None else (found[0, 0], found[1, 0], found[2, 0])


def _value(p: Polynomial, x: Sequence[Any]) -> Any:
    total = QQ(0)
    for exponents, c in p.terms():
        term = c
        for v, e in zip(x, exponents, strict=True):
            term *= v**e
        total += term
    return total


def _pretty(p: Polynomial) -> str:
    return str(p).replace("*", "").replace("^2", "²").replace("-", "−")


def _affine(ring: PolynomialRing, text: Any) -> Polynomial:
    """Read ``2*x - y + 1/2``."""
    asked = "read a slice"
    total = ring(0)
    source = str(text).replace(" ", "").replace("-", "+-")
    names = dict(zip(ring.names, ring.gens(), strict=True))
    for part in filter(None, source.split("+")):
        sign = -1 if part.startswith("-") else 1
        number, _, name = part.lstrip("-").rpartition("*")
        try:
            factor = QQ(number or 1) if name in names else QQ(name)
        except AlgattnError:
            factor = None
        if factor is None or (number and name not in names):
            raise InputError(asked, f"{quoted(part)} is no term", "write terms like 2*x, y or 1/2")
        total = total + names.get(name, ring(1)) * (factor * sign)
    return total


def make_slice(network: Architecture, coordinates: str | Mapping[str, str] = "segre") -> Slice:
    """A slice by name (``segre``, ``boundary``) or by affine functions of x, y, z.

    Examples
    --------
    >>> from algattn import Lightning
    >>> make_slice(Lightning(widths=(2, 1), ranks=1)).equations
    (x^2 + y^2 - z^2 - 1,)
    """
    if (network.widths, min(network.ranks[0], 2), network.layers) != ((2, 1), 1, 1) or (
        network.tokens == 1
    ):
        raise HypothesisError(
            f"draw a slice of {network!r}",
            "the picture is for d = 2, d' = 1, a = 1 and at least two tokens",
            "use Lightning(widths=(2, 1), ranks=1)",
        )
    if isinstance(coordinates, str):
        coordinates = SLICES[one_of(coordinates, SLICES, "draw a slice", "coordinates")]
    if not isinstance(coordinates, Mapping):
        raise InputError(
            "draw a slice",
            f"the coordinates are {quoted(coordinates)}",
            'give a name or a dict like {"c_1_1_1_1": "1+x"}',
        )
    ring = PolynomialRing(QQ, ("x", "y", "z"))
    labels = list(natural_labels(2, 1, 2))
    given = {parse_label(k): _affine(ring, v) for k, v in coordinates.items()}
    if set(given) - set(labels):
        raise InputError("draw a slice", "a coefficient is unknown", "write c_1_1_2_1")
    entries = {label: given.get(label, ring(0)) for label in labels}
    rows = [[entries[0, i, j, k] for k in (0, 1)] for i, j in ((0, 0), (0, 1), (1, 1))]
    minors = [r[0] * s[1] - r[1] * s[0] for r, s in combinations(rows, 2)]
    equations: list[Polynomial] = []
    for m in minors:
        if m and not any(_proportional(m, e) for e in equations):
            equations.append(m)
    # discriminant of (column 1) + u (column 2): all its coefficients vanish where s is a square
    (a1, a2), (b1, b2), (c1, c2) = rows
    squares = [
        b1**2 - a1 * c1 * 4,
        b1 * b2 - a1 * c2 * 2 - a2 * c1 * 2,
        b2**2 - a2 * c2 * 4,
    ]
    edges: list[Polynomial] = []
    for p in sorted((_radical(q) for q in squares if q), key=lambda p: p.degree()):
        if not any(p.divide(e) is not None for e in edges):
            edges.append(p)
    return Slice(network, entries, tuple(equations), tuple(edges))


def _radical(p: Polynomial) -> Polynomial:
    """The product of the different irreducible factors."""
    total = p.ring(1)
    for f, _ in p.factor()[1]:
        total = total * f
    return total


def _proportional(p: Polynomial, q: Polynomial) -> bool:
    a, b = dict(p.terms()), dict(q.terms())
    if a.keys() != b.keys():
        return False
    ratio = next(iter(a.values())) / b[next(iter(a))]
    return all(a[e] == ratio * b[e] for e in a)
