"""The names of :mod:`algattn.attention` under the path they had in version 0.1."""

from algattn.attention import (
    Architecture,
    FunctionMap,
    GaugeElement,
    NetworkFile,
    VirtualWeights,
    Weights,
)
from algattn.model import read_network_file

__all__ = [
    "Architecture",
    "FunctionMap",
    "GaugeElement",
    "NetworkFile",
    "VirtualWeights",
    "Weights",
    "read_network_file",
]
