"""Positive temperature: the estimates in ball arithmetic, tubes, certificates of stability."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from flint import arb, fmpq
from tropical_instances import DEGENERATE, random_head

from algattn import load
from algattn.errors import FieldError, HypothesisError, InputError
from algattn.results import seal
from algattn.tropical import (
    Layer,
    MultiHead,
    Stack,
    TropicalAttention,
    depth_stack,
    tube_volume,
)
from algattn.tropical.propagation import error_bound
from algattn.tropical.stability import bands
from algattn.tropical.temperature import Inequality
from algattn.tropical.tubes import gap_needed, tube_width


def with_values(rng: random.Random, n: int, d: int) -> TropicalAttention:
    head = random_head(rng, n, d)
    return TropicalAttention(
        head.keys, [[rng.randint(-5, 5) for _ in range(2)] for _ in range(n)], head.biases
    )


def test_the_estimates_hold() -> None:
    rng, tight = random.Random(1), 0
    for _ in range(400):
        head = with_values(rng, rng.randint(1, 8), rng.randint(0, 3))
        q = [Fraction(rng.randint(-30, 30), 4) for _ in range(head.dimension)]
        warm = head.at(q, Fraction(1, rng.choice([1, 3, 20, 400])))
        found = warm.inequalities()
        assert all(i.holds for i in found), found
        tight += sum(bool(i.right < 1000 * i.left) for i in found)
    assert tight > 200


def test_the_slack_is_the_difference() -> None:
    rng = random.Random(11)
    for _ in range(50):
        head = with_values(rng, rng.randint(2, 6), 2)
        warm = head.at([Fraction(rng.randint(-9, 9), 4) for _ in range(2)], 3)
        zero, sandwich, mass, *rest = warm.inequalities()
        for one in (zero, sandwich, mass):
            assert abs(float((one.right - one.left - one.slack).mid())) < 1e-13
        for one in rest:
            assert one.right - one.left > one.slack - arb("1e-13")


def test_an_inequality_that_fails_says_so() -> None:
    assert Inequality("1 <= 2", arb(1), arb(2), arb(1)).holds
    assert not Inequality("2 <= 1", arb(2), arb(1), arb(1)).holds
    assert not Inequality("unknown", arb(1), arb(1), arb(0, 1)).holds


def test_softmax_against_floats() -> None:
    rng = random.Random(2)
    for _ in range(30):
        head = with_values(rng, 5, 2)
        q = [Fraction(rng.randint(-9, 9), 2) for _ in range(2)]
        warm = head.at(q, 2)
        s = np.array([float(x) for x in head.scores(q)]) / 2
        p = np.exp(s - s.max())
        p /= p.sum()
        assert head.values is not None
        v = np.array([[float(str(x)) for x in row] for row in head.values])
        assert [float(w.mid()) for w in warm.weights] == pytest.approx(p.tolist(), abs=1e-12)
        assert [float(w.mid()) for w in warm.output] == pytest.approx((p @ v).tolist(), abs=1e-12)
        assert float(warm.lse_excess.mid()) == pytest.approx(
            2 * (np.log(np.exp(s - s.max()).sum())), abs=1e-12
        )


def test_the_jacobian_is_the_derivative() -> None:
    rng = random.Random(3)
    for _ in range(10):
        head = with_values(rng, 4, 2)
        q = [Fraction(rng.randint(-3, 3)), Fraction(rng.randint(-3, 3))]
        h = Fraction(1, 10**12)
        jacobian = head.at(q, 5, bits=256).jacobian
        for axis in range(2):
            sides = []
            for sign in (1, -1):
                moved = list(q)
                moved[axis] += sign * h
                sides.append(head.at(moved, 5, bits=256).output)
            for c in range(2):
                slope = (sides[0][c] - sides[1][c]) * (10**12) / 2
                assert abs(float(slope.mid()) - float(jacobian[c][axis].mid())) < 1e-12


def test_ties_and_copies() -> None:
    twins = TropicalAttention([[1], [1], [0]], values=[2, 4, 9])
    warm = twins.at([1], "1/10")
    assert warm.winners == (0, 1)
    assert warm.gap == 1
    assert all(i.holds for i in warm.inequalities())
    assert warm.error < warm.epsilon * 7
    assert twins.at([0], 1).gap == 0
    assert DEGENERATE["one key"].gap([0, 0, 0]) is None


def test_very_low_temperatures_are_decided() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    warm = head.at([1], Fraction(1, 10**6))
    found = warm.inequalities()
    assert all(i.holds for i in found)
    assert warm.missing_mass > 0
    assert warm.missing_mass < arb(10) ** -400000


@pytest.mark.parametrize("tau", [0, -1, "x", 0.5])
def test_bad_temperatures(tau: Any) -> None:
    with pytest.raises(FieldError):
        TropicalAttention([[0], [1]]).at([0], tau)


@pytest.mark.parametrize("bits", [0, -3, 2.5, 10**9, True])
def test_bad_precisions(bits: Any) -> None:
    with pytest.raises(InputError, match="precision"):
        TropicalAttention([[0], [1]]).at([0], 1, bits=bits)


def test_tubes() -> None:
    rng = random.Random(4)
    head = with_values(rng, 5, 2)
    box = [(-6, 6), (-6, 6)]
    volumes = []
    for tau in ("1/2", "1/4", "1/8", "1/64"):
        tube = tube_volume(head, temperature=tau, error="1/20", box=box)
        assert tube == tube_volume(head, temperature=tau, error="1/20", box=box, backend="embedded")
        volumes.append(tube.volume)
        assert 0 < tube.volume < tube.box_volume == 144
        assert tube.share == tube.volume / 144
    assert volumes == sorted(volumes, reverse=True)
    assert 7 < volumes[2] / volumes[3] < 9
    # Outside of the tube the error is small, inside it may be large.
    tau, e = Fraction(1, 4), Fraction(1, 20)
    needed = gap_needed(head, tau, e)
    outside = large = 0
    for _ in range(300):
        q = [Fraction(rng.randint(-600, 600), 100) for _ in range(2)]
        gap, error = head.gap(q), head.at(q, tau).error
        assert gap is not None
        if fmpq(gap.numerator, gap.denominator) >= needed:
            assert error <= arb(1) / 20
            outside += 1
        large += bool(error > arb(1) / 20)
    assert outside > 50
    assert large > 5


def test_tubes_of_very_low_temperatures() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    shares = [
        tube_volume(head, temperature=f"1/1{'0' * k}", error="1/10", box=[(-1, 1)]).volume * 10**k
        for k in (3, 9, 40)
    ]
    assert max(shares) < Fraction(1001, 1000) * min(shares)
    assert gap_needed(head, "1/10", "9999999999/10000000000") < fmpq(1, 10**10)


def test_tubes_of_fractional_keys() -> None:
    head = TropicalAttention([[0], ["1/2"]], values=[0, 1], biases=[0, "1/3"])
    tube = tube_volume(head, temperature="1/10", error="1/100", box=[(-9, 9)])
    assert tube.volume == 4 * tube.gap


def test_copies_weigh_more() -> None:
    once = TropicalAttention([[0], [1]], values=[0, 1])
    often = TropicalAttention([[0], *[[1]] * 50], values=[0, *[1] * 50])
    box = [(-2, -1)]
    first = once.stability(error="1/100", box=box).temperature
    second = often.stability(error="1/100", box=box).temperature
    assert second < first
    assert often.at([-1], second).error < arb(1) / 100 < often.at([-1], first).error


def test_tube_widths() -> None:
    head = TropicalAttention([[0, 0], [3, 4], [3, 4]], values=[0, 1, 2])
    needed = gap_needed(head, "1/10", "1/100")
    width = tube_width(head, 0, 1, "1/10", "1/100")
    assert abs(float(width.mid()) * 5 - float(str(needed.p)) / float(str(needed.q))) < 1e-12
    with pytest.raises(HypothesisError, match="no wall"):
        tube_width(head, 1, 2, "1/10", "1/100")
    with pytest.raises(InputError, match="no values"):
        gap_needed(TropicalAttention([[0]]), 1, 1)
    with pytest.raises(FieldError, match="positive"):
        gap_needed(head, 1, 0)
    assert gap_needed(head, 1, 100) == 0


def corners(box: Any) -> list[list[Fraction]]:
    (a, b), (c, d) = box
    return [[Fraction(x), Fraction(y)] for x in (a, b) for y in (c, d)]


def test_stability_of_boxes() -> None:
    rng, certified = random.Random(5), 0
    for _ in range(60):
        head = with_values(rng, 5, 2)
        x, y = (Fraction(rng.randint(-40, 40), 4) for _ in range(2))
        box = [(x, x + Fraction(1, 4)), (y, y + Fraction(1, 4))]
        if len({head.argmax(q) for q in corners(box)}) > 1 or head.gap([x, y]) == 0:
            with pytest.raises(HypothesisError, match="does not win everywhere"):
                head.stability(error="1/100", box=box)
            continue
        found = head.stability(error="1/100", box=box)
        assert found.status.name == "PROVED"
        assert load(found.to_json()).verify()
        certified += 1
        if found.temperature is None:
            continue
        for q in corners(box):
            for part in (1, Fraction(1, 3)):
                assert head.at(q, found.temperature * part).error < arb(1) / 100
        heads, region, _ = found.problem.unpacked()
        tau = fmpq(found.temperature.numerator, found.temperature.denominator)
        assert error_bound(bands(heads, region), tau * fmpq(101, 100)) > arb(1) / 100
    assert certified > 15


def test_stability_by_gap_and_for_several_heads() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    found = head.stability(error="1/1000", cell=1, gap=1)
    assert found.temperature == Fraction(1447, 10000)
    assert found.winners[0]["lead"] == 1
    other = TropicalAttention([[0], [-1]], values=[0, 5])
    both = MultiHead([head, other]).stability(error="1/1000", box=[(1, 2)])
    assert both.temperature < found.temperature
    assert both.verify()
    same = TropicalAttention([[0], [1]], values=[3, 3]).stability(error=1, box=[(1, 2)])
    assert same.value is None
    assert same.verify()
    assert "every temperature" in same.sentence()
    loose = head.stability(error="11/10", box=[(1, 2)])
    assert loose.value is None
    assert loose.verify()
    edge = head.stability(error=1, box=[(1, 2)])
    assert edge.temperature > 10**30
    assert edge.verify()


def test_stability_refuses_what_it_cannot_do() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    for kind, text, options in (
        (InputError, "no region", {"error": 1}),
        (InputError, "the error is 0", {"error": 0, "box": [(1, 2)]}),
        (InputError, "the gap is 0", {"error": 1, "cell": 0, "gap": 0}),
        (InputError, "two regions", {"error": 1, "cell": 0, "gap": 1, "box": [(1, 2)]}),
        (InputError, "no key True", {"error": 1, "cell": True, "gap": 1}),
        (InputError, "not a list of pairs", {"error": 1, "box": 3}),
        (HypothesisError, "does not win", {"error": 1, "box": [(-1, 1)]}),
        (InputError, "no key 7", {"error": 1, "cell": 7, "gap": 1}),
    ):
        with pytest.raises(kind, match=text):
            head.stability(**options)
    with pytest.raises(InputError, match="no values"):
        TropicalAttention([[0], [1]]).stability(error=1, box=[(1, 2)])


def soft(stack: Stack, x: list[float], tau: float) -> np.ndarray:
    """A stack at positive temperature, in floating point."""
    y = np.array(x, dtype=float)
    for layer in stack.layers:
        skip = layer.skip or ()
        out = np.array([[float(str(a)) for a in row] for row in to_floats(skip)]) @ y if skip else 0
        for head in layer.joint.heads:
            keys, values = (np.array(to_floats(t or ())) for t in (head.keys, head.values))
            s = (keys @ y + np.array(to_floats([head.biases])[0])) / tau
            p = np.exp(s - s.max())
            out = out + (p / p.sum()) @ values
        y = np.asarray(out)
    return y


def to_floats(table: Any) -> list[list[float]]:
    return [[int(x.p) / int(x.q) for x in row] for row in table]


def test_stability_of_stacks() -> None:
    rng, certified, close = random.Random(6), 0, 0
    for _ in range(30):
        d = rng.randint(1, 2)
        layers = []
        for _ in range(rng.randint(2, 3)):
            heads = [with_values(rng, rng.randint(2, 3), d) for _ in range(rng.randint(1, 2))]
            heads = [
                TropicalAttention(h.keys, [v[:d] for v in h.values or ()], h.biases) for h in heads
            ]
            skip: Any = rng.choice(["identity", None, [[2, 1][:d], [0, -1][:d]][:d]])
            layers.append(Layer(heads, skip))
        stack = Stack(layers)
        for piece in stack.cells(box=[(-5, 5)] * d)[:6]:
            box = [(x - Fraction(1, 50), x + Fraction(1, 50)) for x in piece.interior_point]
            try:
                found = stack.stability(error="1/20", box=box)
            except HypothesisError:
                continue
            certified += 1
            assert found.status.name == "PROVED"
            assert load(found.to_json()).verify()
            if found.temperature is None:
                continue
            for tau in (found.temperature, found.temperature / 3):
                for _ in range(2):
                    q = [low + Fraction(rng.randint(0, 8), 8) * (high - low) for low, high in box]
                    warm = stack.at(q, tau)
                    assert warm.error < arb(1) / 20
                    close += bool(warm.error > arb(1) / 100)
                    floats = soft(stack, [float(x) for x in q], float(tau))
                    assert [float(x.mid()) for x in warm.output] == pytest.approx(
                        floats.tolist(), abs=1e-6
                    )
    assert certified > 30
    assert close > 20


def test_stability_of_one_layer_is_that_of_its_heads() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    layer = Stack([Layer([head])]).stability(error="1/1000", box=[(1, 2)])
    assert layer.temperature == head.stability(error="1/1000", box=[(1, 2)]).temperature
    # The error of layer 0 makes the lead of layer 1 smaller, so two layers need to be colder.
    two = depth_stack(keys=2, dimension=1, depth=2)
    box = [("1/16", "3/16")]
    found = two.stability(error="3/10", box=box)
    assert [w["layer"] for w in found.winners] == [0, 1]
    assert found.winners[1]["lead"] == "1/16"
    alone = Stack(two.layers[1:]).stability(error="3/10", box=box)
    assert alone.temperature is None
    assert found.temperature is not None
    assert "layer 1, head 0: key 0 wins by at least 1/16" in found.lines()


def test_ties_in_a_stack() -> None:
    """Keys that tie everywhere: allowed in the first layer, where the input is exact, not later."""
    head = TropicalAttention([[0, 0], [1, 0], [0, 1]], values=[[0, 0], [3, 0], [0, 3]])
    line = Stack([Layer([head])]).restrict([0, 0], [[1, 1]])
    found = line.stability(error="1/10", box=[(1, 2)])
    assert found.winners[0]["keys"] == (1, 2)
    flat = Layer([TropicalAttention([[0, 0]], values=[[0, 0]])], skip=[[1, 0], [1, 0]])
    with pytest.raises(HypothesisError, match="layer 1, head 0, key 1 does not win"):
        Stack([flat, Layer([head])]).stability(error="1/10", box=[(1, 2), (1, 2)])


def test_a_vacuous_certificate_is_refused() -> None:
    """A key without a cell leads nowhere, and no cell leads by more than its depth."""
    head = TropicalAttention([[0], [1], [2]], biases=[0, -10, 0], values=[0, 1, 2])
    with pytest.raises(HypothesisError, match="nowhere does key 1 lead"):
        head.stability(error="1/10", cell=1, gap=1)
    inner = TropicalAttention([[0], [1], [2]], biases=[0, 0, -1], values=[0, 1, 2])
    assert inner.stability(error="1/10", cell=1, gap="1/4").verify()
    with pytest.raises(HypothesisError, match="nowhere does key 1 lead"):
        inner.stability(error="1/10", cell=1, gap="1/2")
    text = inner.stability(error="1/10", cell=0, gap="3/4").to_json()
    data = json.loads(text)
    data["problem"]["region"]["cell"] = 1
    data["detail"]["winners"][0]["keys"] = [1]
    data["claims"][0]["value"][0]["keys"] = [1]
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


def test_temperatures_of_any_size() -> None:
    head = TropicalAttention([[0], [1]], values=[0, 1])
    one = head.stability(error="1/10", cell=1, gap=1).temperature
    for power in (200, -200):
        found = head.stability(error="1/10", cell=1, gap=Fraction(10) ** power)
        assert found.temperature == one * Fraction(10) ** power


def test_heads_together_at_positive_temperature() -> None:
    rng = random.Random(7)
    for _ in range(20):
        parts = [with_values(rng, rng.randint(1, 4), 2) for _ in range(3)]
        q, tau = [Fraction(rng.randint(-9, 9), 4) for _ in range(2)], Fraction(1, rng.randint(1, 9))
        joint = MultiHead(parts).at(q, tau)
        single = [head.at(q, tau).output for head in parts]
        for c, x in enumerate(joint.output):
            assert x.overlaps(sum((one[c] for one in single), arb(0)))
            assert float(x.rad()) < 1e-20
    alone = with_values(rng, 4, 2)
    inside = alone.cells()[0].interior_point
    assert MultiHead(alone).at(inside, "1/9").error.overlaps(alone.at(inside, "1/9").error)
    with pytest.raises(FieldError, match="positive"):
        MultiHead(alone).at([0, 0], 0)
    with pytest.raises(InputError, match="no values"):
        _ = MultiHead(TropicalAttention([[1]])).at([0], 1).output
