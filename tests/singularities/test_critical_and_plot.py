"""Critical points of training, and the exact content of the pictures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import algattn.plot
from algattn import Lightning, Weights, critical_points, load
from algattn.errors import AlgattnError, HypothesisError, InputError
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
        with pytest.raises(InputError, match="is none"):
            make_slice(NET, "round")
        free = {"c_1_1_1_1": "x", "c_1_1_2_1": "y", "c_1_2_2_2": "z+1", "c_1_1_1_2": "1"}
        with pytest.raises(HypothesisError, match="curve"):
            algattn.plot.slice(NET, free)

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
    assert "existing folder" in done.output
    softmax = tmp_path / "softmax.json"
    softmax.write_text(
        '{"schema": "algattn/input/1", "network": '
        '{"kind": "softmax", "widths": [2, 1], "ranks": 1, "tokens": 2}}'
    )
    for command in ("classify", "strata", "degree"):
        done = CliRunner().invoke(main, [command, str(softmax)])
        assert done.exit_code == 2
        assert "softmax networks have no such answer" in done.output
