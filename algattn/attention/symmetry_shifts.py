"""The kinds of symmetry that move constants: biases, and shifts of the stream between layers.

A constant added to the stream behind a layer can be taken out again by the biases of the next one;
which constants can be absorbed is a linear system over all layers, solved at the given weights.
Where a layer has no bias but its inputs (or values) have an affine functional that is 1, a map can
play the part of the bias.  Proofs in ``algattn/docs/symmetries.md``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.generator import Blocks, Chart, Generator, always, present, symmetry
from algattn.attention.reach import (
    Point,
    below,
    beside,
    blind,
    groups,
    one_on,
    reach_sizes,
    single,
)
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.attention.theorems import Theorem, has_bias, softmax
from algattn.exact import Matrix

__all__ = ["key_bias", "shift", "value_bias"]


@symmetry("key bias", softmax, has_bias("k"))
def key_bias(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``bk -> bk + c``: every score of a query changes by the same number."""
    for shape in network.shapes:
        for heads in groups(shape):
            for p in present(heads[0].key_bias):

                def move(w: Blocks, x: Any, p: Parameter = p) -> dict[Parameter, Any]:
                    return {p: w[p] + x}

                chart, a = Chart(p.shape, move), p.size
                yield Generator(
                    "key bias",
                    p.layer,
                    p.index,
                    f"R^{a}",
                    a,
                    theorem,
                    always(chart),
                )


@symmetry("value bias", softmax, has_bias("v"), has_bias("o"))
def value_bias(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``bv -> bv + b`` and ``bo -> bo - sum_h O_h b``: the weights of a query have the sum 1."""
    for shape in network.shapes:
        out = shape.output_bias
        assert out is not None
        for heads in groups(shape):
            for p in present(heads[0].value_bias):

                def move(
                    w: Blocks,
                    x: Any,
                    p: Parameter = p,
                    heads: list[Head] = heads,
                    out: Parameter = out,
                ) -> dict[Parameter, Any]:
                    total = w[out]
                    for h in heads:
                        total = total - (x if h.output is None else w[h.output] @ x)
                    return {p: w[p] + x, out: total}

                chart, v = Chart(p.shape, move), p.size
                yield Generator(
                    "value bias",
                    p.layer,
                    p.index,
                    f"R^{v}",
                    v,
                    theorem,
                    always(chart),
                )


#: An unknown: "s" the shift behind a layer, "b" the constant that the values of a group gain, "c"
#: what O of a head adds on constant values; with layer (from 0) and group or head.
Unknown = tuple[str, int, int]


@dataclass(frozen=True)
class Equation:
    """A block of linear equations: matrices times unknowns add up to zero.

    A term is the matrix at a point, or nothing for plus or minus the identity (its sign apart).
    """

    rows: int
    terms: dict[Unknown, tuple[int, Callable[[Point], Matrix] | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class System:
    """Which constants of all layers fit together."""

    unknowns: dict[Unknown, int]
    equations: list[Equation]

    @property
    def size(self) -> int:
        """The dimension of the solutions at almost all weights, at least."""
        return sum(self.unknowns.values()) - self._matching()

    def _matching(self) -> int:
        """A rank that zeros in these places do not allow to be exceeded.

        The largest matching of unknowns and rows, as a flow through blocks.
        """
        left, room = dict(self.unknowns), [e.rows for e in self.equations]
        flow: Counter[tuple[Unknown, int]] = Counter()
        for name in self.unknowns:
            while left[name] and (path := self._path(name, room, flow)):
                given = [flow[u, e] for (_, e), (u, _) in pairwise(path)]
                amount = min(left[name], room[path[-1][1]], *given)
                for u, e in path:
                    flow[u, e] += amount
                for (_, e), (u, _) in pairwise(path):
                    flow[u, e] -= amount
                left[name] -= amount
                room[path[-1][1]] -= amount
        return sum(self.unknowns.values()) - sum(left.values())

    def _path(
        self, name: Unknown, room: list[int], flow: Counter[tuple[Unknown, int]]
    ) -> list[tuple[Unknown, int]]:
        """From an unknown to equations with room, over unknowns that can give way."""
        queue, seen = [(name, list[tuple[Unknown, int]]())], set[int]()
        for unknown, path in queue:  # grows while it runs
            for n, e in enumerate(self.equations):
                if unknown not in e.terms or n in seen:
                    continue
                seen.add(n)
                step = [*path, (unknown, n)]
                if room[n]:
                    return step
                queue += [(u, step) for u in e.terms if flow[u, n]]
        return []

    def solutions(self, point: Point) -> dict[Unknown, Matrix]:
        """A basis, unknown by unknown: columns are solutions."""
        total = sum(self.unknowns.values())
        rows = [Matrix.zeros(point.field, 0, total)]
        for e in self.equations:
            parts = []
            for name, n in self.unknowns.items():
                sign, make = e.terms.get(name, (0, None))
                if not sign:
                    parts.append(Matrix.zeros(point.field, e.rows, n))
                else:
                    m = Matrix.identity(point.field, n) if make is None else make(point)
                    parts.append(m * sign)
            rows.append(beside(*parts))
        basis, found, start = below(*rows).kernel(), {}, 0
        for name, n in self.unknowns.items():
            part = basis.rows[start : start + n]
            found[name] = Matrix(point.field, part, (n, basis.shape[1]))
            start += n
        return found


class _Constants:
    """What can take a constant in a layer."""

    def __init__(self, network: Architecture, shape: LayerShape) -> None:
        self.shape, self.i, self.kind = shape, shape.number - 1, network.kind
        self.seen, self.constant = reach_sizes(network)[self.i]
        self.last = shape.number == network.layers
        self.softmax = network.kind == "softmax"
        self.scores = not (single(shape, self.kind) or blind(shape))
        width = shape.value_rank or 0
        self.outer = self.softmax and width > self.seen and self.takes("v")

    def takes(self, letter: str) -> bool:
        """Whether the bias, or a functional in its place, takes any constant."""
        return letter in self.shape.biases or self.constant


@lru_cache(maxsize=64)
def shift_system(network: Architecture) -> System:
    """The equations for shifts of the stream behind all layers but the last."""
    unknowns: dict[Unknown, int] = {}
    equations: list[Equation] = []
    for shape in network.shapes:
        c, i = _Constants(network, shape), shape.number - 1
        before: Unknown | None = ("s", i - 1, 0) if i else None
        if not c.last:
            unknowns["s", i, 0] = shape.e
        out = Equation(shape.e)
        for g, heads in enumerate(groups(shape)):
            first = heads[0]
            if before and c.scores and not c.takes("q"):
                for head in heads:
                    equations.append(_query_equation(c, head, before))
            if before and not blind(shape) and not c.softmax:
                for letter, p in (("k", first.key), ("v", first.value)):
                    if not c.takes(letter):
                        equations.append(Equation(p.shape[0], {before: (1, _block(p))}))
            if not c.softmax or not (before or c.takes("v")):
                continue
            unknowns["b", i, g] = first.value.shape[0]
            if not c.takes("v"):
                assert before is not None
                terms = {("b", i, g): (-1, None), before: (1, _block(first.value))}
                equations.append(Equation(first.value.shape[0], terms))
            full = first.output is None
            out.terms["b", i, g] = (1, None if full else _total(heads))
        if c.outer:
            for h in range(shape.heads):
                unknowns["c", i, h] = shape.e
                out.terms["c", i, h] = (1, None)
        if before and shape.residual:
            out.terms[before] = (1, None)
        if not c.last:
            out.terms["s", i, 0] = (-1, None)
        if "o" not in shape.biases:
            equations.append(out)
    return System(unknowns, equations)


def _block(p: Parameter) -> Callable[[Point], Matrix]:
    return lambda point: point[p]


def _total(heads: list[Head]) -> Callable[[Point], Matrix]:
    def total(point: Point) -> Matrix:
        first, *rest = (point[p] for h in heads for p in present(h.output))
        for part in rest:
            first = first + part
        return first

    return total


def _query_equation(c: _Constants, head: Head, before: Unknown) -> Equation:
    """No query may move, or only orthogonally to all differences of keys."""
    if not c.softmax or c.shape.rank <= c.seen:
        return Equation(c.shape.rank, {before: (1, _block(head.query))})

    def product(point: Point) -> Matrix:
        keys = point[head.key] @ point.reach[c.i].differences
        return keys.T @ point[head.query]

    return Equation(c.seen, {before: (1, product)})


@symmetry("shift")
def shift(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """Constants added to the stream and to values, absorbed further on: one group for all layers.

    Without a shift of the stream it is the exchange of constants between the values of the groups
    of one layer.
    """
    system = shift_system(network)
    n = system.size

    def chart(point: Point) -> Chart:
        takers = [_takers(point, shape) for shape in network.shapes]
        regular = point.regular_reach(network.layers - 1)
        if not regular or any(m is None for layer in takers for m in layer.values()):
            return Chart((0, 1), lambda w, x: {}, regular=False)
        basis = system.solutions(point)
        names, constants = list(basis), list(basis.values())
        flat = [m for layer in takers for m in layer.values() if m is not None]
        keys = [(i, name) for i, layer in enumerate(takers) for name in layer]

        def move(w: Blocks, x: Any, *given: Any) -> dict[Parameter, Any]:
            value = {name: N @ x for name, N in zip(names, given, strict=False)}
            taker = dict(zip(keys, given[len(names) :], strict=True))
            return _shifted(network, w, value, taker)

        size = next(iter(basis.values())).shape[1] if basis else 0
        return Chart((size, 1), move, constants=(*constants, *flat))

    yield Generator("shift", 1, 0, f"R^{n}", n, theorem, chart)


def _takers(point: Point, shape: LayerShape) -> dict[Any, Matrix | None]:
    """Functionals that are 1: of the inputs of a layer, and of the values of each group.

    None where there is one at almost all weights, but not at these.
    """
    found: dict[Any, Matrix | None] = {}
    reach, c = point.reach[shape.number - 1], _Constants(point.network, shape)
    if c.constant or reach.functional is not None:
        found["x"] = reach.functional
    if c.outer:
        for g, heads in enumerate(groups(shape)):
            linear, bias = point.affine(heads[0].value, heads[0].value_bias)
            found[g] = one_on(linear @ reach.differences, reach.constant(linear, bias))
    return found


def _shifted(
    network: Architecture, w: Blocks, value: dict[Unknown, Any], taker: dict[Any, Any]
) -> dict[Parameter, Any]:
    """The weights after a solution of the shift system has been put in."""
    found: dict[Parameter, Any] = {}

    def take(p: Parameter, bias: Parameter | None, change: Any, one: Any, moved: Any) -> None:
        """Add a constant to what comes out of a map whose input moves."""
        if bias is not None:
            found[bias] = w[bias] + change
        elif one is not None:
            found[p] = found.get(p, w[p]) + (
                change @ one.T if moved is None else change @ _inverse(one, moved) @ one.T
            )

    for shape in network.shapes:
        i = shape.number - 1
        before, x = value.get(("s", i - 1, 0)), taker.get((i, "x"))
        after = value.get(("s", i, 0))
        scores = not (single(shape, network.kind) or blind(shape))
        total = before if shape.residual else None
        for g, heads in enumerate(groups(shape)):
            first = heads[0]
            if before is not None and scores:
                seen = dict.fromkeys((h.query, h.query_bias) for h in heads)
                if network.kind == "lightning":
                    seen |= dict.fromkeys(((first.key, first.key_bias),))
                for p, bias in seen:
                    take(p, bias, -(w[p] @ before), x, before)
            gained = value.get(("b", i, g))
            if network.kind == "lightning":
                if before is not None and scores:
                    take(first.value, first.value_bias, -(w[first.value] @ before), x, before)
                continue
            if gained is None:
                continue
            change = gained if before is None else gained - w[first.value] @ before
            take(first.value, first.value_bias, change, x, before)
            for k, h in enumerate(heads, g * len(heads)):
                part = gained if h.output is None else w[h.output] @ gained
                extra = value.get(("c", i, k))
                if extra is not None and h.output is not None:
                    take(h.output, None, extra, taker[i, g], gained)
                    part = part + extra
                total = part if total is None else total + part
        if shape.output_bias is not None:
            change = after if total is None else (-total if after is None else after - total)
            if change is not None:
                found[shape.output_bias] = w[shape.output_bias] + change
    return found


def _inverse(one: Any, moved: Any) -> Any:
    """``1 / (1 + z^T c)``: the functional z on the shifted space is ``1 + z^T c``."""
    scalar = one.T @ moved
    return _plus_one(scalar).inverse()


def _plus_one(scalar: Any) -> Any:
    if isinstance(scalar, Matrix):
        return scalar + Matrix.identity(scalar.field, 1)
    return scalar + type(scalar).one(scalar.prime)
