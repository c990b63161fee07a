"""Accessors of results that hold a number between two bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Bounded", "whole"]


class Bounded:
    """What results about the dimension of a network and about a rank at weights share."""

    detail: Mapping[str, Any]

    @property
    def lower(self) -> int:
        return int(self.detail["lower"])

    @property
    def upper(self) -> int:
        return int(self.detail["upper"])

    @property
    def parameters(self) -> int:
        return int(self.detail["parameters"])


def whole(*numbers: Any) -> bool:
    """Whether all are whole numbers, as 6 is and neither 6.0 nor true."""
    return all(type(n) is int for n in numbers)
