"""The commands ideal, stable and implicitize, from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from algattn import load
from algattn.cli import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_ideal_and_its_completeness(tmp_path: Path) -> None:
    shape = ["--widths", "2,1", "--ranks", "2"]
    done = run("ideal", *shape, "--max-degree", "4", "--complete")
    assert done.exit_code == 0
    assert "(4|44|22)" in done.output
    assert "whole ideal" in done.output
    file = tmp_path / "proof.json"
    done = run(
        *("ideal", *shape, "--max-degree", "3", "--complete"), "--format", "json", "-o", str(file)
    )
    assert done.exit_code == 0
    proof = load(file.read_text())
    assert proof.value is False
    assert proof.verify()
    done = run("ideal", "--widths", "4,1", "--ranks", "4", "--max-degree", "3", "--complete")
    assert "(4|44|22) of degree 4 is missing" in done.output


def test_limits_and_bad_input() -> None:
    wide = ["ideal", "--widths", "4,1", "--ranks", "4", "--max-degree", "4"]
    done = run(*wide, "--complete", "--time-limit", "1")
    assert done.exit_code == 3
    assert "(3|33|111)" in done.output  # what was found is shown before the limit is reached
    deep = run("ideal", "--widths", "3,2,1", "--ranks", "2,2", "--max-degree", "2")
    assert deep.exit_code == 3
    assert "terms in 28 parameters" in deep.output
    assert run("ideal", "--widths", "3,1", "--ranks", "2", "--max-degree", "0").exit_code == 2
    assert "(11|4|11)" in run("stable", "--max-degree", "2").output


def test_implicitize() -> None:
    done = run("implicitize", "s^2", "s*t", "t^2", "--max-degree", "2", "--names", "a,b,c")
    assert done.exit_code == 0
    assert "b^2 - a*c" in done.output
    done = run("implicitize", "--format", "json", "--", "s^2-1", "s^3-s")
    found = load(done.output)
    assert (found.status.name, json.loads(done.output)["value"]) == ("PROVED", [[3, 1]])
    over = run("implicitize", "s^2", "s^3", "--prime", "7", "--max-degree", "6")
    assert "y_1^3" in over.output


@pytest.mark.parametrize("text", ["s^", "__import__('os')", "s/t", "(s+1)^t", ""])
def test_implicitize_evaluates_nothing(text: str) -> None:
    done = run("implicitize", "s^2", text)
    assert done.exit_code == 2
    assert "Traceback" not in done.output
