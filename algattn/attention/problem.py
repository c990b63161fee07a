"""The problem that a result carries: a network, and weights or a function, as JSON data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import Coordinates
from algattn.attention.functions import FunctionMap
from algattn.attention.theorems import Theorem, covering, lightning
from algattn.attention.weights import Weights
from algattn.errors import InputError, ShapeError
from algattn.words import quoted_keys

_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Problem:
    """A network, and weights or a function: what most questions are asked of.

    ``other`` are second weights, where two are compared.  The properties check what the fields
    hold, and raise :class:`~algattn.errors.InputError` when a part is missing.
    """

    given_network: Architecture
    given_weights: Weights | None = None
    given_function: FunctionMap | None = None
    other: Weights | None = None

    def to_data(self) -> dict[str, Any]:
        """The JSON data of a problem."""
        parts = (
            ("network", self.given_network),
            ("weights", self.given_weights),
            ("function", self.given_function),
            ("other", self.other),
        )
        return {name: part.to_data() for name, part in parts if part is not None}

    @classmethod
    def from_data(cls, data: Any) -> Problem:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or "network" not in data:
            raise InputError("read a problem", "it has no network", "use the file as written")
        if extra := set(data) - {"network", *_READERS}:
            raise InputError("read a problem", f"unknown keys {quoted_keys(extra)}", "remove them")
        rest = {key: read(data[key]) for key, read in _READERS.items() if key in data}
        return cls(
            Architecture.from_data(data["network"]),
            rest.get("weights"),
            rest.get("function"),
            rest.get("other"),
        )

    @property
    def network(self) -> Architecture:
        """The network, whatever it is: evidence asks for the theorem that it rests on."""
        return self.given_network

    def under(self, *theorems: Theorem) -> Architecture:
        """The network, which has to be covered by one of the theorems."""
        covering(self.given_network, "read a problem", *theorems)
        return self.given_network

    def asks(self, *parts: str) -> bool:
        """Whether it has exactly these parts besides its network."""
        given = (self.given_weights, self.given_function, self.other)
        found = zip(_READERS, given, strict=True)
        return {name for name, part in found if part is not None} == {*parts}

    @property
    def weights(self) -> Weights:
        weights = self._given("weights", self.given_weights)
        weights.matches(self.network)
        return weights

    @property
    def pair(self) -> tuple[Weights, Weights]:
        """The two weights that are compared."""
        other = self._given("other weights", self.other)
        other.matches(self.network)
        return self.weights, other

    def function(self) -> FunctionMap:
        """The function asked about, a lightning one: given, or that of the weights."""
        if wrong := lightning.fails(self.network):
            raise InputError(
                "read a problem", f"{wrong}, which has no coefficients", "use the file as written"
            )
        if self.given_function is None:
            return FunctionMap.of(self.network, self.weights)
        if self.given_weights is not None:
            raise InputError(
                "read a problem", "it has weights and a function", "ask about one of them"
            )
        check_function(self.given_function, self.network, "read a problem")
        return self.given_function

    @staticmethod
    def _given(name: str, part: _Part | None) -> _Part:
        if part is None:
            raise InputError("read a problem", f"it has no {name}", "use the file as written")
        return part


def check_function(function: FunctionMap, network: Architecture, asked: str) -> None:
    """Raise :class:`~algattn.errors.ShapeError` unless it can be a function of the network."""
    here, there = function.coordinates, Coordinates.of(network)
    found, wanted = ((c.d_out, c.d_in, c.tokens, c.degree) for c in (here, there))
    if here != there:
        labels = f", with {here.kind} coordinates instead of {there.kind}" * (found == wanted)
        raise ShapeError(
            asked,
            f"(d', d, t, degree) of the function is {found} instead of {wanted}{labels}",
            "give a function of the network's shape",
        )


_READERS: dict[str, Callable[[Any], Any]] = {
    "weights": Weights.from_data,
    "function": FunctionMap.from_data,
    "other": Weights.from_data,
}
