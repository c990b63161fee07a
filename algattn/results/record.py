"""Parts of answers that can be asked for by attribute, and by name as JSON data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from algattn.results.codec import fields_to_data
from algattn.results.data import freeze

__all__ = ["Part", "Record"]


@dataclass(frozen=True)
class Part:
    """A part of an answer with typed fields; subscripts give its JSON data.

    In version 0.1 such parts were JSON objects, and ``part["name"]`` and ``part.get("name")`` still
    work.
    """

    def to_data(self) -> dict[str, Any]:
        """The fields as JSON data."""
        return fields_to_data(self)

    def get(self, name: str, default: Any = None) -> Any:
        """The field of that name as JSON data, or `default`."""
        return freeze(self.to_data().get(name, default))

    def __getitem__(self, name: str) -> Any:
        return freeze(self.to_data()[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.to_data())


@dataclass(frozen=True)
class Record(Part):
    """A part none of whose fields has the name ``keys``, so that ``dict(part)`` works as well."""

    def keys(self) -> tuple[str, ...]:
        """The names of the fields."""
        return tuple(self.to_data())
