"""The problem that a result carries: a network, and weights or a function, as JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from algattn.errors import InputError
from algattn.networks.architecture import Architecture
from algattn.networks.functions import FunctionMap
from algattn.networks.weights import Weights
from algattn.results import thaw


@dataclass(frozen=True)
class Problem:
    """Reads the parts of a problem on demand."""

    raw: Mapping[str, Any]

    @staticmethod
    def of(raw: Mapping[str, Any]) -> Problem:
        return Problem(raw)

    @staticmethod
    def data(
        network: Architecture, weights: Weights | None = None, function: FunctionMap | None = None
    ) -> dict[str, Any]:
        """The JSON data of a problem."""
        out: dict[str, Any] = {"network": network.to_data()}
        if weights is not None:
            out["weights"] = weights.to_data()
        if function is not None:
            out["function"] = function.to_data()
        return out

    @property
    def network(self) -> Architecture:
        return Architecture.from_data(thaw(self.raw["network"]))

    @property
    def weights(self) -> Weights:
        if "weights" not in self.raw:
            raise InputError("read a problem", "it has no weights", "use the file as written")
        weights = Weights.from_data(thaw(self.raw["weights"]))
        weights.matches(self.network)
        return weights

    def function(self) -> FunctionMap:
        """The function asked about: given, or that of the weights."""
        if "function" in self.raw:
            return FunctionMap.from_data(thaw(self.raw["function"]))
        return FunctionMap.of(self.network, self.weights)
