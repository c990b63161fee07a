"""Networks as data: architectures, weights, functions, gauge groups, files."""

from algattn.attention.architecture import Architecture
from algattn.attention.files import NetworkFile, read_network_file
from algattn.attention.functions import FunctionMap
from algattn.attention.gauge import GaugeElement, GaugeWord
from algattn.attention.masks import Mask, Window
from algattn.attention.weights import VirtualWeights, Weights

__all__ = [
    "Architecture",
    "FunctionMap",
    "GaugeElement",
    "GaugeWord",
    "Mask",
    "NetworkFile",
    "VirtualWeights",
    "Weights",
    "Window",
    "read_network_file",
]
