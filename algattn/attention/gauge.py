"""The gauge group: changes of weights that never change the function of a lightning network."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.weights import Weights
from algattn.errors import FieldError, ShapeError
from algattn.exact import QQ, Field, Matrix


@checked
@dataclass(frozen=True)
class GaugeElement:
    """Scalings c_i, matrices g_i of GL(d_i) between layers, matrices h_i of GL(a_i) in a layer.

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
    heads: tuple[Matrix, ...]
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
        """Invertible integer matrices and nonzero rational scalings, from a seed."""
        rng = random.Random(f"algattn gauge {seed}")

        def invertible(n: int) -> Matrix:
            while True:
                m = Matrix(QQ, [[rng.randint(-size, size) for _ in range(n)] for _ in range(n)])
                if m.rank() == n:
                    return m

        return GaugeElement(
            tuple(
                QQ(rng.choice([-1, 1]) * rng.randint(1, size)) / rng.randint(1, size)
                for _ in network.ranks
            ),
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
                h = self.heads[i]
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
            tuple(a @ b for a, b in zip(self.heads, other.heads, strict=True)),
            self.field,
        )

    def inverse(self) -> GaugeElement:
        """The element that undoes this one."""
        return GaugeElement(
            tuple(self.field.one / c for c in self.scalings),
            tuple(g.inverse() for g in self.between),
            tuple(h.inverse() for h in self.heads),
            self.field,
        )

    def to_data(self) -> dict[str, Any]:
        """The element as JSON data."""
        return {
            "scalings": [self.field.format(c) for c in self.scalings],
            "between": [g.to_data() for g in self.between],
            "heads": [h.to_data() for h in self.heads],
        }
