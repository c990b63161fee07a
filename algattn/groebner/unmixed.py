"""A proof that equations are all equations: Cohen-Macaulay, and of the degree of the image.

Let B be homogeneous equations of the image, of its dimension r.  If as many linear forms as r cut
B down to a length equal to its degree, B is Cohen-Macaulay, so all its components have dimension r
and the image is one of them; the degree of the others is the difference of degrees.  The image has
at least the degree D if its projection to r + 1 linear forms satisfies no equation of degree D - 1
(``algattn/docs/equations.md``, lemma *unmixed*).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.engines.leading import sizes
from algattn.errors import EngineError, FieldError, InputError, LimitError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.groebner.chart import MAX_BASIS, PROOF_WORK, VERIFY_WORK, generated
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import check_degrees
from algattn.groebner.interpolation import Interpolation
from algattn.groebner.rational_steps import cone_rank
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, spell
from algattn.results import Claim, Evidence, Status, about, declare

#: Monomials in the linear forms of the projection.
MAX_MONOMIALS = 1500
#: Coefficients of the linear forms lie between these bounds.
BOUND = 9


@declare("implicit.unmixed", about("implicit.ideal", "complete"), Status.PROVED)
@dataclass(frozen=True)
class Unmixed(Evidence):
    """A Cohen-Macaulay ideal of the dimension and the degree of the image.

    Two Groebner bases are checked: of the equations, and of what linear forms leave of them.
    """

    prime: int
    seed: int
    basis: tuple[str, ...]
    cut: tuple[str, ...]

    def summary(self) -> str:
        return "Cohen-Macaulay by its length, and the image has at least its degree"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        value = claim.value
        self.expect(value["engine"], None, "another system is named in the claim")
        degrees = check_degrees(self, problem, value["degrees"])
        if set(degrees) != {1} or isinstance(problem.field, NumberField):
            raise self.fail("the degrees are not all 1, or the field is a number field")
        model = GradedMap(problem, degrees)
        listed = [model.lift(g) for g in read_all(value["generators"], problem.target)]
        basis = read_all(self.basis, model.ring)
        if any(not g or substituted(g, model.map) for g in basis):
            raise self.fail("a polynomial of the basis is zero or does not vanish on the image")
        counted = _measured(basis, listed, VERIFY_WORK)
        if counted is None:
            raise self.fail("the basis is none")
        dimension, degree = counted
        rest = restricted(basis, dimension, self.seed)
        if not rest:
            raise self.fail("linear forms leave nothing of the equations")
        cut = read_all(self.cut, rest[0].ring)
        if _measured(cut, rest, VERIFY_WORK) != (0, degree):
            raise self.fail("what linear forms leave has another length")
        try:
            if not enough(model, dimension, degree, self.prime, self.seed):
                raise self.fail("the degree of the image may be smaller")
        except (FieldError, InputError) as error:
            raise self.fail(error.wrong) from error


def _measured(
    basis: Sequence[Polynomial], listed: Sequence[Polynomial], work: int
) -> tuple[int, int] | None:
    """Dimension and degree of the ideal of homogeneous polynomials with this Groebner basis."""
    if not basis or any(len({sum(e) for e, _ in g.terms()}) != 1 for g in basis):
        return None
    n = len(basis[0].ring.names)
    division = Division(basis, "degrevlex", (1,) * n, work)
    if not all(map(division.to_zero, listed)) or division.open_pair():
        return None
    if not generated(basis, listed, (1,) * n, work):
        return None
    return sizes([division.exponents(h) for h in division.heads], n)


def restricted(polys: Sequence[Polynomial], count: int, seed: int) -> list[Polynomial]:
    """Polynomials on a linear space on which `count` of the coordinates depend on the others.

    >>> from algattn.exact import QQ
    >>> x, y, z = PolynomialRing(QQ, ("x", "y", "z")).gens()
    >>> restricted([y * y - x * z], 2, 0)[0].ring.names
    ('z',)
    """
    ring, rng = polys[0].ring, random.Random(f"algattn linear forms {seed}")
    small = PolynomialRing(ring.field, ring.names[count:])
    gens = small.gens()
    images = [sum((x * rng.randint(-BOUND, BOUND) for x in gens), small(0)) for _ in range(count)]
    return [g for p in polys if (g := p.compose(*images, *gens))]


def enough(model: GradedMap, dimension: int, degree: int, prime: int, seed: int) -> bool:
    """Whether the cone over the image is seen to have at least this dimension and degree."""
    many = comb(degree - 1 + dimension, dimension)
    if many > MAX_MONOMIALS or cone_rank(model, seed, prime) < dimension:
        return False
    rng, names = random.Random(f"algattn projection {seed}"), model.ring.names
    forms = ["+".join(f"{rng.randint(1, BOUND)}*{x}" for x in names) for _ in range(dimension + 1)]
    linear = PolynomialMap(forms, parameters=names, field=model.problem.field)
    work = Interpolation(linear.compose(model.map), (1,) * len(forms), (), prime, seed)
    return not work.kernel(list(work.monomials(degree - 1)))


def prove_unmixed(
    model: GradedMap,
    listed: Sequence[Polynomial],
    prime: int,
    seed: int,
    time_limit: float,
) -> Unmixed | None:
    """The evidence that equations generate all equations, if it is found."""
    if set(model.degrees) != {1} or not listed or isinstance(model.problem.field, NumberField):
        return None
    try:
        basis = _basis(listed, time_limit)
        counted = basis and _measured(basis, listed, PROOF_WORK)
        if not counted or not enough(model, *counted, prime, seed):
            return None
        dimension, degree = counted
        if not (rest := restricted(basis, dimension, seed)):  # over small fields
            return None
        cut = _basis(rest, time_limit)
        if not cut or _measured(cut, rest, PROOF_WORK) != (0, degree):
            return None
    except (EngineError, LimitError):
        return None
    return Unmixed(prime, seed, spell(basis), spell(cut))


def _basis(listed: Sequence[Polynomial], time_limit: float) -> list[Polynomial]:
    """A Groebner basis, or nothing where it is large."""
    ring = listed[0].ring
    found = solve(GroebnerBasis(tuple(listed)), time_limit=time_limit)
    return [ring.from_terms(g.terms()) for g in found] if len(found) <= MAX_BASIS else []
