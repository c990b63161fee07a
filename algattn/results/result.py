"""What an answer is: typed fields, the claims behind them, and evidence to check again.

The contract is *PROVED is never wrong*.  A :class:`Result` carries its problem, so that
``verify()`` needs nothing but the result (or its JSON), and it is as strong as its weakest claim.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, ClassVar, Self

from algattn.arguments import checked, wrap_methods
from algattn.errors import CertificateError, InputError
from algattn.results.claims import Claim, Evidence, Outline, decode_at
from algattn.results.codec import Misfit, encode, field_types
from algattn.results.data import NONSENSE, canonical_json, fingerprint, freeze, thaw
from algattn.results.render import Rendered
from algattn.results.status import Status
from algattn.saving import write_bytes
from algattn.words import quoted, refuse

__all__ = ["SCHEMA", "Result", "seal", "versions"]

SCHEMA = "algattn/result/2"

#: What a check may raise on a file that says something false, or nothing that can be understood.
_NOT_PROVED = (CertificateError, *NONSENSE)
_FRAME = {"problem", "value", "claims"}


def seal(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a result with the digest that belongs to it.

    The digest notices accidents.  It proves nothing: everything it covers is checked as well.
    """
    rest = {k: v for k, v in data.items() if k != "digest"}
    return rest | {"digest": fingerprint(rest)}


@checked
@dataclass(frozen=True, repr=False)
class Result(Rendered):
    """A value with its claims.  Build one with :meth:`assemble`; read one with `algattn.load`.

    ``value`` is the short answer (a number, a truth value); the rest of the answer are the typed
    fields of the subclass.  Subclasses set ``kind``, ``title`` and ``claim_names`` and define
    :meth:`outline`, the complete list of what has to be true for value and fields to be right, and
    :meth:`sentence`.  What follows from problem and fields is a property; the properties that JSON
    shows as well are named in ``shown``.  So every leaf of the JSON is bound by a claim, or is
    computed again and compared.
    """

    problem: Any
    value: Any
    claims: tuple[Claim, ...] = field(default=(), kw_only=True)
    #: What reading an older file has dropped, in sentences.
    notes: tuple[str, ...] = field(default=(), kw_only=True, compare=False)
    _recorded: Mapping[str, Any] | None = field(default=None, kw_only=True, compare=False)

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    claim_names: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        wrap_methods(cls)

    def __post_init__(self) -> None:
        for f in fields(self):
            if f.name not in {"claims", "_recorded"}:
                object.__setattr__(self, f.name, freeze(getattr(self, f.name)))

    def outline(self) -> tuple[Outline, ...]:
        """Everything that has to be proved, in order; nothing when the fields contradict."""
        raise TypeError(f"{type(self).__name__} does not say what it claims")

    @classmethod
    def assemble(
        cls, problem: Any, value: Any, evidence: Mapping[str, Iterable[Evidence]], **rest: Any
    ) -> Self:
        """Make the result whose claims are those of :meth:`outline`, with the evidence by name."""
        bare = cls(problem, value, **rest)
        claims = tuple(o.claim(evidence.get(o.name, ())) for o in bare.outline())
        return replace(bare, claims=claims)

    @property
    def status(self) -> Status:
        """As strong as the weakest claim."""
        return min((c.status for c in self.claims), default=Status.NUMERIC)

    def claim(self, name: str) -> Claim:
        for claim in self.claims:
            if claim.name == name:
                return claim
        refuse(name, [claim.name for claim in self.claims], "look up a claim", "name")

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """All evidence, claim by claim."""
        return tuple(e for c in self.claims for e in c.evidence)

    def check(self) -> None:
        """Like :meth:`verify`, but raise :class:`CertificateError` with the reason."""
        asked, hint = f"verify this {self.kind} result", "recompute the result"
        content = self._content()
        if self._recorded is not None:
            self._check_record(self._recorded, content)
        outline = self.outline()
        wanted = [o.spelled() for o in outline]
        if not wanted or [c.outline().spelled() for c in self.claims] != wanted:
            raise CertificateError(asked, "its claims are not those that its value needs", hint)
        for claim in self.claims:
            if not set(claim.needs) <= {side for item in claim.evidence for side in item.sides}:
                raise CertificateError(
                    asked, f"the evidence for the claim {claim.name!r} is incomplete", hint
                )
            for item in claim.evidence:
                if not item.may_support(self.kind, claim.name):
                    raise CertificateError(
                        asked,
                        f"{item.kind} is no evidence for the claim {claim.name!r}",
                        hint,
                    )
                item.check(self.problem, claim)

    def _check_record(self, recorded: Mapping[str, Any], content: Mapping[str, Any]) -> None:
        asked, hint = f"verify this {self.kind} result", "recompute the result"
        if recorded.get("digest") != seal(recorded)["digest"]:
            raise CertificateError(asked, "the file was changed after it was written", hint)
        if recorded.get("schema") != SCHEMA:
            return  # an older file was judged when it was read, and says other things
        rest = {k: v for k, v in recorded.items() if k not in {"versions", "digest"}}
        if "versions" not in recorded or canonical_json(rest) != canonical_json(content):
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

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Problem, value, detail and evidence of version 0.1 in today's form."""
        return parts, evidence

    def to_data(self) -> dict[str, Any]:
        """The result as JSON data."""
        return seal(self._content() | {"versions": versions()})

    @classmethod
    def detail_types(cls) -> dict[str, Any]:
        """The types of the fields besides problem, value and claims, by name."""
        return {name: t for name, t in field_types(cls).items() if name not in _FRAME}

    def _detail(self) -> dict[str, Any]:
        typed = {name: self._encode(name, t) for name, t in self.detail_types().items()}
        return typed | {name: thaw(getattr(self, name)) for name in self.shown}

    def _encode(self, name: str, kind: Any) -> Any:
        try:
            return encode(kind, getattr(self, name))
        except Misfit as misfit:
            raise misfit.inside(f"{self.kind}.{name}") from None

    def _content(self) -> dict[str, Any]:
        types = field_types(type(self))
        return {
            "schema": SCHEMA,
            "kind": self.kind,
            "sentence": self.sentence(),
            "status": self.status.name,
            "problem": self._encode("problem", types["problem"]),
            "value": self._encode("value", types["value"]),
            "detail": self._detail(),
            "claims": [c.to_data() for c in self.claims],
        }

    def to_json(self, *path: Any, indent: int | None = None) -> str:
        """The result as JSON text; :func:`algattn.load` reads it back.

        Raises
        ------
        InputError
            For a path: :meth:`save` writes files.
        """
        if path:
            raise InputError(
                "write a result as text",
                f"to_json takes no position, and {quoted(path[0])} is given",
                "result.save(path) for a file, to_json(indent=1) for lines",
            )
        return json.dumps(self.to_data(), indent=indent, allow_nan=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the result to a file, whole or not at all; :func:`algattn.load` reads it back.

        A file of that name is replaced.

        Raises
        ------
        InputError
            When the file cannot be written.
        """
        if not isinstance(path, str | os.PathLike):
            raise InputError("save a result", f"{quoted(path)} is no path", "save('result.json')")
        write_bytes(path, (self.to_json(indent=1) + "\n").encode())

    @classmethod
    def read(cls, data: Any, known: Any) -> Self:
        """From JSON data, of the class that its kind names in the registry `known`."""
        asked = "read a result"
        if not isinstance(data, Mapping):
            raise InputError(asked, "it is not an object", "use a file that algattn wrote")
        schema = data.get("schema")
        if schema not in (SCHEMA, OLD_SCHEMA):
            raise InputError(
                asked, f"the schema is not {SCHEMA!r}", "use a file that algattn wrote"
            )
        target = known.result(data.get("kind"))
        if not issubclass(target, cls):
            raise Misfit(f"it is a result of the kind {target.kind!r}")
        for key, shape in (("problem", Mapping), ("detail", Mapping), ("claims", list | tuple)):
            if not isinstance(data.get(key), shape):
                raise InputError(asked, f"the part {key!r} is missing", "check the file")
        if schema == OLD_SCHEMA:
            from algattn.results.migration import read_old

            found: Self = read_old(target, data, known)
            return found
        return target._read_parts(data, known)  # type: ignore[no-any-return]

    @classmethod
    def _read_parts(cls, data: Mapping[str, Any], known: Any) -> Self:
        types = field_types(cls)
        return cls(
            decode_at("problem", types["problem"], data["problem"], known),
            decode_at("value", types["value"], data.get("value"), known),
            **cls._read_detail(data["detail"], known),
            claims=decode_at("claims", tuple[Claim, ...], data["claims"], known),
            _recorded=dict(data),
        )

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        types = cls.detail_types()
        if set(detail) != {*types, *cls.shown}:
            wanted = sorted({*types, *cls.shown})
            raise Misfit(f"the detail has the parts {sorted(detail)} instead of {wanted}")
        return {name: decode_at(name, t, detail[name], known) for name, t in types.items()}


OLD_SCHEMA = "algattn/result/1"


def versions() -> dict[str, str]:
    """The versions that matter for repeating a computation."""
    return dict(_versions())


@lru_cache(maxsize=1)
def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import version

    return tuple((name, version(name)) for name in ("algattn", "python-flint"))
