"""Several heads: search, Minkowski sum and enumeration agree, and the bounds are attained."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import Any

import pytest
from tropical_instances import DEGENERATE, random_head
from tropical_oracles import program_by_cdd

from algattn import load
from algattn.errors import DisagreementError, InputError, LimitError, ShapeError
from algattn.tropical import (
    MultiHead,
    TropicalAttention,
    bounds,
    depth_stack,
    random_statistics,
    slab_heads,
)
from algattn.tropical.counts import maximum_cells
from algattn.tropical.regions import as_stack
from algattn.tropical.statistics import random_heads


def families(count: int, seed: int) -> list[MultiHead]:
    rng = random.Random(seed)
    out = [
        MultiHead([DEGENERATE["grid"], DEGENERATE["duplicates"], DEGENERATE["cospherical"]]),
        MultiHead([DEGENERATE["collinear"], DEGENERATE["collinear, flat"]]),
        MultiHead([DEGENERATE["dominated"]] * 3),
        MultiHead([DEGENERATE["dimension zero"], DEGENERATE["dimension zero, tied"]]),
        MultiHead([DEGENERATE["tiny"], DEGENERATE["huge"]]),
    ]
    for _ in range(count):
        d = rng.randint(0, 3)
        size = rng.choice([1, 2, 9])
        out.append(
            MultiHead(
                [random_head(rng, rng.randint(1, 5), d, size) for _ in range(rng.randint(1, 4))]
            )
        )
    return out


def test_two_algorithms_and_two_backends_agree() -> None:
    many = 0
    for joint in families(200, seed=1):
        by_search = joint.cells()
        for cell in by_search:
            assert joint.argmax(cell.interior_point) == tuple(map(frozenset, cell.ties))
        found = [c.index for c in by_search]
        assert found == sorted(set(found))
        many = max(many, len(found))
        for backend in ("embedded", "auto"):
            by_sum = joint.cells(method="minkowski", backend=backend)
            assert [c.index for c in by_sum] == found
            for cell in by_sum:
                assert joint.argmax(cell.interior_point) == tuple(map(frozenset, cell.ties))
        n = max(h.size for h in joint.heads)
        assert len(found) <= maximum_cells(len(joint.heads), n, joint.dimension)
    assert many > 15


def test_every_tuple_is_decided_by_cddlib() -> None:
    rng = random.Random(2)
    for _ in range(15):
        joint = MultiHead([random_head(rng, 3, 2) for _ in range(3)])
        functions = [h.functions for h in joint.heads]
        expected = set()
        for rows in product(*(range(len(f.rows)) for f in functions)):
            system = [
                row for f, i in zip(functions, rows, strict=True) for row in f.differences[i][0]
            ]
            if not system or program_by_cdd(2, system):
                expected.add(tuple(f.groups[i][0] for f, i in zip(functions, rows, strict=True)))
        assert {c.index for c in joint.cells(method="both")} == expected


def test_the_joint_diagram_is_the_diagram_of_the_sum() -> None:
    rng = random.Random(3)
    for _ in range(15):
        joint = MultiHead([random_head(rng, 4, 2) for _ in range(3)])
        diagram, cells = joint.diagram(), joint.cells()
        assert [c.index for c in diagram.cells] == [c.index for c in cells]
        for cell in cells:
            assert diagram.nearest(cell.interior_point) == {cell.index}
        product_ = joint.polynomial()
        for _ in range(5):
            q = [Fraction(rng.randint(-30, 30), 7) for _ in range(2)]
            assert product_(q) == sum(max(h.scores(q)) for h in joint.heads)


SLABS = [
    ((1, 1, 5), 5),
    ((1, 2, 4), 7),
    ((2, 2, 4), 16),
    ((2, 3, 4), 37),
    ((2, 4, 3), 33),
    ((2, 3, 6), 91),
    ((3, 2, 4), 16),
    ((3, 3, 3), 27),
    ((3, 4, 3), 65),
]


@pytest.mark.parametrize(("shape", "count"), SLABS)
def test_slab_heads_attain_the_bound(shape: tuple[int, int, int], count: int) -> None:
    d, h, n = shape
    joint = slab_heads(heads=h, keys=n, dimension=d)
    assert len(joint.cells()) == count
    result = bounds(heads=h, keys=n, dimension=d)
    assert (result.value, result.lower, result.sharp) == (count, count, True)


def test_random_heads_stay_below_the_bound() -> None:
    rng, near = random.Random(4), 0.0
    for _ in range(120):
        h, n, d = rng.randint(1, 3), rng.randint(1, 4), rng.randint(1, 3)
        joint = random_heads(rng, heads=h, keys=n, dimension=d)
        count, bound = len(joint.cells()), maximum_cells(h, n, d)
        assert 1 <= count <= bound <= n**h
        near = max(near, count / bound)
    assert near == 1.0


def test_statistics_of_random_heads() -> None:
    found = random_statistics(heads=2, keys=4, dimension=2, samples=10, seed=1)
    assert found == random_statistics(heads=2, keys=4, dimension=2, samples=10, seed=1)
    assert found != random_statistics(heads=2, keys=4, dimension=2, samples=10, seed=2)
    assert (len(found.counts), found.bound) == (10, 16)
    assert 3 < found.mean <= found.maximum <= 16
    assert "seed 1" in repr(found)
    with pytest.raises(LimitError):
        random_statistics(heads=2, keys=4, dimension=2, samples=10, time_limit=0)
    for bad in ({"samples": 0}, {"heads": 0}, {"keys": "2"}):
        good: dict[str, Any] = {"heads": 2, "keys": 4, "dimension": 2, "samples": 1}
        with pytest.raises(InputError, match=next(iter(bad))):
            random_statistics(**(good | bad))


def test_eight_heads_of_eight_keys_need_little_work(work: Any) -> None:
    """Not one program for each of the 8^8 tuples of keys."""
    rng = random.Random(0)
    joint = random_heads(rng, heads=8, keys=8, dimension=2, size=20)
    cells, calls = work(joint.cells)
    assert calls < 700_000
    assert 150 < len(cells) < 350
    assert [c.index for c in joint.cells(method="minkowski")] == [c.index for c in cells]


def test_bounds_speak_of_heads_and_dimension() -> None:
    for h, n, d, depth in product((1, 2, 3), (1, 2, 5), (0, 1, 2, 3), (1, 2)):
        result = bounds(heads=h, keys=n, dimension=d, depth=depth)
        assert result.lower <= result.value
        assert result.exponent == min(h, d) * depth
        if h <= d:
            assert result.value == n ** (h * depth) == result.lower
        needs = "heads >= dimension" in result.asymptotics[0]
        assert needs == (h >= d)
        assert len(result.asymptotics) == 2
    assert "does not hold" in bounds(heads=1, keys=3, dimension=2).asymptotics[1]
    assert "not attained" in bounds(heads=3, keys=3, dimension=2).asymptotics[1]
    growth = [bounds(heads=3, keys=10**k, dimension=2, depth=2).value for k in (3, 4)]
    assert 0.9e4 < growth[1] / growth[0] < 1.1e4


def test_all_bounds_are_proved() -> None:
    for h, n, d in ((3, 3, 3), (9, 3, 2), (9, 3, 1), (9, 1, 5), (4, 3, 3), (7, 3, 4)):
        result = bounds(heads=h, keys=n, dimension=d)
        assert result.status.name == "PROVED"
        text = result.to_json()
        assert load(text).verify()
        assert n == 1 or not load(text.replace(f'"keys": {n}', f'"keys": {2 - n}')).verify()


def numbers(heads: tuple[TropicalAttention, ...], box: Any) -> dict[tuple[int, ...], int]:
    """``g(T; P)`` of lemma count for all sets of heads, straight from its definition."""
    sets = [u for k in range(len(heads) + 1) for u in combinations(range(len(heads)), k)]
    cells = {(): 1} | {
        u: len(as_stack(MultiHead([heads[i] for i in u])).cells(box=box)) for u in sets[1:]
    }
    return {
        t: sum((-1) ** (len(t) - len(u)) * cells[u] for u in sets if set(u) <= set(t)) for t in sets
    }


@pytest.mark.parametrize(
    ("d", "sizes"), [(1, (4, 3, 3)), (2, (2, 4, 3, 2)), (3, (3, 2, 3, 2)), (4, (2, 2, 2, 3, 2))]
)
def test_the_steps_of_lemma_count(d: int, sizes: tuple[int, ...]) -> None:
    rng, positive = random.Random(20 + d), 0
    for _ in range(2):
        parts = [random_heads(rng, heads=1, keys=n, dimension=d).heads[0] for n in sizes]
        everywhere = numbers(tuple(parts), None)
        for box in ([(-1, 1)] * d, [(0, 3)] * d):
            for t, value in numbers(tuple(parts), box).items():
                assert 0 <= value <= everywhere[t]  # step 2
        for t, value in everywhere.items():
            assert value <= prod(everywhere[(h,)] for h in t)  # step 3
            assert len(t) <= d or value == 0  # step 1
            positive += value > 0 and len(t) == d
    assert positive > 2


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ((2, 1, 3, 3), 64),
        ((3, 1, 2, 2), 25),
        ((2, 2, 2, 3), 42),
        ((2, 3, 2, 4), 180),
        ((2, 3, 1, 5), 26),
        ((3, 3, 2, 2), 81),
    ],
)
def test_more_heads_than_dimensions_in_depth(shape: tuple[int, ...], count: int) -> None:
    n, d, depth, h = shape
    pieces = depth_stack(keys=n, dimension=d, depth=depth, heads=h).cells(box=[(0, 1)] * d)
    assert len(pieces) == len({p.map for p in pieces}) == count
    result = bounds(heads=h, keys=n, dimension=d, depth=depth)
    assert result.lower == count
    assert result.sharp == (d == 1 or depth == 1 or h <= d)


def test_bounds_that_are_too_long_to_write() -> None:
    for huge in (
        {"heads": 100, "keys": 10, "dimension": 100, "depth": 50},
        {"heads": 10**400, "keys": 3, "dimension": 10**400},
    ):
        with pytest.raises(LimitError, match="digits"):
            bounds(**huge)
    long = bounds(heads=100, keys=10, dimension=100, depth=39)
    assert load(long.to_json()).verify()
    assert bounds(heads=10**9, keys=1, dimension=10**9).value == 1


@pytest.mark.parametrize("bad", [{"heads": 0}, {"keys": 0}, {"dimension": -1}, {"depth": 1.5}])
def test_bounds_refuse_nonsense(bad: dict[str, Any]) -> None:
    good: dict[str, Any] = {"heads": 1, "keys": 2, "dimension": 1, "depth": 1}
    with pytest.raises(InputError, match=next(iter(bad))):
        bounds(**(good | bad))


def test_heads_that_do_not_fit() -> None:
    one, two = TropicalAttention([[1]]), TropicalAttention([[1, 2]])
    for text, heads in (
        ("no heads", []),
        ("dimensions", [one, two]),
        ("head 0 has no values", [one, TropicalAttention([[1]], values=[1])]),
        (
            "values have dimensions",
            [TropicalAttention([[1]], values=[1]), TropicalAttention([[1]], values=[[1, 2]])],
        ),
    ):
        with pytest.raises(ShapeError, match=text):
            MultiHead(heads)
    with pytest.raises(InputError, match="method='guess' is not known"):
        MultiHead([one]).cells(method="guess")


def test_a_disagreement_is_an_error(monkeypatch: Any) -> None:
    joint = MultiHead([TropicalAttention([[0], [1]])])
    monkeypatch.setattr(MultiHead, "_search", lambda self: ())
    with pytest.raises(DisagreementError) as caught:
        joint.cells(method="both")
    assert set(caught.value.answers) == {"search", "minkowski"}


def test_constructions_need_sensible_sizes() -> None:
    with pytest.raises(InputError):
        slab_heads(heads=0, keys=2, dimension=2)
    for bad in ({"dimension": 0}, {"keys": 2.5}, {"heads": 0}, {"depth": True}):
        good: dict[str, Any] = {"keys": 2, "dimension": 1, "depth": 1}
        with pytest.raises(InputError, match=next(iter(bad))):
            depth_stack(**(good | bad))
    for wrong in ("a", 2.5):
        with pytest.raises(InputError, match="keys"):
            slab_heads(heads=1, keys=wrong, dimension=1)  # type: ignore[arg-type]
