"""The problem that a result carries: a network, and weights or a function, as JSON data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from algattn.errors import InputError, ShapeError
from algattn.networks.architecture import Architecture
from algattn.networks.functions import FunctionMap
from algattn.networks.weights import Weights
from algattn.results import canonical_json, thaw

_Part = TypeVar("_Part", Architecture, Weights, FunctionMap)


@dataclass(frozen=True)
class Problem:
    """Reads the parts of a problem on demand."""

    raw: Mapping[str, Any]

    def __post_init__(self) -> None:
        if extra := set(self.raw) - {"network", "weights", "function"}:
            raise InputError("read a problem", f"unknown keys {sorted(extra)}", "remove them")

    def _read(self, key: str, reader: Callable[[Any], _Part]) -> _Part:
        """One part, which has to be spelled as algattn writes it."""
        if key not in self.raw:
            raise InputError("read a problem", f"it has no {key}", "use the file as written")
        part = reader(thaw(self.raw[key]))
        if canonical_json(part.to_data()) != canonical_json(self.raw[key]):
            raise InputError(
                "read a problem", f"the {key} is spelled in another way", "use the file as written"
            )
        return part

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
        """The network, which has to be a lightning network: nothing else has its lemmas."""
        network = self.any_network
        if network.kind != "lightning":
            raise InputError(
                "read a problem",
                f"the network is {network!r}, and the statement is about lightning networks",
                "use the file as written",
            )
        return network

    @property
    def any_network(self) -> Architecture:
        """The network of whatever kind, for evidence that looks at the kind itself."""
        return self._read("network", Architecture.from_data)

    @property
    def weights(self) -> Weights:
        weights = self._read("weights", Weights.from_data)
        weights.matches(self.any_network)
        return weights

    def function(self) -> FunctionMap:
        """The function asked about: given, or that of the weights."""
        if "function" not in self.raw:
            return FunctionMap.of(self.network, self.weights)
        if "weights" in self.raw:
            raise InputError(
                "read a problem", "it has weights and a function", "ask about one of them"
            )
        function, network = self._read("function", FunctionMap.from_data), self.network
        found = (*function.shape, function.tokens, function.degree)
        wanted = (network.d_out, network.d_in, network.tokens, network.map_degree)
        if found != wanted:
            raise ShapeError(
                "read a problem",
                f"(d', d, t, degree) of the function is {found} instead of {wanted}",
                "give a function of the network's shape",
            )
        return function
