"""Theorems and fast paths, each with the networks that it covers, in code.

A room writes down what it relies on as a :class:`Theorem`; its hypotheses are the one place that
says for which networks it holds.  What no theorem covers gets the generic answer, an honest bound,
or an error that names the theorem and what fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.errors import HypothesisError

__all__ = [
    "THEOREMS",
    "Hypothesis",
    "Theorem",
    "has_bias",
    "lightning",
    "no_bias",
    "no_mask",
    "no_residual",
    "one_head",
    "one_layer",
    "plain",
    "softmax",
    "two_tokens",
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
    fails: Callable[[Architecture], str]

    def holds(self, network: Architecture) -> bool:
        """Whether the network satisfies it."""
        return not self.fails(network)


def _unless(name: str, wrong: str, holds: Callable[[Architecture], Any]) -> Hypothesis:
    return Hypothesis(name, lambda n: "" if holds(n) else wrong)


one_head = Hypothesis(
    "one head with a full value matrix in each layer",
    lambda n: (
        ""
        if all(s.one_head for s in n.shapes)
        else f"its layers have {n.heads} heads"
        + ("" if n.value_ranks is None else f" and values of rank {n.value_ranks}")
    ),
)
no_mask = _unless("no mask", "it has a mask", lambda n: all(m is None for m in n.mask))
no_residual = _unless("no residual", "it is residual", lambda n: not n.residual)
no_bias = Hypothesis("no biases", lambda n: n.biases and f"it has biases {n.biases!r}")
#: One head and nothing else: what the first theory of attention is about.
plain = (one_head, no_mask, no_residual, no_bias)
lightning = Hypothesis("lightning", lambda n: "" if n.kind == "lightning" else f"it is {n.kind}")
softmax = Hypothesis("softmax", lambda n: "" if n.kind == "softmax" else f"it is {n.kind}")
one_layer = Hypothesis("one layer", lambda n: "" if n.layers == 1 else f"it has {n.layers} layers")
value_ranks = Hypothesis(
    "value ranks", lambda n: "" if n.value_ranks else "its heads have full value matrices"
)
two_tokens = _unless("at least two tokens", "it has one token", lambda n: n.tokens > 1)


def has_bias(letter: str) -> Hypothesis:
    """That the maps of this letter of "qkvo" have a bias."""
    return _unless(f"a bias {letter}", f"it has no bias {letter}", lambda n: letter in n.biases)


THEOREMS: dict[str, Theorem] = {}


class Theorem:
    """A statement, where its proof stands, and the networks that it covers.

    Parameters
    ----------
    name : str
        Unique; the name of the lemma in `source`, as a rule.
    source : str
        Where it is proved: a page of ``algattn/docs`` or a paper with the number of the theorem.
    hypotheses : Hypothesis
        All of them have to hold.

    Examples
    --------
    >>> from algattn import Lightning
    >>> from algattn.attention.theorems import Theorem, plain, one_layer
    >>> example = Theorem("an example", "algattn/docs/one_layer.md", *plain, one_layer)
    >>> example.covers(Lightning((2, 2), 1)), example.covers(Lightning((2, 2), 1, heads=2))
    (True, False)
    >>> example.why_not(Lightning((2, 2), 1, heads=2))
    'its layers have (2,) heads'
    >>> del THEOREMS["an example"]
    """

    def __init__(self, name: str, source: str, *hypotheses: Hypothesis) -> None:
        if name in THEOREMS:
            raise TypeError(f"there are two theorems {name!r}")
        self.name, self.source, self.hypotheses = name, source, hypotheses
        THEOREMS[name] = self

    def why_not(self, network: Architecture) -> str:
        """The first hypothesis that fails, in words, or nothing."""
        return next((wrong for h in self.hypotheses if (wrong := h.fails(network))), "")

    def covers(self, network: Architecture) -> bool:
        """Whether its hypotheses hold for the network."""
        return not self.why_not(network)

    def require(self, network: Architecture, asked: str) -> None:
        """Raise :class:`~algattn.errors.HypothesisError` unless it covers the network."""
        if wrong := self.why_not(network):
            needs = ", ".join(h.name for h in self.hypotheses)
            raise HypothesisError(
                asked, f"{wrong}; the theorem {self.name!r} needs: {needs}", "another network"
            )

    def __repr__(self) -> str:
        return f"<theorem {self.name!r} ({self.source})>"
