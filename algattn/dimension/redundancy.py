"""Where the parameters of a network go: the dimension, and what each kind of symmetry takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.attention.gauge import PLAIN
from algattn.attention.problem import Problem
from algattn.attention.symmetries import Residues, generators
from algattn.dimension.evidence import DENSE_MOST
from algattn.dimension.modular import DEFAULT_PRIME, profile_mod
from algattn.dimension.modular import Residues as Draws
from algattn.dimension.modular_autodiff import random_weights
from algattn.dimension.reduction import Reduction
from algattn.dimension.results import DimensionResult, dimension
from algattn.dimension.subject import by_address, reduction_of
from algattn.results import CardRow, Claim, Evidence, Outline, Status, about, declare, register

__all__ = ["DimensionReport", "account", "dimension_report", "redundancy"]

#: Kinds of redundancy of plain networks, in print.
KINDS = {
    "idle": "idle weights (reduction to effective widths and ranks)",
    "hidden": "GL(e) between layers",
    "heads": "GL(a) on keys and queries",
    "scalings": "scalings of K against V",
    "collapsed": "more of O(a, a) in collapsed layers",
}
#: Kinds of generators, in print, where a network has more than plain layers.
GENERATORS = {
    "invisible": "weights of scores that nothing depends on",
    "unreached": "maps where no input comes",
    "unread": "outputs that no layer reads",
    "query kernel": "queries orthogonal to all keys",
    "key kernel": "keys orthogonal to all queries",
    "value kernel": "values that no output reads",
    "output kernel": "outputs of values that do not occur",
    "head relations": "linear relations between heads",
    "hidden": "GL(d) between layers",
    "key": "GL(a) on keys and queries",
    "value": "GL(v) on values and outputs",
    "head mixing": "GL(r) on the heads of a group",
    "key bias": "biases of keys",
    "value bias": "biases of values against that of the output",
    "one key": "heads and groups that see one key",
    "symmetric scores": "skew parts of scores that are not seen",
    "shift": "shifts between layers, taken out by biases",
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
    superfluous_width = reduction.parameters_given - reduction.parameters_factored
    return {
        "idle": (superfluous_width,),
        "hidden": tuple(n * n for n in e[1:-1]),
        "heads": tuple(a * a for a in alpha),
        "scalings": (int(reduction.scalings > 0),) * reduction.depth,
        "collapsed": tuple(extra),
    }


@lru_cache(maxsize=32)
def account(network: Architecture) -> dict[str, tuple[int, ...]]:
    """What each kind of symmetry takes from the parameters, layer by layer.

    For a plain network the dimensions of its gauge groups, else how much each generator adds to the
    rank of those before it in the list (modulo a prime, at fixed random weights): all together at
    most parameters minus dimension.

    >>> from algattn import Softmax
    >>> account(Softmax((2, 2), 1, heads=2, value_ranks=1, biases="k"))
    {'key': (2,), 'value': (2,), 'key bias': (2,)}
    """
    if PLAIN.covers(network):
        return redundancy(reduction_of(network))
    every = generators(network)
    weights = random_weights(network.shapes, Draws(0, DEFAULT_PRIME))
    point = Residues(network, by_address(weights), DEFAULT_PRIME)
    parts = [g.directions(point) for g in every]
    owners = [g for g, rows in zip(every, parts, strict=True) for _ in rows]
    found = {g.kind: [0] * network.layers for g in every}
    if owners:
        for row in profile_mod(np.concatenate(parts), DEFAULT_PRIME).rows:
            found[owners[row].kind][owners[row].layer - 1] += 1
    return {kind: tuple(counts) for kind, counts in found.items()}


@declare(
    "dimension.gauge-count", about("dimension.report", "account"), Status.PROVED, recomputed=True
)
@dataclass(frozen=True)
class GaugeCount(Evidence):
    """The kinds of redundancy add up to the parameters minus the proved dimension."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.network
        if network.parameters > DENSE_MOST and not PLAIN.covers(network):
            raise self.fail("the network is too large for the account")
        table = account(network)
        rest = network.parameters - sum(map(sum, table.values()))
        self.expect(
            claim.value, {"table": table, "dimension": rest}, "the kinds add up to another account"
        )


@register
@dataclass(frozen=True, repr=False, eq=False)
class DimensionReport(DimensionResult):
    """A dimension with the account of all other parameters.

    Attributes
    ----------
    table : dict of str to tuple of int
        Gauge dimensions by kind: ``idle``, ``hidden`` (GL between layers), ``heads`` (GL(a) of each
        layer), ``scalings``, ``collapsed`` (what O(a, a) has more than GL(a)).  With several heads,
        masks, residual layers or biases: by kind of generator (``algattn/docs/symmetries.md``), in
        order, what each adds to those before it.
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
        return _is_accounted(self)

    @property
    def table(self) -> Mapping[str, tuple[int, ...]]:
        return account(self.network) if self._accounted else dict.fromkeys(KINDS, ())

    @property
    def redundancy(self) -> int:
        return self.parameters - (self.value or 0)

    def card_rows(self) -> Iterator[CardRow]:
        plain = PLAIN.covers(self.network)
        names = KINDS if plain else GENERATORS
        rows = [("parameters (K, Q, V)" if plain else "parameters", self.parameters)]
        rows += [(names[k], -sum(v)) for k, v in self.table.items() if sum(v)]
        rows.append(("dimension", self.value or 0))
        wide, digits = max(len(name) for name, _ in rows), max(len(str(n)) for _, n in rows)
        yield from (CardRow(f"{name:<{wide}} ", f"{n:>{digits}}") for name, n in rows)
        yield from super().card_rows()


def _is_accounted(found: DimensionResult) -> bool:
    """Whether the kinds add up: the bounds agree, and the account with them."""
    if not found.lower == found.upper == found.value:
        return False
    if PLAIN.covers(found.network):
        return found.value == found.expected
    return sum(map(sum, account(found.network).values())) == found.parameters - found.value


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
    if _is_accounted(found):
        evidence["account"] = [GaugeCount()]
    return DimensionReport.assemble(
        found.problem, found.value, evidence, lower=found.lower, upper=found.upper
    )
