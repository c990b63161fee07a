"""Theorems and fast paths, each with the networks and weights that it covers, in code.

A room writes down what it relies on as a :class:`Theorem`; its hypotheses are the one place that
says for which networks, and for which weights, it holds.  What no theorem covers gets the generic
answer, an honest bound, or an error that names the theorem and what fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.errors import HypothesisError

__all__ = [
    "THEOREMS",
    "AtWeights",
    "Hypothesis",
    "Theorem",
    "at_weights",
    "covering",
    "has_bias",
    "lightning",
    "no_bias",
    "no_mask",
    "no_residual",
    "no_score_bias",
    "one_head",
    "one_layer",
    "one_token",
    "own_keys",
    "plain",
    "plain_layer",
    "plain_lightning",
    "softmax",
    "two_features",
    "two_tokens",
    "unless",
    "value_ranks",
]


@dataclass(frozen=True)
class Hypothesis:
    """A condition on a network, in words and in code.

    Attributes
    ----------
    name : str
        What has to hold, such as "one layer".
    fails : callable
        What is wrong with a network, such as "it has 3 layers", or nothing when it holds.
    """

    name: str
    fails: Callable[[Any], str]

    def holds(self, network: Architecture) -> bool:
        """Whether the network satisfies it."""
        return not self.fails(network)


@dataclass(frozen=True)
class AtWeights:
    """A condition on weights of a network, in words and in code.

    Attributes
    ----------
    name : str
        What has to hold, such as "no skew layer".
    fails : callable
        What is wrong, or nothing; of the exact facts about weights that the room of the theorem
        collects.
    facts : callable
        Collects them from a network and weights.
    """

    name: str
    fails: Callable[[Any], str]
    facts: Callable[[Architecture, Any], Any]


def unless(name: str, wrong: str, holds: Callable[[Any], Any]) -> Hypothesis:
    """The hypothesis that something holds, and what is wrong where it does not."""
    return Hypothesis(name, lambda n: "" if holds(n) else wrong)


def at_weights(
    name: str,
    wrong: str,
    facts: Callable[[Architecture, Any], Any],
    holds: Callable[[Any], Any],
) -> AtWeights:
    """The hypothesis that something holds for the facts about weights."""
    return AtWeights(name, lambda found: "" if holds(found) else wrong, facts)


def _several_heads(network: Architecture) -> str:
    shape = next((s for s in network.shapes if not s.one_head), None)
    if shape is None:
        return ""
    values = "" if shape.value_rank is None else f" and values of rank {shape.value_rank}"
    return f"layer {shape.number} has {shape.heads} head{'s' * (shape.heads > 1)}{values}"


one_head = Hypothesis("one head with a full value matrix in each layer", _several_heads)
no_mask = unless("no mask", "it has a mask", lambda n: all(m is None for m in n.mask))
no_residual = unless("no residual", "it is residual", lambda n: not n.residual)
no_bias = Hypothesis("no biases", lambda n: n.biases and f"it has biases {n.biases!r}")
#: One head and nothing else: what the first theory of attention is about.
plain = (one_head, no_mask, no_residual, no_bias)
lightning = Hypothesis(
    "lightning attention", lambda n: "" if n.kind == "lightning" else f"it is {n.kind} attention"
)
softmax = Hypothesis(
    "softmax attention", lambda n: "" if n.kind == "softmax" else f"it is {n.kind} attention"
)
one_layer = Hypothesis("one layer", lambda n: "" if n.layers == 1 else f"it has {n.layers} layers")
#: Plain lightning networks, and those of one layer.
plain_lightning = (lightning, *plain)
plain_layer = (*plain_lightning, one_layer)
one_token = Hypothesis("one token", lambda n: "" if n.tokens == 1 else f"it has {n.tokens} tokens")
two_tokens = unless("at least two tokens", "it has one token", lambda n: n.tokens > 1)
two_features = unless("at least two features", "its input has width 1", lambda n: n.d_in > 1)
value_ranks = unless("value ranks", "its heads have full value matrices", lambda n: n.value_ranks)


own_keys = unless(
    "keys of its own for each head", "its heads share keys", lambda n: n.heads == n.kv_heads
)
no_score_bias = Hypothesis(
    "no biases of queries and keys",
    lambda n: f"it has biases {n.biases!r}" if set(n.biases) & set("qk") else "",
)


def has_bias(letter: str) -> Hypothesis:
    """That the maps of this letter of "qkvo" have a bias."""
    return unless(f"a bias {letter}", f"it has no bias {letter}", lambda n: letter in n.biases)


THEOREMS: dict[str, Theorem] = {}


class Theorem:
    """A statement, where its proof stands, and the networks that it covers.

    Parameters
    ----------
    name : str
        Unique; the name of the lemma in `source`, as a rule.
    source : str
        Where it is proved: a page of ``algattn/docs`` or a paper with the number of the theorem.
    hypotheses : Hypothesis or AtWeights
        All of them have to hold.
    instead : str
        What else there is for networks that it does not cover, for the message of an error.

    Examples
    --------
    >>> from algattn import Lightning
    >>> from algattn.attention.theorems import Theorem, plain, one_layer
    >>> example = Theorem("an example", "algattn/docs/one_layer.md", *plain, one_layer)
    >>> example.covers(Lightning((2, 2), 1)), example.covers(Lightning((2, 2), 1, heads=2))
    (True, False)
    >>> example.why_not(Lightning((2, 2), 1, heads=2))
    'layer 1 has 2 heads'
    >>> del THEOREMS["an example"]
    """

    def __init__(
        self, name: str, source: str, *hypotheses: Hypothesis | AtWeights, instead: str = ""
    ) -> None:
        if name in THEOREMS:
            raise TypeError(f"there are two theorems {name!r}")
        self.name, self.source, self.instead = name, source, instead
        self.hypotheses = tuple(h for h in hypotheses if isinstance(h, Hypothesis))
        self.at_weights = tuple(h for h in hypotheses if isinstance(h, AtWeights))
        THEOREMS[name] = self

    def _failure(self, network: Architecture, weights: Any) -> tuple[str, str]:
        """The first hypothesis that fails, and what is wrong."""
        found = ((h.name, h.fails(network)) for h in self.hypotheses)
        if failure := next((pair for pair in found if pair[1]), None):
            return failure
        at = self.at_weights if weights is not None else ()
        found = ((h.name, h.fails(h.facts(network, weights))) for h in at)
        return next((pair for pair in found if pair[1]), ("", ""))

    def why_not(self, network: Architecture, weights: Any = None) -> str:
        """The first hypothesis that fails, in words, or nothing.

        Hypotheses about weights are left out unless weights are given.
        """
        return self._failure(network, weights)[1]

    def covers(self, network: Architecture, weights: Any = None) -> bool:
        """Whether its hypotheses hold for the network, and for the weights when given."""
        return not self.why_not(network, weights)

    def holds_at(self, facts: Any) -> bool:
        """Whether its hypotheses about weights hold, for facts that are collected already."""
        return not any(h.fails(facts) for h in self.at_weights)

    def require(self, network: Architecture, asked: str, weights: Any = None) -> None:
        """Raise :class:`~algattn.errors.HypothesisError` unless it covers them."""
        needed, wrong = self._failure(network, weights)
        if wrong:
            raise HypothesisError(
                f"{asked} for {network!r}",
                f"{wrong}, and the theorem {self.name!r} needs {needed}",
                f"a network with {needed}" + (self.instead and f", or {self.instead}"),
            )

    def __repr__(self) -> str:
        return f"<theorem {self.name!r} ({self.source})>"


def covering(network: Architecture, asked: str, *theorems: Theorem) -> Theorem:
    """The first of the theorems that covers the network.

    Raises
    ------
    HypothesisError
        When there is none; the message is that of the first theorem.
    """
    for theorem in theorems:
        if theorem.covers(network):
            return theorem
    theorems[0].require(network, asked)
    raise AssertionError
