"""Infinite families: polynomials against single shapes, and certificates that can fail."""

from __future__ import annotations

import json

import pytest
from flint import fmpq

from algattn import Lightning, Softmax, load
from algattn.dimension import families, family
from algattn.dimension.evidence import bounds
from algattn.dimension.families import Cell, charts, covers
from algattn.dimension.modular import DEFAULT_PRIME
from algattn.dimension.printing import linear, print_terms
from algattn.dimension.reduction import Kind
from algattn.errors import FieldError, HypothesisError, InputError, UndecidedError
from algattn.results import seal

CLASSES = {Kind.LIGHTNING: Lightning, Kind.SOFTMAX: Softmax}


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("tokens", [1, 2, 3])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_equal_widths_against_dense_ranks(kind, tokens, depth):
    found = family(depth=depth, kind=kind.value, tokens=tokens)
    assert found.status.name == "PROVED"
    for d in range(1, 6):
        for a in range(1, d + 2):
            network = CLASSES[kind]((d,) * (depth + 1), (a,) * depth, tokens)
            dense = bounds(network, "dense", d + a, DEFAULT_PRIME)
            assert found.at(d, a) == dense.lower == dense.upper, (d, a)


def test_equal_widths_in_print():
    found = family(depth=6)
    assert found.value == {"d >= a": "d^2 + 12*d*a - 6*a^2 - 6"}
    assert found.at(256, 128) == 360442
    assert "depth 6" in found.sentence()
    assert r"\begin{cases}" in found.formula()
    (polynomial,) = found.polynomials.values()
    assert polynomial[1, 1] == 12
    split = family(depth=3, tokens=1)
    assert set(split.value) == {"d >= 2a", "a <= d < 2a"}
    assert split.at(4, 2) == Lightning((4,) * 4, 2, 1).dimension().value
    assert split.at(5, 3) == Lightning((5,) * 4, 3, 1).dimension().value
    assert split.at(5, 3) == split.at(5, 4)


@pytest.mark.parametrize("kind", ["lightning", "softmax"])
def test_families_verify_from_json_and_fail_when_changed(kind):
    found = family(depth=2, kind=kind)
    assert load(found.to_json()).verify()

    def changed(change):
        data = json.loads(found.to_json())
        change(data)
        data["digest"] = seal(data)["digest"]
        result = load(json.dumps(data))
        return result.verify() and result.status.name == "PROVED"

    assert changed(lambda d: None)

    def other_polynomial(d):
        terms = d["detail"]["terms"]["d >= a"]
        terms[0][2] = "2"
        d["value"]["d >= a"] = print_terms(terms)
        d["claims"][0]["value"] = terms
        d["claims"][0]["statement"] = f"the dimension is {d['value']['d >= a']} for all d >= a"

    assert not changed(other_polynomial)
    assert not changed(lambda d: d["problem"]["family"].update(depth=3))
    assert not changed(lambda d: d["claims"][0]["evidence"].pop())
    assert not changed(lambda d: d["value"].update({"d >= a": "0"}))


def test_cells_cover_or_not():
    whole = Cell((2, 1), (True, True))
    ray = Cell((1, 1), (False, True))
    assert whole.contains(9, 5)
    assert not whole.contains(1, 5)
    assert ray.contains(1, 7)
    assert not ray.contains(2, 7)
    assert not covers([whole, ray], (0, 1))
    assert covers([whole, ray, Cell((0, 1), (False, True))], (0, 1))
    assert not covers([whole, ray, Cell((0, 1), (False, False))], (0, 1))


@pytest.mark.parametrize(("kind", "tokens"), [(k, t) for k in Kind for t in (1, 2)])
def test_charts_cover_all_pairs_once(kind, tokens):
    for d in range(1, 15):
        for a in range(1, d + 1):
            hits = sum(
                chart.shape(u, v) == (d, a)
                for chart in charts(kind, tokens)
                for u in range(chart.least[0], 15)
                for v in range(chart.least[1], 15)
            )
            assert hits == 1


def test_a_wrong_polynomial_does_not_agree():
    (chart,) = charts(Kind.LIGHTNING, 2)
    solved = families.cover(chart, 2, kind=Kind.LIGHTNING, tokens=2, seed=0, prime=8388593)
    right = families.fit(solved[0], chart)
    assert all(cell.agrees(right, chart) for cell in solved)
    for monomial in ((2, 0), (1, 1), (0, 2), (0, 0)):
        wrong = dict(right)
        wrong[monomial] = wrong.get(monomial, fmpq(0)) + fmpq(1, 2)
        assert not any(cell.agrees(wrong, chart) for cell in solved[:1])


def test_undecided_cells_are_an_error(monkeypatch):
    monkeypatch.setattr(families, "solve_cell", lambda *args, **kwargs: None)
    (chart,) = charts(Kind.LIGHTNING, 2)
    with pytest.raises(UndecidedError, match="no open cell"):
        families.cover(chart, 2, kind=Kind.LIGHTNING, tokens=2, seed=0, prime=8388593)


@pytest.mark.parametrize(
    "network",
    [
        Lightning((9, 9, 9), 4),
        Lightning((9, 6, 4), (2, 5)),
        Lightning((7, 7, 7), 1),
        Softmax((9, 7, 9), (4, 3)),
        Softmax((4, 6, 8), 2),
        Lightning((8, 6, 7), 3, 1),
    ],
)
def test_multiplicities_against_dense_ranks(network):
    found = family(network)
    assert found.status.name == "PROVED"
    assert load(found.to_json()).verify()
    own = [m for m in found.sizes if m >= 2]
    assert found.at(*own) == network.dimension().value
    for extra in range(3):
        sizes = [2 + (extra + n) % 3 for n in range(found.free)]
        widths, ranks = found.shape(*sizes)
        if max(widths) > 12:
            continue
        other = type(network)(widths, ranks, network.tokens)
        dense = bounds(other, "dense", extra, DEFAULT_PRIME)
        assert found.at(*sizes) == dense.lower == dense.upper
        named = {f"m{n + 1}": m for n, m in enumerate(sizes)}
        value = found.value.replace("^", "**")
        assert eval(value, {"__builtins__": {}}, named) == found.at(*sizes)  # our own text
        assert [eval(w, {"__builtins__": {}}, named) for w in found.widths] == list(widths)


def test_a_changed_component_fails():
    found = family(Lightning((9, 9, 9), 4))
    data = json.loads(found.to_json())
    data["detail"]["components"][0][3] += 1
    data["claims"][0]["value"]["components"][0][3] += 1
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


def test_bad_families_are_refused():
    with pytest.raises(InputError, match="network or a depth"):
        family()
    with pytest.raises(InputError, match="network or a depth"):
        family(Lightning((3, 3), 1), depth=2)
    for bad in ({"depth": 0}, {"depth": 10**6}, {"depth": 2, "tokens": 0}):
        with pytest.raises(InputError, match="whole number"):
            family(**bad)
    with pytest.raises(InputError, match="kind"):
        family(depth=2, kind="relu")
    with pytest.raises(FieldError):
        family(depth=2, prime=4)
    found = family(Lightning((9, 9, 9), 4))
    for sizes in ((2,), (2, 1), (2, 2, 2), (2.0, 3)):
        with pytest.raises(HypothesisError, match="sizes"):
            found.at(*sizes)
    with pytest.raises(HypothesisError, match="positive"):
        family(depth=2).at(0, 1)


def test_linear_forms():
    assert linear((3, 1, 4), (0, 1, 0, 2)) == "m1 + 2*m2"
    assert linear((1,), (2, 1)) == "3"
