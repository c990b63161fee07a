"""`equivalent` against independent evaluation, on random pairs from every stratum."""

from __future__ import annotations

import pytest
from pairs import compared, lightning_agree, lightning_pairs, softmax_agree, softmax_pairs


@pytest.mark.parametrize("seed", range(3))
def test_softmax_pairs(seed: int) -> None:
    counts = compared(softmax_pairs(seed), softmax_agree, 120)
    assert set(counts) <= {"equal, PROVED", "different, PROVED", "not judged"}
    assert min(counts["equal, PROVED"], counts["different, PROVED"]) > 30


@pytest.mark.parametrize("seed", range(3))
def test_lightning_pairs(seed: int) -> None:
    counts = compared(lightning_pairs(seed), lightning_agree, 200)
    assert set(counts) <= {"equal, PROVED", "different, PROVED", "not judged", "undecided"}
    assert min(counts["equal, PROVED"], counts["different, PROVED"]) > 30
