"""Claims and the evidence for them.

The status is never stored by hand and never believed from a file: it is computed from the kinds
of evidence by the rule in :attr:`Claim.status`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from algattn.errors import CertificateError, InputError
from algattn.results.codec import Misfit, decode, field_types, fields_to_data
from algattn.results.data import canonical_json, freeze, thaw
from algattn.results.status import BOTH_SIDES, Status

__all__ = ["Claim", "Evidence", "Outline", "about"]

#: Which claims of which results: pairs (kind of result, name of claim).
Supports = frozenset[tuple[str, str]]


def about(results: str, claims: str) -> Supports:
    """The claims with these names of the results of these kinds, for :attr:`Evidence.supports`.

    >>> sorted(about("dimension.network dimension.report", "lower"))
    [('dimension.network', 'lower'), ('dimension.report', 'lower')]
    """
    return frozenset((kind, name) for kind in results.split() for name in claims.split(", "))


@dataclass(frozen=True)
class Evidence:
    """A reason, with the data to check it, in typed fields.

    Subclasses set ``kind`` (unique, ``room.name``), ``strength`` (what the check is worth),
    ``sides`` (a number is pinned only when both its sides are covered) and ``supports``: the
    claims whose value the check proves.  Under any other claim it is refused.
    ``recomputed`` says that the check repeats the computation of the producer: it notices edits
    of a file, not errors of the method.
    """

    kind: ClassVar[str] = ""
    strength: ClassVar[Status] = Status.NUMERIC
    sides: ClassVar[frozenset[str]] = BOTH_SIDES
    supports: ClassVar[Supports] = frozenset()
    recomputed: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, freeze(getattr(self, f.name)))

    @property
    def level(self) -> Status:
        """What this piece of evidence is worth; `strength` unless the class computes it."""
        return self.strength

    def check(self, problem: Any, claim: Claim) -> None:
        """Repeat the computation; raise :class:`CertificateError` unless it proves the claim."""
        raise CertificateError("check evidence", f"{self.kind} has no check", "report this")

    def fail(self, why: str) -> CertificateError:
        """The error for a check that did not go through."""
        return CertificateError(f"check {self.kind}", why, "recompute the result")

    def expect(self, said: Any, found: Any, why: str) -> None:
        """Fail unless both are the same JSON, which tells 1, 1.0, "1" and true apart."""
        if canonical_json(said) != canonical_json(found):
            raise self.fail(why)

    def number(self, claim: Claim) -> int:
        """The whole number that a claim is about; fail for anything else."""
        if type(claim.value) is not int:
            raise self.fail(f"the claim is about {claim.value!r}, not a number")
        return claim.value

    def summary(self) -> str:
        """A few words for people."""
        words = (type(self).__doc__ or self.kind).splitlines()[0].rstrip(".")
        return f"{words} (recomputed)" if self.recomputed else words

    def to_data(self) -> dict[str, Any]:
        data = {"kind": self.kind} | fields_to_data(self)
        return data | {"recomputed": True} if self.recomputed else data

    @classmethod
    def may_support(cls, result: str, claim: str) -> bool:
        """Whether it may stand under this claim of this kind of result."""
        return not cls.supports.isdisjoint({(result, claim), (result, "*")})

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Evidence of version 0.1 in today's form."""
        return data

    @classmethod
    def read(cls, data: Any, known: Any) -> Evidence:
        """From JSON data, of the class that its kind names in the registry."""
        if not isinstance(data, Mapping):
            raise Misfit("evidence is not an object")
        kind = known.evidence(data.get("kind"))
        wanted = {"kind", *field_types(kind)} | ({"recomputed"} if kind.recomputed else set())
        if set(data) != wanted or data.get("recomputed", True) is not True:
            raise Misfit(f"{kind.kind} has the fields {sorted(data)} instead of {sorted(wanted)}")
        parts = {
            name: decode_at(name, t, data[name], known) for name, t in field_types(kind).items()
        }
        found: Evidence = kind(**parts)
        return found


def decode_at(name: str, kind: Any, data: Any, known: Any) -> Any:
    """The value of the part with this name; errors say where."""
    try:
        return decode(kind, data, known)
    except Misfit as misfit:
        raise misfit.inside(f".{name}") from None


@dataclass(frozen=True)
class Outline:
    """What a result must claim, given its problem and its fields.

    ``needs`` are the sides that have to be covered: both for an equality, one for a bound.
    """

    name: str
    statement: str
    value: Any
    needs: tuple[str, ...] = ("lower", "upper")

    def spelled(self) -> str:
        """One spelling for equal outlines; tells 1, 1.0 and true apart."""
        return canonical_json([self.name, self.statement, self.value, self.needs])

    def claim(self, evidence: Iterable[Evidence]) -> Claim:
        """The claim with its evidence; the value as JSON data."""
        return Claim(
            self.name, self.statement, freeze(thaw(self.value)), tuple(evidence), self.needs
        )


@dataclass(frozen=True)
class Claim:
    """A statement about the problem, its value as JSON data, and the evidence for it."""

    name: str
    statement: str
    value: Any
    evidence: tuple[Evidence, ...]
    needs: tuple[str, ...] = ("lower", "upper")

    @property
    def status(self) -> Status:
        """The strongest level at which the evidence covers the sides that the claim needs.

        >>> Claim("x", "x is 1", 1, ()).status.name
        'NUMERIC'
        """
        for level in sorted(Status, reverse=True):
            covered: set[str] = set()
            for item in self.evidence:
                if item.level >= level:
                    covered |= item.sides
            if covered >= set(self.needs):
                return level
        return Status.NUMERIC

    def outline(self) -> Outline:
        return Outline(self.name, self.statement, self.value, self.needs)

    def to_data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "statement": self.statement,
            "value": thaw(self.value),
            "needs": list(self.needs),
            "evidence": [e.to_data() for e in self.evidence],
        }

    @classmethod
    def read(cls, data: Any, known: Any) -> Claim:
        if not isinstance(data, Mapping) or set(data) != {
            "name",
            "statement",
            "value",
            "needs",
            "evidence",
        }:
            raise InputError("read a claim", "its parts are not those of a claim", "check the file")
        return Claim(
            decode_at("name", str, data["name"], known),
            decode_at("statement", str, data["statement"], known),
            freeze(data["value"]),
            decode_at("evidence", tuple[Evidence, ...], data["evidence"], known),
            decode_at("needs", tuple[str, ...], data["needs"], known),
        )
