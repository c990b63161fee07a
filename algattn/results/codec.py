"""One codec between typed values and JSON data, strict in both directions.

The type of a field says how it is written and read.  ``1``, ``1.0``, ``"1"`` and ``true`` are four
different things; an object has exactly the keys of its class; nothing is guessed or converted.

=============================  ===================================================================
type                           JSON
=============================  ===================================================================
``bool, int, float, str``      itself, of exactly that type; floats are finite
``X | None``, ``X | Y``        whichever of the types fits, in order
``Literal["a", "b"]``          one of the words
``tuple[X, ...]``              a list
``tuple[X, Y]``                a list of that length
``FrozenMap``                  an object
``Mapping[str, X]``            an object whose entries are X
a dataclass                    an object with its fields, by name
a class with ``to_data``       what it writes; ``from_data`` reads it, and must write the same again
a type of :data:`ADAPTERS`     as the pair of functions there says (rational numbers)
a ``Result``, an ``Evidence``  an object whose ``kind`` is looked up in the registry
``Any``                        any JSON data
=============================  ===================================================================
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from algattn.errors import (
    FieldError,
    HypothesisError,
    InputError,
    RingMismatchError,
    ShapeError,
)
from algattn.results.data import ADAPTERS, FrozenMap, canonical_json, freeze, thaw

__all__ = ["Misfit", "decode", "encode", "field_types", "fields_to_data"]

_SIMPLE = (bool, int, float, str)


class Misfit(InputError):  # noqa: N818
    """A value, or JSON data, that is not of the type it should be."""

    def __init__(self, wrong: str, path: tuple[str, ...] = ()) -> None:
        where = "".join(path)
        super().__init__(
            "read or write a result",
            f"{where.lstrip('.')}: {wrong}" if where else wrong,
            "use the file as algattn wrote it",
        )
        self.what, self.path = wrong, path

    def inside(self, step: str) -> Misfit:
        """The same, seen from one level above."""
        return Misfit(self.what, (step, *self.path))


_TYPES: dict[type, Mapping[str, Any]] = {}


def field_types(cls: type) -> Mapping[str, Any]:
    """The types of the fields of a dataclass that are written, by name."""
    if cls not in _TYPES:
        hints = get_type_hints(cls)
        kept = [f.name for f in dataclasses.fields(cls) if f.init and f.compare]
        _TYPES[cls] = {name: hints[name] for name in kept}
    return _TYPES[cls]


def encode(kind: Any, value: Any) -> Any:
    """A value of the given type as JSON data; :class:`Misfit` when it is not of that type."""
    if kind is Any:
        return _any(value)
    if kind is None or kind is type(None):
        if value is not None:
            raise _not("null", value)
        return None
    if kind in _SIMPLE:
        if type(value) is not kind or (kind is float and not math.isfinite(value)):
            raise _not(kind.__name__, value)
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _first(get_args(kind), value, encode)
    if origin is Literal:
        return _word(kind, value)
    if origin is tuple:
        if not isinstance(value, tuple):
            raise _not("a tuple", value)
        return [_at(f"[{i}]", encode, k, x) for i, (k, x) in enumerate(_items(kind, value))]
    if kind is FrozenMap or _is_mapping(kind):
        inner = get_args(kind)[1] if get_args(kind) else Any
        if not isinstance(value, Mapping):
            raise _not("an object", value)
        return {str(k): _at(f".{k}", encode, inner, x) for k, x in value.items()}
    if kind in ADAPTERS:
        if not isinstance(value, kind):
            raise _not(kind.__name__, value)
        return ADAPTERS[kind][0](value)
    if not isinstance(kind, type) or not isinstance(value, kind):
        raise _not(getattr(kind, "__name__", str(kind)), value)
    if hasattr(value, "to_data"):
        return thaw(value.to_data())
    return fields_to_data(value)


def decode(kind: Any, data: Any, known: Any = None) -> Any:
    """The value of the given type from JSON data; `known` is the registry of kinds."""
    if kind is Any:
        return freeze(data)
    if kind is None or kind is type(None) or kind in _SIMPLE:
        return encode(kind, data)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _first(get_args(kind), data, lambda k, x: decode(k, x, known))
    if origin is Literal:
        return _word(kind, data)

    def inner(k: Any, x: Any) -> Any:
        return decode(k, x, known)

    if origin is tuple:
        if not isinstance(data, list | tuple):
            raise _not("a list", data)
        return tuple(_at(f"[{i}]", inner, k, x) for i, (k, x) in enumerate(_items(kind, data)))
    if kind is FrozenMap or _is_mapping(kind):
        entry = get_args(kind)[1] if get_args(kind) else Any
        return FrozenMap({k: _at(f".{k}", inner, entry, x) for k, x in _object(data).items()})
    if kind in ADAPTERS:
        write, read = ADAPTERS[kind]
        return _same(_read(read, data), data, write)
    if hasattr(kind, "read"):
        return kind.read(data, known)
    if hasattr(kind, "from_data"):
        return _same(_read(kind.from_data, data), data, thaw)
    fields = field_types(kind)
    if set(_object(data)) != set(fields):
        raise Misfit(f"it has the fields {sorted(data)} instead of {sorted(fields)}")
    return kind(**{name: _at(f".{name}", inner, k, data[name]) for name, k in fields.items()})


def fields_to_data(value: Any) -> dict[str, Any]:
    """The fields of a dataclass instance as a JSON object."""
    return {
        name: _at(f".{name}", encode, kind, getattr(value, name))
        for name, kind in field_types(type(value)).items()
    }


def _any(value: Any) -> Any:
    data = thaw(value)
    canonical_json(data)  # fails on what is not JSON
    return data


def _word(kind: Any, value: Any) -> Any:
    words = get_args(kind)
    if not any(type(value) is type(w) and value == w for w in words):
        raise Misfit(f"{_short(value)} is none of {', '.join(map(repr, words))}")
    return value


def _first(kinds: tuple[Any, ...], value: Any, do: Callable[[Any, Any], Any]) -> Any:
    """By the first of several types that fits."""
    misfits = []
    for kind in kinds:
        try:
            return do(kind, value)
        except InputError as misfit:
            misfits.append(misfit)
    # the one that came furthest says most about what is wrong
    raise max(misfits, key=lambda m: len(getattr(m, "path", ())))


def _items(kind: Any, values: Any) -> list[tuple[Any, Any]]:
    inner = get_args(kind)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return [(inner[0], x) for x in values]
    if len(values) != len(inner):
        raise Misfit(f"{len(values)} entries instead of {len(inner)}")
    return list(zip(inner, values, strict=True))


def _is_mapping(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, typing.Mapping)


def _object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise _not("an object", data)
    return data


def _read(read: Callable[[Any], Any], data: Any) -> Any:
    """What a reader of its own makes of the data; its refusals are misfits as well."""
    try:
        return read(thaw(data))
    except (InputError, FieldError, ShapeError, RingMismatchError, HypothesisError) as error:
        raise Misfit(f"{error.asked}: {error.wrong}") from error
    except (TypeError, ValueError, LookupError, AttributeError) as error:  # parts of another shape
        raise Misfit(f"{_short(data)} has parts of another type") from error


def _same(value: Any, data: Any, write: Callable[[Any], Any]) -> Any:
    """The value read, which has to be written as it stands there."""
    if canonical_json(write(value)) != canonical_json(data):
        raise Misfit(f"{_short(data)} is spelled in another way than algattn writes it")
    return value


def _at(step: str, do: Callable[[Any, Any], Any], kind: Any, value: Any) -> Any:
    try:
        return do(kind, value)
    except Misfit as misfit:
        raise misfit.inside(step) from None


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _not(wanted: str, value: Any) -> Misfit:
    return Misfit(f"{_short(value)} is not {wanted}")
