"""Pictures: real slices of function spaces, and the Hasse diagram of strata.

The names load on first use; plotting libraries are imported only when a picture is drawn.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {"hasse": "algattn.plot.diagrams", "slice": "algattn.plot.slices"}

__all__ = ["hasse", "slice"]

if TYPE_CHECKING:
    from algattn.plot.diagrams import hasse
    from algattn.plot.slices import slice  # noqa: A004


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'algattn.plot' has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
