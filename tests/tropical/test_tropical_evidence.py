"""Evidence that does not repeat the search: other algorithms, and what they notice."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tropical_instances import heads, random_head

from algattn import load
from algattn.errors import AlgattnError, CertificateError, HypothesisError, LimitError
from algattn.results import Claim, freeze, thaw
from algattn.tropical import Layer, MultiHead, Stack, TropicalAttention, bounds, depth_stack
from algattn.tropical.corners import at_corners, error_below
from algattn.tropical.problems import Sizes
from algattn.tropical.regions import regions
from algattn.tropical.results import (
    ConstructionLemma,
    CornerLeads,
    CountLemma,
    FilledBox,
    MinkowskiCells,
)


def systems() -> Iterator[Any]:
    """Single heads, pairs, and stacks whose layers need not be injective."""
    yield from heads(25, seed=31)
    rng = random.Random(32)
    for d in (1, 2, 2, 3):
        yield MultiHead([random_head(rng, 3, d) for _ in range(2)])
    for _ in range(6):
        first = TropicalAttention(
            [[rng.randint(-3, 3) for _ in range(2)] for _ in range(3)],
            values=[[rng.randint(-3, 3) for _ in range(2)] for _ in range(3)],
            biases=[rng.randint(-2, 2) for _ in range(3)],
        )
        skip = rng.choice(["identity", None, [[1, 0], [1, 0]]])
        yield Stack([Layer([first], skip=skip), Layer([first])])


def kinds(result: Any, claim: str) -> set[str]:
    return {evidence.kind for evidence in result.claim(claim).evidence}


def test_other_algorithms_find_the_same_cells() -> None:
    seen: dict[str, int] = {}
    for system in systems():
        n = system.dimension
        for box in (None, [(-2, Fraction(5, 2))] * n):
            found = regions(system, box=box)
            assert found.verify()
            assert load(found.to_json()).verify()
            for kind in kinds(found, "cells"):
                seen[kind] = seen.get(kind, 0) + 1
    assert seen["tropical.minkowski-cells"] > 20
    assert seen["tropical.filled-box"] > 20


@pytest.mark.parametrize("box", [None, [(-3, 3), (-3, 3)]])
def test_a_cell_that_is_left_out_is_missed(box: Any) -> None:
    joint = MultiHead([random_head(random.Random(seed), 4, 2) for seed in (1, 2)])
    found = regions(joint, box=box)
    evidence = MinkowskiCells() if box is None else FilledBox()
    claim = found.claim("cells")
    evidence.check(found.problem, claim)
    for k in range(found.value):
        rest = found.cells[:k] + found.cells[k + 1 :]
        with pytest.raises(CertificateError):
            evidence.check(found.problem, replace(claim, value=freeze(thaw(rest))))
    doubled = (found.cells[0], *found.cells)
    with pytest.raises(CertificateError):
        evidence.check(found.problem, replace(claim, value=freeze(thaw(doubled))))
    wrong = MinkowskiCells() if box is not None else FilledBox()
    with pytest.raises(CertificateError):
        wrong.check(found.problem, claim)


def test_corners_and_cells_give_the_same_leads() -> None:
    rng, proved, refused = random.Random(33), 0, 0
    for system in systems():
        values = system.heads if isinstance(system, MultiHead) else [system]
        if any(getattr(h, "values", ()) is None for h in values):
            continue
        low = [Fraction(rng.randint(-16, 16), 4) for _ in range(system.dimension)]
        box = [(x, x + Fraction(1, 8)) for x in low]
        try:
            found = system.stability(error="1/10", box=box)
        except HypothesisError:
            refused += 1
            continue
        assert "tropical.corner-leads" in kinds(found, "winners") & kinds(found, "stable")
        assert found.verify()
        assert load(found.to_json()) == found
        proved += 1
        if found.temperature is None:
            continue
        hotter = thaw(found.temperature * Fraction(11, 10))
        claim = replace(found.claim("stable"), value=str(hotter))
        with pytest.raises(CertificateError):
            CornerLeads().check(found.problem, claim)
    assert proved > 10
    assert refused > 1


def test_what_corners_do_not_show() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    by_gap = head.stability(error="1/10", cell=1, gap=1)
    assert kinds(by_gap, "stable") == {"tropical.exponential-bound"}
    with pytest.raises(CertificateError, match="not a box"):
        CornerLeads().check(by_gap.problem, by_gap.claim("stable"))
    found = head.stability(error="1/10", box=[(1, 2)])
    for value in ("2/4", True, 0, "-1"):
        with pytest.raises((CertificateError, AlgattnError)):
            CornerLeads().check(found.problem, Claim("stable", "", value, ()))
    stack = Stack([Layer([head], skip=None)])
    with pytest.raises(CertificateError, match="leads key"):
        at_corners(stack, ((-1, 1),))
    many = Stack([Layer([TropicalAttention([[0] * 7, [1] * 7], values=[0, 1])], skip=None)])
    with pytest.raises(LimitError, match="128 corners"):
        at_corners(many, ((1, 2),) * 7)
    deep = depth_stack(keys=2, dimension=1, depth=2)
    narrow = deep.stability(error="1/100", box=[("1/16", "1/8")])
    won = at_corners(deep, narrow.problem.region.box)
    assert not error_below(deep, won, None, narrow.problem.error)


def test_bounds_by_other_formulas() -> None:
    for heads_ in (1, 2, 5, 9):
        for keys in (1, 2, 7):
            for dimension in (0, 1, 3, 12):
                for depth in (1, 3):
                    found = bounds(heads=heads_, keys=keys, dimension=dimension, depth=depth)
                    assert found.verify()
                    more = Claim("upper", "", found.value + 1, ())
                    with pytest.raises(CertificateError):
                        CountLemma().check(Sizes(heads_, keys, dimension, depth), more)
                    with pytest.raises(CertificateError):
                        ConstructionLemma().check(Sizes(heads_, keys, dimension, depth), more)
