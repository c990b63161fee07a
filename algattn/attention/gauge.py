"""The gauge group: changes of weights that never change the function of a network.

It consists of the symmetries (:mod:`algattn.attention.symmetries`) that act alike at all weights.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.reach import Point
from algattn.attention.theorems import Theorem, lightning, plain
from algattn.attention.weights import Weights
from algattn.errors import FieldError, ShapeError
from algattn.exact import QQ, Field, Matrix

if TYPE_CHECKING:
    from algattn.attention.generator import Generator

#: The groups of plain layers: scalings, GL(a) of keys and queries, GL(d) between layers.
PLAIN = Theorem("plain gauge group", "algattn/docs/symmetries.md", *plain)


@checked
@dataclass(frozen=True)
class GaugeElement:
    """Scalings c_i, matrices g_i of GL(d_i) between layers, matrices h_i of GL(a_i) in a layer.

    It is the gauge element of networks with one head and nothing else; for softmax all c_i are 1.

    It carries, with ``g_0 = g_l = 1``,

    * ``A_i`` to ``c_i g_{i-1}^{-T} A_i g_{i-1}^{-1}``,
    * ``V_i`` to ``c_i^{-1} g_i V_i g_{i-1}^{-1}``,
    * ``K_i`` to ``h_i K_i g_{i-1}^{-1}`` and ``Q_i`` to ``c_i h_i^{-T} Q_i g_{i-1}^{-1}``.

    Elements act from the left: ``(x * y).act(W) == x.act(y.act(W))``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 1), ranks=2)
    >>> W, g = net.random_weights(1), net.random_gauge(7)
    >>> net.function(g.act(W)) == net.function(W)
    True
    """

    scalings: tuple[Any, ...]
    between: tuple[Matrix, ...]
    key_query: tuple[Matrix, ...]
    field: Field = QQ

    @staticmethod
    def identity(network: Architecture, field: Field = QQ) -> GaugeElement:
        """The element that changes nothing."""
        return GaugeElement(
            tuple(field.one for _ in network.ranks),
            tuple(Matrix.identity(field, d) for d in network.widths[1:-1]),
            tuple(Matrix.identity(field, a) for a in network.ranks),
            field,
        )

    @staticmethod
    def random(network: Architecture, seed: int = 0, size: int = 3) -> GaugeElement:
        """Invertible integer matrices and nonzero rational scalings (softmax: 1), from a seed."""
        rng = random.Random(f"algattn gauge {seed}")

        def invertible(n: int) -> Matrix:
            while True:
                m = Matrix(QQ, [[rng.randint(-size, size) for _ in range(n)] for _ in range(n)])
                if m.rank() == n:
                    return m

        drawn = tuple(
            QQ(rng.choice([-1, 1]) * rng.randint(1, size)) / rng.randint(1, size)
            for _ in network.ranks
        )
        return GaugeElement(
            drawn if lightning.holds(network) else (QQ.one,) * network.layers,
            tuple(invertible(d) for d in network.widths[1:-1]),
            tuple(invertible(a) for a in network.ranks),
        )

    def act(self, weights: Weights) -> Weights:
        """The weights carried along; their form (A, V) or (K, Q, V) is kept."""
        n = weights.layers
        if len(self.scalings) != n or len(self.between) != n - 1:
            raise ShapeError(
                "act on weights",
                f"the element is for {len(self.scalings)} layers, the weights have {n}",
                "make the element for this network",
            )
        if any(c == 0 for c in self.scalings):
            raise FieldError("act on weights", "a scaling is zero", "use nonzero scalings")
        field = weights.field
        left = [None, *self.between, None]
        V, A, K, Q = [], [], [], []
        for i in range(n):
            inverse = left[i].inverse() if left[i] is not None else None  # type: ignore[union-attr]
            c, after = field(self.scalings[i]), left[i + 1]

            def right(m: Matrix, inverse: Matrix | None = inverse) -> Matrix:
                return m if inverse is None else m @ inverse

            v = right(weights.V[i]) * (field.one / c)
            V.append(v if after is None else after @ v)
            if weights.K is not None and weights.Q is not None:
                h = self.key_query[i]
                K.append(h @ right(weights.K[i]))
                Q.append(h.inverse().T @ right(weights.Q[i]) * c)
            else:
                a = right(weights.A[i])
                A.append((a if inverse is None else inverse.T @ a) * c)
        if weights.form == "QKV":
            return Weights(K=K, Q=Q, V=V, field=field)
        return Weights(A=A, V=V, field=field)

    def __mul__(self, other: GaugeElement) -> GaugeElement:
        return GaugeElement(
            tuple(a * b for a, b in zip(self.scalings, other.scalings, strict=True)),
            tuple(a @ b for a, b in zip(self.between, other.between, strict=True)),
            tuple(a @ b for a, b in zip(self.key_query, other.key_query, strict=True)),
            self.field,
        )

    def inverse(self) -> GaugeElement:
        """The element that undoes this one."""
        return GaugeElement(
            tuple(self.field.one / c for c in self.scalings),
            tuple(g.inverse() for g in self.between),
            tuple(h.inverse() for h in self.key_query),
            self.field,
        )

    def to_data(self) -> dict[str, Any]:
        """The element as JSON data."""
        return {
            "scalings": [self.field.format(c) for c in self.scalings],
            "between": [g.to_data() for g in self.between],
            "heads": [h.to_data() for h in self.key_query],
        }


class Move(NamedTuple):
    """One symmetry, by its kind and place, and the matrix by which it acts."""

    kind: str
    layer: int
    place: int
    x: Matrix


@checked
@dataclass(frozen=True)
class GaugeWord:
    """A gauge element of any network: symmetries that act one after the other, the last one first.

    Elements act from the left: ``(x * y).act(W) == x.act(y.act(W))``.  ``moves`` name the
    generators (kind, layer from 1, group from 0) and their matrices: invertible for the groups GL,
    columns for the translations of biases.

    Examples
    --------
    >>> from algattn import Softmax
    >>> net = Softmax((2, 2), 1, heads=2, value_ranks=1, biases="kvo")
    >>> W, g = net.random_weights(1), net.random_gauge(7)
    >>> sorted({move.kind for move in g.moves})
    ['key', 'key bias', 'value', 'value bias']
    >>> (g * g.inverse()).act(W) == W
    True
    """

    network: Architecture
    moves: tuple[Move, ...]

    @staticmethod
    def identity(network: Architecture) -> GaugeWord:
        """The element that changes nothing."""
        return GaugeWord(network, ())

    @staticmethod
    def random(network: Architecture, seed: int = 0, size: int = 3) -> GaugeWord:
        """One element of each symmetry, with small integer entries, from a seed."""
        rng = random.Random(f"algattn gauge {seed}")
        point = Point(network, QQ, {})
        return GaugeWord(
            network,
            tuple(
                Move(g.kind, g.layer, g.index, g.random(point, rng, size))
                for g in _generators(network)
            ),
        )

    def act(self, weights: Weights) -> Weights:
        """The weights carried along.

        Raises
        ------
        AlgattnError
            For weights of another network, or that have A instead of K and Q.
        """
        weights.matches(self.network)
        point = Point(
            self.network,
            weights.field,
            {p: weights.block(p) for shape in self.network.shapes for p in shape.parameters},
        )
        known = {(g.kind, g.layer, g.index): g for g in _generators(self.network)}
        for kind, layer, place, x in reversed(self.moves):
            moved = x if x.field == weights.field else Matrix(weights.field, x.rows, x.shape)
            point = known[kind, layer, place].act(point, moved)
        return Weights.of(point)

    def __mul__(self, other: GaugeWord) -> GaugeWord:
        if self.network != other.network:
            raise ShapeError(
                "multiply gauge elements",
                f"they are for {self.network!r} and {other.network!r}",
                "take elements of one network",
            )
        return GaugeWord(self.network, self.moves + other.moves)

    def inverse(self) -> GaugeWord:
        """The element that undoes this one."""
        charts = {
            (g.kind, g.layer, g.index): g.chart(Point(self.network, QQ, {}))
            for g in _generators(self.network)
        }
        return GaugeWord(
            self.network,
            tuple(
                m._replace(x=m.x.inverse() if charts[m[:3]].group else -m.x)
                for m in reversed(self.moves)
            ),
        )

    def to_data(self) -> dict[str, Any]:
        """The element as JSON data."""
        return {"moves": [[kind, layer, i, x.to_data()] for kind, layer, i, x in self.moves]}


def _generators(network: Architecture) -> tuple[Generator, ...]:
    """The generators whose charts are the same everywhere; imported late, for numpy's sake."""
    from algattn.attention.symmetries import gauge_generators

    return gauge_generators(network)


def random_gauge(network: Architecture, seed: int = 0) -> GaugeElement | GaugeWord:
    """A random element of the gauge group: a word where the network has more than plain layers."""
    if PLAIN.covers(network):
        return GaugeElement.random(network, seed)
    return GaugeWord.random(network, seed)
