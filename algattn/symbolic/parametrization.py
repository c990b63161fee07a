"""The map from parameters to functions, by exact polynomials: what later rooms ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain, combinations_with_replacement, repeat
from typing import Any

from algattn.arguments import checked
from algattn.attention import Architecture, FunctionMap, VirtualWeights, Weights
from algattn.attention.coordinates import (
    Coordinates,
    Label,
    OutputKey,
    label_latex,
    label_name,
    natural_labels,
)
from algattn.attention.expansion import Lazy, Packing, Ring
from algattn.attention.functions import natural_coefficients
from algattn.attention.theorems import Theorem, no_residual
from algattn.attention.weights import VIRTUAL_WEIGHTS
from algattn.errors import AlgattnError, InputError
from algattn.exact import QQ, Field, Matrix, Polynomial, PolynomialRing
from algattn.symbolic.differential import differential
from algattn.symbolic.expansion import (
    GRAM,
    check_size,
    cubic_columns,
    evaluator,
    expand_column,
    expand_outputs,
    gram_layers,
)
from algattn.symbolic.parameters import (
    FREE_A,
    PARAMS,
    Block,
    layers_of,
    own_params,
    parameter_blocks,
    parameter_values,
    polynomial_latex,
    unbounded,
)
from algattn.words import one_of

#: ``phi(X) -> D' phi(D X)`` acts on the functions, and on the first and last matrices.
TORUS = Theorem("torus of functions", "algattn/docs/coordinates.md", no_residual)


@checked
def parametrize(network: Architecture, params: str | None = None) -> Parametrization:
    """See ``Lightning.parametrization``."""
    return Parametrization(network, params)


@checked
class Parametrization(Mapping[str, Polynomial]):
    """The coordinates of the function as polynomials; make one with :func:`parametrize`.

    A mapping from the names of the coordinates that are not zero to polynomials.

    Attributes
    ----------
    network : Architecture
    params : str
        ``"AV"``, ``"QKV"`` or ``"virtual"``.
    coordinates : Coordinates
        The labels that functions of the network have.
    blocks : dict
        The matrices of parameters by their names, such as ``"k"``, or ``"k2h1"`` for head 1 of
        layer 2.
    ring : PolynomialRing
        Over QQ, in the entries of the blocks (:mod:`algattn.symbolic.parameters`), row by row: for
        one layer ``a_i_j, v_i_j`` (or ``k_i_j, q_i_j, v_i_j``; ``b_i_j, v_i_j``), from 1; for
        several ``a1_i_j, v1_i_j, a2_i_j, ..``, and for ``"virtual"`` ``b1_i_j, .., v_i_j``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(1, 1, 1), ranks=1, tokens=1)
    >>> phi = parametrize(net, "QKV")
    >>> phi.parameters
    ('k1_1_1', 'q1_1_1', 'v1_1_1', 'k2_1_1', 'q2_1_1', 'v2_1_1')
    >>> dict(phi)
    {'y_1*x_1_1^9': k1_1_1^3*q1_1_1^3*v1_1_1^3*k2_1_1*q2_1_1*v2_1_1}
    """

    def __init__(self, network: Architecture, params: str | None = None) -> None:
        asked = "derive the parametrization"
        if network.kind != "lightning":
            raise InputError(
                asked, f"{network!r} is not a lightning network", "use a Lightning network"
            )
        params = own_params(network) if params is None else params
        one_of(params, PARAMS, asked, "params")
        if params != "QKV":
            (FREE_A if params == "AV" else VIRTUAL_WEIGHTS).require(network, asked)
        self.network = network
        self.params = params
        check_size(network, params)
        self.coordinates = Coordinates.of(network)
        self.blocks: dict[str, Block] = {b.title: b for b in parameter_blocks(network, params)}
        self.ring = PolynomialRing(
            QQ, tuple(name for b in self.blocks.values() for name, _, _ in b.entries)
        )

    @property
    def unbounded(self) -> str:
        """Which bounds on ranks the map leaves out, in words; empty if it is the network's map."""
        return unbounded(self.network, self.params)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in the order of the ring."""
        return self.ring.names

    @cached_property
    def _table(self) -> dict[Label, Polynomial]:
        ring, net = self.ring, self.network
        gens, one = ring.context.gens(), ring.context.constant(1)
        if self.coordinates.natural:
            found = self.natural(gens)
        elif GRAM.covers(net):
            packing, found = Packing(net.tokens, net.map_degree), {}
            layers = gram_layers(layers_of(net, self.params, gens))
            for r, row in enumerate(expand_column(layers, net.d_in, packing, one)):
                for monomial, n in sorted((packing.unpack(n), n) for n in row):
                    found[(r, monomial)] = row[n]
        else:
            found = expand_outputs(net, self.params, gens, one)
        return {label: Polynomial(ring, p) for label, p in found.items()}

    def natural(self, gens: Iterable[Any]) -> dict[Label, Any]:
        """The closed form, summed over the heads."""
        found: dict[Label, Any] = {}
        (given,) = layers_of(self.network, self.params, gens)
        blocks = {key: Lazy.of(rows, Ring()) for key, rows in given.items()}
        for h, head in enumerate(self.network.shapes[0].maps):
            A = blocks.get(("A", h)) or blocks[head.key.key].T @ blocks[head.query.key]
            V = blocks[head.value.key]
            V = blocks["O", h] @ V if head.output else V
            for label, p in natural_coefficients(A.rows, V.rows, self.network.tokens):
                found[label] = found[label] + p if h else p
        return found

    def labels(self) -> list[Label]:
        """The labels of the coordinates that are not zero as polynomials, in order."""
        return list(self.coordinates.labels() if self.coordinates.natural else self._table)

    def polynomials(self) -> Iterator[tuple[Label, Polynomial]]:
        """``(label, polynomial)`` for every coordinate that is not zero.

        The other outputs are made of the same polynomials, see :meth:`output_coefficients`.
        """
        return iter(self._table.items())

    def output_coefficients(self) -> Iterator[tuple[OutputKey, Polynomial]]:
        """``((row, column, monomial of X), polynomial)`` for all outputs, zeros left out.

        Where permuting the columns of X permutes the outputs, every polynomial is made once and
        shared by all columns.  The monomials are those of
        :func:`algattn.attention.coordinates.cubic_monomial`.
        """
        check_size(self.network, self.params, outputs=True)
        return chain.from_iterable(self.column_coefficients(self.network.tokens))

    def column_coefficients(
        self, columns: int = 1
    ) -> Iterator[Iterable[tuple[OutputKey, Polynomial]]]:
        """Like :meth:`output_coefficients`, in parts, for the first output columns."""
        net, table = self.network, self._table
        if self.coordinates.natural:
            lines = [self._one_layer_row(r) for r in range(net.d_out)]
            for c, monomials in enumerate(cubic_columns(net.d_in, net.tokens, columns)):
                for r, line in enumerate(lines):
                    yield zip(zip(repeat(r), repeat(c), monomials), line, strict=True)
            return
        for label, p in table.items():
            keys = self.coordinates.occurrences(label)
            yield [(key, p) for key in keys if key[1] < columns]

    def _one_layer_row(self, r: int) -> list[Polynomial]:
        """The polynomials of any output of row r, in the order of ``cubic_columns``."""
        d, t, ring = self.network.d_in, self.network.tokens, self.ring
        table = self._table
        triples = combinations_with_replacement(range(d), 3)
        if t == 1:
            return [table[r, i, j, k] for i, j, k in triples]
        own = []
        for i, j, k in triples:
            total = table[r, i, j, k].flint
            if j != k:
                total = total + table[r, i, k, j].flint
            if i != j:
                total = total + table[r, j, k, i].flint
            own.append(Polynomial(ring, total))
        pairs = [table[r, i, j, k] for _, i, j, k in natural_labels(d, 1, t)]
        return own + pairs * (t - 1)

    def __len__(self) -> int:
        return self.coordinates.count if self.coordinates.natural else len(self._table)

    def __iter__(self) -> Iterator[str]:
        return map(label_name, self.labels())

    def __contains__(self, label: object) -> bool:
        try:
            return self.coordinates.checked(label) in self._table
        except (AlgattnError, TypeError):
            return False

    def __getitem__(self, label: Any) -> Polynomial:
        """The polynomial of a coordinate, by label or name; 0 where it vanishes identically."""
        found = self._table.get(self.coordinates.checked(label, "read a coordinate"))
        return self.ring(0) if found is None else found

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Parametrization) and (self.network, self.params) == (
            other.network,
            other.params,
        )

    def __hash__(self) -> int:
        return hash((self.network, self.params))

    def point(self, weights: Weights | VirtualWeights) -> tuple[list[Any], Field]:
        """The values of the parameters at these weights, in order, and their field."""
        return parameter_values(self.network, self.params, weights)

    def evaluate(self, weights: Weights | VirtualWeights) -> FunctionMap:
        """The function at these weights, by evaluating the polynomials.

        Equal to ``net.function(weights)``, which never makes a polynomial.
        """
        net = self.network
        point, field = self.point(weights)
        value = evaluator(point, field)
        found = {label: value(p.flint) for label, p in self._table.items()}
        shape = (net.d_in, net.d_out, net.tokens)
        return FunctionMap(*shape, found, field=field, coordinates=self.coordinates)

    def jacobian(self, weights: Weights | VirtualWeights) -> Matrix:
        """The derivatives of the coordinates (rows) by the parameters (columns), exactly."""
        return differential(self.network, self.params, weights, self.labels())

    @property
    def _two_sided(self) -> bool:
        return self.coordinates.natural and self.network.tokens > 1

    def torus_weights(self) -> dict[Label, tuple[int, ...]]:
        """The weight of every coordinate under the torus that acts on functions.

        Natural coordinates with t >= 2: F(x, y) goes to ``D' F(D x, E y)`` with diagonal D', D, E,
        which multiplies ``c_{r,ij,k}`` by ``D'_r D_i D_j E_k``; its weight in
        ``Z^{d'} x Z^d x Z^d`` is ``(e_r | e_i + e_j | e_k)``.  Otherwise phi(X) goes to
        ``D' phi(D X)``, and the weight in ``Z^{d'} x Z^d`` counts the row of the output and the
        rows of X in the monomial.

        The same torus acts on the parameters (:meth:`parameter_weights`): every coordinate
        polynomial is homogeneous, of the weight given here.

        Raises
        ------
        HypothesisError
            For a residual network, on whose functions it does not act.
        """
        net, out = self.network, {}
        TORUS.require(net, "list the weights of a torus")
        for label in self.labels():
            first = _unit(net.d_out, label[0])
            if self._two_sided:
                _, i, j, k = label
                out[label] = (*first, *_unit(net.d_in, i, j), *_unit(net.d_in, k))
                continue
            _, _, monomial = self.coordinates.at(label)
            rows = [i for i, _, e in monomial for _ in range(e)]
            out[label] = (*first, *_unit(net.d_in, *rows))
        return out

    def parameter_weights(self) -> dict[str, tuple[int, ...]]:
        """The weight of every parameter under the torus of :meth:`torus_weights`.

        >>> from algattn import Lightning
        >>> parametrize(Lightning(widths=(1, 1), ranks=1)).parameter_weights()
        {'a_1_1': (0, 1, 1), 'v_1_1': (1, 1, 0)}
        """
        net, out = self.network, {}
        TORUS.require(net, "list the weights of a torus")
        d, e = net.d_in, net.d_out
        end = e + (2 * d if self._two_sided else d)
        outer = ("V", "O", "bo", "bv" if net.value_ranks is None else "")
        for block in self.blocks.values():
            first = block.layer == 1 or self.params == "virtual"  # whether X enters on the right
            last = block.layer == net.layers
            for name, i, j in block.entries:
                weight = [0] * end
                if first and block.name in "AB":
                    weight[e + i] += 1
                if first and block.name in "ABQ":
                    weight[end - d + j] += 1
                if first and block.name in "KVW":
                    weight[e + j] += 1
                if last and block.name in outer:
                    weight[i] += 1
                out[name] = tuple(weight)
        return out

    def to_sympy(self) -> dict[str, Any]:
        """The polynomials as sympy expressions, by the names of the coordinates.

        >>> from algattn import Lightning
        >>> parametrize(Lightning(widths=(1, 1), ranks=1)).to_sympy()
        {'c_1_1_1_1': a_1_1*v_1_1}
        """
        from algattn.exact.to_sympy import polynomial_to_sympy

        return {label_name(k): polynomial_to_sympy(p) for k, p in self.polynomials()}

    def to_data(self) -> dict[str, Any]:
        """Network, parameters and polynomials (as text) as JSON data."""
        return {
            "network": self.network.to_data(),
            "params": self.params,
            "variables": list(self.parameters),
            "polynomials": [[label_name(k), str(p)] for k, p in self.polynomials()],
        }

    def latex(self, limit: int = 8) -> str:
        """The first `limit` coordinates in LaTeX, each cut after `limit` terms."""
        lines = []
        for n, (label, p) in enumerate(self.polynomials()):
            if n == limit:
                lines.append(r"&\ \,\vdots")
                break
            left = label_latex(label, self.network.tokens)
            lines.append(f"{left} &= {polynomial_latex(p, limit)}")
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def __repr__(self) -> str:
        return (
            f"<Parametrization of {self.network!r} by {len(self.parameters)} parameters "
            f"({self.params}{self.unbounded and ', ' + self.unbounded})>"
        )


def _unit(n: int, *places: int) -> tuple[int, ...]:
    vector = [0] * n
    for i in places:
        vector[i] += 1
    return tuple(vector)
