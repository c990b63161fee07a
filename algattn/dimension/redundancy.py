"""Where the parameters of a network go: the dimension, and what each kind of symmetry takes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.dimension.reduction import Reduction
from algattn.dimension.results import DimensionResult, dimension
from algattn.dimension.subject import reduction_of
from algattn.results import Claim, Evidence, Outline, Status, about, card, face, register

__all__ = ["DimensionReport", "dimension_report", "redundancy"]

#: Kinds of redundancy, in print.
KINDS = {
    "idle": "idle weights (reduction to effective widths and ranks)",
    "hidden": "GL(e) between layers",
    "heads": "GL(a) on keys and queries",
    "scalings": "scalings of K against V",
    "collapsed": "more of O(a, a) in collapsed layers",
}


def redundancy(reduction: Reduction) -> dict[str, tuple[int, ...]]:
    """Dimensions of the generic gauge orbit by kind, layer by layer.

    ``idle`` has one entry; ``hidden`` one for each width between layers; the others one for each
    layer.  Their sum is the number of parameters minus the expected dimension.

    >>> from algattn.dimension.reduction import reduce_shape
    >>> redundancy(reduce_shape((4, 4, 4), (1, 3)))["collapsed"]
    (0, 5)
    """
    e, alpha = reduction.effective, reduction.ranks
    extra = []
    for i, flag in enumerate(reduction.collapsed):
        s = min(2 * alpha[i], e[i])
        symmetric = s * e[i] - s * (s - 1) // 2
        extra.append(alpha[i] * (2 * e[i] - alpha[i]) - symmetric if flag else 0)
    idle = reduction.parameters_given - reduction.parameters_factored
    return {
        "idle": (idle,),
        "hidden": tuple(n * n for n in e[1:-1]),
        "heads": tuple(a * a for a in alpha),
        "scalings": (int(reduction.scalings > 0),) * reduction.depth,
        "collapsed": tuple(extra),
    }


@register
@dataclass(frozen=True)
class GaugeCount(Evidence):
    """The kinds of redundancy add up to the parameters minus the proved dimension."""

    kind: ClassVar[str] = "dimension.gauge-count"
    supports = about("dimension.report", "account")
    strength: ClassVar[Status] = Status.PROVED
    recomputed: ClassVar[bool] = True

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.any_network
        table = redundancy(reduction_of(network))
        rest = network.parameters - sum(map(sum, table.values()))
        self.expect(
            claim.value, {"table": table, "dimension": rest}, "the kinds add up to another account"
        )


@register
@dataclass(frozen=True, repr=False)
class DimensionReport(DimensionResult):
    """A dimension with the account of all other parameters.

    Attributes
    ----------
    table : dict of str to tuple of int
        Gauge dimensions by kind: ``idle``, ``hidden`` (GL between layers), ``heads`` (GL(a) of each
        layer), ``scalings``, ``collapsed`` (what O(a, a) has more than GL(a)).
    redundancy : int
        Parameters minus dimension: the dimension of a generic fiber.
    """

    kind: ClassVar[str] = "dimension.report"
    title: ClassVar[str] = "Where do the parameters go?"
    claim_names: ClassVar[tuple[str, ...]] = (*DimensionResult.claim_names, "account")
    shown: ClassVar[tuple[str, ...]] = (*DimensionResult.shown, "table")

    def outline(self) -> tuple[Outline, ...]:
        first = super().outline()
        if not self._accounted:
            return first
        account = Outline(
            "account",
            f"a generic fiber has dimension {self.redundancy}, by kinds of symmetry",
            {"table": self.table, "dimension": self.value},
        )
        return (*first, account)

    @property
    def _accounted(self) -> bool:
        """Whether the kinds add up: bounds and closed formula agree."""
        return self.lower == self.upper == self.value == self.expected

    @property
    def table(self) -> Mapping[str, tuple[int, ...]]:
        return (
            redundancy(reduction_of(self.network)) if self._accounted else dict.fromkeys(KINDS, ())
        )

    @property
    def redundancy(self) -> int:
        return self.parameters - (self.value or 0)

    def _rows(self) -> list[tuple[str, int]]:
        rows = [("parameters (K, Q, V)", self.parameters)]
        rows += [(KINDS[k], -sum(v)) for k, v in self.table.items() if sum(v)]
        return [*rows, ("dimension", self.value or 0)]

    def lines(self) -> list[str]:
        rows = self._rows()
        wide, digits = max(len(name) for name, _ in rows), max(len(str(n)) for _, n in rows)
        return [f"{name:<{wide}}  {n:>{digits}}" for name, n in rows] + super().lines()

    @face
    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(name)}</td>"
            f"<td style='text-align:right'>{n}</td></tr>"
            for name, n in self._rows()
        )
        return card(self.title, self.sentence(), self.status, f"<table>{rows}</table>")


@checked
def dimension_report(
    network: Architecture,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> DimensionReport:
    """See ``Lightning.dimension_report``."""
    found = dimension(network, seed=seed, time_limit=time_limit, progress=progress)
    evidence = {c.name: list(c.evidence) for c in found.claims}
    if found.lower == found.upper == found.expected:
        evidence["account"] = [GaugeCount()]
    return DimensionReport.assemble(
        found.problem, found.value, evidence, lower=found.lower, upper=found.upper
    )
