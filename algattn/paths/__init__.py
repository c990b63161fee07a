"""Attention paths: kernels and Bayesian theory of deep attention with learned values.

A deep linear-value attention network is a sum over *paths*, one head per layer.  This room computes
the path-attended inputs, the path-path kernels (exactly over QQ, or fast in floating point), the
saddle of the action that governs the posterior at finite width, the exact finite-width posterior,
and the small cases in which the saddle is an algebraic number.

The names below load on first use, so that ``import algattn.paths`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "AttentionWarning": "attention",
    "FixedHead": "attention",
    "QueryKeyHead": "attention",
    "UniformHead": "attention",
    "ExactPathKernels": "rational",
    "HMMTask": "hmm",
    "PathInputs": "inputs",
    "PathKernels": "kernels",
    "PathNetwork": "network",
    "PathShape": "shape",
    "PathWeights": "collapse",
    "Paths": "graph",
    "Posterior": "posterior",
    "Prediction": "predictor",
    "Solution": "solution",
    "certify_critical_point": "critical",
    "head_scores": "scores",
    "kernel_overlap": "scores",
    "one_head_points": "one_head",
    "permute_heads": "scores",
    "prune": "scores",
    "sweep_widths": "experiment",
}

__all__ = [
    "AttentionWarning",
    "ExactPathKernels",
    "FixedHead",
    "HMMTask",
    "PathInputs",
    "PathKernels",
    "PathNetwork",
    "PathShape",
    "PathWeights",
    "Paths",
    "Posterior",
    "Prediction",
    "QueryKeyHead",
    "Solution",
    "UniformHead",
    "certify_critical_point",
    "head_scores",
    "kernel_overlap",
    "one_head_points",
    "permute_heads",
    "prune",
    "sweep_widths",
]

if TYPE_CHECKING:
    from algattn.paths.attention import AttentionWarning, FixedHead, QueryKeyHead, UniformHead
    from algattn.paths.collapse import PathWeights
    from algattn.paths.critical import certify_critical_point
    from algattn.paths.experiment import sweep_widths
    from algattn.paths.graph import Paths
    from algattn.paths.hmm import HMMTask
    from algattn.paths.inputs import PathInputs
    from algattn.paths.kernels import PathKernels
    from algattn.paths.network import PathNetwork
    from algattn.paths.one_head import one_head_points
    from algattn.paths.posterior import Posterior
    from algattn.paths.predictor import Prediction
    from algattn.paths.rational import ExactPathKernels
    from algattn.paths.scores import head_scores, kernel_overlap, permute_heads, prune
    from algattn.paths.shape import PathShape
    from algattn.paths.solution import Solution


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(import_module(f"algattn.paths.{home}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'algattn.paths' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
