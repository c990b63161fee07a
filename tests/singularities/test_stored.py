"""Stored results of this room: what is bound, what stands beside the lemmas, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from algattn import Lightning, Weights, load
from algattn.errors import AlgattnError, InputError
from algattn.fibers.factorisation import factor_pairs, symmetric_classes
from algattn.formulas.degree import determinantal_degree, symmetric_degree
from algattn.results import Result, canonical_json, seal
from algattn.singularities import degrees, loci
from algattn.singularities.degrees import DegreeCount, porteous
from algattn.singularities.loci import LocusLemma, LocusPoints
from algattn.singularities.strata import strata
from algattn.singularities.tangents_of_strata import rank_at

SMALL, WIDE = Lightning(widths=(2, 2), ranks=2), Lightning(widths=(12, 12), ranks=3)
SHAPES = [
    (d, e, a, t)
    for d in (1, 2, 3, 4)
    for e in (1, 2, 3)
    for a in (1, 2, 3)
    for t in (1, 2)
    if a <= d and d * e <= 9
]


def net(shape: tuple[int, int, int, int]) -> Lightning:
    d, e, a, t = shape
    return Lightning(widths=(d, e), ranks=a, tokens=t)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_ranks_at_representatives_are_dimensions(shape: tuple[int, int, int, int]) -> None:
    for s in strata(net(shape)):
        if s.representative is not None:
            A, V = s.representative.A[0], s.representative.V[0]
            assert rank_at(s, A, V, shape[3]) == s.dimension, s.name


@pytest.mark.parametrize("shape", SHAPES[::3], ids=str)
def test_loci_and_degrees_carry_independent_checks(shape: tuple[int, int, int, int]) -> None:
    network = net(shape)
    for result in (network.singular_locus(), network.boundary(), network.degree()):
        kinds = {type(e) for c in result.claims for e in c.evidence}
        assert kinds & {LocusPoints, DegreeCount}
        assert kinds - {LocusPoints, DegreeCount}
        load(result.to_json()).check()


def test_large_layers_keep_the_lemma_alone() -> None:
    for result in (WIDE.singular_locus(), WIDE.boundary(), WIDE.degree()):
        assert all(e.recomputed for e in result.evidence)
        load(result.to_json()).check()
    assert WIDE.singular_locus().claims[0].evidence == (LocusLemma(),)
    assert "(recomputed)" in LocusLemma().summary()
    with pytest.raises(AlgattnError, match="too large"):
        DegreeCount().check(WIDE.degree().problem, WIDE.degree().claims[0])


def test_porteous_and_the_closed_products_agree() -> None:
    for d in range(1, 10):
        for a in range(1, d + 2):
            assert porteous(d, a, symmetric=False) == determinantal_degree(d, a)
            assert porteous(d, a, symmetric=True) == symmetric_degree(d, 2 * a)


def test_a_wrong_formula_for_dimensions_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lemma repeats an error of the strata; the ranks do not."""
    result = SMALL.singular_locus()
    wrong = [replace(s, dimension=s.dimension - 1) for s in strata(SMALL)]
    monkeypatch.setattr(loci, "strata", lambda network, *_: wrong)
    again = SMALL.singular_locus()
    assert again.dimension == result.dimension - 1
    LocusLemma().check(again.problem, again.claim("dimension"))
    with pytest.raises(AlgattnError, match="has dimension"):
        LocusPoints().check(again.problem, again.claim("dimension"))


def test_a_point_that_is_not_singular_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = [replace(s, singular=True) for s in strata(SMALL)]
    monkeypatch.setattr(loci, "strata", lambda network, *_: wrong)
    again = SMALL.singular_locus()
    LocusLemma().check(again.problem, again.claim("components"))
    with pytest.raises(AlgattnError, match="no arcs"):
        LocusPoints().check(again.problem, again.claim("components"))


def test_a_wrong_number_of_preimages_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Lightning(widths=(3, 1), ranks=1)
    result = network.degree()
    monkeypatch.setattr(degrees, "factor_pairs", lambda f: factor_pairs(f)[:1])
    degrees._counted.cache_clear()
    with pytest.raises(AlgattnError, match="counts"):
        DegreeCount().check(result.problem, result.claim("degree"))
    degrees._counted.cache_clear()
    cubics = Lightning(widths=(3, 1), ranks=1, tokens=1)
    monkeypatch.setattr(degrees, "symmetric_classes", lambda f: symmetric_classes(f)[:2])
    with pytest.raises(AlgattnError, match="counts"):
        DegreeCount().check(cubics.degree().problem, cubics.degree().claim("factors"))
    degrees._counted.cache_clear()


# --- files -----------------------------------------------------------------------------------

W = Weights(A=[[[1, 0], [0, 0]]], V=[[[1, 0], [0, 0]]])
LINE = Lightning(widths=(2, 1), ranks=1)
RESULTS: dict[str, Callable[[], Result]] = {
    "point": lambda: SMALL.classify(W),
    "function": lambda: SMALL.classify_function(SMALL.function(W)),
    "singular locus": SMALL.singular_locus,
    "boundary": SMALL.boundary,
    "degree": LINE.degree,
    "distance": LINE.ed_degree,
}


def resealings(data: dict[str, Any], network: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The file with another network, sealed; and with what algattn writes of it anew."""
    other = data | {"problem": data["problem"] | {"network": network}}
    yield seal(other)
    try:
        again = load(json.dumps(other))
        yield seal(again._content() | {"versions": data["versions"]})
    except AlgattnError:
        return


@pytest.mark.parametrize("name", RESULTS)
def test_exchanged_networks_are_refused(name: str) -> None:
    """Softmax in place of lightning, other widths, ranks and numbers of tokens."""
    data = json.loads(RESULTS[name]().to_json())
    network = data["problem"]["network"]
    others = [
        {"kind": "softmax"},
        {"widths": [3, network["widths"][1]]},
        {"widths": [2, network["widths"][1] + 1]},
        {"widths": [2, 2, 2], "ranks": [1, 1]},
        {"tokens": 1},
    ]
    for other in others:
        for forged in resealings(data, network | other):
            try:
                again = load(json.dumps(forged))
                assert not again.verify(), other
            except AlgattnError:
                continue


@pytest.mark.parametrize("name", RESULTS)
def test_problems_have_no_more_parts_than_are_asked_about(name: str) -> None:
    data = json.loads(RESULTS[name]().to_json())
    for part, value in (("weights", W), ("function", SMALL.function(W)), ("other", W)):
        if part not in data["problem"]:
            more = data | {"problem": data["problem"] | {part: value.to_data()}}
            assert not load(json.dumps(seal(more))).verify()


def test_fields_that_contradict_each_other_claim_nothing() -> None:
    point, degree, locus = SMALL.classify(W), SMALL.degree(), SMALL.boundary()
    assert replace(point, value="outside").outline() == ()
    assert replace(point, multiplicity=None).outline() == ()
    assert replace(point, position="outside").outline() == ()
    assert replace(degree, value=degree.value + 1).outline() == ()
    assert replace(locus, value=None).outline() == ()
    assert replace(locus, strata=("round",)).outline() == ()
    with pytest.raises(InputError, match="not all strata"):
        replace(locus, strata=("round",)).to_json()
    distance = LINE.ed_degree()
    assert replace(distance, W=((1, 1),), b=1).outline() == ()
    assert replace(distance, of="boundary").outline() == ()


def test_critical_points_bind_all_of_their_unknowns() -> None:
    from algattn import critical_points
    from algattn.results import Claim

    narrow = Lightning(widths=(1, 1), ranks=1)
    result = critical_points(narrow, [([[1, 2]], [[1, 1]])], engine="builtin")
    again = load(result.to_json())
    assert again == result
    assert hash(again) == hash(result)
    claim, (evidence,) = result.claim("points"), result.claim("points").evidence
    evidence.check(result.problem, claim)
    honest = canonical_json(claim.value)
    for old, new in (
        ('"values":["3/25"]', '"values":["3/25",0]'),
        ('"loss":"0.2"', '"loss":"0.20"'),
        ('"loss":"0.2"', '"loss":"0.3"'),
        ('"minimum"', '"saddle"'),
        ('"chart":[[1],[]]', '"chart":[[true],[]]'),
        ('"values":["3/25"]', '"values":["6/50"]'),
    ):
        assert old in honest
        value = json.loads(honest.replace(old, new))
        with pytest.raises(AlgattnError):
            evidence.check(result.problem, Claim("points", claim.statement, value, ()))
    data = json.loads(result.to_json())
    for loss in ("nan", "inf", "much"):
        data["detail"]["points"][0]["loss"] = loss
        with pytest.raises(InputError):
            load(json.dumps(data))
