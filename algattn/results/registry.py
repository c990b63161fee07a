"""Which kinds of results and evidence there are.

Classes register themselves with the decorator :func:`register`, which refuses incomplete ones.
The room that may see every other hands a :class:`Registry` to whatever reads results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from algattn.errors import InputError
from algattn.results.claims import Evidence, Supports
from algattn.results.status import Status
from algattn.words import quoted

__all__ = ["Registry", "declare", "register"]

_Kind = TypeVar("_Kind", bound=type)
_Reason = TypeVar("_Reason", bound=type[Evidence])
_KINDS: dict[str, type] = {}


def register(cls: _Kind) -> _Kind:
    """Make a kind of result or evidence known, so that stored ones can be read.

    Raises
    ------
    TypeError
        When the class has no kind, says not what it claims or which claims it supports, has no
        check, or when its kind is taken.
    """
    kind = cls.__dict__.get("kind", "")
    if not kind:
        raise TypeError(f"{cls.__name__} has no kind")
    other = _KINDS.get(kind)
    if other is not None and (other.__module__, other.__qualname__) != (
        cls.__module__,
        cls.__qualname__,
    ):
        raise TypeError(f"the kind {kind!r} of {cls.__name__} is that of {other.__name__}")
    if issubclass(cls, Evidence):
        if not cls.supports:
            raise TypeError(f"{cls.__name__} does not say which claims it supports")
        if cls.check is Evidence.check:
            raise TypeError(f"{cls.__name__} has no check")
    elif not getattr(cls, "claim_names", ()):
        raise TypeError(f"{cls.__name__} does not say what it claims")
    _KINDS[kind] = cls
    return cls


def declare(
    kind: str,
    supports: Supports,
    strength: Status | None = None,
    *,
    sides: frozenset[str] | None = None,
    recomputed: bool | None = None,
) -> Callable[[_Reason], _Reason]:
    """Set what a class of evidence is, and :func:`register` it.

    What is not given, the class inherits; see :class:`~algattn.results.claims.Evidence`.
    """
    given = {"strength": strength, "sides": sides, "recomputed": recomputed}

    def decorate(cls: _Reason) -> _Reason:
        cls.kind, cls.supports = kind, supports
        for name, value in given.items():
            if value is not None:
                setattr(cls, name, value)
        return register(cls)

    return decorate


class Registry:
    """The kinds, by name.

    Parameters
    ----------
    visit : callable
        Imports the modules where a kind lives, given its name.
    """

    def __init__(self, visit: Callable[[str], None]) -> None:
        self._visit = visit

    def _find(self, kind: Any, base: type) -> Any:
        if isinstance(kind, str) and kind not in _KINDS:
            self._visit(kind)
        found = _KINDS.get(kind) if isinstance(kind, str) else None
        if found is None or not issubclass(found, base):
            raise InputError(
                "read a result", f"the kind {quoted(kind)} is not known", "check the file"
            )
        return found

    def evidence(self, kind: Any) -> type[Evidence]:
        """The class of evidence of that kind; :class:`InputError` when there is none."""
        found: type[Evidence] = self._find(kind, Evidence)
        return found

    def result(self, kind: Any) -> Any:
        """The class of results of that kind; :class:`InputError` when there is none."""
        from algattn.results.result import Result

        return self._find(kind, Result)

    @staticmethod
    def loaded() -> dict[str, type]:
        """The kinds of all modules imported so far."""
        return dict(_KINDS)
