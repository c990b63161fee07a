"""Dimensions, degrees, equations and fibers of 182 maps against the literature."""

from __future__ import annotations

from collections import Counter

import pytest
from map_corpus import CORPUS, ENGINE, PolynomialMap
from map_corpus_report import ASK, STORE, wanted

#: Maps whose dimension takes longer than a second or two: only the report asks about them.
LARGE = {
    name
    for name in CORPUS
    if name.startswith(("Secants of Grassmannians: G(4, 8)", "Secants of Grassmannians: G(3,"))
    or name in ("Grassmannian: G(4, 7)", "Secants of Grassmannians: G(2, 8), 3 planes")
}
#: Of each family, those that a quick run asks about.
QUICK = [name for n, name in enumerate(CORPUS) if n % 3 == 0 and name not in LARGE]


def test_the_corpus_is_what_it_says() -> None:
    families = Counter(entry.family for entry in CORPUS.values())
    assert len(CORPUS) >= 150
    assert max(families.values()) <= 15
    assert len(families) >= 12
    assert sum(bool(entry.special) or entry.defective for entry in CORPUS.values()) >= 40
    assert sum(entry.defective for entry in CORPUS.values()) >= 25
    assert all(entry.source for entry in CORPUS.values())
    for name, entry in CORPUS.items():
        assert entry.dimension is not None or (ENGINE in entry.source and name in STORE), name


def check(name: str, what: str, proved: bool = True) -> None:
    """Our answer is the one published, and PROVED."""
    entry = CORPUS[name]
    got, status = ASK[what](entry, 60)
    assert got == wanted(entry, what), (name, entry.source)
    assert status == "PROVED" or not proved, name


@pytest.mark.parametrize("name", QUICK)
def test_some_dimensions(name: str) -> None:
    check(name, "dimension")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in CORPUS if n not in LARGE and n not in QUICK])
def test_other_dimensions(name: str) -> None:
    check(name, "dimension")


def test_defects() -> None:
    for name in QUICK:
        entry = CORPUS[name]
        if entry.expected is not None and entry.dimension is not None:
            phi: PolynomialMap = entry.build()
            assert entry.expected <= min(len(phi.parameters), len(phi.coordinates)), name
