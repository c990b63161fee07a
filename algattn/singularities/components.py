"""The closure of one stratum as a variety: parametrization and equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import Any

from algattn.attention import Architecture, Weights
from algattn.attention.coordinates import Label, natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.errors import LimitError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.singularities.strata import Stratum

#: The linear factors of h (l1.x)(l2.x)(l3.*); "pair" is the sum of two squares.
_LINES = {
    "k, v independent": ("v", "k", "q"),
    "definite form": ("pair", "k", "q"),
    "k, v parallel": ("k", "k", "q"),
    "nonzero": ("k", "k", "q"),
    "three real lines": ("v", "k", "q"),
    "a line and a conjugate pair": ("v", "k", "q"),
    "double line": ("v", "k", "k"),
    "triple line": ("k", "k", "k"),
}

#: Lemma "locus": degrees in which the ideals of these closures are generated.
_GENERATED = {"k, v independent": 3, "k, v parallel": 2, "triple line": 2, "nonzero": 2}

#: Without a lemma all equations up to this degree are listed, whether or not they suffice.
_UNKNOWN_DEGREE = 3


#: What a general function of a stratum looks like; x is the quadratic argument, y the linear one.
_FORMS = {
    "k, v independent": "h (v.x) (k.x) (q.y), any h, v, k, q",
    "k, v parallel": "h (k.x)^2 (q.y), any h, k, q",
    "three real lines": "h (k.x) (q.x) (v.x), any h, k, q, v",
    "a line and a conjugate pair": "h ((k.x)^2 + (u.x)^2) (v.x), any h, k, u, v",
    "double line": "h (k.x)^2 (v.x), any h, k, v",
    "triple line": "h (k.x)^3, any h, k",
    "zero": "0",
}


class SomeEquations(ImplicitIdeal):
    """Equations of a locus that other functions may satisfy, too."""

    @staticmethod
    def of(ideal: ImplicitIdeal) -> SomeEquations:
        return SomeEquations(**{f.name: getattr(ideal, f.name) for f in fields(ideal)})

    def sentence(self) -> str:
        return f"{super().sentence()}; these equations need not cut out the locus"


@dataclass(frozen=True)
class LocusComponent:
    """The closure of one stratum.

    Attributes
    ----------
    name : str
        Of the stratum, a node of ``net.strata()``.
    dimension : int
    form : str
        Its general element in words: over the complex numbers for the singular locus, over the
        real ones (with the signature of S for ``t = 1``) for the boundary.
    representative : Weights or None
    network : Architecture

    Examples
    --------
    >>> from algattn import Lightning
    >>> (ramified,) = Lightning(widths=(2, 1), ranks=2).boundary().components
    >>> ramified.name, ramified.dimension
    ('k, v parallel', 3)
    >>> ramified.equations().counts
    {2: 6}
    """

    name: str
    dimension: int
    form: str
    representative: Weights | None
    network: Architecture

    @staticmethod
    def of(stratum: Stratum, network: Architecture, *, real: bool) -> LocusComponent:
        """The closure of a stratum of the network, over the real or the complex numbers."""
        form = _form(stratum, network.tokens, real=real)
        return LocusComponent(
            stratum.name, stratum.dimension, form, stratum.representative, network
        )

    def to_data(self) -> dict[str, Any]:
        """The component as JSON data; the network stands beside it."""
        return {
            "name": self.name,
            "dimension": self.dimension,
            "form": self.form,
            "representative": None
            if self.representative is None
            else self.representative.to_data(),
        }

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels of the coordinates."""
        n = self.network
        return tuple(natural_labels(n.d_in, n.d_out, n.tokens))

    def polynomials(self) -> list[tuple[Label, Polynomial]]:
        """The parametrization: every coordinate as a polynomial in free parameters, over QQ.

        Its complex image is dense in the closure of the stratum over the complex numbers.
        """
        from algattn.singularities.strata import strata

        stratum = next(s for s in strata(self.network) if s.name == self.name)
        A, V = _matrices(self.network, stratum)
        values = dict(natural_coefficients(A, V, self.network.tokens))
        return [(label, values[label]) for label in self.labels]

    @property
    def generated_in_degree(self) -> int | None:
        """Up to this degree equations generate the ideal, by lemma "locus"; None: not known."""
        if self.name == "zero":
            return 1
        return _GENERATED.get(self.name)

    @property
    def cut_out_in_degree(self) -> int | None:
        """The zeros of all equations up to this degree are the closure, by lemma "locus".

        That is the Zariski closure over the complex numbers.  None: not known.
        """
        if self.generated_in_degree is not None:
            return self.generated_in_degree
        d, d_out = self.network.d_in, self.network.d_out
        if self.name in _LINES:  # t = 1: discriminants, or minors of a cubic and its Hessian
            return 4 if d > 2 or self.name == "double line" else 2
        if self.network.tokens == 1 or self.representative is None:
            return None
        ranks = self.representative.A[0].rank(), self.representative.V[0].rank()
        bounds = d, min(d, d_out)
        return max(4, *(r + 1 for r, bound in zip(ranks, bounds, strict=True) if r < bound))

    def equations(
        self, max_degree: int | None = None, *, time_limit: float | None = 60.0
    ) -> ImplicitIdeal:
        """All equations of its Zariski closure up to a degree, PROVED.

        Parameters
        ----------
        max_degree : int, optional
            Unless given ``generated_in_degree`` (then they generate the whole ideal), else
            ``cut_out_in_degree``, else 3.
        time_limit : float or None
            Seconds.

        Returns
        -------
        ImplicitIdeal
            Its text says so where the equations may have other zeros: no degree that suffices is
            known, or it is above `max_degree`, or the time was over before it.

        Raises
        ------
        LimitError
            When the time is over and `max_degree` was given; it carries the lower degrees.
        """
        from algattn.groebner.implicitize import implicitize

        enough = self.cut_out_in_degree
        degree = max_degree or enough or _UNKNOWN_DEGREE
        try:
            ideal = implicitize(self, max_degree=degree, method="graded", time_limit=time_limit)
        except LimitError as error:
            if max_degree is not None or not isinstance(error.partial, ImplicitIdeal):
                raise
            return SomeEquations.of(error.partial)
        return ideal if enough is not None and degree >= enough else SomeEquations.of(ideal)


class _Fresh:
    """A ring whose parameters are made by blocks, and then handed out."""

    def __init__(self, **sizes: int) -> None:
        names = [f"{block}{i + 1}" for block, size in sizes.items() for i in range(size)]
        self.ring = PolynomialRing(QQ, tuple(names) or ("one",))
        at = dict(zip(names, self.ring.gens(), strict=False))
        self.blocks = {b: [at[f"{b}{i + 1}"] for i in range(n)] for b, n in sizes.items()}

    def table(self, block: str, rows: int, columns: int) -> list[list[Polynomial]]:
        entries = self.blocks[block]
        return [entries[i * columns : (i + 1) * columns] for i in range(rows)]


def _product(left: Sequence[Sequence[Any]], right: Sequence[Sequence[Any]]) -> list[list[Any]]:
    columns = list(zip(*right, strict=True))
    return [
        [sum((a * b for a, b in zip(r, c, strict=True)), r[0] * 0) for c in columns] for r in left
    ]


def _matrices(network: Architecture, stratum: Stratum) -> tuple[list[list[Any]], list[list[Any]]]:
    """A and V of a general function of the stratum, as matrices of polynomials."""
    d, e = network.d_in, network.d_out
    if stratum.family == "zero":
        zero = _Fresh().ring(0)
        return [[zero] * d for _ in range(d)], [[zero] * d for _ in range(e)]
    if stratum.name in _LINES:
        names = _LINES[stratum.name]
        if names[0] == "pair":  # over C a sum of two squares is a product of two lines
            names = ("v", *names[1:])
        fresh = _Fresh(h=e, **dict.fromkeys(names, d))
        first, second, third = (fresh.blocks[name] for name in names)
        A = [[x * y for y in third] for x in second]
        return A, [[x * y for y in first] for x in fresh.blocks["h"]]
    r, m = stratum.rank_A, stratum.rank_V
    sizes = {"l": d * r, "r": 0 if network.tokens == 1 else r * d, "p": e * m, "u": m * d}
    fresh = _Fresh(**sizes)
    left = fresh.table("l", d, r)
    right = fresh.table("r", r, d)
    if network.tokens == 1:
        p = (stratum.signature or (r, 0))[0]
        signs = zip(count(), zip(*left, strict=True), strict=False)
        right = [[x if i < p else -x for x in column] for i, column in signs]
    A = _product(left, right)
    return A, _product(fresh.table("p", e, m), fresh.table("u", m, d))


def _form(s: Stratum, tokens: int, *, real: bool) -> str:
    if s.name in _FORMS:
        return _FORMS[s.name]
    if s.name == "nonzero":
        return "all functions but zero"
    if tokens > 1:
        return f"(V x) (x^T A y), rank A = {s.rank_A}, rank V = {s.rank_V}"
    kind = f"rank S = {s.rank_A}"
    if real and s.signature is not None:
        p, n = s.signature
        kind = f"S or -S of signature ({p},{n})" if n else f"S semidefinite of rank {p}"
    return f"S(x) V x, {kind}, rank V = {s.rank_V}"
