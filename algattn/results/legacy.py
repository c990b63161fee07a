"""Results that still keep their answer in one mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from algattn.results.claims import Outline
from algattn.results.data import freeze, thaw
from algattn.results.result import Result


@dataclass(frozen=True, repr=False)
class LegacyResult(Result):
    """A result with an untyped ``detail``."""

    detail: Any = None

    def outline(self) -> tuple[Outline, ...]:
        return type(self).outline_of(self.problem, self.value, self.detail)

    @classmethod
    def outline_of(cls, problem: Any, value: Any, detail: Any) -> tuple[Outline, ...]:
        raise TypeError

    @classmethod
    def assemble(
        cls, problem: Any, value: Any, evidence: Any, detail: Any = None, **rest: Any
    ) -> Self:
        return super().assemble(problem, value, evidence, detail=freeze(detail or {}), **rest)

    def _detail(self) -> dict[str, Any]:
        return thaw(self.detail)

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        return {"detail": freeze(detail)}
