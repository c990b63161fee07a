"""Degrees of equations are ordinary unless a grading is asked for: against other systems."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from algattn import GF, Lightning, implicitize, load
from algattn.engines import Elimination, GroebnerBasis, available, solve
from algattn.engines.leading import leading_term, order_key
from algattn.errors import HypothesisError, LimitError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.groebner.graph import graph_equations, graph_ring
from algattn.maps.texts import read_texts

ENNEPER = ["s-1/3*s^3+s*t^2", "t-1/3*t^3+s^2*t", "s^2-t^2"]

# map, bound, minimal generators by ordinary degree; textbooks
KNOWN: dict[str, tuple[list[str], int, dict[int, int]]] = {
    "cusp": (["t^2", "t^3"], 3, {3: 1}),
    "cusp, lower": (["t^2", "t^3"], 2, {}),
    "cross": (["s^3", "t^3", "s*t"], 4, {3: 1}),
    "Whitney umbrella": (["s*t", "s", "t^2"], 4, {3: 1}),
    "node": (["s^2-1", "s^3-s"], 4, {3: 1}),
    "twisted cubic": (["s", "s^2", "s^3"], 3, {2: 3}),
    "tangent developable": (["t+s", "t^2+2*t*s", "t^3+3*t^2*s"], 4, {4: 1}),
    "Enneper": (ENNEPER, 9, {9: 1}),
    "Enneper, lower": (ENNEPER, 8, {}),
    "constant": (["s", "2"], 2, {1: 1}),
    "constants": (["3", "2/3"], 2, {1: 2}),
    "zero": (["0", "0"], 2, {1: 2}),
    "repeated": (["s", "s", "s+1", "s^2"], 2, {1: 2, 2: 1}),
    "fractions": (["1/3*s^2+1/2", "s^3-1/7"], 3, {3: 1}),
    "monomial curve": (["s^3", "s^4", "s^5"], 3, {2: 1, 3: 2}),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_maps(name: str) -> None:
    texts, bound, counts = KNOWN[name]
    ideal = implicitize(texts, max_degree=bound)
    assert (ideal.counts, ideal.status.name, ideal.grading) == (counts, "PROVED", "ordinary")
    assert all(max(sum(e) for e, _ in g.terms()) == g.degree() for g in ideal.generators)
    assert load(ideal.to_json()).verify()


def random_map(seed: int) -> list[Polynomial]:
    """A small map: some homogeneous, some with constant terms, some over GF(p)."""
    rng = random.Random(f"maps {seed}")
    k, n = rng.choice([(1, 2), (1, 3), (2, 3), (2, 4), (3, 4)])
    field = GF(32003) if seed % 5 == 4 else QQ
    ring, top = PolynomialRing(field, ("s", "t", "u")[:k]), 3 if k < 3 else 2
    maps = []
    for _ in range(n):
        degree, terms = rng.randint(1, top), []
        for _ in range(rng.randint(1, 3)):
            exponents = [0] * k
            for _ in range(degree if seed % 3 == 0 else rng.randint(0, degree)):
                exponents[rng.randrange(k)] += 1
            terms.append((tuple(exponents), rng.choice([-3, -2, -1, 1, 2, 5])))
        maps.append(ring.from_terms(terms))
    return maps


def truncated_dimensions(polys: Sequence[Polynomial], bound: int) -> list[int]:
    """How many equations of degree at most e there are, by a Groebner basis of an elimination."""
    n, ring = len(polys), graph_ring(polys)
    k = len(ring.names) - n
    found = solve(Elimination(graph_equations(polys), ring.names[:k]), "singular")
    target = PolynomialRing(ring.field, tuple(f"y_{i}" for i in range(n)))
    given = [target.from_terms(g.terms()) for g in found if g]
    basis = solve(GroebnerBasis(tuple(given), "degrevlex"), "singular") if given else ()
    key = order_key("degrevlex", (1,) * n)
    heads = [leading_term(g, key)[0] for g in basis]

    def monomials(degree: int, size: int) -> list[tuple[int, ...]]:
        if size == 1:
            return [(degree,)]
        return [(e, *m) for e in range(degree + 1) for m in monomials(degree - e, size - 1)]

    counts, total = [], 0
    for e in range(bound + 1):
        total += sum(
            any(all(a <= b for a, b in zip(h, m, strict=True)) for h in heads)
            for m in monomials(e, n)
        )
        counts.append(total)
    return counts[1:]


@pytest.mark.skipif("singular" not in available(), reason="needs Singular")
@pytest.mark.parametrize("seed", range(36))
def test_random_maps_against_elimination(seed: int) -> None:
    polys, bound = random_map(seed), 4
    ideal = implicitize(polys, max_degree=bound)
    assert ideal.dimensions is not None
    mine = list(ideal.dimensions.values())
    if ideal.problem.grading.contains(ideal.degrees):  # in each degree, not up to it
        mine = [sum(mine[: e + 1]) for e in range(bound)]
    assert mine == truncated_dimensions(polys, bound)
    assert ideal.status.name == "PROVED"
    assert load(ideal.to_json()).verify()
    if seed % 6 == 1:
        other = implicitize(polys, max_degree=bound, method="elimination", engine="singular")
        assert (other.counts, other.dimensions) == (ideal.counts, ideal.dimensions)


def test_every_sentence_names_the_grading() -> None:
    cusp = ["t^2", "t^3"]
    weighted = implicitize(cusp, max_degree=6, degree="weighted")
    assert weighted.counts == {6: 1}
    assert "weighted degree at most 6 (weights 2, 3)" in weighted.sentence()
    assert "weighted degree at most 6 (weights 2, 3)" in weighted.claims[1].statement
    assert weighted.to_data()["detail"]["grading"] == "weighted"
    assert weighted.generators[0].degree() == 6
    ordinary = implicitize(cusp, max_degree=6)
    assert "ordinary degree at most 6" in ordinary.sentence()
    assert ordinary.to_data()["detail"]["grading"] == "ordinary"
    own = implicitize(cusp, max_degree=4, degree=(1, 2))  # homogeneous for no such degrees
    assert (own.counts, own.verify()) == ({4: 1}, True)
    assert "1 linear equation" in implicitize(["s", "2"], max_degree=1).sentence()
    assert "1 linear form" in implicitize(["s", "2*s"], max_degree=1).sentence()
    with pytest.raises(HypothesisError, match="weights"):
        implicitize(["s^2-1", "s^3"], degree="weighted")


def test_one_grading_is_no_proof_for_another() -> None:
    """The file of a weighted answer, said of ordinary degrees: an equation is missing."""
    from resealing import resealed

    data = json.loads(implicitize(["t^2", "t^3"], max_degree=5, degree="weighted").to_json())
    assert data["value"] == []
    data["detail"]["degrees"], data["detail"]["grading"] = [1, 1], "ordinary"
    data["detail"]["dimensions"] = [[e, 0] for e in range(1, 6)]
    assert not load(json.dumps(resealed(data))).verify()


@pytest.mark.parametrize(
    ("d", "e", "a", "t", "top"),
    [
        (2, 1, 1, 2, 4),
        (2, 1, 2, 2, 4),
        (2, 2, 1, 2, 2),
        (2, 1, 1, 1, 3),
        (3, 1, 1, 1, 2),
        (3, 1, 1, 2, 2),
        (3, 1, 3, 2, 3),
        (2, 2, 1, 1, 3),
        (2, 2, 2, 1, 2),
        (3, 2, 1, 2, 2),
    ],
)
def test_two_ways_to_the_ideal_of_a_network(d: int, e: int, a: int, t: int, top: int) -> None:
    net = Lightning(widths=(d, e), ranks=a, tokens=t)
    assert implicitize(net.parametrization(), max_degree=top).counts == net.ideal(top).counts


def test_what_is_hopeless_is_refused_with_numbers(work: Any) -> None:
    for texts, bound, number in (
        (["t^200", "t^301"], 60200, "36364825483701"),
        (["t^2", "t^3"], 10**7, "166666766666685000001"),
        (["t^2"], 10**6, "1000000 factors"),
    ):
        with pytest.raises(LimitError, match=number):
            work(lambda t=texts, b=bound: implicitize(t, max_degree=b))
    with pytest.raises(LimitError, match="999999999"):
        implicitize(["s^999999999"], max_degree=2)
    six = ["s^2+s", "s^3+1", "s+t", "t^2+s", "s*t+1", "t^3"]
    with pytest.raises(LimitError, match="8008 monomials") as caught:
        implicitize(six, max_degree=10)
    assert caught.value.partial is not None
    assert caught.value.partial.verify()


def test_a_limit_leaves_what_is_proved(ticking: SimpleNamespace) -> None:
    with pytest.raises(LimitError, match="time limit") as caught:
        implicitize(["t^40", "t^61"], max_degree=2440, degree="weighted", time_limit=900)
    partial = caught.value.partial
    assert partial.max_degree > 100
    assert partial.verify()


def test_generators_of_huge_modules_are_refused(ticking: SimpleNamespace) -> None:
    for widths, ranks in (((300, 300), 3), ((12, 12), 2)):
        ideal = Lightning(widths=widths, ranks=ranks).ideal(2)
        for act in (lambda i=ideal: i.generators, lambda i=ideal: i.export("singular")):
            with pytest.raises(LimitError, match=r"[0-9]{5,}.* above the limit"):
                act()
    with pytest.raises(LimitError) as caught:
        Lightning(widths=(3, 1), ranks=1).ideal(3).expand(time_limit=20)
    assert all(isinstance(g, Polynomial) for g in caught.value.partial)


def test_texts_are_read_as_the_command_line_reads_them() -> None:
    assert [str(p) for p in read_texts(["s**2 - 1", "2/3*s*t"])] == ["s^2 - 1", "2/3*s*t"]
    over = read_texts(["s^2", "s^3"], 7)
    assert implicitize(over, max_degree=3).counts == {3: 1}
