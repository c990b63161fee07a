"""JSON data: strict reading, one spelling for equal data, and immutable values in memory."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from algattn.errors import InputError

__all__ = ["ADAPTERS", "FrozenMap", "canonical_json", "fingerprint", "freeze", "parse_json", "thaw"]

MAX_JSON_BYTES = 128 * 1024 * 1024
#: Lists and objects inside of each other; results inside of results take thirty.
MAX_NESTING = 100

#: What working on parts of the right types that make no sense together may raise.
NONSENSE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    StopIteration,
    TypeError,
    ValueError,
)

#: Writers and readers of types of libraries; a room that brings such a type adds it here.
ADAPTERS: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {}


class FrozenMap(Mapping[str, Any]):
    """A JSON object that cannot be changed, and therefore has a hash.

    >>> FrozenMap({"a": 1})["a"], {FrozenMap({"a": 1}), FrozenMap({"a": 1})}
    (1, {{'a': 1}})
    """

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any] | None = None) -> None:
        self._items = dict(items or {})
        self._hash: int | None = None

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._items == dict(other)

    def __or__(self, other: Mapping[str, Any]) -> FrozenMap:
        return FrozenMap(self._items | dict(other))

    def __repr__(self) -> str:
        return repr(self._items)


def freeze(data: Any) -> Any:
    """Lists as tuples and dictionaries as :class:`FrozenMap`, recursively; the rest as it is."""
    if isinstance(data, list | tuple):
        return tuple(freeze(x) for x in data)
    if isinstance(data, Mapping):
        return FrozenMap({str(k): freeze(v) for k, v in data.items()})
    return data


def thaw(data: Any) -> Any:
    """Any value as data for :mod:`json`: the inverse of :func:`freeze`, and objects written out."""
    if data is None or type(data) in (bool, int, float, str):
        return data
    if isinstance(data, list | tuple):
        return [thaw(x) for x in data]
    if isinstance(data, Mapping):
        return {k: thaw(v) for k, v in data.items()}
    if hasattr(data, "to_data"):
        return thaw(data.to_data())
    if type(data) in ADAPTERS:
        return ADAPTERS[type(data)][0](data)
    if dataclasses.is_dataclass(data):
        return {f.name: thaw(getattr(data, f.name)) for f in dataclasses.fields(data)}
    return data


def canonical_json(data: Any) -> str:
    """One spelling for equal data: sorted keys, no spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False, default=thaw)


def fingerprint(data: Any) -> str:
    """SHA-256 of the canonical spelling.

    >>> fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1}) != fingerprint({"a": 2.0})
    True
    """
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def parse_json(text: str) -> Any:
    """Parse JSON strictly: bounded size and nesting, finite numbers, no duplicate keys."""
    asked = "read JSON"
    if len(text) > MAX_JSON_BYTES:
        raise InputError(asked, f"{len(text)} characters is too much", "split the input")

    def no_constant(name: str) -> Any:
        raise InputError(asked, f"{name} is not a JSON number", "write a finite number")

    def finite(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else no_constant(digits[:40])

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        seen = dict(pairs)
        if len(seen) != len(pairs):
            raise InputError(asked, "an object has the same key twice", "keep one of them")
        return seen

    try:
        data = json.loads(
            text, parse_constant=no_constant, parse_float=finite, object_pairs_hook=unique
        )
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
    if _too_deep(data):
        raise InputError(asked, "it is nested too deeply", "use a flat file")
    return data


def _too_deep(data: Any) -> bool:
    level = [data] if isinstance(data, list | dict) else []
    for _ in range(MAX_NESTING + 1):
        parts = (x.values() if isinstance(x, dict) else x for x in level)
        level = [x for part in parts for x in part if isinstance(x, list | dict)]
        if not level:
            return False
    return True
