"""Dimensions, degrees, equations and fibers of 182 maps against the literature."""

from __future__ import annotations

import os
from collections import Counter
from math import inf

import pytest
from map_corpus import CORPUS, ENGINE, PolynomialMap
from map_corpus_report import ASK, STORE, wanted
from test_identifiability import PUBLISHED

from algattn.engines import available

#: Maps whose dimension takes longer than a second or two: only the report asks about them.
LARGE = {
    name
    for name in CORPUS
    if name.startswith(("Secants of Grassmannians: G(4, 8)", "Secants of Grassmannians: G(3,"))
    or name in ("Grassmannian: G(4, 7)", "Secants of Grassmannians: G(2, 8), 3 planes")
}
#: Of each family, those that a quick run asks about.
QUICK = [name for n, name in enumerate(CORPUS) if n % 5 == 0 and name not in LARGE]


def sample(what: str, families: str, step: int = 1) -> list[str]:
    """Maps of some families for which a number is known."""
    some = set(families.split(", "))
    found = [n for n, e in CORPUS.items() if wanted(e, what) is not None and e.family in some]
    assert {CORPUS[name].family for name in found} == some, (what, families)
    return [name for name in found[::step] if name not in LARGE]


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


def test_macaulay2_says_what_is_published() -> None:
    """Two sources for most numbers: none of the literature may differ from that of the engine."""
    both: set[str] = set()
    for name, entry in CORPUS.items():
        for what in ("dimension", "degree", "points", "generators"):
            known, found = getattr(entry, what), STORE[name].get(what)
            if known in (None, {}) or found is None:
                continue
            if what == "generators":
                found = {int(d): n for d, n in found.items()}
                known = {d: n for d, n in known.items() if n}
            assert found == known, (name, what)
            both.add(name)
    assert len(both) >= 140


@pytest.mark.parametrize("name", sorted(STORE["values"]))
def test_macaulay2_counts_as_many_values(name: str) -> None:
    known = PUBLISHED[name][1] if name in PUBLISHED else CORPUS[name].identifiable
    found = STORE["values"][name]
    assert {h: inf if n is None else n for h, n in found.items()} == known


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


@pytest.mark.slow
@pytest.mark.parametrize("name", sample("points", "Veronese, Gram matrices, Gaussian models", 2))
def test_points_of_fibers(name: str) -> None:
    check(name, "points", proved="inverse covariances" not in name)  # these are only counted


@pytest.mark.parametrize("name", sample("identifiable", "Gaussian models"))
def test_identifiability(name: str) -> None:
    check(name, "identifiable")


@pytest.mark.slow
@pytest.mark.parametrize("name", sample("components", "Segre, Scroll, Tensors of small rank", 3))
def test_components_of_fibers(name: str) -> None:
    check(name, "components")


@pytest.mark.slow
@pytest.mark.parametrize("name", sample("generators", "Segre, Veronese, Scroll, Gram matrices", 3))
def test_generators(name: str) -> None:
    check(name, "generators")


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sample("degree", "Veronese, Scroll, Gram matrices, Jukes-Cantor trees", 4)
)
def test_degrees(name: str) -> None:
    need_singular()
    check(name, "degree")


def need_singular() -> None:
    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


def test_defects() -> None:
    """The defect is what is missing of the dimension that counting allows at most."""
    quick = [CORPUS[name] for name in QUICK]
    entries = [e for e in quick if e.expected is not None and e.dimension is not None]
    assert sum(entry.defective for entry in entries) > 3
    for entry in entries:
        phi: PolynomialMap = entry.build()
        most = min(len(phi.parameters), len(phi.coordinates))
        assert entry.expected is not None
        assert entry.expected <= most, entry.name
        if entry.defective:
            assert phi.defect() == most - entry.dimension, entry.name
