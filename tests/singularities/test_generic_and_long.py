"""Generic readouts, ordinary data with long numbers, forms of real loci, and limits of time."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner

from algattn import Lightning, Weights, critical_points, load
from algattn.cli import main
from algattn.engines.text import read_polynomial, write_polynomial
from algattn.errors import AlgattnError, LimitError
from algattn.exact import QQ, PolynomialRing
from algattn.singularities.balls import real_ball
from algattn.singularities.critical_search import by_loss


def needs_singular() -> None:
    from algattn.engines import get

    try:
        get("singular").version()
    except AlgattnError:
        pytest.skip("Singular is not installed")


class TestReadout:
    @pytest.mark.parametrize(("rank", "b", "count"), [(1, 0, 11), (1, 7, 28), (2, 0, 15)])
    def test_the_default_is_general(self, rank: int, b: int, count: int) -> None:
        """The counts for three readouts each, by Groebner bases of the same kind elsewhere."""
        needs_singular()
        net = Lightning((2, 2), rank)
        result = net.ed_degree(net.random_weights(5), b=b, primes=1)
        assert result.value == count
        assert "for a random readout (seed 0), W = [[" in result.sentence()
        assert "random readout" in result.claims[0].statement
        assert json.loads(result.to_json())["detail"]["drawn"] == 0

    def test_a_given_readout_is_quoted_and_a_drawn_one_cannot_be_forged(self) -> None:
        needs_singular()
        net = Lightning((2, 2), 1)
        W = net.random_weights(5)
        ones = net.ed_degree(W, W=[[1, 1], [1, 1]], b=0, primes=1)
        assert ones.value == 3
        assert "for the readout W = [[1, 1], [1, 1]] and b = 0" in ones.sentence()
        small = Lightning((1, 1), 1)
        drawn = small.ed_degree(small.random_weights(1), primes=1)
        assert load(drawn.to_json()).verify()
        text = drawn.to_json().replace('"drawn": 0', '"drawn": 1').replace("seed 0", "seed 1")
        assert text != drawn.to_json()
        assert not load(text).verify()


class TestCriticalPoints:
    @pytest.mark.parametrize(
        ("shape", "data"),
        [
            (((2, 1), 1, 1), ([[1], [0]], [[-1]])),
            (((2, 1), 1, 1), ([[0], [0]], [[1]])),
            (((2, 1), 1, 2), ([[1, 2], [0, 0]], [[1, 2]])),
            (((2, 2), 1, 1), ([[1], [0]], [[-1], [1]])),
            (((1, 2), 1, 2), ([[0, 0]], [[1, 2], [0, 0]])),
        ],
        ids=str,
    )
    def test_unseen_coordinates(self, shape: Any, data: Any) -> None:
        """At random points of the components the differences of the loss vanish to first order."""
        needs_singular()
        net = Lightning(*shape)
        result = critical_points(net, [data])
        rng, step = random.Random(1), 1e-5
        names = _names(net)
        assert result.components
        for part in result.components:
            if part.equations and any("*" in e or "^" in e for e in part.equations):
                continue  # linear ones in single unknowns are enough here
            fixed = dict(pair.split(" = ") for pair in part.chart.split(", "))
            values = {n: float(fixed[n]) if n in fixed else rng.uniform(-2, 2) for n in names}
            free = set(names) - set(fixed)
            for text in part.equations:
                name, sign, number = [*text.split(), "+", "0"][:3]
                values[name] = -float(f"{sign}{number}")
                free.discard(name)
            assert part.dimension == len(free)
            for n in names:
                up, down = (_loss(net, values | {n: values[n] + s}, data) for s in (step, -step))
                assert abs(up - down) < 1e-4 * step, (part, n)
        whole = [part for part in result.components if not part.equations]
        assert all(part.dimension >= 1 for part in whole)

    def test_a_loss_beyond_floats(self) -> None:
        """d = 1: f = 5 c (1, 2); the loss at the best c is 4/5 of 10^400 and a bit."""
        needs_singular()
        net = Lightning((1, 1), 1)
        result = critical_points(net, [([[1, 2]], [[10**200, 1]])])
        (point,) = result.points
        assert (point.digits, point.loss) == ("8e+399", float("inf"))
        assert "loss 8e+399: genuine minimum" in result.text()
        assert result.minimum == point
        again = load(result.to_json())
        assert again == result
        assert again.verify()
        assert not load(result.to_json().replace("8e+399", "9e+399")).verify()

    def test_order_is_that_of_exact_losses(self) -> None:
        needs_singular()
        (point,) = critical_points(Lightning((1, 1), 1), [([[1, 2]], [[1, 3]])]).points
        close = [QQ(1) + QQ(f"1/{10**n}") for n in (60, 40, 50, 400)]
        ranked = [(real_ball(x), point) for x in [*close, QQ(10) ** 500, QQ(10) ** 499]]
        assert len(by_loss(ranked)) == 6
        balls = sorted(range(6), key=[3, 0, 2, 1, 5, 4].index)
        assert all(ranked[i][0] < ranked[j][0] for i, j in pairwise(balls))

    def test_long_integers_pass_through_text(self) -> None:
        ring = PolynomialRing(QQ, ("x", "y"))
        x, y = ring.gens()
        p = x**2 * QQ(10) ** 5000 - y * (QQ(1) / (QQ(10) ** 4500 + 1)) + 1
        assert read_polynomial(write_polynomial(p), ring, ring.names) == p

    def test_the_limit_holds_inside_of_points(self, ticking: Any) -> None:
        """Long before one chart is done; the points so far are in the error, not complete."""
        needs_singular()
        data = [([["-3/2"], ["0"]], [["4"], ["-4"]]), ([["-1"], ["5/4"]], [["8/3"], ["2"]])]
        data += [([["2"], ["-9/4"]], [["1/2"], ["-1/4"]]), ([["9/2"], ["-5/3"]], [["3"], ["1"]])]
        with pytest.raises(LimitError, match="in chart 1 of 4") as caught:
            critical_points(Lightning((2, 2), 2, 1), data, time_limit=60)
        assert caught.value.partial.claim("complete").evidence == ()
        assert ticking.seconds() < 100


def _names(net: Lightning) -> list[str]:
    d, e = net.d_in, net.d_out
    head = [f"k{i}" for i in range(d)] + [f"q{i}" for i in range(d)]
    if d == 1:
        head = ["s0_0"] if net.tokens == 1 else ["a0_0"]
    return [*head, *(f"v{r}_{i}" for r in range(e) for i in range(d))]


def _loss(net: Lightning, values: dict[str, float], pair: Any) -> float:
    X, Y = pair
    d, t = net.d_in, net.tokens
    if d == 1:
        A = [[values.get("s0_0", values.get("a0_0", 0.0))]]
    else:
        A = [[values[f"k{i}"] * values[f"q{j}"] for j in range(d)] for i in range(d)]
    total = 0.0
    for r in range(net.d_out):
        for c in range(t):
            value = sum(
                values[f"v{r}_{i}"] * X[i][m] * X[j][m] * A[j][k] * X[k][c]
                for m in range(t)
                for i in range(d)
                for j in range(d)
                for k in range(d)
            )
            total += (value - Y[r][c]) ** 2
    return total


class TestLoci:
    def test_forms_of_real_loci_tell_the_signature(self) -> None:
        for (d, a), (p, n), said in (
            ((3, 2), (2, 0), "S semidefinite of rank 2"),
            ((4, 3), (3, 0), "S semidefinite of rank 3"),
            ((4, 2), (2, 1), "S or -S of signature (2,1)"),
            ((5, 3), (3, 1), "S or -S of signature (3,1)"),
            ((2, 1), (1, 0), "S semidefinite of rank 1"),
        ):
            net = Lightning((d, 2), a, 1)
            (top,) = (c for c in net.boundary().components if c.name.endswith("rank V = 2"))
            assert top.form == f"S(x) V x, {said}, rank V = 2"
            V = [[int(i == j) for j in range(d)] for i in range(2)]
            for sizes, expected in (((p, n), True), ((p, n + 1), False)):
                A = [[0] * d for _ in range(d)]  # products x_i x_j first, then squares
                for i in range(sizes[1]):
                    A[2 * i][2 * i + 1] = 1
                for i in range(2 * sizes[1], sum(sizes)):
                    A[i][i] = 1
                assert net.classify(Weights(A=[A], V=[V])).boundary is expected
        net = Lightning((3, 2), 2, 1)
        V = [[1, 0, 0], [0, 1, 0]]
        assert not net.classify(Weights(A=[[[0, 1, 0], [0, 0, 0], [0, 0, 0]]], V=[V])).boundary
        forms = [c.form for c in net.singular_locus().components]
        assert not any("definite" in form for form in forms)

    def test_equations_cut_out_the_locus_or_say_that_they_need_not(self) -> None:
        (double,) = Lightning((2, 1), 1, 1).boundary().components
        (discriminant,) = double.equations().generators
        rng = random.Random(3)
        for _ in range(50):  # a^2 b has a double root, three different roots do not
            k, v = ([rng.randint(-3, 3) for _ in range(2)] for _ in range(2))
            assert discriminant(*_cubic(k, k, v)) == 0
        assert discriminant(*_cubic([1, 0], [0, 1], [1, 1])) != 0
        assert "need not cut out" in double.equations(3).sentence()
        assert "need not" not in double.equations().sentence()
        (wide,) = Lightning((3, 1), 1, 1).boundary().components
        assert wide.equations().counts == {3: 20, 4: 28}
        (unknown,) = Lightning((2, 2), 1, 1).boundary().components
        assert unknown.cut_out_in_degree is None
        assert "need not cut out the locus" in unknown.equations().text()


def _cubic(x: list[int], y: list[int], z: list[int]) -> list[int]:
    out = [0, 0, 0, 0]
    for i in range(2):
        for j in range(2):
            for k in range(2):
                out[i + j + k] += x[i] * y[j] * z[k]
    return out


class TestLimits:
    def test_strata_list_both_directions(self) -> None:
        words = ["strata", "--widths", "2,2", "--ranks", "1", "--format", "json"]
        rows = {row["name"]: row for row in json.loads(CliRunner().invoke(main, words).output)}
        assert rows["zero"]["below"] == []
        assert rows["zero"]["above"] == ["k, v parallel"]
        for name, row in rows.items():
            assert all(name in rows[other]["above"] for other in row["below"])
            assert all(name in rows[other]["below"] for other in row["above"])
            assert all(rows[other]["dimension"] < row["dimension"] for other in row["below"])

    @pytest.mark.parametrize("question", ["strata", "singular_locus", "boundary"])
    def test_strata_obey_a_limit(self, ticking: Any, question: str) -> None:
        net = Lightning((31, 29), 30, 1)
        with pytest.raises(LimitError) as caught:
            getattr(net, question)(time_limit=5)
        assert caught.value.partial

    def test_commands_about_the_network_draw_no_weights(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Lightning, "random_weights", None)
        for command in ("degree", "strata"):
            done = CliRunner().invoke(main, [command, "--widths", "2,2", "--ranks", "1"])
            assert done.exit_code == 0, done.output

    def test_huge_degrees_are_refused_in_advance(self) -> None:
        with pytest.raises(LimitError, match=r"more than .* digits, and 4000 fit"):
            Lightning((4000, 4000), 300).degree()
