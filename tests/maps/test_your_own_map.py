"""What people see of a map: the how-to, commands, formulas and cards."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import sympy
from click.testing import CliRunner
from map_families import need_singular

import algattn
from algattn import Lightning, PolynomialMap
from algattn.cli import main
from algattn.errors import InputError, UndecidedError

ROOT = Path(__file__).parents[2]
HOW_TO = Path(algattn.__file__).parent / "docs" / "howto" / "your_own_map.md"
PAGE = HOW_TO.read_text(encoding="utf-8")


def test_every_command_of_the_how_to_runs() -> None:
    need_singular()
    lines = PAGE.split("```sh\n")[1].split("```")[0].splitlines()
    assert len(lines) > 5
    for line in lines:
        words = shlex.split(line)[1:]
        words = [str(ROOT / w) if w.startswith("examples/") else w for w in words]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output


def test_every_method_of_the_how_to_exists() -> None:
    table = PAGE.split("\n| question |")[1].split("\n\n")[0]
    calls = re.findall(r"`(\w+)\(", table)
    assert len(calls) > 15
    assert all(callable(getattr(PolynomialMap, name)) for name in calls)


def test_what_notebooks_show_of_a_map() -> None:
    phi = PolynomialMap(["a*b", "b*c"])
    assert phi._repr_latex_() == (
        r"$\displaystyle \begin{array}{l} y_{1} = a b \\ y_{2} = b c \end{array}$"
    )
    assert r"a \partial_{a} - b \partial_{b}" in phi.symmetries()._repr_latex_()
    assert "PROVED" in phi.symmetries()._repr_latex_()
    assert r"\begin{pmatrix} 1 & -1 & 1 \end{pmatrix}" in phi.gradings()._repr_latex_()
    assert Lightning((2, 2), 1, heads=2).map()._repr_latex_() is None  # it is not expanded for that
    assert "component 2: dimension 1, degree 1: c, a = 0" in phi.fiber([0, 0, 3]).text()
    assert "Hilbert series: (T + 1) / (1 - T)^2" in (
        PolynomialMap(["s^2", "s*t", "t^2"]).image_degree().text()
    )


def test_defects_are_numbers_or_refused() -> None:
    assert PolynomialMap(["a*b", "a*b+1", "a^2*b^2"]).defect() == 1
    assert PolynomialMap(["a*b", "b*c"]).fiber_dimension() == 1
    sums = "a^5+b^6+c^7+d^8+e^9+f^10+g^11+a*b*c*d*e*f*g"
    with pytest.raises(UndecidedError, match="1 <= n <= 2"):
        PolynomialMap([sums, f"({sums})^2"]).defect()


def test_polynomials_by_label() -> None:
    """Without this the keys of a dict were read as polynomials."""
    phi = PolynomialMap({"p": "a*b", "q": "a/(1+b)"})
    assert (phi.coordinates, phi.parameters) == (("p", "q"), ("a", "b"))
    assert PolynomialMap.from_sympy({"p": sympy.Symbol("a") ** 2}).coordinates == ("p",)
    with pytest.raises(InputError, match="names in two places"):
        PolynomialMap({"p": "a"}, coordinates=["q"])
    with pytest.raises(InputError, match="is not a list"):
        PolynomialMap.from_sympy(sympy.Symbol("a"))
