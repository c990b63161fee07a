"""The parameters of a parametrization: named blocks, their values at weights, how they are spelled.

A name is the letter of a block in lower case, the layer, ``h`` and the head or group, then row and
column: ``k2h1_3_4`` stands for ``K^{(2,1)}_{34}``.  The head is left out where the layer has one
block of that name, the layer where there is one layer and no head: ``k2_3_4``, ``k_3_4``.  Biases
are ``bq, bk, bv, bo`` and have no column: ``bq_3``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, TypeVar

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.layer import Key
from algattn.attention.spaces import LayerShape
from algattn.attention.theorems import Theorem, no_score_bias, own_keys
from algattn.errors import InputError, ShapeError
from algattn.exact import Field, Polynomial
from algattn.exact.polynomials import variable_latex

PARAMS = ("AV", "QKV", "virtual")
M = TypeVar("M")
Entries = Sequence[Sequence[Any]]

#: The entries of ``A = K^T Q`` are parameters, each head having its own, up to a bound on the rank.
FREE_A = Theorem(
    "A as parameters",
    "algattn/docs/coordinates.md",
    own_keys,
    no_score_bias,
    instead='params="QKV"',
)


@dataclass(frozen=True)
class Block:
    """A matrix of parameters; ``layer`` from 1, ``index`` (head or group) from 0."""

    name: str
    layer: int
    index: int
    shape: tuple[int, int]
    title: str = ""

    @property
    def key(self) -> Key:
        """The name and index that the layer formula knows."""
        return ("A" if self.name == "B" else self.name, self.index)

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.shape[0] * self.shape[1]

    @property
    def entries(self) -> list[tuple[str, int, int]]:
        """Name, row and column (from 0) of each entry, row by row."""
        m, n = self.shape
        vector = len(self.name) > 1
        return [
            (f"{self.title}_{i + 1}" + ("" if vector else f"_{j + 1}"), i, j)
            for i in range(m)
            for j in range(n)
        ]


def own_params(network: Architecture) -> Literal["AV", "QKV"]:
    """The parameters of the network itself: "AV" where every A is free.

    >>> own_params(Architecture((3, 1), 3, 2)), own_params(Architecture((3, 1), 2, 2))
    ('AV', 'QKV')
    """
    return "AV" if FREE_A.covers(network) and not bounded_layers(network) else "QKV"


def bounded_layers(network: Architecture) -> tuple[int, ...]:
    """The layers (from 1) with ``a_i < d_{i-1}``, which bounds the rank of A."""
    pairs = zip(network.ranks, network.widths, strict=False)
    return tuple(n for n, (a, d) in enumerate(pairs, 1) if a < d)


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


@lru_cache(maxsize=512)
def parameter_blocks(network: Architecture, params: str) -> tuple[Block, ...]:
    """The matrices of parameters, in order.

    >>> [(b.title, b.shape) for b in parameter_blocks(Architecture((3, 2), 1, 2), "QKV")]
    [('k', (1, 3)), ('q', (1, 3)), ('v', (2, 3))]
    >>> shared = Architecture((2, 2), 1, 2, heads=2, kv_heads=1, value_ranks=1, biases="q")
    >>> [b.title for b in parameter_blocks(shared, "QKV")]
    ['k1', 'q1h1', 'q1h2', 'w1', 'o1h1', 'o1h2', 'bq1h1', 'bq1h2']
    """
    found = []
    for shape in network.shapes:
        n = shape.number
        if params == "virtual":
            found.append(Block("B", n, 0, (network.d_in, network.d_in)))
            continue
        if params == "AV":
            found += [Block("A", n, h, (shape.d, shape.d)) for h in range(shape.heads)]
        found += [
            Block(p.name, n, p.index, p.shape)
            for p in shape.parameters
            if params == "QKV" or p.name not in ("K", "Q")
        ]
    if params == "virtual":
        found.append(Block("V", network.layers, 0, (network.d_out, network.d_in)))
    several = Counter((b.name, b.layer) for b in found)
    numbered = network.layers > 1 or max(several.values()) > 1

    def title(b: Block) -> str:
        layer = str(b.layer) if numbered and (params, b.name) != ("virtual", "V") else ""
        head = f"h{b.index + 1}" if several[b.name, b.layer] > 1 else ""
        return b.name.lower() + layer + head

    return tuple(replace(b, title=title(b)) for b in found)


def parameter_latex(name: str) -> str:
    """A parameter in LaTeX, with the layer (and head) on top.

    >>> parameter_latex("a1_1_2"), parameter_latex("v_1_2"), parameter_latex("bq2h1_3")
    ('a^{(1)}_{12}', 'v_{12}', '(b_q)^{(2,1)}_{3}')
    """
    head, _, rest = variable_latex(name).partition("_")
    found = re.fullmatch(r"([a-z])([a-z]?)(\d*)(?:h(\d+))?", head)
    assert found is not None
    letter, of, layer, number = found.groups()
    text = f"({letter}_{of})" if of else letter
    top = f"^{{({layer}{',' + number if number else ''})}}" if layer else ""
    return f"{text}{top}_{rest}"


def polynomial_latex(poly: Polynomial, limit: int) -> str:
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


def layers_of(
    network: Architecture, params: str, entries: Iterable[Any]
) -> list[dict[Key, Entries]]:
    """The blocks of every layer with the given values of the parameters (in order).

    A layer that has no V, which happens for virtual weights, has the identity.
    """
    values = iter(entries)
    found: list[dict[Key, Entries]] = [{} for _ in network.ranks]
    for block in parameter_blocks(network, params):
        m, n = block.shape
        found[block.layer - 1][block.key] = [[next(values) for _ in range(n)] for _ in range(m)]
    return found


def formula_layers(
    network: Architecture, params: str, blocks: Iterable[Mapping[Key, M]], identity: M
) -> tuple[tuple[LayerShape, ...], list[dict[Key, M]]]:
    """What the layer formula takes; with virtual weights the layers keep the width of X."""
    shapes = network.shapes
    if params == "virtual":
        widths = (network.d_in,) * network.layers + (network.d_out,)
        shapes = Architecture(widths, network.d_in, network.tokens).shapes
    given: Mapping[Key, M] = {("V", 0): identity} if params == "virtual" else {}
    return shapes, [{**given, **layer} for layer in blocks]


def parameter_values(
    network: Architecture, params: str, weights: Weights | VirtualWeights
) -> tuple[list[Any], Field]:
    """The values of the parameters at these weights, in order, and their field.

    Raises
    ------
    InputError
        When the weights do not have these parameters.
    ShapeError
        When they do not fit the network.
    """
    asked = f"evaluate the parametrization of {network!r} in {params}"
    blocks = parameter_blocks(network, params)
    if isinstance(weights, Weights):
        weights.matches(network)
    if params == "virtual":
        virtual = weights if isinstance(weights, VirtualWeights) else VirtualWeights.of(weights)
        matrices = [*virtual.B, virtual.V]
    elif isinstance(weights, VirtualWeights):
        raise InputError(asked, "the weights are virtual", 'use params="virtual"')
    elif params == "QKV" and weights.K is None:
        raise InputError(asked, "the weights are A and V", 'use params="AV"')
    else:
        matrices = [weights.blocks(b.name, b.layer - 1)[b.index] for b in blocks]
    found, shapes = [m.shape for m in matrices], tuple(b.shape for b in blocks)
    if tuple(found) != shapes:
        raise ShapeError(asked, f"the shapes are {found} instead of {shapes}", "mend the weights")
    return [x for matrix in matrices for row in matrix.rows for x in row], matrices[0].field
