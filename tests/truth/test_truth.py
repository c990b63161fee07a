"""A fixed sample of the campaign: every cell of (question x stratum) is asked in turn."""

from __future__ import annotations

import pytest
from campaign import ask, cells

NAMES = list(dict.fromkeys(name for name, _, _ in cells()))
#: Cells whose single case takes a second.
SLOW = {"not_contained", "softmax"}


@pytest.mark.parametrize("name", NAMES)
def test_sample_agrees_with_independent_code(name: str) -> None:
    own = [c for c in cells() if c[0] == name and not SLOW & set(c)]
    outcomes = {
        (cell, seed): ask(cell, seed) for seed, cell in enumerate(own[:: len(own) // 12 or 1])
    }
    assert not {k: v for k, v in outcomes.items() if v.startswith("wrong")}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_more_cells_agree_with_independent_code(name: str) -> None:
    """A quarter of the cells; those of three layers take long to recover."""
    own = [c for c in cells() if c[0] == name and c[2][0] != "three layers"]
    outcomes = {cell: ask(cell, 1) for cell in own[::4]}
    assert not {k: v for k, v in outcomes.items() if v.startswith("wrong")}
