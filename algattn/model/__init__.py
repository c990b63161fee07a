"""The classes that people type, the report, and reading stored results."""

from algattn.model.networks import Lightning, Softmax

__all__ = ["Lightning", "Softmax"]
