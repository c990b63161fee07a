"""One critical point of least squares, and a component of them, with their JSON data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from algattn.attention import Weights
from algattn.errors import InputError
from algattn.results import decode, thaw
from algattn.singularities.stored import Vector

_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-][0-9]{2,9})?", re.ASCII)

PointKind = Literal["minimum", "maximum", "saddle", "degenerate"]


@dataclass(frozen=True)
class CriticalPoint:
    """A real critical point, isolated at least on its chart.

    Attributes
    ----------
    weights : Weights
        (A, V), over QQ or a real number field.
    digits : str
        Twelve digits of its loss (the exact one is an element of the field).
    kind : str
        ``minimum`` or ``maximum`` (definite second derivative), ``saddle``, or ``degenerate``.
    stratum : str
        Where its function lies.
    genuine : bool
        Whether the function is also a critical point of the loss on the function space: the
        gradient is normal to the span of the real tangent cone (lemma "tangents").  False:
        spurious, an artefact of the parametrization.
    edge : bool
        Whether it is not genuine, and yet a minimum on the function space, which ends there: all
        weights with this function are minima.
    isolated : bool
        Certainly isolated modulo gauge: the second derivative is not degenerate, or the equations
        around it have finitely many solutions.  False: perhaps on one of the components.
    chart : (tuple of int, tuple of int)
        Which unknowns are 1 and which 0.
    values : tuple
        The other unknowns, elements of the field of the weights.
    """

    weights: Weights
    digits: str
    kind: PointKind
    stratum: str
    genuine: bool
    edge: bool
    isolated: bool
    chart: tuple[tuple[int, ...], tuple[int, ...]]
    values: tuple[Any, ...]

    @property
    def loss(self) -> float:
        """Its loss; infinite where ``digits`` exceed all floats."""
        return float(self.digits)

    @property
    def role(self) -> str:
        """``genuine ..`` or ``spurious`` with the kind, or ``edge minimum``."""
        if self.genuine:
            return f"genuine {self.kind}"
        return "edge minimum" if self.edge else f"spurious {self.kind}"

    def stored_values(self) -> list[Any]:
        """The values of the unknowns as they are stored."""
        return [self.weights.field.format(x) for x in self.values]

    def listed(self) -> dict[str, Any]:
        """What substitution shows, as JSON data: everything but ``isolated``."""
        return {
            "chart": [list(part) for part in self.chart],
            "values": self.stored_values(),
            "weights": self.weights.to_data(),
            "loss": self.digits,
            "labels": [self.kind, self.stratum, self.genuine, self.edge],
        }

    def to_data(self) -> dict[str, Any]:
        """The point as JSON data."""
        return self.listed() | {"isolated": self.isolated}

    @staticmethod
    def from_data(data: Any) -> CriticalPoint:
        """The inverse of :meth:`to_data`."""
        read = decode(_Stored, data)
        field = read.weights.field
        if not _DIGITS.fullmatch(read.loss):
            raise InputError("read a critical point", "its loss is no number", "mend the file")
        values = tuple(field(thaw(x)) for x in read.values)
        kind, stratum, genuine, edge = read.labels
        return CriticalPoint(
            read.weights, read.loss, kind, stratum, genuine, edge, read.isolated, read.chart, values
        )


@dataclass(frozen=True)
class _Stored:
    """A critical point as it stands in files."""

    chart: tuple[tuple[int, ...], tuple[int, ...]]
    values: Vector
    weights: Weights
    loss: str
    labels: tuple[PointKind, str, bool, bool]
    isolated: bool


@dataclass(frozen=True)
class CriticalComponent:
    """A set of critical points of positive dimension on a chart; unpacks like a tuple."""

    chart: str
    dimension: int
    equations: tuple[str, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.chart, self.dimension, self.equations))
