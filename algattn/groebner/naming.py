"""Fields that JSON names otherwise, because people know properties under the JSON names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from algattn.results import Evidence, Misfit, Result


def names_engine(text: str) -> bool:
    """Whether a text is the name of an engine and a version, and nothing else.

    >>> names_engine("singular 4.3.1"), names_engine("singular 4.3.1 and more"), names_engine("x 1")
    (True, False, False)
    """
    from algattn.engines import ENGINES

    name, _, version = text.partition(" ")
    known = {engine.name for engine in ENGINES}
    return name in known and re.fullmatch(r"[0-9][0-9A-Za-z.+-]{0,19}", version) is not None


class Renamed(Result):
    """A result with ``json_names``: how JSON calls some of its fields.

    ``generators`` for example are polynomials in Python and texts in JSON; the field with the
    texts has another name.
    """

    json_names: ClassVar[Mapping[str, str]] = {}

    @classmethod
    def _field_names(cls, detail: Mapping[str, Any]) -> dict[str, Any]:
        names = {said: name for name, said in cls.json_names.items()}
        if wrong := set(detail) & set(cls.json_names):
            raise Misfit(f"the detail has the parts {sorted(wrong)}")
        return {names.get(said, said): part for said, part in detail.items()}

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        return super()._read_detail(cls._field_names(detail), known)

    def _detail(self) -> dict[str, Any]:
        return {self.json_names.get(name, name): x for name, x in super()._detail().items()}

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        return parts | {"detail": cls._field_names(parts["detail"])}, evidence
