"""The fiber through given weights: of one layer in closed form, of others layer by layer."""

from __future__ import annotations

from dataclasses import replace

from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.fibers.deep import deep_fiber
from algattn.fibers.layer_invariants import FIBER, FIBER_ONE_TOKEN, LayerFacts
from algattn.fibers.results import (
    FiberLemma,
    FiberLemmaAtWitnesses,
    FiberResult,
    SameFunction,
    fiber_result,
    measurable,
    unknowns,
)
from algattn.results import Evidence


def fiber(network: Architecture, weights: Weights, params: str | None = None) -> FiberResult:
    """The fiber through the given weights; see ``Lightning.fiber``."""
    chosen = unknowns(params, weights)
    if not (FIBER.covers(network) or FIBER_ONE_TOKEN.covers(network)):
        return deep_fiber(network, weights, chosen)
    facts = LayerFacts.of(network, weights, "describe the fiber")
    found = fiber_result(Problem(network, weights), facts, chosen)
    lemma = FiberLemmaAtWitnesses if measurable(found) else FiberLemma
    evidence: dict[str, list[Evidence]] = {
        "members": [SameFunction()],
        "complete": [lemma(facts.rank_A, facts.rank_S, facts.rank_V)],
    }
    claims = tuple(o.claim(evidence[o.name]) for o in found.outline())
    return replace(found, claims=claims)
