"""The fiber of a network as an ideal, decomposed by a computer algebra system.

The structural answer is :meth:`algattn.Lightning.fiber`; this is the second route to it, and works
for every small network, deep ones included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar, Literal

from algattn.arguments import checked
from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.errors import DisagreementError, FieldError, LimitError, UndecidedError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.fibers.deep import NATIVE_FIBERS
from algattn.fibers.fiber import fiber
from algattn.groebner.map_fibers import (
    FiberComponent,
    InsideFiber,
    MapFiber,
    MapFiberIdeal,
    ReportedFiber,
)
from algattn.groebner.minors import MAX_MINORS, minors
from algattn.results import Claim, Outline, about, declare, register
from algattn.symbolic.parameters import parameter_blocks
from algattn.symbolic.parametrization import parametrize
from algattn.words import one_of


def fiber_equations(
    network: Architecture, weights: Weights, params: str
) -> tuple[PolynomialRing, list[Polynomial]]:
    """The ring of the parameters and the equations of the fiber through the given weights."""
    asked = "write down the ideal of a fiber"
    one_of(params, ("AV", "QKV"), asked, "params")
    if weights.field != QQ:
        raise FieldError(asked, f"the weights live in {weights.field}", "use rational weights")
    phi = parametrize(network, params)
    here = parametrize(network, weights.form).evaluate(weights)
    equations = [p - here[label] for label, p in phi.polynomials()]
    ring = phi.ring
    if params == "AV":
        for block in phi.blocks.values():
            rank, d = network.ranks[block.layer - 1], block.shape[0]
            if block.name == "A" and rank < d:
                if (many := comb(d, rank + 1) ** 2) > MAX_MINORS:
                    raise LimitError(
                        asked,
                        f"A has {many} minors of size {rank + 1}, above the limit {MAX_MINORS}",
                        'params="QKV", which needs none',
                    )
                entries = [ring.gen(name) for name, _, _ in block.entries]
                equations += minors([entries[i * d : i * d + d] for i in range(d)], rank + 1)
    seen: dict[str, Polynomial] = {str(g): g for g in equations if g}
    return ring, list(seen.values())


def unknowns(network: Architecture, params: str) -> str:
    """The matrices of unknowns, such as (A, V)."""
    return f"({', '.join(dict.fromkeys(b.name for b in parameter_blocks(network, params)))})"


@checked
@dataclass(frozen=True, repr=False)
class FiberIdeal(MapFiberIdeal):
    """The ideal of all parameters that give the same function as some weights.

    Attributes
    ----------
    ring : PolynomialRing
        In the parameters, named as in the parametrization.
    generators : tuple of Polynomial
        Coefficients of phi(W') - phi(W), and the (a+1)-minors of every ``A_i`` where a < d.

    Examples
    --------
    >>> from algattn import Lightning, Weights
    >>> net = Lightning(widths=(1, 1), ranks=1)
    >>> net.fiber_ideal(Weights(A=[[[2]]], V=[[[3]]]))
    <ideal of a fiber in (A, V): 1 generator in 2 variables>
    """

    problem: Problem
    params: str

    @property
    def _where(self) -> str:
        return f" in {unknowns(self.problem.network, self.params)}"

    def _result(
        self, components: tuple[FiberComponent, ...], name: str, version: str
    ) -> FiberDecomposition:
        return FiberDecomposition.assemble(
            self.problem,
            max((c.dimension for c in components), default=-1),
            {"inside": [Inside()], "complete": [Reported(name, version)]},
            params="AV" if self.params == "AV" else "QKV",
            components=components,
            engine=f"{name} {version}",
        )

    def agrees(
        self,
        *,
        absolute: bool | None = None,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> bool:
        """Whether the structural answer of ``network.fiber`` says the same.

        Compares the dimensions of all complex components (of their number over QQ, where the
        engine does not count complex ones).

        Raises
        ------
        DisagreementError
            With both answers.
        """
        found = self.decompose(absolute=absolute, engine=engine, time_limit=time_limit)
        wanted = fiber(self.problem.network, self.problem.weights, self.params)
        sizes = sorted(c.dimension for c in wanted.components if c.dimension is not None)
        if found.component_dimensions != sizes:
            raise DisagreementError(
                f"compare two routes to a fiber of {self.problem.network!r}",
                f"the components have dimensions {found.component_dimensions} by Groebner basis "
                f"and {sizes} by structure",
                "report this, with the weights",
                (found, wanted),
            )
        return True


def fiber_ideal(network: Architecture, weights: Weights, params: str = "AV") -> FiberIdeal:
    """The ideal of the fiber through the given weights; see ``Lightning.fiber_ideal``."""
    ring, equations = fiber_equations(network, weights, params)
    return FiberIdeal(Problem(network, weights), ring, tuple(equations), params)


@register
@dataclass(frozen=True, repr=False)
class FiberDecomposition(MapFiber):
    """The components of a fiber of a network, found by a computer algebra system.

    Attributes
    ----------
    params : {"AV", "QKV"}
    """

    problem: Problem  # type: ignore[assignment]
    params: Literal["AV", "QKV"]

    kind: ClassVar[str] = "fiberideal.decomposition"
    title: ClassVar[str] = "Which weights give this function, by Groebner basis?"

    def outline(self) -> tuple[Outline, ...]:
        asked = Problem(self.problem.network, self.problem.weights)
        return super().outline() if self.problem == asked else ()

    @property
    def _said(self) -> dict[str, Any]:
        return {"params": self.params}

    @property
    def _where(self) -> str:
        return f" in {unknowns(self.problem.network, self.params)}"

    @property
    def _field(self) -> str:
        return "QQ"


class _OfNetwork:
    """The equations of the fiber of a network."""

    def equations(self, problem: Problem, claim: Claim) -> tuple[PolynomialRing, list[Polynomial]]:
        return fiber_equations(problem.network, problem.weights, claim.value["params"])


@declare("fiberideal.inside", about("fiberideal.decomposition", "inside"))
@dataclass(frozen=True)
class Inside(_OfNetwork, InsideFiber):
    """Every equation of the fiber is divided by each prime without remainder."""


@declare("fiberideal.reported", about("fiberideal.decomposition", "complete"), recomputed=False)
@dataclass(frozen=True)
class Reported(_OfNetwork, ReportedFiber):
    """Another system decomposed the ideal; nobody repeats it here.

    That the components have the dimensions and degrees that it says, that none contains another,
    and that their dimensions are those of the structural answer, where there is one, is checked.
    """

    def compare(
        self,
        problem: Problem,
        claim: Claim,
        parts: Sequence[FiberComponent],
        equations: Sequence[Polynomial],
    ) -> None:
        if not _as_by_structure(problem, claim.value["params"], parts):
            raise self.fail("the structural answer is another one")


def _as_by_structure(problem: Problem, params: str, parts: Sequence[FiberComponent]) -> bool:
    """Whether the complex components have the dimensions that the structure gives, if it does."""
    if not NATIVE_FIBERS.covers(problem.network):
        return True
    try:
        known = fiber(problem.network, problem.weights, params)
    except UndecidedError:
        return True
    if known.complex_components is None:  # of deep networks sometimes the dimension alone is known
        return known.value is None or known.value == max(c.dimension for c in parts)
    wanted = sorted(c.dimension or 0 for c in known.components)
    found = sorted(c.dimension for c in parts for _ in range(c.conjugates or 1))
    if any(c.conjugates is None for c in parts):  # it counted components over QQ
        return set(found) == set(wanted) and len(found) <= len(wanted)
    return found == wanted
