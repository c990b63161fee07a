"""Whether a polynomial lies in an ideal: with cofactors, or with a normal form that is not zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from algattn.engines.leading import normal_form, order_key
from algattn.exact import Polynomial
from algattn.groebner.certificates import Basis
from algattn.groebner.decomposition_evidence import inside_ideal
from algattn.groebner.naming import Renamed
from algattn.groebner.systems import IdealProblem
from algattn.maps.texts import read_all, spell
from algattn.results import Claim, Evidence, Outline, Status, TruthLike, about, declare, register


@register
@dataclass(frozen=True, repr=False)
class IdealMembership(TruthLike, Renamed):
    """Whether a polynomial lies in an ideal.

    Attributes
    ----------
    value : bool
    polynomial : Polynomial
    cofactors : tuple of Polynomial or None
        By them the generators give the polynomial; over a number field with one more for the
        minimal polynomial of theta.
    normal_form : Polynomial or None
        The remainder of division by the reduced degrevlex basis, for a polynomial outside.
    """

    problem: IdealProblem
    value: bool
    member: str
    rows: tuple[str, ...] | None
    rest: str | None

    kind: ClassVar[str] = "ideals.contains"
    title: ClassVar[str] = "Does this polynomial lie in the ideal?"
    claim_names: ClassVar[tuple[str, ...]] = ("inside", "outside")
    json_names: ClassVar[Mapping[str, str]] = {
        "member": "polynomial",
        "rows": "cofactors",
        "rest": "normal_form",
    }

    def outline(self) -> tuple[Outline, ...]:
        if (self.rows is not None) != self.value or (self.rest is None) != self.value:
            return ()
        if self.value:
            said = {"polynomial": self.member, "cofactors": self.rows}
            text = "cofactors times generators, added, are the polynomial"
            return (Outline("inside", text, said),)
        said = {"polynomial": self.member, "normal_form": self.rest}
        return (Outline("outside", "modulo the ideal it has a normal form other than 0", said),)

    def _read(self, *texts: str) -> tuple[Polynomial, ...]:
        return read_all(texts, self.problem.ring)

    @property
    def polynomial(self) -> Polynomial:
        return self._read(self.member)[0]

    @property
    def cofactors(self) -> tuple[Polynomial, ...] | None:
        return None if self.rows is None else self._read(*self.rows)

    @property
    def normal_form(self) -> Polynomial | None:
        return None if self.rest is None else self._read(self.rest)[0]

    def sentence(self) -> str:
        name = self.member if len(self.member) <= 60 else "The polynomial"
        if self.value:
            return f"{name} lies in the ideal"
        rest = f": its normal form is {self.rest}" if len(str(self.rest)) <= 60 else ""
        return f"{name} does not lie in the ideal{rest}"


@declare("ideals.cofactors", about("ideals.contains", "inside"), Status.PROVED)
@dataclass(frozen=True)
class Expanded(Evidence):
    """Cofactors times generators, expanded and added, are the polynomial."""

    def check(self, problem: IdealProblem, claim: Claim) -> None:
        system = problem.system()
        (f,) = read_all((claim.value["polynomial"],), system.ring)
        row = read_all(tuple(claim.value["cofactors"]), system.ring)
        if len(row) != len(system.equations):
            raise self.fail("there is not a cofactor for each generator")
        if sum((c * g for c, g in zip(row, system.equations, strict=True)), system.ring(0)) != f:
            raise self.fail("the sum is another polynomial")


@declare("ideals.normal-form", about("ideals.contains", "outside"), Status.PROVED)
@dataclass(frozen=True)
class NormalFormLeft(Evidence):
    """Division by a Groebner basis leaves a remainder.

    Attributes
    ----------
    basis : tuple of str
        Its ideal contains the generators, which reduce to zero; its S-pairs reduce to zero.
    cofactors : tuple of tuple of str
        By which it is the ideal itself, so that the remainder is the normal form; nothing where
        ranks of multiples show it.
    """

    basis: tuple[str, ...]
    cofactors: tuple[tuple[str, ...], ...]

    def check(self, problem: IdealProblem, claim: Claim) -> None:
        system = problem.system()
        ring = system.ring
        (f, rest) = read_all((claim.value["polynomial"], claim.value["normal_form"]), ring)
        basis = Basis(ring, read_all(self.basis, ring))
        if not basis.reduces(system.equations) or not basis.closed:
            raise self.fail("it is no Groebner basis of an ideal with the generators")
        if not inside_ideal(system.equations, basis, self.cofactors):
            raise self.fail("its ideal is larger")
        found = normal_form(f, basis.polys, order_key("degrevlex", (1,) * len(ring.names)))
        self.expect(claim.value["normal_form"], spell([found])[0], "the remainder is another one")
        if not rest:
            raise self.fail("the remainder is zero")
