"""What people do who know the names of the methods and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sympy
from click.testing import CliRunner
from map_families import segre, veronese

from algattn import PolynomialMap
from algattn.cli import main
from algattn.errors import AlgattnError, DisagreementError, InputError, LimitError

PATH = PolynomialMap(["a*b", "b*c"])


def shell(folder: Path, polynomials: Any, *words: str) -> Any:
    file = folder / "map.json"
    file.write_text(json.dumps({"polynomials": polynomials}))
    return CliRunner().invoke(main, ["map", str(file), *words])


def test_dimension_of_the_fiber_and_defect() -> None:
    assert (PATH.fiber_dimension(), PATH.defect()) == (1, 0)
    assert veronese(3, 2, 2).defect() == 1
    assert segre((2, 2, 2)).fiber_dimension() == 2
    assert PolynomialMap(["0"], parameters=["a"]).fiber_dimension() == 1


def test_positions_as_in_the_signatures() -> None:
    cusp = PolynomialMap(["t^2", "t^3"])
    assert cusp.dimension("1: a curve").value == 1
    assert len(cusp.equations(6, (2, 3))) == 1
    assert cusp.fiber_components(modulo="torus").value == 1
    assert PolynomialMap(["x^2*y^2"]).fiber_components("torus") == 2
    assert PolynomialMap(["a", "b"]).fiber([1, 2], True).value == 0


def test_sentences_name_the_functions() -> None:
    found = PATH.identifiable(["a", "b", "a/c", "a*b"], kind="global")
    said = "(a)/(c) and a*b are globally identifiable; a and b are not identifiable"
    assert found.sentence() == said
    many = PolynomialMap([f"x{n}" for n in range(12)]).identifiable()
    assert many.sentence().endswith("x5 and 4 more are locally identifiable")
    assert "at least 1" not in PolynomialMap(["t^3"]).identifiable().sentence()


def test_the_card_of_a_fiber_says_where_it_lies() -> None:
    text = PATH.fiber([0, 0, 1]).text()
    assert "dimension 2, degree 1: b = 0" in text
    assert "dimension 1, degree 1: c, a = 0" in text


def test_polynomials_by_name() -> None:
    phi = PolynomialMap({"u": "a*b", "v": "a"})
    assert (phi.coordinates, phi([2, 3])) == (("u", "v"), [6, 2])
    with pytest.raises(InputError, match="two places"):
        PolynomialMap({"u": "a"}, coordinates=["v"])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: PolynomialMap([0.5]), "a float.*fraction as a text"),  # type: ignore[list-item]
        (lambda: PolynomialMap.from_sympy(sympy.Symbol("a")), "not a list"),  # type: ignore[arg-type]
        (lambda: PATH({1, 2, 3}), "no point"),
        (lambda: PATH([1]), "3 parameters and 1 number"),
        (lambda: PATH({"x": 1}), r"names \['x'\]"),
        (lambda: PolynomialMap(["a"], coordinates=["x", "y"]), "2 names for 1 coordinate"),
        (lambda: PATH.contains([1]), "2 coordinates and 1 number"),
        (lambda: PATH.fiber_components("x"), "'torus' and 'symmetries'"),
    ],
)
def test_what_is_wrong_is_told(ask: Any, message: str) -> None:
    with pytest.raises(AlgattnError, match=message):
        ask()


def test_equations_that_do_not_vanish_are_told_where_counting_is_enough() -> None:
    with pytest.raises(DisagreementError, match="does not vanish"):
        PolynomialMap(["s^2", "s*t", "t^2"]).dimension(equations=["y_1*y_3"])


def test_a_hilbert_function_that_never_ends_is_refused() -> None:
    with pytest.raises(LimitError, match="monomials"):
        PATH.hilbert(10**9)


def test_plain_answers_at_the_shell(tmp_path: Path) -> None:
    found = shell(tmp_path, ["a*b", "b*c"], "gradings")
    assert "a: 1, b: -1, c: 1" in found.output
    data = json.loads(shell(tmp_path, ["a*b", "b*c"], "gradings", "--format", "json").output)
    assert (data["fiber_rows"], data["index"]) == ([[1, -1, 1]], 1)
    assert shell(tmp_path, ["1/a", "b"], "base-locus").output == "a\n"
    assert shell(tmp_path, ["a", "b"], "base-locus").output == "there are no poles\n"
    assert shell(tmp_path, ["a*b", "b*c"], "fiber-dimension").output == "1\n"
    assert shell(tmp_path, ["a*b", "b*c"], "defect", "--format", "json").output == "0\n"
    assert "a ∂a - b ∂b + c ∂c" in shell(tmp_path, ["a*b", "b*c"], "symmetries").output
    fields = shell(tmp_path, ["x^2+y^2"], "symmetries", "--kind", "projective", "--format", "json")
    assert json.loads(fields.output)["kind"] == "projective"
    assert shell(tmp_path, ["a"], "gradings", "--format", "latex").exit_code == 2


def test_a_declared_dimension_is_written_with_a_colon_or_a_comma(tmp_path: Path) -> None:
    for text in ("2: Harris", "2, Harris"):
        assert shell(tmp_path, ["a", "b"], "dimension", "--declared", text).exit_code == 0
    assert shell(tmp_path, ["a", "b"], "dimension", "--declared", "3: no").exit_code == 70
    assert shell(tmp_path, ["a", "b"], "dimension", "--declared", "3").exit_code == 2
