"""The exact linear programs and the polyhedral backends, against each other and against cddlib."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import comb
from typing import Any

import numpy as np
import pytest
from flint import fmpq
from tropical_oracles import program_by_cdd

from algattn.errors import (
    DisagreementError,
    EngineNotFoundError,
    HypothesisError,
    InputError,
    LimitError,
)
from algattn.tropical import polyhedra, simplex
from algattn.tropical.double import dual_cone
from algattn.tropical.polyhedra import Polyhedron, backend_name, dual
from algattn.tropical.simplex import Empty, Interior, Program, farkas_holds, simplify

Rows = list[tuple[int, ...]]


def random_rows(rng: random.Random, n: int, m: int, size: int = 3) -> Rows:
    return [tuple(rng.randint(-size, size) for _ in range(n)) for _ in range(m)]


def test_every_answer_carries_its_proof() -> None:
    rng, kinds = random.Random(1), set()
    for _ in range(1500):
        n = rng.randint(0, 4)
        rows = random_rows(rng, n + 1, rng.randint(0, 9))
        answer = Program(n, rows).interior()
        kinds.add(type(answer))
        if isinstance(answer, Interior):
            values = [
                sum(a * x for a, x in zip(r, answer.point, strict=False)) + r[n] for r in rows
            ]
            assert all(v > 0 for v in values)
        else:
            assert farkas_holds(n, rows, answer.weights)
    assert kinds == {Interior, Empty}


def test_a_certificate_is_not_taken_on_trust(monkeypatch: Any) -> None:
    monkeypatch.setattr(simplex, "_solve", lambda program: Empty({0: 1}))
    assert isinstance(Program(1, [(0, -1)]).interior(), Empty)
    with pytest.raises(DisagreementError, match="fails the check"):
        Program(1, [(1, 0)]).interior()


def test_programs_agree_with_cddlib() -> None:
    rng = random.Random(2)
    answers = []
    for _ in range(300):
        n = rng.randint(1, 4)
        rows = random_rows(rng, n + 1, rng.randint(1, 8))
        ours = isinstance(Program(n, rows).interior(), Interior)
        assert ours == program_by_cdd(n, rows), (n, rows)
        answers.append(ours)
    assert 50 < sum(answers) < 250


@pytest.mark.parametrize(
    "weights", [{}, {0: 1}, {0: 1, 1: 2}, {0: -1, 1: -1}, {0: 1, 1: 1, 7: 1}, {0: 0, 1: 0}]
)
def test_wrong_certificates_are_refused(weights: dict[int, int]) -> None:
    rows = [(1, 0), (-1, 0)]
    assert farkas_holds(1, rows, {0: 1, 1: 1})
    assert not farkas_holds(1, rows, weights)
    assert not farkas_holds(1, [(1, 1), (-1, 0)], {0: 1, 1: 1})


def test_numbers_beyond_floats() -> None:
    big = 10**400
    inside = Program(1, [(big, -1), (-1, big)]).interior()
    assert isinstance(inside, Interior)
    assert inside.point[0] * big - 1 > 0
    assert isinstance(Program(1, [(big, -big - 1), (-big, big)]).interior(), Empty)


def test_simple_points_stay_inside() -> None:
    program = Program(1, [(1000, -333), (-1000, 334)])
    found = program.interior()
    assert isinstance(found, Interior)
    near = simplify(program, found.point)
    assert program.holds(near)
    assert int(near[0].q) <= 2048
    assert simplify(program, (fmpq(3335, 10000),)) != (fmpq(3335, 10000),)
    assert not program.holds((fmpq(1, 2),))


@pytest.mark.parametrize("backend", ["embedded", "ppl"])
def test_cones_by_two_backends(backend: str) -> None:
    if backend == "ppl":
        pytest.importorskip("ppl", reason="pplpy is not installed (extra 'polyhedra')")
    rng, with_lines = random.Random(3), 0
    for _ in range(400):
        n = rng.randint(1, 5)
        rows = random_rows(rng, n, rng.randint(0, 8), 2)
        rays, lines = dual(n, rows, backend)
        again, lines_again = dual_cone(n, rows)
        assert (len(rays), len(lines)) == (len(again), len(lines_again)), rows
        with_lines += bool(lines)
        if not lines:
            assert sorted(rays) == sorted(again)
        for ray in rays:
            assert all(sum(a * x for a, x in zip(row, ray, strict=True)) >= 0 for row in rows)
        for line in lines:
            assert all(sum(a * x for a, x in zip(row, line, strict=True)) == 0 for row in rows)
    assert with_lines > 20


def cube(n: int) -> tuple[tuple[int, ...], ...]:
    return tuple((*(s * int(i == j) for j in range(n)), 1) for i in range(n) for s in (1, -1))


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_volumes(n: int) -> None:
    assert Polyhedron(n, cube(n)).volume() == 2**n
    cross = tuple((*signs, 1) for signs in product((1, -1), repeat=n)) if n else ()
    expected = Fraction(2**n, comb(n, n)) / [1, 1, 2, 6, 24][n]
    assert Fraction(str(Polyhedron(n, cross, "embedded").volume())) == expected
    flat = (*cube(n), (*([1] + [0] * (n - 1)), -1)) if n else ()
    if n:
        assert Polyhedron(n, flat).volume() == 0
        assert Polyhedron(n, flat).dimension == n - 1


def test_volume_against_qhull() -> None:
    spatial = pytest.importorskip("scipy.spatial", reason="scipy is not installed")
    rng = random.Random(4)
    for n in (2, 3, 4):
        rows = cube(n) + tuple(
            (*(rng.randint(-9, 9) for _ in range(n)), rng.randint(4, 9)) for _ in range(6)
        )
        body = Polyhedron(n, rows)
        points = np.array([[float(Fraction(str(x))) for x in v] for v in body.vertices])
        near = spatial.ConvexHull(points).volume
        assert float(Fraction(str(body.volume()))) == pytest.approx(near, rel=1e-9)


def test_unbounded_and_empty_polyhedra() -> None:
    quadrant = Polyhedron(2, ((1, 0, 0), (0, 1, 0)))
    assert not quadrant.is_bounded
    assert sorted(quadrant.rays) == [(0, 1), (1, 0)]
    with pytest.raises(HypothesisError, match="unbounded"):
        quadrant.volume()
    empty = Polyhedron(1, ((1, -1), (-1, 0)))
    assert empty.is_empty
    assert (empty.dimension, empty.volume()) == (-1, 0)


def test_backends_are_chosen_by_name(monkeypatch: Any) -> None:
    monkeypatch.setattr(polyhedra, "_have_ppl", lambda: False)
    assert backend_name() == "embedded"
    with pytest.raises(EngineNotFoundError, match="pip install"):
        backend_name("ppl")
    monkeypatch.setattr(polyhedra, "_have_ppl", lambda: True)
    assert backend_name() == "ppl"
    with pytest.raises(InputError, match="backend='qhull' is not known"):
        backend_name("qhull")


def test_limits_name_what_to_install(monkeypatch: Any) -> None:
    monkeypatch.setattr("algattn.tropical.double.MAX_PAIRS", 3)
    with pytest.raises(LimitError, match="pip install pplpy"):
        dual_cone(4, [(x, x * x, x**3, 1) for x in range(-4, 5)] + [(1, -x, 1, -x) for x in (3, 5)])
    monkeypatch.setattr("algattn.tropical.simplex.MAX_PIVOTS", 1)
    with pytest.raises(LimitError, match="no end after 1 pivots"):
        Program(2, [(1, 0, -1), (-1, 1, 0), (0, -1, 9)]).interior()


def test_blands_rule_gives_the_same_answers(monkeypatch: Any) -> None:
    rng = random.Random(6)
    systems = []
    for _ in range(200):
        n = rng.randint(1, 3)
        systems.append((n, random_rows(rng, n + 1, rng.randint(2, 8))))
    greedy = [type(Program(n, rows).interior()) for n, rows in systems]
    monkeypatch.setattr("algattn.tropical.simplex._GREEDY", 0)
    assert [type(Program(n, rows).interior()) for n, rows in systems] == greedy
