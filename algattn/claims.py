"""Claims and the evidence for them: how an answer is known.

The status is never stored by hand and never believed from a file: it is computed from the kinds
of evidence by the rule in :attr:`Claim.status`.
"""

from __future__ import annotations

import enum
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from algattn.errors import CertificateError, InputError

MAX_JSON_BYTES = 256 * 1024 * 1024

#: Where the classes of results and evidence live, by the first part of their kind.  The modules
#: are imported only when a stored result asks for one.
_HOMES = {
    "parametrization": "algattn.symbolic.results",
    "dimension": "algattn.dimension.kinds",
    "fiber": "algattn.fibers.results",
    "equivalence": "algattn.fibers.equivalence",
    "canonical": "algattn.fibers.canonical",
    "deep": "algattn.fibers.deep",
    "generic": "algattn.fibers.generic",
    "recovery": "algattn.fibers.numeric",
    "membership": "algattn.fibers.membership",
    "implicit": "algattn.groebner.implicit_result",
    "ideal": "algattn.groebner.results",
    "stable": "algattn.groebner.stable",
    "completeness": "algattn.groebner.complete",
    "refuted": "algattn.groebner.membership",
    "fiberideal": "algattn.groebner.fiber_ideal",
    "invariants": "algattn.groebner.invariant_comparison",
    "point": "algattn.singularities.kinds",
    "path_critical": "algattn.paths.critical",
    "path_kernels": "algattn.paths.results",
    "path_one_head": "algattn.paths.one_head",
    "report": "algattn.report",
    "tropical": "algattn.tropical.results",
    "bias": "algattn.bias.results",
}


class Status(enum.IntEnum):
    """How an answer is known, from weakest to strongest."""

    NUMERIC = 1
    PROBABLE = 2
    THEOREM = 3
    PROVED = 4

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return {
            Status.NUMERIC: "floating point; no guarantee",
            Status.PROBABLE: "random choices; one side is certain, the other very likely",
            Status.THEOREM: "follows from a cited theorem whose hypotheses were checked",
            Status.PROVED: "finite exact checks that verify() repeats, and written lemmas",
        }[self]


def freeze(data: Any) -> Any:
    """JSON data with lists turned into tuples, recursively."""
    if isinstance(data, list | tuple):
        return tuple(freeze(x) for x in data)
    if isinstance(data, Mapping):
        return {str(k): freeze(v) for k, v in data.items()}
    return data


def thaw(data: Any) -> Any:
    """The inverse of :func:`freeze`, ready for :mod:`json`."""
    if isinstance(data, list | tuple):
        return [thaw(x) for x in data]
    if isinstance(data, Mapping):
        return {k: thaw(v) for k, v in data.items()}
    return data


def canonical_json(data: Any) -> str:
    """One spelling for equal data: sorted keys, no spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False, default=thaw)


BOTH_SIDES = frozenset({"lower", "upper"})


@dataclass(frozen=True)
class Evidence:
    """A reason, with the data to check it.  Fields hold JSON data only.

    Subclasses set ``kind`` (unique, ``home.name``), ``strength`` (what the check is worth) and
    ``sides`` (a number is pinned only when both its sides are covered).
    """

    kind: ClassVar[str] = ""
    strength: ClassVar[Status] = Status.NUMERIC
    sides: ClassVar[frozenset[str]] = BOTH_SIDES
    _registry: ClassVar[dict[str, type[Evidence]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            Evidence._registry[cls.kind] = cls

    def __post_init__(self) -> None:
        for f in fields(self):
            object.__setattr__(self, f.name, freeze(getattr(self, f.name)))

    @property
    def level(self) -> Status:
        """What this piece of evidence is worth; `strength` unless the class computes it."""
        return self.strength

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        """Repeat the computation; raise :class:`CertificateError` unless it proves the claim."""
        raise CertificateError("check evidence", f"{self.kind} has no check", "report this")

    def fail(self, why: str) -> CertificateError:
        """The error for a check that did not go through."""
        return CertificateError(f"check {self.kind}", why, "recompute the result")

    def expect(self, said: Any, found: Any, why: str) -> None:
        """Fail unless both are the same JSON, which tells 1, 1.0, "1" and true apart."""
        if canonical_json(said) != canonical_json(found):
            raise self.fail(why)

    def summary(self) -> str:
        """A few words for people."""
        return (type(self).__doc__ or self.kind).splitlines()[0].rstrip(".")

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind} | {f.name: thaw(getattr(self, f.name)) for f in fields(self)}

    @staticmethod
    def from_data(data: Any) -> Evidence:
        if not isinstance(data, Mapping):
            raise InputError("read evidence", "it is not an object", "check the file")
        kind = data.get("kind")
        visit_home(kind)
        cls = Evidence._registry.get(str(kind))
        if cls is None:
            raise InputError("read evidence", f"the kind {kind!r} is not known", "check the file")
        rest = {k: v for k, v in data.items() if k != "kind"}
        names = {f.name for f in fields(cls)}
        if set(rest) != names:
            raise InputError(
                f"read evidence {kind}",
                f"it has the fields {sorted(rest)} instead of {sorted(names)}",
                "use the file as algattn wrote it",
            )
        return cls(**rest)


def visit_home(kind: Any) -> None:
    home = _HOMES.get(str(kind).split(".", 1)[0])
    if home is not None:
        importlib.import_module(home)


@dataclass(frozen=True)
class Claim:
    """A statement about the problem, its value as JSON data, and the evidence for it.

    ``needs`` are the sides that have to be covered: both for an equality, one for a bound.
    """

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

    def to_data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "statement": self.statement,
            "value": thaw(self.value),
            "needs": list(self.needs),
            "evidence": [e.to_data() for e in self.evidence],
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Claim:
        if set(data) != {"name", "statement", "value", "needs", "evidence"}:
            raise InputError("read a claim", f"it has the fields {sorted(data)}", "check the file")
        for key in ("evidence", "needs"):
            if not isinstance(data[key], list | tuple):
                raise InputError("read a claim", f"its {key} is not a list", "check the file")
        return Claim(
            str(data["name"]),
            str(data["statement"]),
            freeze(data["value"]),
            tuple(Evidence.from_data(e) for e in data["evidence"]),
            tuple(str(side) for side in data["needs"]),
        )


@dataclass(frozen=True)
class Outline:
    """What a result must claim, given its problem and value."""

    name: str
    statement: str
    value: Any
    needs: tuple[str, ...] = ("lower", "upper")

    def spelled(self) -> str:
        """One spelling for equal outlines; tells 1, 1.0 and true apart."""
        return canonical_json([self.name, self.statement, self.value, self.needs])


def parse_json(text: str) -> Any:
    """Parse JSON strictly: bounded size, no NaN, no duplicate keys, no floats in disguise."""
    asked = "read JSON"
    if len(text) > MAX_JSON_BYTES:
        raise InputError(asked, f"{len(text)} characters is too much", "split the input")

    def no_constant(name: str) -> Any:
        raise InputError(asked, f"{name} is not a JSON number", "write a finite number")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(pairs)
        if len(seen) != len(pairs):
            raise InputError(asked, "an object has the same key twice", "keep one of them")
        return seen

    try:
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        raise InputError(
            asked, f"line {error.lineno}, column {error.colno}: {error.msg}", "mend the file"
        ) from None
    except RecursionError:
        raise InputError(asked, "it is nested too deeply", "use a flat file") from None
    except InputError:
        raise
    except ValueError as error:
        raise InputError(asked, str(error), "use shorter numbers") from None
