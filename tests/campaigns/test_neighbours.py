"""A small sample of the campaign of the neighbours, and faults that it has to notice."""

from __future__ import annotations

from typing import Any

import neighbours
import pytest

from algattn.bias.supports import Support
from algattn.paths.rational import ExactPathKernels
from algattn.tropical import MultiHead, NewtonPolytope, TropicalAttention


@pytest.mark.parametrize("question", list(neighbours.QUESTIONS))
def test_both_answers_agree(question: str) -> None:
    found = [neighbours.run(question, *case) for case in neighbours.cases(question, 4, seed=7)]
    assert not [wrong for wrong in found if wrong is not None]


FAULTS: list[tuple[str, Any, str, Any]] = [
    ("one head", TropicalAttention, "argmax", lambda head, q: frozenset({0})),
    ("several heads", MultiHead, "limit", lambda heads, q: (0,)),
    ("Newton polytope", NewtonPolytope, "volume", lambda polytope: 0),
    ("hard margin", Support, "norm_squared", 2),
    ("path kernels", ExactPathKernels, "kernel", lambda kernels, U: kernels.block(0, 0)),
]


@pytest.mark.parametrize(("question", "place", "name", "wrong"), FAULTS, ids=lambda x: str(x)[:15])
def test_faults_are_noticed(
    question: str, place: Any, name: str, wrong: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, name, wrong)
    found = [neighbours.run(question, *case) for case in neighbours.cases(question, 6, seed=1)]
    assert any(said is not None for said in found)
