"""The fiber through almost all weights, and which architectures are exceptional."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.dimension.reduction import Reduction, reduce_shape
from algattn.networks import Architecture
from algattn.networks.problem import Problem
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    register,
)
from algattn.results.legacy import LegacyResult


@register
@dataclass(frozen=True, repr=False)
class GenericFiberResult(LegacyResult):
    """What holds for the fiber in (K, Q, V) through almost all weights.

    Attributes
    ----------
    value : int
        Its dimension: parameters minus the dimension of the function space.
    components : int or None
        Irreducible components over the complex numbers; None when it is not covered.
    exceptions : tuple of str
        Why this architecture is exceptional; empty when the fiber is one orbit of the gauge group.
    """

    kind: ClassVar[str] = "generic.fiber"
    title: ClassVar[str] = "Generic fiber"
    claim_names: ClassVar[tuple[str, ...]] = (
        "dimension",
        "shape",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        return (
            Outline("dimension", f"the generic fiber has dimension {value}", value),
            Outline("shape", f"its components: {detail['components']}", detail),
        )

    @property
    def dimension(self) -> int:
        return int(self.value)

    @property
    def components(self) -> int | None:
        found: int | None = self.detail["components"]
        return found

    @property
    def exceptions(self) -> tuple[str, ...]:
        return tuple(self.detail["exceptions"])

    def sentence(self) -> str:
        n = self.components
        count = "components not counted" if n is None else f"{n} component{'s' * (n != 1)} over C"
        return f"For almost all weights the fiber in (K, Q, V) has dimension {self.value}, {count}"

    def lines(self) -> list[str]:
        return [str(self.detail["family"]), *self.exceptions]


@register
@dataclass(frozen=True)
class FromDimension(Evidence):
    """Parameters minus the dimension of the function space, which has its own evidence."""

    kind: ClassVar[str] = "generic.from-dimension"
    supports = about("generic.fiber", "dimension")

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network = Problem.of(problem).network
        result = self.result
        result.check()
        if canonical_json(result.problem) != canonical_json({"network": network.to_data()}):
            raise self.fail("the dimension is that of another network")
        if result.kind != "dimension.network" or claim.value != (network.parameters - result.value):
            raise self.fail("the dimensions do not add up")


@register
@dataclass(frozen=True)
class GenericLemma(Evidence):
    """Lemma "generic fiber" of the documentation, its hypotheses read off the architecture."""

    kind: ClassVar[str] = "generic.lemma"
    supports = about("generic.fiber", "shape")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if canonical_json(shape_value(Problem.of(problem).network)) != canonical_json(claim.value):
            raise self.fail("the architecture says something else")


def shape_value(network: Architecture) -> dict[str, Any]:
    """Components and exceptions, from the shape alone."""
    shape = reduce_shape(network.widths, network.ranks, tokens=network.tokens)
    notes = exceptions(network, shape)
    components: int | None = None
    if shape.effective[1:-1] == network.widths[1:-1] and not any(shape.collapsed):
        components = 1
        if swaps(network, shape):
            components = 2
    return {
        "components": components,
        "exceptions": notes,
        "family": "(h_i K_i g^-1, c_i h_i^-T Q_i g^-1, c_i^-1 g' V_i g^-1), g in GL(d_{i-1}), "
        "g' in GL(d_i), h_i in GL(a_i), c_i != 0 (no g at input and output)",
    }


def swaps(network: Architecture, shape: Reduction) -> bool:
    """Whether almost all weights have rk B_l = rk V = 1, not aligned."""
    one = shape.ranks[-1] == 1 and min(shape.effective) == 1
    return one and not any(shape.collapsed) and network.tokens > 1 and network.d_in > 1


def exceptions(network: Architecture, shape: Reduction) -> list[str]:
    """Why the generic fiber is not one orbit of the gauge group."""
    out = []
    if network.tokens == 1:
        out.append("t = 1: only sym(B_i) is seen")
    elif network.d_in == 1:
        out.append("d_0 = 1: only V prod b_i^(3^(l-i)) is seen")
    else:
        for i, collapsed in enumerate(shape.collapsed):
            if collapsed:
                out.append(f"layer {i} has rank one, so layer {i + 1} is seen by sym(B) only")
                break
    if swaps(network, shape):
        out.append("A_l and V have rank one: k and v can be exchanged, two components")
    for i, (d, e, r) in enumerate(
        zip(network.widths, shape.effective, shape.bottlenecks, strict=True)
    ):
        if 0 < i < network.layers and r < d:
            out.append(f"hidden width {i} is {d}, but only {r} dimensions arrive there")
        elif 0 < i < network.layers and e < d:
            out.append(f"hidden width {i} is {d}, but layer {i + 1} reads only {e} dimensions")
    return out


def generic_fiber(network: Architecture, *, seed: int = 0) -> GenericFiberResult:
    """The fiber through almost all weights; see ``Lightning.generic_fiber``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> g = Lightning(widths=(2, 2, 1), ranks=(2, 1)).generic_fiber()
    >>> g.dimension, g.components, g.exceptions
    (11, 2, ('A_l and V have rank one: k and v can be exchanged, two components',))
    """
    from algattn.dimension.results import dimension

    found = dimension(network, seed=seed)
    return GenericFiberResult.assemble(
        Problem.data(network),
        network.parameters - found.value,
        {"dimension": [FromDimension(found)], "shape": [GenericLemma()]},
        detail=shape_value(network),
    )
