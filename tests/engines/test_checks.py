"""Second opinions: wrong answers that pass the simpler checks, and counts in whole numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from algattn.engines import (
    ENGINES,
    Component,
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
    answer,
    explain,
    get,
    solve,
)
from algattn.engines.check import WrongAnswerError, check
from algattn.engines.conclusion import conclude
from algattn.engines.reduction import as_basis
from algattn.engines.transcript import Part, Reading, tidy
from algattn.errors import EngineError, LimitError
from algattn.exact import GF, QQ, Polynomial, PolynomialRing

R = PolynomialRing(QQ, ("x", "y", "z"))
x, y, z = R.gens()
S = PolynomialRing(QQ, ("x", "y"))
u, v = S.gens()

GENERATED = "the generators generate the basis"


def basis(polys: list[Polynomial]) -> Reading:
    return Reading(tidy(polys, polys[0].ring))


@pytest.mark.parametrize("name", [e.name for e in ENGINES if e.name != "sympy"])
def test_degrees_beyond_32_bits(name: str, need: Callable[[str], str]) -> None:
    powers = tuple(g**37 for g in PolynomialRing(QQ, tuple("abcxyz")).gens())
    assert solve(Degree(powers), need(name)) == 37**6 == 2565726409
    squares = tuple(g**2 for g in PolynomialRing(QQ, tuple(f"x{i}" for i in range(33))).gens())
    assert solve(Degree(squares), name) == 2**33


def test_capacity_is_told_and_chosen_by(need: Callable[[str], str]) -> None:
    task = GroebnerBasis((u**65536 - v, v**2 - 2))
    able = get(need("msolve")).can_run(task)
    assert able == "it holds degrees up to 4096, and a term has degree 65536"
    with pytest.raises(EngineError, match="4096, and a term has degree 65536"):
        solve(task, "msolve")
    assert explain(task).chosen not in ("msolve", "singular")
    assert solve(task) == (v**2 - 2, u**65536 - v)
    assert solve(Membership((u**65536,), u**0)) is False
    assert solve(Dimension((u**65536,))) == 1
    big = PolynomialRing(GF(2**61 - 1), ("x", "y")).gens()
    for name, most in (("macaulay2", 32749), ("singular", 2**31 - 1), ("msolve", 2**31 - 1)):
        reason = f"its prime fields end at {most}, and the field is GF({2**61 - 1})"
        assert get(need(name)).can_run(GroebnerBasis(big)) == reason


def test_zero_and_unit_ideals_are_decided_in_one_place(need: Callable[[str], str]) -> None:
    zero = (R(0),)
    whole = (Component((), 3, 1, None, None),)
    wanted: list[tuple[Task, object]] = [
        (GroebnerBasis((), ring=R), ()),
        (GroebnerBasis(zero), ()),
        (Elimination(zero, ("x",)), ()),
        (Saturation(zero, x), ()),
        (Saturation((x,), R(0)), (R(1),)),
        (Membership(zero, x), False),
        (Membership(zero, R(0)), True),
        (HilbertSeries(zero), (1,)),
        (Dimension(zero), 3),
        (Degree(zero), 1),
        (MinimalPrimes(zero), whole),
        (GroebnerBasis((R(2), x)), (R(1),)),
        (Dimension((R(2), x)), -1),
        (Degree((R(2), x)), 0),
        (HilbertSeries((R(2),)), ()),
        (PrimaryDecomposition((R(2),)), ()),
    ]
    for task, value in wanted:
        assert solve(task) == value, task
        for engine in ENGINES:
            if engine.can_run(task) is True:
                assert solve(task, engine.name) == value, (task, engine)
    need("msolve")
    kept = PolynomialRing(QQ, ("y",))
    for engine in ENGINES:  # the same found by work
        if engine.can_run(Elimination((v - u**2,), ("x",))) is True:
            assert solve(Elimination((v - u**2,), ("x",)), engine.name) == ()
            one = solve(Elimination((u, u - 1), ("x",)), engine.name)
            assert one == (kept(1),)


def test_a_basis_of_a_larger_ideal_is_never_checked_completely() -> None:
    """What msolve says of x^65537 - y, y^2 - x: Buchberger's criterion and reductions agree."""
    trap = GroebnerBasis((u**65537 - v, v**2 - u))
    found = check(trap, basis([u - v, v**2 - v]))
    assert GENERATED in found.word
    assert not found.complete
    small = check(GroebnerBasis((u**2, u * v)), basis([u]))
    assert small.word == (GENERATED,)


def test_a_prime_alone_does_not_show_a_basis() -> None:
    """The ideal (x - y, x - 8y - 1) is (1) modulo 7, and not over QQ."""
    task = GroebnerBasis((u - v, u - 8 * v - 1))
    assert not check(task, basis([S(1)])).complete
    assert check(task, Reading(solve(task, "builtin"))).complete


def test_the_degree_is_counted_in_an_order_by_degree() -> None:
    for engine in ("builtin", "sympy"):
        assert solve(Degree((u - v**2,)), engine) == 2  # lex: 1


def test_saturation_guard() -> None:
    """J = I passes three tests of the K-polynomial, and x is a zero-divisor modulo it."""
    ideal = (x * z, y * z, z**2 - z, x**3 - x * y**2 + y**2 + x + 1 - z)
    task = Saturation(ideal, x)
    right = solve(task, "builtin")
    assert set(right) == {z, x**3 - x * y**2 + y**2 + x + 1}
    claimed = Reading(solve(GroebnerBasis(ideal), "builtin"))
    assert not check(as_basis(task), claimed).complete


def test_primary_guard() -> None:
    """The radical of (x^2, xy) is (x), and it is not primary: that is the engine's word."""
    q = tidy([u**2, u * v], S)
    task = PrimaryDecomposition((u**2, u * v))
    reading = Reading(q, parts=(Part((u,), q, 0),))
    parts, _ = conclude(task, reading)
    assert "the ideals are primary" in check(task, reading, parts).word


@pytest.mark.parametrize(
    ("task", "reading"),
    [
        (GroebnerBasis((u * v,)), basis([u**2])),
        (GroebnerBasis((u**2 - v, u * v - 1)), basis([u**2 - v, u * v - 1])),
        (Elimination((v - u**2,), ("x",)), basis([PolynomialRing(QQ, ("y",)).gens()[0]])),
        (MinimalPrimes((u * v,)), Reading((u * v,), parts=(Part((u - 1,), (), 0),))),
        (MinimalPrimes((u * v,)), Reading((u * v,), parts=(Part((u * v,), (), 0),))),
    ],
)
def test_wrong_answers_are_refused(task: Task, reading: Reading) -> None:
    parts = conclude(task, reading)[0] if reading.parts else ()
    with pytest.raises(WrongAnswerError):
        check(task, reading, parts)


def test_the_text_tells_what_was_checked() -> None:
    text = repr(answer(GroebnerBasis((u**2 - v**2, u * v)), "builtin"))
    assert "by builtin; checked: the generators reduce to zero" in text
    assert "the engine's word" not in text
    text = repr(answer(GroebnerBasis((u**2 - v, u * v - 1), "lex"), "builtin"))
    assert f"the engine's word: {GENERATED}" in text
    assert "it is seen from the generators" in repr(answer(Degree((S(0),))))


def test_counting_obeys_the_time_limit() -> None:
    monomials = tuple(x**i * y ** (40 - i) * z ** (i % 7) for i in range(40))
    with pytest.raises(LimitError, match="time limit"):
        conclude(Degree(monomials), Reading(monomials), 0.0)


def test_long_numbers_pass_through_every_engine() -> None:
    task = GroebnerBasis((u * (10**5000 + 1) - v * 7**6000, v**2 - 3))
    found = {e.name: solve(task, e.name) for e in ENGINES if e.can_run(task) is True}
    slope = QQ(7**6000) / QQ(10**5000 + 1)
    assert set(found.values()) == {(u - v * slope, v**2 - 3)}
