"""The classes that people type, the report, and reading stored results."""

from algattn.attention import read_network_file
from algattn.model.networks import Lightning, Softmax

__all__ = ["Lightning", "Softmax", "read_network_file"]
