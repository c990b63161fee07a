"""The ideal of a parametrization as a result: equations, and what proves that there are no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from flint import fmpz_mat

from algattn.engines.text import read_polynomial
from algattn.errors import CertificateError, InputError
from algattn.exact import Polynomial, PolynomialRing, is_prime
from algattn.exact.fields import PrimeField
from algattn.groebner.grading import finest_grading
from algattn.groebner.interpolation import Bucket, Interpolation, by_bucket, superfluous
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult

MAX_ROWS = 20_000
Exponents = tuple[int, ...]
_NUMBERS = {1: "linear form", 2: "quadric", 3: "cubic", 4: "quartic", 5: "quintic", 6: "sextic"}


def problem_data(polys: Sequence[Polynomial], names: Sequence[str]) -> dict[str, Any]:
    """A parametrization as the problem of a result."""
    return {
        "parametrization": {
            "ring": polys[0].ring.to_data(),
            "coordinates": list(names),
            "polynomials": [str(p).replace(" ", "") for p in polys],
        }
    }


def read_problem(problem: Mapping[str, Any]) -> tuple[list[Polynomial], PolynomialRing]:
    """The polynomials of the parametrization, and the ring of the coordinates."""
    data = problem["parametrization"]
    if set(problem) != {"parametrization"} or set(data) != {"ring", "coordinates", "polynomials"}:
        raise InputError("read a problem", "it is not a parametrization", "use the file as written")
    ring = PolynomialRing.from_data(thaw(data["ring"]))
    polys = [read_polynomial(text, ring, ring.names) for text in data["polynomials"]]
    target = PolynomialRing(ring.field, tuple(data["coordinates"]))
    if len(polys) != len(target.names) or not polys:
        raise InputError(
            "read a problem", "names and polynomials differ", "use the file as written"
        )
    if problem_data(polys, target.names) != thaw(problem):
        raise InputError("read a problem", "it is spelled in another way", "use it as written")
    return polys, target


def _kind(degree: int, n: int) -> str:
    return f"{n} {_NUMBERS.get(degree, f'form of degree {degree}')}" + ("s" if n != 1 else "")


@register
@dataclass(frozen=True, repr=False)
class ImplicitIdeal(LegacyResult):
    """The polynomial relations among the coordinates of a parametrization.

    Attributes
    ----------
    counts : dict
        ``{degree: number of generators}``, minimal ones where a maximal degree was asked for.
    generators : tuple of Polynomial
    max_degree : int or None
        All equations up to this degree are generated; None: all equations, as an engine says.
    """

    kind: ClassVar[str] = "implicit.ideal"
    title: ClassVar[str] = "Implicit equations"
    claim_names: ClassVar[tuple[str, ...]] = (
        "vanish",
        "all",
        "minimal",
        "complete",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        asked, hint = "read implicit equations", "recompute them"
        keys = {"method", "generators", "max_degree", "degrees", "dimensions", "engine"}
        if set(detail) != keys:
            raise CertificateError(asked, f"the detail has the parts {sorted(detail)}", hint)
        texts = detail["generators"]
        target = read_problem(problem)[1]
        degrees = tuple(detail["degrees"] or ())
        ring = PolynomialRing(target.field, target.names, "degrevlex", degrees)
        in_degree = [read_polynomial(t, ring, ring.names).degree() for t in texts]
        counts = sorted((e, in_degree.count(e)) for e in set(in_degree))
        if thaw(value) != [list(pair) for pair in counts]:
            raise CertificateError(asked, "the counts are not those of the equations", hint)
        vanish = Outline(
            "vanish", f"each of the {len(texts)} polynomials vanishes on the image", texts
        )
        if detail["max_degree"] is None:
            if (detail["method"], detail["dimensions"]) != ("elimination", None) or not isinstance(
                detail["engine"], str
            ):
                raise CertificateError(asked, "the detail contradicts itself", hint)
            said = {"generators": texts, "engine": detail["engine"], "degrees": detail["degrees"]}
            return (vanish, Outline("complete", "they generate the ideal of the image", said))
        if detail["engine"] is not None or detail["method"] not in ("graded", "elimination"):
            raise CertificateError(asked, "the detail contradicts itself", hint)
        D = detail["max_degree"]
        said = {name: detail[name] for name in ("generators", "max_degree", "degrees")}
        return (
            vanish,
            Outline(
                "all",
                f"they generate all equations of degree at most {D}",
                said | {"dimensions": detail["dimensions"]},
            ),
            Outline("minimal", "none of them follows from the others", said),
        )

    @property
    def ring(self) -> PolynomialRing:
        """The ring of the coordinates, with their degrees."""
        data = self.problem["parametrization"]
        field = PolynomialRing.from_data(thaw(data["ring"])).field
        degrees = tuple(self.detail["degrees"] or ())
        return PolynomialRing(field, tuple(data["coordinates"]), "degrevlex", degrees)

    @cached_property
    def generators(self) -> tuple[Polynomial, ...]:
        ring = self.ring
        return tuple(read_polynomial(t, ring, ring.names) for t in self.detail["generators"])

    @property
    def counts(self) -> dict[int, int]:
        return {int(e): int(n) for e, n in self.value}

    @property
    def max_degree(self) -> int | None:
        found: int | None = self.detail["max_degree"]
        return found

    @property
    def dimensions(self) -> dict[int, int] | None:
        """How many independent equations there are in each degree."""
        rows = self.detail["dimensions"]
        return None if rows is None else {int(e): int(n) for e, n in rows}

    @property
    def parametrization(self) -> tuple[Polynomial, ...]:
        """The coordinates as polynomials in the parameters."""
        return tuple(read_problem(self.problem)[0])

    def violated(self, point: Sequence[Any]) -> Polynomial | None:
        """The first equation that a point of the coordinate space violates, or None.

        >>> from algattn import implicitize
        >>> from algattn.exact import QQ
        >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
        >>> ideal = implicitize([s * s, s * t, t * t], max_degree=2)
        >>> ideal.violated([1, 2, 4]), ideal.violated([1, 2, 5])
        (None, y_2^2 - y_1*y_3)
        """
        return next((g for g in self.generators if g(*point) != 0), None)

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)

    def sentence(self) -> str:
        parts = [_kind(e, n) for e, n in self.counts.items()]
        listed = " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]])) or "no equation"
        if not parts and self.max_degree is not None:
            return f"There is no equation of degree at most {self.max_degree}{self._chance()}"
        if self.max_degree is None:
            return f"The ideal is generated by {listed} (elimination by {self.detail['engine']})"
        upto = f"all equations of degree at most {self.max_degree}"
        return f"{upto[0].upper()}{upto[1:]} follow from {listed}{self._chance()}"

    def _chance(self) -> str:
        for claim in self.claims:
            for item in claim.evidence:
                if isinstance(item, KernelBound):
                    return f" (kernels modulo {item.prime}, seed {item.seed})"
        return ""

    def lines(self) -> list[str]:
        shown = [str(g) for g in self.generators[:12]]
        more = len(self.generators) - len(shown)
        return shown + ([f"and {more} more"] if more > 0 else [])

    def formula(self) -> str:
        shown = ",\\ ".join(g.latex() for g in self.generators[:8])
        more = r",\ \ldots" if len(self.generators) > 8 else ""
        return rf"\langle {shown}{more} \rangle"


def _generators(target: PolynomialRing, value: Any) -> list[Polynomial]:
    return [read_polynomial(t, target, target.names) for t in value["generators"]]


@register
@dataclass(frozen=True)
class Vanishes(Evidence):
    """The parametrization, substituted into each polynomial, gives zero."""

    kind: ClassVar[str] = "implicit.vanishes"
    supports = about("implicit.ideal", "vanish")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "vanish":
            raise self.fail("it can only prove that polynomials vanish")
        polys, target = read_problem(problem)
        for text in claim.value:
            g = read_polynomial(text, target, target.names)
            if not g or g.compose(*polys):
                raise self.fail(f"{text[:80]} is zero or does not vanish")


def _degrees(evidence: Evidence, polys: Sequence[Polynomial], value: Any) -> tuple[int, ...]:
    degrees, D = tuple(value["degrees"]), value["max_degree"]
    if type(D) is not int or D < 1 or any(type(e) is not int or e < 1 for e in degrees):
        raise evidence.fail("the degrees are not positive integers")
    if len(degrees) != len(polys) or not finest_grading(polys).contains(degrees):
        raise evidence.fail("the parametrization is not homogeneous for these degrees")
    return degrees


@register
@dataclass(frozen=True)
class KernelBound(Evidence):
    """In each weight, as many independent multiples of the equations as the kernel allows.

    The kernel modulo the prime, at any points, is at least as large as the space of equations; the
    multiples of the equations, independent modulo the prime, are independent.  Coordinates that an
    equation expresses by the others are left out (``algattn/docs/equations.md``, lemma *kernels*).
    """

    kind: ClassVar[str] = "implicit.kernel-bound"
    supports = about("implicit.ideal", "all")
    strength: ClassVar[Status] = Status.PROVED

    prime: int
    seed: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "all":
            raise self.fail("it can only prove that these are all equations up to a degree")
        polys, target = read_problem(problem)
        degrees = _degrees(self, polys, claim.value)
        if type(self.prime) is not int or type(self.seed) is not int or not is_prime(self.prime):
            raise self.fail(f"{self.prime} is not a prime")
        if isinstance(target.field, PrimeField) and target.field.p != self.prime:
            raise self.fail(f"the field is {target.field}")
        generators = _generators(target, claim.value)
        work = Interpolation(polys, degrees, finest_grading(polys).rows, self.prime, self.seed)
        gone = superfluous(generators)
        work.alive = [j for j in work.alive if j not in gone]
        generators = [g for g in generators if g not in gone.values()]
        lower: dict[int, dict[int, Bucket]] = {0: {}}
        D, found = claim.value["max_degree"], []
        for degree in range(1, D + 1):
            buckets = work.buckets(degree, D)
            rows = by_bucket(generators, work, buckets, degree)
            total = work.count(degree, range(len(degrees))) - work.count(degree, work.alive)
            for w, bucket in buckets.items():
                m = len(bucket.monomials)
                allowed = len(work.kernel(bucket.monomials))
                known = work.multiples(bucket, lower, D) if allowed else []
                given = [row for _, row in rows.get(w, [])]
                bucket.kernel = work.row_basis([*known, *given], m)
                if len(bucket.kernel) != allowed:
                    raise self.fail(
                        f"in degree {degree} the equations span {len(bucket.kernel)} dimensions "
                        f"of a weight where {allowed} are allowed"
                    )
                total += allowed
            lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
            found.append([degree, total])
        if found != thaw(claim.value["dimensions"]):
            raise self.fail("the numbers of independent equations are others")
        graded = PolynomialRing(target.field, target.names, "degrevlex", degrees)
        every = _generators(target, claim.value)
        if any(graded.from_terms(g.terms()).degree() > D for g in every):
            raise self.fail("an equation has a larger degree")


@register
@dataclass(frozen=True)
class ExactRank(Evidence):
    """Exact ranks over the field: no equation is a combination of multiples of the others.

    Coordinates that an equation expresses by the others are left out, with that equation.
    """

    kind: ClassVar[str] = "implicit.exact-rank"
    supports = about("implicit.ideal", "minimal")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "minimal":
            raise self.fail("it can only prove that equations are minimal")
        polys, target = read_problem(problem)
        degrees = _degrees(self, polys, claim.value)
        generators = _generators(target, claim.value)
        grading, gone = finest_grading(polys).rows, superfluous(generators)
        if not Multiples(generators, degrees, grading).homogeneous:
            raise self.fail("an equation is not homogeneous")
        rest = [g for g in generators if g not in gone.values()]
        multiples = Multiples(rest, degrees, grading, gone)
        for weight, own in multiples.groups.items():
            rows = multiples.rows(weight, proper=True)
            if len(rows) > MAX_ROWS:
                raise self.fail(f"{len(rows)} multiples are too many to compare")
            if rank_of_rows([*rows, *own], target) != rank_of_rows(rows, target) + len(own):
                raise self.fail("an equation follows from the others")


class Multiples:
    """Polynomials grouped by degree and weight, and their multiples by monomials, as sparse rows.

    The monomials do not contain the coordinates `gone`.

    Attributes
    ----------
    groups : dict
        ``{(degree, *weight): [terms of each polynomial]}``
    homogeneous : bool
        Whether every polynomial has one degree and weight.
    """

    def __init__(
        self,
        polys: Sequence[Polynomial],
        degrees: Sequence[int],
        grading: Sequence[Sequence[int]],
        gone: Collection[int] = (),
    ) -> None:
        self._rows = (tuple(degrees), *(tuple(r) for r in grading))
        self._lister = Interpolation([], degrees, grading, 2)
        self._lister.alive = [j for j in self._lister.alive if j not in gone]
        self._tables: dict[int, dict[Exponents, list[Exponents]]] = {}
        self.groups: dict[Exponents, list[Mapping[Exponents, Any]]] = {}
        self.homogeneous = True
        for poly in polys:
            terms = dict(poly.terms())
            weights = {self.weight(e) for e in terms}
            self.homogeneous = self.homogeneous and len(weights) == 1
            self.groups.setdefault(min(weights), []).append(terms)

    def weight(self, exponents: Exponents) -> Exponents:
        return tuple(sum(a * b for a, b in zip(row, exponents, strict=True)) for row in self._rows)

    def shifts(self, weight: Exponents) -> list[Exponents]:
        """The monomials of a degree and weight."""
        degree = weight[0]
        if degree not in self._tables:
            table: dict[Exponents, list[Exponents]] = {}
            for m in self._lister.monomials(degree):
                e = tuple(m.count(j) for j in range(len(self._rows[0])))
                table.setdefault(self.weight(e), []).append(e)
            self._tables[degree] = table
        return self._tables[degree].get(weight, [])

    def rows(self, weight: Exponents, *, proper: bool = False) -> list[dict[Exponents, Any]]:
        """All multiples of this degree and weight; `proper` leaves out the polynomials as such."""
        out = []
        for low, group in self.groups.items():
            if low[0] < weight[0] or (low[0] == weight[0] and not proper):
                for shift in self.shifts(tuple(a - b for a, b in zip(weight, low, strict=True))):
                    for terms in group:
                        out.append(
                            {
                                tuple(a + b for a, b in zip(e, shift, strict=True)): c
                                for e, c in terms.items()
                            }
                        )
        return out


def rank_of_rows(rows: Sequence[Mapping[Any, Any]], ring: PolynomialRing) -> int:
    if not rows:
        return 0
    columns = {e: i for i, e in enumerate({e for row in rows for e in row})}
    from algattn.exact import Matrix

    if ring.field.characteristic:
        zero = ring.field.zero
        dense = [[row.get(e, zero) for e in columns] for row in rows]
        return Matrix(ring.field, dense).rank()
    integral = []
    for row in rows:
        numbers = {e: ring.field.to_python(c) for e, c in row.items()}
        common = 1
        for x in numbers.values():
            common *= x.denominator
        integral.append([int(numbers.get(e, 0) * common) for e in columns])
    return int(fmpz_mat(integral).rank())


@register
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system says so; its ideal has the dimension of the image."""

    kind: ClassVar[str] = "implicit.reported"
    supports = about("implicit.ideal", "complete")
    strength: ClassVar[Status] = Status.PROBABLE

    engine: str
    version: str

    def summary(self) -> str:
        return f"elimination by {self.engine} {self.version}; the dimension agrees"

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "complete" or claim.value["engine"] != f"{self.engine} {self.version}":
            raise self.fail("another engine is named in the claim")
        from algattn.groebner.elimination import compare_dimension

        polys, target = read_problem(problem)
        compare_dimension(polys, target, _generators(target, claim.value), self.engine)
