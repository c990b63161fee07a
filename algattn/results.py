"""What an answer is: a value, the claims behind it, and evidence that can be checked again.

The contract is *PROVED is never wrong*.  A :class:`Result` carries its problem, so that
``verify()`` needs nothing but the result (or its JSON), and it is as strong as its weakest claim.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Self

from algattn.claims import (
    BOTH_SIDES,
    Claim,
    Evidence,
    Outline,
    Status,
    canonical_json,
    freeze,
    parse_json,
    thaw,
    visit_home,
)
from algattn.errors import CertificateError, InputError

__all__ = [
    "BOTH_SIDES",
    "Claim",
    "Evidence",
    "Outline",
    "Result",
    "Status",
    "canonical_json",
    "card",
    "freeze",
    "load",
    "parse_json",
    "thaw",
    "verify",
    "versions",
]

SCHEMA = "algattn/result/1"

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


def _digest(data: Mapping[str, Any]) -> str:
    text = canonical_json({k: v for k, v in data.items() if k != "digest"})
    return hashlib.sha256(text.encode()).hexdigest()


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
        visit_home(kind)
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


def load(text: str) -> Result:
    """Read any result from its JSON text, without checking it.

    Parameters
    ----------
    text : str
        What ``result.to_json()`` wrote.

    Returns
    -------
    Result
        Of the class that wrote it; ``.status`` is computed anew from the evidence.

    Raises
    ------
    InputError
        When the text is not a result of this version of algattn.

    Complexity
    ----------
    Linear in the text; ``.verify()`` costs what its evidence costs.

    Examples
    --------
    >>> from algattn import Lightning
    >>> text = Lightning(widths=(2, 1), ranks=1).dimension().to_json()
    >>> load(text).value, load(text).verify()
    (4, True)
    """
    return Result.from_data(parse_json(text))


def verify(text: str) -> bool:
    """Read a result and check all of its evidence again: :func:`load` and ``verify()`` in one.

    Returns
    -------
    bool
        False when anything in the file is not proved by what is in the file.

    Raises
    ------
    InputError
        When the text is not a result of this version of algattn.
    LimitError, UndecidedError
        When a check is too large to be repeated.

    Examples
    --------
    >>> from algattn import Lightning
    >>> text = Lightning(widths=(2, 1), ranks=1).dimension().to_json()
    >>> verify(text), verify(text.replace('"value": 4', '"value": 5'))
    (True, False)
    """
    return load(text).verify()


def versions() -> dict[str, str]:
    """The versions that matter for repeating a computation."""
    return dict(_versions())


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import version

    return tuple((name, version(name)) for name in ("algattn", "python-flint"))
