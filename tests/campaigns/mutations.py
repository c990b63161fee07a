"""What can be written instead of a value in a JSON file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from algattn.results import canonical_json

Path = tuple[Any, ...]


def leaves(data: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values, containers included."""
    if path:
        yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from leaves(value, (*path, i))


def other_values(value: Any) -> list[Any]:
    """Plausible things to write instead: other numbers, other types, other words, other lengths."""
    if value is None:
        return [0, "", False]
    if isinstance(value, bool):
        return [not value, int(value), None]
    if isinstance(value, int):
        return [
            value + 1,
            value - 1,
            float(value),
            str(value),
            *([bool(value)] * (value in {0, 1})),
        ]
    if isinstance(value, float):
        return [value + 1.0, -value, int(value), None]
    if isinstance(value, str):
        digits = re.sub(r"[0-9]", lambda m: str((int(m[0]) + 1) % 10), value, count=1)
        return [*({digits} - {value}), value + " ", "deadbeef" + value, None]
    if isinstance(value, list):
        return [[*value, *value[-1:]], [*value, 0], *([value[:-1], value[::-1]] if value else [])]
    shorter = [{k: v for k, v in value.items() if k != gone} for gone in value]
    return [value | {"extra": 0}, *shorter]


def changed(data: Any, path: Path, new: Any) -> Any:
    """A copy of the data with another value at the path; what is not on the way is shared."""
    if not path:
        return new
    copy = list(data) if isinstance(data, list) else dict(data)
    copy[path[0]] = changed(data[path[0]], path[1:], new)
    return copy


def mutations(data: Any, *roots: Path) -> Iterator[tuple[Path, Any, Any]]:
    """(path, new value, changed data) for every leaf at and below the roots, and every value."""
    for root in roots:
        top = at(data, root)
        for path in ((), *leaves(top)):
            old = at(top, path)
            for new in other_values(old):
                if canonical_json(new) != canonical_json(old):
                    yield (*root, *path), new, changed(data, (*root, *path), new)


def at(data: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        data = data[key]
    return data
