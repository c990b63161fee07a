"""Do the published families generate the ideal?  Degree by degree, with what is missing first.

The families are taken as widely as they can be meant: with every polynomial come all its images
under GL(d) x GL(d), that is under all choices of bases on the left and on the right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Any, ClassVar

from algattn.engines.text import read_polynomial
from algattn.errors import CertificateError, InputError, UndecidedError
from algattn.exact import Polynomial, word_prime
from algattn.groebner.implicit_result import Multiples, rank_of_rows
from algattn.groebner.interpolation import Bucket, Interpolation, by_bucket
from algattn.groebner.invariants import PUBLISHED, coordinate_ring, family, parametrization
from algattn.groebner.table import check_seed
from algattn.networks.coordinates import label_name, natural_labels
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult

Weight = tuple[int, ...]


def torus_rows(d: int) -> list[list[int]]:
    """The weights of the coordinates for left and right indices.

    >>> torus_rows(1)
    [[2], [1]]
    """
    labels = list(natural_labels(d, 1, 2))
    left = [[int(i == n) + int(j == n) for _, i, j, _ in labels] for n in range(d)]
    return left + [[int(k == n) for _, _, _, k in labels] for n in range(d)]


class LieAlgebra:
    """The raising and lowering operators of gl(d) x gl(d) on polynomials in the coordinates."""

    def __init__(self, d: int) -> None:
        self.ring = coordinate_ring(d)
        names = {x[1:]: self.ring.gen(label_name(x)) for x in natural_labels(d, 1, 2)}
        self.operators: list[dict[str, Polynomial]] = []
        steps = [(i, i + 1) for i in range(d - 1)] + [(i + 1, i) for i in range(d - 1)]
        for i, j in steps:  # x_j -> x_j + e x_i, then y_j -> y_j + e y_i
            left, right = {}, {}
            for a, b, k in names:
                label = label_name((0, a, b, k))
                if i in (a, b):
                    other = b if a == i else a
                    image = names[(*sorted((j, other)), k)]
                    left[label] = image * 2 if other == j else image
                if k == i:
                    right[label] = names[a, b, j]
            self.operators += [left, right]

    def images(self, poly: Polynomial) -> list[Polynomial]:
        out = []
        for operator in self.operators:
            total = self.ring(0)
            for name, image in operator.items():
                total = total + poly.derivative(name) * image
            if total:
                out.append(total)
        return out


def group_span(polys: Sequence[Polynomial], d: int) -> list[Polynomial]:
    """A basis of the span of all images of the polynomials under GL(d) x GL(d).

    All of them have one degree and are weight vectors.  Independence is decided modulo a prime;
    that what was left out depends on the basis is then confirmed by exact ranks.

    Examples
    --------
    >>> from algattn.groebner.invariants import line_determinants, low_rank
    >>> len(group_span(low_rank(2, 1), 2)), len(group_span(line_determinants(3), 3))
    (3, 10)
    """
    prime, lie = word_prime(), LieAlgebra(d)
    rows = torus_rows(d)
    echelons: dict[Weight, _Span] = {}
    found: list[Polynomial] = []
    left_out: list[Polynomial] = []
    queue = list(polys)
    while queue:
        poly = queue.pop(0)
        weight = weight_of(poly, rows)
        if echelons.setdefault(weight, _Span(prime)).add(poly):
            found.append(poly)
            queue += lie.images(poly)
        else:
            left_out.append(poly)
    ones = (1,) * len(lie.ring.names)
    basis, every = (Multiples(x, ones, rows).groups for x in (found, [*found, *left_out]))
    for weight, group in every.items():
        if rank_of_rows(group, lie.ring) != len(basis.get(weight, [])):
            raise UndecidedError(
                "span the images of invariants under the group",
                f"the prime {prime} is not good enough",
                "report this",
            )
    return found


def weight_of(poly: Polynomial, rows: Sequence[Sequence[int]]) -> Weight:
    """The weight of the leading term."""
    e = next(iter(poly.terms()))[0]
    return tuple(sum(a * b for a, b in zip(row, e, strict=True)) for row in rows)


class _Span:
    """Sparse Gaussian elimination modulo a prime."""

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self.rows: dict[Weight, dict[Weight, int]] = {}

    def add(self, poly: Polynomial) -> bool:
        p, to_python = self.prime, poly.ring.field.to_python
        row = {}
        for e, c in poly.terms():
            x = to_python(c)
            row[e] = x.numerator * pow(x.denominator, -1, p) % p
        while row:
            pivot = max(row)
            other = self.rows.get(pivot)
            if other is None:
                inverse = pow(row[pivot], -1, p)
                self.rows[pivot] = {e: x * inverse % p for e, x in row.items()}
                return True
            factor = row[pivot]
            for e, x in other.items():
                value = (row.get(e, 0) - factor * x) % p
                if value:
                    row[e] = value
                else:
                    row.pop(e, None)
        return False


def highest_weights(character: Mapping[Weight, int], d: int) -> dict[Weight, int]:
    """The irreducible modules of GL(d) x GL(d) in a character, by Weyl's formula.

    >>> highest_weights({(2, 0, 1, 0): 1, (1, 1, 1, 0): 1, (0, 2, 1, 0): 1,
    ...                  (2, 0, 0, 1): 1, (1, 1, 0, 1): 1, (0, 2, 0, 1): 1}, 2)
    {(2, 0, 1, 0): 1}
    """
    rho = tuple(range(d - 1, -1, -1))
    moves = []
    for order in permutations(range(d)):
        sign = 1
        for i in range(d):
            for j in range(i):
                sign *= -1 if order[j] > order[i] else 1
        moves.append((sign, tuple(rho[i] - rho[order[i]] for i in range(d))))
    out = {}
    for weight in sorted(character, reverse=True):
        left, right = weight[:d], weight[d:]
        if list(left) != sorted(left, reverse=True) or list(right) != sorted(right, reverse=True):
            continue
        total = 0
        for (s, x), (t, y) in product(moves, moves):
            shifted = tuple(a + b for a, b in zip(weight, (*x, *y), strict=True))
            total += s * t * character.get(shifted, 0)
        if total:
            out[weight] = total
    return out


def module_name(weight: Weight, d: int) -> str:
    """``(3|33|111)`` for the weight of a module in polynomials of degree 3.

    >>> module_name((3, 3, 0, 1, 1, 1), 3)
    '(3|33|111)'
    """

    def spell(parts: Sequence[int]) -> str:
        cut = "" if max(parts, default=0) < 10 else "."
        return cut.join(str(x) for x in parts if x) or "0"

    return f"({sum(weight[d:])}|{spell(weight[:d])}|{spell(weight[d:])})"


def compare_families(
    d: int,
    a: int,
    max_degree: int,
    families: Iterable[str] | str = tuple(PUBLISHED),
    *,
    seed: int = 0,
) -> InvariantComparison:
    """Compare the ideal generated by families of invariants with all equations (d' = 1, t >= 2).

    Parameters
    ----------
    d, a, max_degree : int
    families : iterable of str
        Names of :data:`algattn.groebner.invariants.PUBLISHED` and ``OURS``.

    Returns
    -------
    InvariantComparison
        Its value is the first degree where equations are missing, or None.

    Examples
    --------
    >>> compare_families(2, 2, 4)
    <The families suffice up to degree 4 for (d, a) = (2, 2) [PROVED]>
    """
    asked = "compare families of invariants"
    for what, number, least in (("d", d, 1), ("a", a, 1), ("max_degree", max_degree, 1)):
        if type(number) is not int or number < least:
            raise InputError(asked, f"{what} is {number!r}", f"give a whole number from {least}")
    check_seed(seed, asked)
    names = sorted({families} if isinstance(families, str) else set(families))
    table, missing = _tables(d, a, max_degree, names, word_prime(), seed)
    first = next((row[0] for row in table if row[1] != row[2]), None)
    detail = {"table": table, "missing": missing}
    problem = {"d": d, "a": a, "max_degree": max_degree, "families": names}
    evidence: dict[str, list[Evidence]] = {
        "vanish": [FamiliesVanish()],
        "table": [Compared(word_prime(), seed)],
    }
    return InvariantComparison.assemble(problem, first, evidence, detail)


def _tables(
    d: int, a: int, D: int, names: Sequence[str], prime: int, seed: int
) -> tuple[list[list[int]], list[list[Any]]]:
    """``[degree, all equations, generated]`` per degree, and the first missing modules.

    The numbers of all equations are kernels modulo the prime; the generated ones are exact ranks
    wherever they differ, and the missing equations are lifted and proved.
    """
    from algattn.groebner.lifting import lift_kernel

    images, ring = parametrization(d, a), coordinate_ring(d)
    given: list[Polynomial] = []
    for degree in range(1, D + 1):
        flat = [p for n in names for p in family(n, d, a, D) if p.degree() == degree]
        given += group_span(flat, d)
    rows = torus_rows(d)
    work = Interpolation(images, (1,) * len(ring.names), rows, prime, seed)
    multiples = Multiples(given, work.degrees, rows)
    lower: dict[int, dict[int, Bucket]] = {0: {}}
    table: list[list[int]] = []
    missing: list[list[Any]] = []
    for degree in range(1, D + 1):
        buckets = work.buckets(degree, D)
        own = by_bucket(given, work, buckets, degree)
        every = generated = 0
        gaps: dict[Weight, int] = {}
        kernels: dict[Weight, tuple[Bucket, list[list[int]]]] = {}
        for w, bucket in buckets.items():
            m = len(bucket.monomials)
            kernel = work.kernel(bucket.monomials)
            here = [row for _, row in own.get(w, [])]
            bucket.kernel = (
                work.row_basis([*work.multiples(bucket, lower, D), *here], m) if kernel else []
            )
            every += len(kernel)
            rank = len(bucket.kernel)
            if rank != len(kernel):
                weight = _bucket_weight(bucket, rows)
                rank = rank_of_rows(multiples.rows((degree, *weight)), ring)
                if rank != len(kernel):
                    gaps[weight] = len(kernel) - rank
                    kernels[weight] = (bucket, kernel)
            generated += rank
        table.append([degree, every, generated])
        lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
        if gaps and not missing:
            for weight, times in highest_weights(gaps, d).items():
                bucket, kernel = kernels[weight]
                new = work.independent(bucket.kernel, kernel, len(bucket.monomials))
                known, bucket.kernel = bucket.kernel, kernel
                lifted = lift_kernel(work, bucket, new, ring)
                bucket.kernel = known
                missing.append(
                    [module_name(weight, d), times, [str(g).replace(" ", "") for g in lifted]]
                )
    return table, missing


def _bucket_weight(bucket: Bucket, rows: Sequence[Sequence[int]]) -> Weight:
    return tuple(sum(row[j] for j in bucket.monomials[0]) for row in rows)


@register
@dataclass(frozen=True, repr=False)
class InvariantComparison(LegacyResult):
    """How far families of invariants generate the ideal of a layer with d' = 1.

    Attributes
    ----------
    value : int or None
        The first degree where equations are missing, None when there is none up to the bound.
    table : dict
        ``{degree: (independent equations, those that the families generate)}``.
    missing : dict
        ``{module: (multiplicity, equations)}`` in the first degree where something is missing; the
        equations have the highest weight of the module and vanish, modulo what is generated they
        are its highest-weight vectors.
    """

    kind: ClassVar[str] = "invariants.comparison"
    title: ClassVar[str] = "Families of invariants"
    claim_names: ClassVar[tuple[str, ...]] = (
        "vanish",
        "table",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"table", "missing"} or set(problem) != {
            "d",
            "a",
            "max_degree",
            "families",
        }:
            raise CertificateError("read a comparison", "it has other parts", "recompute it")
        if value != next((row[0] for row in detail["table"] if row[1] != row[2]), None):
            raise CertificateError("read a comparison", "the value is another", "recompute it")
        listed = [texts for _, _, texts in detail["missing"]]
        return (
            Outline("vanish", "the families and the missing equations vanish", listed),
            Outline(
                "table", "the numbers of equations, and of those that the families generate", detail
            ),
        )

    @property
    def table(self) -> dict[int, tuple[int, int]]:
        return {row[0]: (row[1], row[2]) for row in self.detail["table"]}

    @property
    def missing(self) -> dict[str, tuple[int, tuple[Polynomial, ...]]]:
        ring = coordinate_ring(self.problem["d"])
        return {
            name: (times, tuple(read_polynomial(t, ring, ring.names) for t in texts))
            for name, times, texts in self.detail["missing"]
        }

    def sentence(self) -> str:
        case = f"(d, a) = ({self.problem['d']}, {self.problem['a']})"
        if self.value is None:
            return f"The families suffice up to degree {self.problem['max_degree']} for {case}"
        parts = " + ".join(
            name if times == 1 else f"{times} {name}" for name, times, _ in self.detail["missing"]
        )
        return f"For {case} the families lack {parts} in degree {self.value}"

    def lines(self) -> list[str]:
        out = [
            f"degree {row[0]}: {row[1]} equations, {row[2]} generated"
            for row in self.detail["table"]
        ]
        for name, _, texts in self.detail["missing"]:
            out.append(f"{name}: for example {texts[0] if texts else '?'}")
        return out


@register
@dataclass(frozen=True)
class FamiliesVanish(Evidence):
    """The parametrization, substituted into the families and the missing equations, gives zero."""

    kind: ClassVar[str] = "invariants.vanish"
    supports = about("invariants.comparison", "vanish")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "vanish":
            raise self.fail("it can only prove that polynomials vanish")
        d, a, D = (problem[x] for x in ("d", "a", "max_degree"))
        ring, images = coordinate_ring(d), parametrization(d, a)
        polys = [p for name in problem["families"] for p in family(name, d, a, D)]
        polys += [read_polynomial(t, ring, ring.names) for texts in claim.value for t in texts]
        if any(p.compose(*images) for p in polys):
            raise self.fail("a polynomial does not vanish")


@register
@dataclass(frozen=True)
class Compared(Evidence):
    """Kernels modulo a prime from above, proved equations and exact ranks from below.

    All equations are counted twice: the kernel bounds them from above; the implicit ideal, lifted
    and substituted, from below.  What the families generate is a rank modulo the prime where that
    is everything, and an exact rank where it is not.
    """

    kind: ClassVar[str] = "invariants.compared"
    supports = about("invariants.comparison", "table")
    strength: ClassVar[Status] = Status.PROVED

    prime: int
    seed: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "table":
            raise self.fail("it can only compare numbers of equations")
        if self.prime != word_prime() or type(self.seed) is not int:
            raise self.fail(f"the prime is {self.prime}")
        d, a, D = (problem[x] for x in ("d", "a", "max_degree"))
        names = [str(n) for n in problem["families"]]
        table, missing = _tables(d, a, D, names, self.prime, self.seed)
        if [table, missing] != [thaw(claim.value["table"]), thaw(claim.value["missing"])]:
            raise self.fail("the tables are others")
        if any(row[1] != row[2] for row in table):
            from algattn.groebner.implicitize import implicitize

            truth = implicitize(parametrization(d, a), method="graded", max_degree=D).dimensions
            if truth != {row[0]: row[1] for row in table}:
                raise self.fail("the kernels modulo the prime are too large")
