"""The map from parameters to functions, by exact polynomials: what later rooms ask about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain, combinations_with_replacement, islice, repeat
from typing import Any, Literal

from algattn.arguments import checked
from algattn.attention import Architecture, FunctionMap, VirtualWeights, Weights
from algattn.attention.coordinates import (
    Label,
    Monomial,
    is_natural,
    label_name,
    label_text,
    natural_count,
    natural_labels,
    parse_label,
)
from algattn.attention.forward import multiply
from algattn.attention.functions import natural_coefficients
from algattn.errors import InputError
from algattn.exact import QQ, Field, Matrix, Polynomial, PolynomialRing
from algattn.exact.polynomials import variable_latex
from algattn.symbolic.differential import jacobian_AV, jacobian_QKV
from algattn.symbolic.expansion import (
    Packing,
    check_size,
    cubic_columns,
    evaluator,
    expand_column,
    layers_of,
    parameter_blocks,
    parameter_values,
    swap_columns,
)
from algattn.words import one_of

PARAMS = ("AV", "QKV", "virtual")
OutputKey = tuple[int, int, Monomial]


def own_params(network: Architecture) -> Literal["AV", "QKV"]:
    """The parameters of the network itself: "QKV" where a rank bound ``a_i < d_{i-1}`` binds A_i.

    >>> own_params(Architecture((3, 1), 3, 2)), own_params(Architecture((3, 1), 2, 2))
    ('AV', 'QKV')
    """
    return "QKV" if bounded_layers(network) else "AV"


def bounded_layers(network: Architecture) -> tuple[int, ...]:
    """The layers (from 1) whose A is not free: those with ``a_i < d_{i-1}``."""
    pairs = zip(network.ranks, network.widths, strict=False)
    return tuple(n for n, (a, d) in enumerate(pairs, 1) if a < d)


@checked
def parametrize(network: Architecture, params: str | None = None) -> Parametrization:
    """See ``Lightning.parametrization``."""
    return Parametrization(network, params)


@checked
class Parametrization:
    """The coordinates of the function as polynomials; make one with :func:`parametrize`.

    Attributes
    ----------
    network : Architecture
    params : str
        ``"AV"``, ``"QKV"`` or ``"virtual"``.
    ring : PolynomialRing
        Over QQ.  One layer: ``a_i_j, v_i_j`` (or ``k_i_j, q_i_j, v_i_j``; ``b_i_j, v_i_j``), from
        1, row by row; several layers: ``a1_i_j, v1_i_j, a2_i_j, ..``, and for ``"virtual"``
        ``b1_i_j, .., v_i_j`` with ``v`` the product ``V_l .. V_1``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(1, 1, 1), ranks=1, tokens=1)
    >>> phi = parametrize(net, "QKV")
    >>> phi.parameters
    ('k1_1_1', 'q1_1_1', 'v1_1_1', 'k2_1_1', 'q2_1_1', 'v2_1_1')
    >>> [(label, str(p)) for label, p in phi.polynomials()]
    [((0, ((0, 0, 9),)), 'k1_1_1^3*q1_1_1^3*v1_1_1^3*k2_1_1*q2_1_1*v2_1_1')]
    """

    def __init__(self, network: Architecture, params: str | None = None) -> None:
        asked = "derive the parametrization"
        if network.kind != "lightning":
            raise InputError(
                asked, f"{network!r} is not a lightning network", "use a Lightning network"
            )
        params = own_params(network) if params is None else params
        one_of(params, PARAMS, asked, "params")
        self.network = network
        self.params = params
        check_size(network, params)
        self.blocks = parameter_blocks(network, params)
        names = tuple(
            f"{name}_{i + 1}_{j + 1}"
            for name, (m, n) in self.blocks.items()
            for i in range(m)
            for j in range(n)
        )
        self.ring = PolynomialRing(QQ, names)

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
        if net.layers == 1:
            (layer,) = layers_of(net, self.params, ring.context.gens())
            assert layer.value is not None
            A = [list(row) for row in layer.mixing[0]]
            if len(layer.mixing) == 2:
                A = multiply([list(row) for row in layer.mixing[1]], A)
            pairs = natural_coefficients(A, layer.value, net.tokens)
            return {label: Polynomial(ring, p) for label, p in pairs}
        packing = Packing(net.tokens, net.map_degree)
        layers = layers_of(net, self.params, ring.context.gens())
        rows = expand_column(layers, net.d_in, packing, ring.context.constant(1))
        found = {}
        for r, row in enumerate(rows):
            for monomial, n in sorted((packing.unpack(n), n) for n in row):
                found[(r, monomial)] = Polynomial(ring, row[n])
        return found

    def labels(self) -> list[Label]:
        """The labels of the coordinates that are not zero as polynomials, in order."""
        net = self.network
        if net.layers == 1:
            return list(natural_labels(net.d_in, net.d_out, net.tokens))
        return list(self._table)

    def polynomials(self) -> Iterator[tuple[Label, Polynomial]]:
        """``(label, polynomial)`` for every coordinate that is not zero.

        One layer: the natural coordinates; deeper: all monomials of X in output column 1 (the
        other columns are the same polynomials, see :meth:`output_coefficients`).
        """
        return iter(self._table.items())

    def output_coefficients(self) -> Iterator[tuple[OutputKey, Polynomial]]:
        """``((row, column, monomial of X), polynomial)`` for all outputs, zeros left out.

        Permuting the columns of X permutes the outputs, so every polynomial is made once and
        shared by all columns.  The monomials are those of
        :func:`algattn.attention.functions.cubic_monomial`.
        """
        check_size(self.network, self.params, outputs=True)
        return chain.from_iterable(self.column_coefficients(self.network.tokens))

    def column_coefficients(
        self, columns: int = 1
    ) -> Iterator[Iterable[tuple[OutputKey, Polynomial]]]:
        """Like :meth:`output_coefficients`, one iterable for each of the first output columns."""
        net, table = self.network, self._table
        if net.layers == 1:
            lines = [self._one_layer_row(r) for r in range(net.d_out)]
            for c, monomials in enumerate(cubic_columns(net.d_in, net.tokens, columns)):
                for r, line in enumerate(lines):
                    yield zip(zip(repeat(r), repeat(c), monomials), line, strict=True)
            return
        for c in range(columns):
            yield [((r, c, swap_columns(monomial, c)), p) for (r, monomial), p in table.items()]

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
        net = self.network
        if net.layers == 1:
            return natural_count(net.d_in, net.d_out, net.tokens)
        return len(self._table)

    def __getitem__(self, label: Any) -> Polynomial:
        """The polynomial of a coordinate, by label or name; 0 where it vanishes identically."""
        key = parse_label(label) if isinstance(label, str) else tuple(label)
        if len(key) == 2 and isinstance(key[1], tuple):
            key = (key[0], tuple(sorted(key[1])))
        found = self._table.get(key)
        if found is None:
            net = self.network
            _ = FunctionMap(net.d_in, net.d_out, net.tokens, {key: 1}, degree=net.map_degree)
            found = self.ring(0)
        return found

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
        return FunctionMap(*shape, found, degree=net.map_degree, field=field)

    def jacobian(self, weights: Weights | VirtualWeights) -> Matrix:
        """The derivatives of the coordinates (rows) by the parameters (columns), exactly."""
        net = self.network
        point, field = self.point(weights)
        if net.layers == 1:
            if self.params == "QKV":
                assert isinstance(weights, Weights)
                return jacobian_QKV(net, weights)
            (layer,) = layers_of(net, self.params, point)
            assert layer.value is not None
            A, V = (Matrix(field, rows) for rows in (layer.mixing[0], layer.value))
            return jacobian_AV(net, A, V)
        rows, value = [], evaluator(point, field)
        for _, p in self.polynomials():
            poly, degrees = p.flint, p.flint.degrees()
            rows.append(
                [value(poly.derivative(n)) if e else field.zero for n, e in enumerate(degrees)]
            )
        return Matrix(field, rows, (len(rows), len(point)))

    @property
    def _two_sided(self) -> bool:
        return self.network.layers == 1 and self.network.tokens > 1

    def torus_weights(self) -> dict[Label, tuple[int, ...]]:
        """The weight of every coordinate under the torus that acts on functions.

        One layer with t >= 2: F(x, y) goes to ``D' F(D x, E y)`` with diagonal D', D, E, which
        multiplies ``c_{r,ij,k}`` by ``D'_r D_i D_j E_k``; its weight in ``Z^{d'} x Z^d x Z^d`` is
        ``(e_r | e_i + e_j | e_k)``.  Otherwise phi(X) goes to ``D' phi(D X)``, and the weight in
        ``Z^{d'} x Z^d`` counts the row of the output and the rows of X in the monomial.

        The same torus acts on the parameters (:meth:`parameter_weights`): every coordinate
        polynomial is homogeneous, of the weight given here.
        """
        net, out = self.network, {}
        for label in self.labels():
            first = _unit(net.d_out, label[0])
            if self._two_sided:
                _, i, j, k = label
                out[label] = (*first, *_unit(net.d_in, i, j), *_unit(net.d_in, k))
            elif is_natural(label):
                out[label] = (*first, *_unit(net.d_in, *label[1:]))
            else:
                rows = [i for i, _, e in label[1] for _ in range(e)]
                out[label] = (*first, *_unit(net.d_in, *rows))
        return out

    def parameter_weights(self) -> dict[str, tuple[int, ...]]:
        """The weight of every parameter under the torus of :meth:`torus_weights`.

        >>> from algattn import Lightning
        >>> parametrize(Lightning(widths=(1, 1), ranks=1)).parameter_weights()
        {'a_1_1': (0, 1, 1), 'v_1_1': (1, 1, 0)}
        """
        net, out = self.network, {}
        d, e = net.d_in, net.d_out
        both = 2 * d if self._two_sided else d
        for name in self.parameters:
            head, i, j = name.split("_")
            left, right = int(i) - 1, int(j) - 1
            weight = [0] * (e + both)
            letter, layer = head[0], int(head[1:] or 1)
            seen = layer == 1 or self.params == "virtual"  # whether X enters on the right
            if letter in "ab" and seen:
                weight[e + left] += 1
                weight[e + both - d + right] += 1
            elif letter in "kq" and seen:
                weight[(e if letter == "k" else e + both - d) + right] += 1
            elif letter == "v":
                if layer == net.layers or self.params == "virtual":
                    weight[left] += 1
                if seen:
                    weight[e + right] += 1
            out[name] = tuple(weight)
        return out

    def to_sympy(self) -> dict[str, Any]:
        """The polynomials as sympy expressions, by the names of the coordinates.

        >>> from algattn import Lightning
        >>> parametrize(Lightning(widths=(1, 1), ranks=1)).to_sympy()
        {'c_1_1_1_1': a_1_1*v_1_1}
        """
        from algattn.exact.sympy_bridge import polynomial_to_sympy

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
            left = _label_latex(label, self.network.tokens)
            lines.append(f"{left} &= {_polynomial_latex(p, limit)}")
        return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def __repr__(self) -> str:
        return (
            f"<Parametrization of {self.network!r} by {len(self.parameters)} parameters "
            f"({self.params}{self.unbounded and ', ' + self.unbounded})>"
        )


def unbounded(network: Architecture, params: str) -> str:
    """Which bounds on ranks the parameters are free of, in words.

    >>> unbounded(Architecture((3, 1), 2, 2), "AV"), unbounded(Architecture((3, 1), 2, 2), "QKV")
    ('free of the bound 2 on the rank of A', '')
    """
    layers = () if params == "QKV" else bounded_layers(network)
    if not layers:
        return ""
    letter = "A" if params == "AV" else "B"
    names = [letter if network.layers == 1 else f"{letter}_{n}" for n in layers]
    bounds = ", ".join(str(network.ranks[n - 1]) for n in layers)
    s = "s" * (len(layers) > 1)
    return f"free of the bound{s} {bounds} on the rank{s} of {', '.join(names)}"


def _unit(n: int, *places: int) -> tuple[int, ...]:
    vector = [0] * n
    for i in places:
        vector[i] += 1
    return tuple(vector)


def parameter_latex(name: str) -> str:
    """A parameter in LaTeX, with the layer on top.

    >>> parameter_latex("a1_1_2"), parameter_latex("v_1_2")
    ('a^{(1)}_{12}', 'v_{12}')
    """
    text = variable_latex(name)
    head, _, rest = text.partition("_")
    layer = head[1:]
    return f"{head[0]}^{{({layer})}}_{rest}" if layer else text


def _label_latex(label: Label, tokens: int) -> str:
    if is_natural(label):
        return label_text(label, tokens)
    factors = [
        variable_latex(f"x_{i + 1}_{j + 1}") + (f"^{{{e}}}" if e > 1 else "")
        for i, j, e in label[1]
    ]
    return f"y_{{{label[0] + 1}}}[{' '.join(factors)}]"


def _polynomial_latex(poly: Polynomial, limit: int) -> str:
    """Like ``Polynomial.latex`` (coefficients are positive integers here), but cut."""
    pieces = []
    for exponents, c in islice(poly.terms(), limit):
        factors = [str(c)] if c != 1 else []
        for name, e in zip(poly.ring.names, exponents, strict=True):
            if e:
                power = f"^{{{e}}}" if e > 1 else ""
                text = parameter_latex(name)
                factors.append(f"({text}){power}" if power and "^" in text else text + power)
        pieces.append(" ".join(factors))
    return " + ".join(pieces + [r"\cdots"] * (len(poly) > limit))
