"""Networks as data: architectures, weights, functions, gauge groups, files."""

from algattn.networks.architecture import Architecture
from algattn.networks.files import NetworkFile, read_network_file
from algattn.networks.functions import FunctionMap
from algattn.networks.gauge import GaugeElement
from algattn.networks.weights import VirtualWeights, Weights

__all__ = [
    "Architecture",
    "FunctionMap",
    "GaugeElement",
    "NetworkFile",
    "VirtualWeights",
    "Weights",
    "read_network_file",
]
