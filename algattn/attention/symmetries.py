"""The symmetry of a network, described once: a list of generators.

A :class:`Generator` is a group that acts on the weights without changing the function.  Its action
is written once, as a formula over any ring of matrices (:class:`Chart`): over a field it is the
group, over dual numbers at the unit it is the vector field.  So each vector field is tangent to
finite symmetries by construction, and ``parameters - rank`` of the fields at a point bounds the
dimension of the function space from above.

The gauge action, the account of redundant parameters and the upper bound of a dimension read this
list.  Proofs: ``algattn/docs/symmetries.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np

from algattn.attention.architecture import Architecture
from algattn.attention.generator import Address, Generator, Kind, Residues
from algattn.attention.jets import Ints, Jet, attend_jets
from algattn.attention.layer import attention_layer
from algattn.attention.symmetry_kernels import (
    invisible,
    keys,
    outputs,
    queries,
    relations,
    unreached,
    unread,
    values,
)
from algattn.attention.symmetry_kinds import (
    head_mixing,
    hidden,
    key,
    one_key,
    symmetric_scores,
    value,
)
from algattn.attention.symmetry_shifts import key_bias, shift, value_bias

__all__ = [
    "Generator",
    "Residues",
    "check",
    "directions",
    "gauge_generators",
    "generators",
    "kills",
    "random_residues",
]

#: Symmetries that act alike at all weights.
GAUGE: tuple[Kind, ...] = (hidden, key, value, head_mixing, key_bias, value_bias)
#: In the order in which an account counts them.
KINDS: tuple[Kind, ...] = (
    *(invisible, unreached, unread, queries, keys, values, outputs, relations),
    *GAUGE,
    *(one_key, symmetric_scores, shift),
)


@lru_cache(maxsize=128)
def generators(network: Architecture) -> tuple[Generator, ...]:
    """All symmetries of a network that are known, kind by kind.

    Examples
    --------
    >>> from algattn import Softmax
    >>> [(g.kind, g.group) for g in generators(Softmax((2, 2), 2, biases="k"))]
    [('key', 'GL(2)'), ('key bias', 'R^2')]
    """
    return tuple(g for kind in KINDS for g in kind.of(network))


def gauge_generators(network: Architecture) -> tuple[Generator, ...]:
    """Those symmetries that act alike at all weights: what random gauge elements are made of."""
    return tuple(g for kind in GAUGE for g in kind.of(network))


def directions(
    network: Architecture,
    weights: Mapping[Address, Ints],
    prime: int,
    some: Sequence[Generator] | None = None,
) -> Ints:
    """The tangent vectors of all generators at a point, as rows.

    The rank of the Jacobian of almost all weights is at most ``parameters`` minus their rank.
    """
    every = generators(network) if some is None else some
    point = Residues(network, weights, prime)
    rows = [g.directions(point) for g in every]
    return np.concatenate([np.zeros((0, network.parameters), dtype=np.int64), *rows])


def random_residues(network: Architecture, seed: int, prime: int) -> dict[Address, Ints]:
    """Random weights modulo a prime."""
    rng = np.random.default_rng(seed)
    return {
        (p.layer, p.name, p.index): rng.integers(0, prime, p.shape)
        for shape in network.shapes
        for p in shape.parameters
    }


def kills(
    network: Architecture,
    rows: Ints,
    weights: Mapping[Address, Ints],
    prime: int,
    *,
    seed: int = 0,
    samples: int = 3,
) -> bool:
    """Whether the derivative of the function along all rows vanishes at random inputs.

    Exponentials of softmax are independent residues, so that it is a polynomial identity that is
    tested.  A guard against mistakes; what proves a generator is its theorem.
    """
    rng = np.random.default_rng(seed)
    ones = Jet(np.ones((1, network.tokens), dtype=np.int64), None, prime)
    X = Jet(rng.integers(0, prime, (samples, network.d_in, network.tokens)), None, prime)
    attend, start = attend_jets(network.kind, rng), 0
    for shape in network.shapes:
        layer = {}
        for p in shape.parameters:
            part = rows[:, start : start + p.size].reshape(len(rows), *p.shape)
            moved = part if part.any() else None
            layer[p.name, p.index] = Jet(weights[p.layer, p.name, p.index], moved, prime)
            start += p.size
        X = attention_layer(shape, layer, X, attend, ones)
    return X.derivative is None or not X.derivative.any()


def check(network: Architecture, *, seed: int = 0, prime: int) -> tuple[Generator, ...]:
    """The generators that fail at random weights modulo a prime: none, or there is a mistake."""
    weights = random_residues(network, seed, prime)
    point = Residues(network, weights, prime)
    return tuple(
        g
        for g in generators(network)
        if not kills(network, g.directions(point), weights, prime, seed=seed)
    )
