"""What an answer is: a value, the claims behind it, and evidence that can be checked again.

The contract is *PROVED is never wrong*.  A :class:`Result` carries its problem, so that
``verify()`` needs nothing but the result (or its JSON).  The status is never stored by hand and
never believed from a file: it is computed from the kinds of evidence by the rule in
:func:`Claim.status`, and a result is as strong as its weakest claim.
"""

from __future__ import annotations

import enum
import hashlib
import html
import importlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any, ClassVar, Self

from algattn.errors import CertificateError, InputError

SCHEMA = "algattn/result/1"
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


def _digest(data: Mapping[str, Any]) -> str:
    text = canonical_json({k: v for k, v in data.items() if k != "digest"})
    return hashlib.sha256(text.encode()).hexdigest()


BOTH_SIDES = frozenset({"lower", "upper"})

#: What a check may raise on a file that says something false, or nothing that can be understood.
_NOT_PROVED = (
    CertificateError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)


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
        _visit_home(kind)
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


def _visit_home(kind: Any) -> None:
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


@dataclass(frozen=True, repr=False)
class Result:
    """A value with its claims.  Build one with :meth:`assemble`; read one with :func:`load`.

    ``value`` is the short answer (a number, a truth value), ``detail`` the rest of it as JSON data.
    Subclasses set ``kind`` and define :meth:`outline`, the complete list of what has to be true
    for value and detail to be right, and :meth:`sentence`.
    """

    problem: Mapping[str, Any]
    value: Any
    claims: tuple[Claim, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)
    _recorded: Mapping[str, Any] | None = field(default=None, compare=False)

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    _registry: ClassVar[dict[str, type[Result]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.kind:
            Result._registry[cls.kind] = cls

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        """Everything that has to be proved, in order."""
        raise TypeError(f"{cls.__name__} does not say what it claims")

    def sentence(self) -> str:
        """The answer in one sentence."""
        return f"{self.title}: {self.value}"

    @classmethod
    def assemble(
        cls,
        problem: Mapping[str, Any],
        value: Any,
        evidence: Mapping[str, Iterable[Evidence]],
        detail: Mapping[str, Any] | None = None,
    ) -> Self:
        """Make the result whose claims are those of :meth:`outline`, with the evidence by name."""
        problem, value, detail = freeze(problem), freeze(value), freeze(detail or {})
        claims = tuple(
            Claim(o.name, o.statement, freeze(o.value), tuple(evidence.get(o.name, ())), o.needs)
            for o in cls.outline(problem, value, detail)
        )
        return cls(problem, value, claims, detail)

    @property
    def status(self) -> Status:
        """As strong as the weakest claim."""
        return min((c.status for c in self.claims), default=Status.NUMERIC)

    def claim(self, name: str) -> Claim:
        for claim in self.claims:
            if claim.name == name:
                return claim
        raise KeyError(name)

    def check(self) -> None:
        """Like :meth:`verify`, but raise :class:`CertificateError` with the reason."""
        if self._recorded is not None:
            self._check_record(self._recorded)
        asked, hint = f"verify this {self.kind} result", "recompute the result"
        outline = type(self).outline(self.problem, self.value, self.detail)
        wanted = [o.spelled() for o in outline]
        found = [Outline(c.name, c.statement, c.value, c.needs).spelled() for c in self.claims]
        if found != wanted or not found:
            raise CertificateError(asked, "its claims are not those that its value needs", hint)
        for claim in self.claims:
            if not set(claim.needs) <= {side for item in claim.evidence for side in item.sides}:
                raise CertificateError(
                    asked, f"the evidence for the claim {claim.name!r} is incomplete", hint
                )
            for item in claim.evidence:
                item.check(self.problem, claim)

    def _check_record(self, recorded: Mapping[str, Any]) -> None:
        asked, hint = f"verify this {self.kind} result", "recompute the result"
        if recorded.get("digest") != _digest(recorded):
            raise CertificateError(asked, "the file was changed after it was written", hint)
        rest = {k: v for k, v in recorded.items() if k not in {"versions", "digest"}}
        if "versions" not in recorded or canonical_json(rest) != canonical_json(self._content()):
            raise CertificateError(asked, "the file says more, or other, than it proves", hint)

    def verify(self) -> bool:
        """Check every piece of evidence again.

        Returns
        -------
        bool
            False when something does not hold; :meth:`check` tells what.

        Raises
        ------
        LimitError, UndecidedError
            When the check is too large to be repeated.
        """
        try:
            self.check()
        except _NOT_PROVED:
            return False
        return True

    def to_data(self) -> dict[str, Any]:
        """The result as JSON data."""
        data = self._content() | {"versions": versions()}
        data["digest"] = _digest(data)
        return data

    def _content(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "sentence": self.sentence(),
            "status": self.status.name,
            "problem": thaw(self.problem),
            "value": thaw(self.value),
            "detail": thaw(self.detail),
            "claims": [c.to_data() for c in self.claims],
        }

    def to_json(self, indent: int | None = None) -> str:
        """The result as JSON text; :func:`load` reads it back."""
        return json.dumps(self.to_data(), indent=indent, allow_nan=False)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        asked = "read a result"
        if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
            raise InputError(
                asked, f"the schema is not {SCHEMA!r}", "use a file that algattn wrote"
            )
        kind = data.get("kind")
        _visit_home(kind)
        target = Result._registry.get(str(kind))
        if target is None or not issubclass(target, cls):
            raise InputError(asked, f"the kind {kind!r} is not known here", "check the file")
        for key, shape in (("problem", Mapping), ("detail", Mapping), ("claims", list)):
            if not isinstance(data.get(key), shape):
                raise InputError(asked, f"the part {key!r} is missing", "check the file")
        return target._from_parts(data)

    @classmethod
    def _from_parts(cls, data: Mapping[str, Any]) -> Self:
        if not all(isinstance(c, Mapping) for c in data["claims"]):
            raise InputError("read a result", "a claim is not an object", "check the file")
        return cls(
            freeze(data["problem"]),
            freeze(data.get("value")),
            tuple(Claim.from_data(c) for c in data["claims"]),
            freeze(data.get("detail")),
            dict(data),
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls.from_data(parse_json(text))

    def __repr__(self) -> str:
        return f"<{self.sentence()} [{self.status.name}]>"

    def lines(self) -> list[str]:
        """More of the answer for a terminal, line by line."""
        return []

    def formula(self) -> str:
        """The answer as a LaTeX formula, or nothing."""
        return ""

    def text(self) -> str:
        """The answer for a terminal."""
        head = [f"{self.title}  [{self.status.name}]", f"  {self.sentence()}."]
        return "\n".join(head + [f"    {line}" for line in self.lines()])

    def latex(self) -> str:
        """The answer as LaTeX (needs amsmath)."""
        return self.formula() or r"\text{" + self.sentence().replace("_", r"\_") + "}"

    def html(self) -> str:
        """The answer as a short HTML card."""
        return self._repr_html_()

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(c.statement)}</td>"
            f"<td style='text-align:left'>{c.status.name}</td>"
            f"<td style='text-align:left'>{html.escape(', '.join(e.summary() for e in c.evidence))}"
            "</td></tr>"
            for c in self.claims
        )
        return card(self.title, self.sentence(), self.status, f"<table>{rows}</table>")


_COLOURS = {
    Status.PROVED: "#1a7f37",
    Status.THEOREM: "#0969da",
    Status.PROBABLE: "#9a6700",
    Status.NUMERIC: "#6e7781",
}


def card(title: str, sentence: str, status: Status, body: str) -> str:
    """A short HTML card: title, sentence, coloured status, and a body that unfolds."""
    return (
        "<div style='border-left:4px solid "
        f"{_COLOURS[status]};padding:.3em .8em;margin:.3em 0'>"
        f"<b>{html.escape(title)}</b> "
        f"<span style='color:{_COLOURS[status]}' title='{html.escape(status.meaning)}'>"
        f"{status.name}</span><br>{html.escape(sentence)}"
        f"<details><summary>evidence</summary>{body}</details></div>"
    )


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


def load(text: str) -> Result:
    """Read any result from its JSON text.

    Raises
    ------
    InputError
        When the text is not a result of this version of algattn.
    """
    return Result.from_data(parse_json(text))


def verify(text: str) -> bool:
    """Read a result and check all of its evidence again: :func:`load` and ``verify()`` in one.

    Returns
    -------
    bool
        False when anything in the file is not proved by what is in the file.
    """
    return load(text).verify()


def versions() -> dict[str, str]:
    """The versions that matter for repeating a computation."""
    return dict(_versions())


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import version

    return tuple((name, version(name)) for name in ("algattn", "python-flint"))
