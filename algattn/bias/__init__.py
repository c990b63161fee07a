"""Implicit bias: where training drives attention, and the hard margin that it finds.

The names load on first use; numpy is needed for training only, scipy, qpsolvers and clarabel are
optional (the extra ``optim``) and make exact solutions faster, never different.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "AttentionSVM": "algattn.bias.svm",
    "DiagnosisResult": "algattn.bias.diagnosis",
    "SVMResult": "algattn.bias.svm",
    "SelectionsResult": "algattn.bias.selections",
    "TokenData": "algattn.bias.data",
    "TrainingResult": "algattn.bias.training",
    "diagnose": "algattn.bias.diagnosis",
    "instances": "algattn.bias.instances",
    "local_selections": "algattn.bias.selections",
    "nuclear_margin": "algattn.bias.nuclear",
    "plots": "algattn.bias.plots",
    "regress": "algattn.bias.regression",
    "train": "algattn.bias.training",
}

__all__ = [
    "AttentionSVM",
    "DiagnosisResult",
    "SVMResult",
    "SelectionsResult",
    "TokenData",
    "TrainingResult",
    "diagnose",
    "instances",
    "local_selections",
    "nuclear_margin",
    "plots",
    "regress",
    "train",
]

if TYPE_CHECKING:
    from algattn.bias import instances, plots
    from algattn.bias.data import TokenData
    from algattn.bias.diagnosis import DiagnosisResult, diagnose
    from algattn.bias.nuclear import nuclear_margin
    from algattn.bias.regression import regress
    from algattn.bias.selections import SelectionsResult, local_selections
    from algattn.bias.svm import AttentionSVM, SVMResult
    from algattn.bias.training import TrainingResult, train


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        module = import_module(home)
        value = module if home.endswith(f".{name}") else getattr(module, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'algattn.bias' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
