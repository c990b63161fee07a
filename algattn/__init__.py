"""algattn: the exact algebraic geometry of attention.

The names below load on first use, so that ``import algattn`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "AlgattnError": "algattn.errors",
    "FunctionMap": "algattn.attention",
    "GF": "algattn.exact",
    "Ideal": "algattn.groebner.ideals",
    "Lightning": "algattn.model",
    "Mask": "algattn.attention",
    "PolynomialMap": "algattn.model.maps",
    "QQ": "algattn.exact",
    "Softmax": "algattn.model",
    "Status": "algattn.results",
    "Weights": "algattn.attention",
    "Window": "algattn.attention",
    "critical_points": "algattn.singularities.critical",
    "implicitize": "algattn.groebner.implicitize",
    "load": "algattn.model.catalogue",
    "read_network_file": "algattn.model",
    "verify": "algattn.model.catalogue",
}

#: Subpackages that ``import algattn`` makes reachable without loading them.
_ROOMS = (
    *("bias", "dimension", "engines", "exact", "export", "fibers", "formulas", "groebner", "maps"),
    *("attention", "networks", "paths", "plot", "results", "singularities", "symbolic", "tropical"),
)

__all__ = [
    "GF",
    "QQ",
    "AlgattnError",
    "FunctionMap",
    "Ideal",
    "Lightning",
    "Mask",
    "PolynomialMap",
    "Softmax",
    "Status",
    "Weights",
    "Window",
    "critical_points",
    "implicitize",
    "load",
    "read_network_file",
    "verify",
]

if TYPE_CHECKING:
    from algattn.attention import FunctionMap, Mask, Weights, Window
    from algattn.errors import AlgattnError
    from algattn.exact import GF, QQ
    from algattn.groebner.ideals import Ideal
    from algattn.groebner.implicitize import implicitize
    from algattn.model import Lightning, Softmax, read_network_file
    from algattn.model.catalogue import load, verify
    from algattn.model.maps import PolynomialMap
    from algattn.results import Status
    from algattn.singularities.critical import critical_points


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value
    if name in _ROOMS:
        return import_module(f"algattn.{name}")
    raise AttributeError(f"module 'algattn' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
