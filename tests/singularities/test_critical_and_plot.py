"""Critical points of training, and the exact content of the pictures."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest

import algattn.plot
from algattn import Lightning, Softmax, Weights, critical_points, load
from algattn.errors import AlgattnError, HypothesisError, InputError, ShapeError
from algattn.exact import QQ, PolynomialRing
from algattn.plot.diagrams import layout
from algattn.plot.slices import SLICES, make_slice
from algattn.singularities.points import isolated_points

NET = Lightning(widths=(2, 1), ranks=1)


def needs_singular() -> None:
    from algattn.engines import get

    try:
        get("singular").version()
    except AlgattnError:
        pytest.skip("Singular is not installed")


class TestPoints:
    def test_multiplicities_and_several_fields(self) -> None:
        x, y = PolynomialRing(QQ, ("x", "y")).gens()
        # (y^2 - 8)^2 and y = 2x: two double points; x^3 - 8: one real point
        (a, b) = isolated_points([y**4 - y**2 * 16 + 64, x - y * QQ("1/2")])
        assert a[0] ** 2 == 2
        assert b[1] == b[0] * 2
        assert isolated_points([x**3 - 8, y - 1]) == [[2, 1]]
        assert isolated_points([x**2 + 1, y]) == []
        with pytest.raises(HypothesisError, match="infinitely many"):
            isolated_points([y - x * 2])


class TestCritical:
    def test_one_dimension_by_hand(self) -> None:
        """d = 1: f = c x (sum of squares); least squares on one number c."""
        needs_singular()
        result = critical_points(Lightning(widths=(1, 1), ranks=1), [([[1, 2]], [[1, 3]])])
        (point,) = result.points  # X X^T = 5, f = c (5, 10): c = 35/125
        assert point.weights.A[0][0, 0] * point.weights.V[0][0, 0] == QQ("7/25")
        assert (point.kind, point.genuine, point.loss) == ("minimum", True, 0.2)
        load(result.to_json()).check()

    @pytest.mark.slow
    def test_points_are_checked_and_spurious_ones_are_exchange_points(self) -> None:
        """Spurious are the exchange points v ~ k, and zero."""
        needs_singular()
        inputs = ([[1, 0], [0, 1]], [[1, 2], [1, -1]], [[2, 1], [0, 3]])
        outputs = ([[1, 2]], [[0, 1]], [[-1, 1]])
        result = critical_points(NET, list(zip(inputs, outputs, strict=True)))
        assert (result.value, len(result.points), result.components) == (8, 10, ())
        assert [p.kind for p in result.points].count("minimum") == 2
        assert all(p.genuine == (p.stratum == "k, v independent") for p in result.points)
        degrees = {p.weights.field.degree for p in result.points if p.genuine}
        assert degrees == {2 * NET.ed_degree(metric="generic").value}  # k and v exchanged

    def test_refusals(self) -> None:
        with pytest.raises(HypothesisError, match="unknowns"):
            critical_points(Lightning(widths=(3, 3), ranks=3), [([[1, 0]] * 3, [[1, 0]] * 3)])
        with pytest.raises(InputError, match="no data"):
            critical_points(NET, [])
        X, Y = [[1, 2], [0, 1]], [[1, 2]]
        for data in ([(X, [[1]])], [(X, [*Y, *Y])], [([[1, 2]], Y)]):
            with pytest.raises(ShapeError, match="of pair 1 has rows"):
                critical_points(NET, data)
        for data in (5, [1, 2], [(X, 3)]):
            with pytest.raises(InputError, match="not a list of pairs"):
                critical_points(NET, data)
        with pytest.raises(HypothesisError, match="softmax"):
            critical_points(Softmax(widths=(2, 1), ranks=1), [(X, Y)])

    @pytest.mark.slow
    @pytest.mark.parametrize("tokens", [1, 2])
    def test_roles_are_those_of_nearby_functions(self, tokens: int) -> None:
        """Local minima on the function space, by the losses of functions of nearby weights."""
        needs_singular()
        net, rng = Lightning(widths=(2, 1), ranks=1, tokens=tokens), random.Random(5)
        data = [
            (
                [[rng.randint(-2, 2) for _ in range(tokens)] for _ in range(2)],
                [[rng.randint(-3, 3) for _ in range(tokens)]],
            )
            for _ in range(6)
        ]
        result = critical_points(net, data)
        if tokens == 1:  # this searches again
            load(result.to_json()).check()
        roles = {p.role for p in result.points if p.kind == "minimum"}
        assert roles == ({"edge minimum"} if tokens == 1 else {"genuine minimum"})
        assert ("edge minim" in repr(result)) == (tokens == 1)
        for p in result.points:
            if p.stratum == "zero":
                continue
            A = [[_float(x) for x in row] for row in p.weights.A[0].rows]
            v = [_float(x) for x in p.weights.V[0].rows[0]]
            i = max((0, 1), key=lambda i: abs(A[i][0]) + abs(A[i][1]))
            k, q = [A[m][0] if A[i][0] else A[m][1] for m in (0, 1)], A[i]
            size = q[0] if A[i][0] else q[1]
            k = [x / size for x in k]
            orders = list(permutations((k, q, v))) if tokens == 1 else [(k, q, v), (v, q, k)]
            lower = 0
            for order in orders:
                for step in (1e-2, 3e-3, 1e-3):
                    for _ in range(300):
                        near = [[x * (1 + rng.gauss(0, 1) * step) for x in w] for w in order]
                        near = [[x + rng.gauss(0, 1) * step for x in w] for w in near]
                        lower += _loss(near, data) < _loss([k, q, v], data) - 1e-12
            assert (lower == 0) == (p.role in {"edge minimum", "genuine minimum"}), p


def _float(x: object) -> float:
    field = getattr(x, "field", None)
    return float(QQ.to_python(x)) if field is None else float(field.embed(x, 200).real.mid())


def _loss(weights, data) -> float:
    k, q, v = weights
    total = 0.0
    for X, Y in data:
        columns = list(zip(*X, strict=True))
        for y, want in zip(columns, Y[0], strict=True):
            value = sum(
                (v[0] * x[0] + v[1] * x[1])
                * (k[0] * x[0] + k[1] * x[1])
                * (q[0] * y[0] + q[1] * y[1])
                for x in columns
            )
            total += (value - want) ** 2
    return total


class TestSlices:
    def test_segre_quadric_exactly(self) -> None:
        cut = make_slice(NET)
        assert [str(e) for e in cut.equations] == ["x^2 + y^2 - z^2 - 1"]
        assert "x² + y² − z² − 1 = 0" in cut.caption

    @pytest.mark.parametrize("name", SLICES)
    def test_equations_agree_with_membership(self, name: str) -> None:
        """A point is on the equations exactly when contains() puts it into the closure."""
        cut, met = make_slice(NET, name), set()
        for p in [(1, 0, 0), (1, 2, 2), (0, 1, 0), (1, 1, 1), (3, 4, 5), (0, 0, 1), (2, 1, -2)]:
            member = NET.contains(cut.function(p))
            on = all(_at(e, p) == 0 for e in cut.equations)
            assert on == member.in_closure
            if on:
                boundary = NET.classify_function(cut.function(p)).boundary
                assert boundary == all(_at(e, p) == 0 for e in cut.boundary_equations), p
            met.add((on, bool(member.value)))
        assert len(met) >= 2

    def test_weights_are_placed_exactly(self) -> None:
        W = Weights(K=[[[1, 0]]], Q=[[[2, 0]]], V=[[[1, 1]]])  # 2 x1 (x1 + x2) y1
        figure = algattn.plot.slice(NET, weights=W)
        (place,) = figure.slice.points.values()
        assert figure.slice.function(place) == NET.function(W)
        outside = Weights(K=[[[0, 1]]], Q=[[[1, 0]]], V=[[[0, 1]]])
        with pytest.raises(InputError, match="not on it"):
            algattn.plot.slice(NET, weights=outside)

    def test_rulings_lie_on_the_quadric(self) -> None:
        from algattn.plot.scene import Scene

        scene = Scene.of(make_slice(NET), 2.0, None)
        assert min(len(scene.fixed_q), len(scene.fixed_s)) >= 16
        for line in [*scene.fixed_q, *scene.fixed_s, *scene.boundary]:
            for s in (0, 0.3, 1):
                x, y, z = line[0] + s * (line[1] - line[0])
                assert abs(x * x + y * y - z * z - 1) < 1e-9

    def test_refusals(self) -> None:
        with pytest.raises(HypothesisError, match="d = 2"):
            make_slice(Lightning(widths=(3, 1), ranks=1))
        with pytest.raises(InputError, match="is not known"):
            make_slice(NET, "round")
        free = {"c_1_1_1_1": "x", "c_1_1_2_1": "y", "c_1_2_2_2": "z+1", "c_1_1_1_2": "1"}
        with pytest.raises(HypothesisError, match="curve"):
            algattn.plot.slice(NET, free)

    def test_everything_drawn_lies_in_the_box_and_on_the_surface(self) -> None:
        """The saddle x = y z; long rulings used to make the box ten times as wide as asked."""
        from algattn.plot.scene import Scene

        saddle = {"c_1_1_1_1": "x", "c_1_1_1_2": "y", "c_1_2_2_1": "z", "c_1_2_2_2": "1"}
        scene = Scene.of(make_slice(NET, saddle), 2.0, None)
        assert {p.reached for p in scene.patches} == {True, False}
        for p in scene.patches:
            assert max(abs(p.x).max(), abs(p.y).max()) <= 3 + 1e-9
            assert abs(p.z).max() <= 2 + 1e-9
            assert abs(p.x - p.y * p.z).max() < 1e-6
            assert (p.y.max() < 1e-9) if p.reached else (p.y.min() > -1e-9)
        far = {**saddle, "c_1_1_1_1": "x+100", "c_1_1_1_2": "y+100", "c_1_2_2_1": "1/100*z+30"}
        with pytest.raises(HypothesisError, match="misses the box"):
            Scene.of(make_slice(NET, far), 2.0, None)

    def test_bad_slices(self) -> None:
        for term in ("x*y", "x/2", "2x", "w"):
            with pytest.raises(InputError, match="is no term"):
                make_slice(NET, {"c_1_1_1_1": term})
        with pytest.raises(InputError, match="the coordinates are 5"):
            make_slice(NET, 5)  # type: ignore[arg-type]
        with pytest.raises(InputError, match="reach is 0"):
            algattn.plot.slice(NET, reach=0)

    def test_interactive_page_needs_no_network(self, tmp_path: Path) -> None:
        pytest.importorskip("plotly")
        target = tmp_path / "slice.html"
        algattn.plot.slice(NET, "segre-boundary", to=str(target))
        page = target.read_text(encoding="utf-8")
        assert "plotly" in page.lower()
        assert 'src="http' not in page


def _at(p, point) -> object:
    total = QQ(0)
    for e, c in p.terms():
        term = c
        for x, n in zip(point, e, strict=True):
            term *= x**n
        total += term
    return total


def test_hasse_rows_do_not_overlap(tmp_path: Path) -> None:
    net = Lightning(widths=(3, 2), ranks=2, tokens=1)
    places = layout(net.strata())
    for a, (x, y) in places.items():
        for b, (u, v) in places.items():
            assert a == b or y != v or abs(x - u) > 0.2 + 0.038 * (len(a) + len(b))
    algattn.plot.hasse(net, to=str(tmp_path / "hasse.png"))
    assert (tmp_path / "hasse.png").stat().st_size > 10_000


def test_the_limit_is_not_a_function_of_the_network() -> None:
    script = Path(__file__).parents[2] / "examples" / "verify_not_closed.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("holds") == 7
    assert "FAILS" not in done.stdout


def test_command_line() -> None:
    from click.testing import CliRunner

    from algattn.cli import main

    def run(*words: str) -> str:
        done = CliRunner().invoke(main, list(words))
        assert done.exit_code == 0, done.output
        return done.output

    assert "PROVED" in run("classify", "--widths", "2,1", "--ranks", "1", "--seed", "3")
    assert "k, v parallel" in run("strata", "--widths", "2,1", "--ranks", "2")
    assert "degree 20" in run("degree", "--widths", "2,2", "--ranks", "2")
    assert "ED degree 2" in run("degree", "--widths", "2,1", "--ranks", "1", "--ed", "unit")


def test_command_line_refuses_what_it_cannot_do(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from algattn.cli import main

    away = tmp_path / "nowhere" / "strata.png"
    done = CliRunner().invoke(
        main, ["strata", "--widths", "2,1", "--ranks", "1", "--picture", str(away)]
    )
    assert (done.exit_code, away.exists()) == (2, False)
    assert "there is no folder" in done.output
    softmax = tmp_path / "softmax.json"
    softmax.write_text(
        '{"schema": "algattn/input/1", "network": '
        '{"kind": "softmax", "widths": [2, 1], "ranks": 1, "tokens": 2}}'
    )
    for command in ("classify", "strata", "degree"):
        done = CliRunner().invoke(main, [command, str(softmax)])
        assert done.exit_code == 2
        assert "softmax networks have no such answer" in done.output
