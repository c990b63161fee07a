"""The hypotheses of the theory, each decided exactly on data, with a witness where it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import Any

from algattn.bias.constraints import Constraints
from algattn.bias.data import TokenData, dot, spell
from algattn.bias.selections import all_selections, candidate
from algattn.exact import QQ, Matrix
from algattn.progress import Monitor
from algattn.results import freeze

#: Hypotheses, in the order in which they are reported.
HYPOTHESES = {
    "two_tokens": "some sequence has two tokens or more",
    "unique_optimum": "every sequence has one token of best score",
    "equal_scores": "in every sequence all other tokens have the same score",
    "orthogonal_tokens": "the tokens of every sequence are orthogonal to each other",
    "orthonormal_tokens": "the tokens of every sequence are orthonormal",
    "orthogonal_queries": "the queries are orthogonal to each other",
    "orthonormal_queries": "the queries are orthonormal",
    "independent_features": "the features (x_o - x_t) z^T are linearly independent",
    "feasible": "some W separates the best tokens from all others",
    "all_support": "all margins are tight with positive multipliers, and features independent",
    "only_limit": "no selection but the best one attracts gradient flow",
}

#: Where a hypothesis fails, or the numbers behind it: places (0-based), counts and rationals.
Witness = Mapping[str, int | str | tuple[int | str, ...]]


@dataclass(frozen=True)
class Fact:
    """What was found: true, false or open, and where it fails."""

    holds: bool | None
    witness: Witness | None = None


def fact(holds: bool | None, witness: Mapping[str, Any] | None = None) -> Fact:
    """A fact with its witness as JSON data."""
    return Fact(holds, freeze(witness))


def _two(data: TokenData) -> Fact:
    return fact(max(data.lengths) >= 2)


def _unique(data: TokenData) -> Fact:
    if not data.ties:
        return fact(True)
    i, tokens = data.ties[0]
    return fact(False, {"sequence": i, "tokens": list(tokens)})


def _equal(data: TokenData) -> Fact:
    for i, row in enumerate(data.scores):
        others = sorted(range(len(row)), key=row.__getitem__)[:-1]
        for t in others[1:]:
            if row[t] != row[others[0]]:
                pair = sorted((others[0], t))
                return fact(
                    False,
                    {"sequence": i, "tokens": pair, "scores": spell([row[s] for s in pair])},
                )
    return fact(True)


def _tokens(data: TokenData, unit: bool) -> Fact:
    for i, tokens in enumerate(data.sequences):
        bad = _not_orthogonal(tokens, unit)
        if bad is not None:
            return fact(False, {"sequence": i, "tokens": bad[:2], "product": bad[2]})
    return fact(True)


def _queries(data: TokenData, unit: bool) -> Fact:
    bad = _not_orthogonal(data.queries, unit)
    if bad is None:
        return fact(True)
    return fact(False, {"queries": bad[:2], "product": bad[2]})


def _not_orthogonal(vectors: Any, unit: bool) -> list[Any] | None:
    for a, b in combinations(range(len(vectors)), 2):
        if (x := dot(vectors[a], vectors[b])) != 0:
            return [a, b, QQ.format(x)]
    if unit:
        for a, v in enumerate(vectors):
            if (x := dot(v, v)) != 1:
                return [a, a, QQ.format(x)]
    return None


def _gram(data: TokenData) -> Matrix:
    rows = Constraints.of(data).gram()
    return Matrix(QQ, rows, (len(rows), len(rows)))


def _independent(data: TokenData) -> Fact:
    if data.ties:
        return fact(None)
    gram = _gram(data)
    rank = gram.rank()
    return fact(rank == gram.shape[0], {"rank": rank, "features": gram.shape[0]})


def _support(data: TokenData) -> Fact:
    if data.ties:
        return fact(None)
    gram = _gram(data)
    n = gram.shape[0]
    if n == 0:
        return fact(True, {"positive": 0, "features": 0})
    if gram.rank() < n:
        return fact(False, {"rank": gram.rank(), "features": n})
    solution = gram.solve(Matrix(QQ, [[1]] * n))
    assert solution is not None
    positive = sum(row[0] > 0 for row in solution.rows)
    return fact(positive == n, {"positive": positive, "features": n})


def only_limit(data: TokenData, limit: int, monitor: Monitor | None = None) -> Fact:
    """Whether no selection but the best attracts; open while one is undecided, or for too many."""
    if data.ties or prod(data.lengths) > limit:
        return fact(None, {"selections": prod(data.lengths)})
    best, open_question = data.best(), None
    for selection in all_selections(data):
        if selection == best:
            continue
        if monitor is not None:
            monitor.step()
        found = candidate(data, selection)[0]
        if found.stable is True:
            return fact(False, {"selection": list(selection)})
        if found.feasible and found.stable is None and open_question is None:
            open_question = list(selection)
    if open_question is not None:
        return fact(None, {"selection": open_question})
    return fact(True, {"selections": prod(data.lengths)})


DIRECT: dict[str, Callable[[TokenData], Fact]] = {
    "two_tokens": _two,
    "unique_optimum": _unique,
    "equal_scores": _equal,
    "orthogonal_tokens": lambda data: _tokens(data, False),
    "orthonormal_tokens": lambda data: _tokens(data, True),
    "orthogonal_queries": lambda data: _queries(data, False),
    "orthonormal_queries": lambda data: _queries(data, True),
    "independent_features": _independent,
    "all_support": _support,
}
