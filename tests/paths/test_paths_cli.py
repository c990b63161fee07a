"""The command line ``algattn paths``: JSON in and out, text tables, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from algattn import load
from algattn.cli import main

DATA = {
    "heads": [2],
    "widths": [5, 6],
    "attention": [[{"kind": "uniform"}, {"kind": "fixed", "matrix": [[1, "1/2"], [0, "1/2"]]}]],
    "X": [[[1, 2], [0, 1]], [[3, -1], [1, 1]], [[0, 2], [-2, 1]]],
    "Y": [1, -1, 1],
    "temperature": "1/10",
}


def run(*arguments: str, data: object = DATA) -> Result:
    return CliRunner().invoke(main, ["paths", *arguments], input=json.dumps(data))


def test_kernels_are_proved_and_verified(tmp_path: Path) -> None:
    for extra in ([], ["--blocks"]):
        done = run("kernels", "-", "--format", "json", *extra)
        assert done.exit_code == 0
        assert load(done.output).verify()
        assert load(done.output).status.name == "PROVED"
    given = run("kernels", "-", data=DATA | {"U": [[2, "1/3"], ["1/3", 1]]})
    assert "PROVED" in given.output
    floats = run("kernels", "-", "--format", "json", data=DATA | {"X": [[[0.5, 1.0]]]})
    assert json.loads(floats.output)["status"] == "NUMERIC"
    blocks = run("kernels", "-", "--blocks", data=DATA | {"X": [[[0.5, 1.0]]]})
    assert "C (1) (2)" in blocks.output
    assert "NUMERIC" in run("kernels", "-", data=DATA | {"X": [[[0.5, 1.0]]]}).output
    assert "infinite width" in run("kernels", "-").output


def test_solve() -> None:
    done = run("solve", "-", "--format", "json", "--sample")
    assert done.exit_code == 0
    answer = json.loads(done.output)
    assert answer["residual"] < 1e-6
    assert answer["balance"] < 1e-5
    assert answer["temperature"] == 0.1
    assert answer["posterior"]["r_hat"] < 1.05
    text = run("solve", "-").output
    assert "balance law" in text
    assert f"{answer['U'][0][0]:.5f}" in text


def test_solve_certifies() -> None:
    done = run("solve", "-", "--certify", "--format", "json")
    assert done.exit_code == 0
    assert load(done.output).verify()
    assert "strict local minimum" in run("solve", "-", "--certify", "--temperature", "0.5").output


def test_points_of_one_head() -> None:
    data = {"heads": [1], "widths": [4, 4], "attention": [["uniform"]], "X": [[[1, 2]], [[0, 1]]]}
    data |= {"Y": [3, -1], "task": "regression"}
    done = run("points", "-", "--temperature", "1/2", "--format", "json", data=data)
    assert done.exit_code == 0, done.output
    found = load(done.output)
    assert found.verify()
    assert found.status.name == "PROVED"
    assert "the minimum at" in run("points", "-", data=data | {"temperature": 1}).output
    assert "there are 2 paths" in run("points", "-").output
    assert "time limit" in run("solve", "-", "--time-limit", "0").output


def test_kernels_with_float_variances() -> None:
    done = run("kernels", "-", data=DATA | {"variances": [1, 0.5, 1]})
    assert done.exit_code == 0, done.output


def test_experiment(tmp_path: Path) -> None:
    picture = tmp_path / "sweep.png"
    small = ["--tokens", "8", "--features", "10", "--examples", "20", "--tests", "40"]
    done = run("experiment", *small, "--widths", "6,60", "--picture", str(picture))
    assert done.exit_code == 0, done.output
    assert "without one head" in done.output
    assert picture.stat().st_size > 5000
    data = json.loads(run("experiment", *small, "--widths", "6", "--format", "json").output)
    assert data["widths"] == [6]
    again = json.loads(run("experiment", *small, "--widths", "6", "--format", "json").output)
    assert again["accuracies"] == data["accuracies"]


@pytest.mark.parametrize(
    ("arguments", "data", "text"),
    [
        (["solve", "-"], {k: v for k, v in DATA.items() if k != "Y"}, "'Y' is missing"),
        (["solve", "-"], DATA | {"Y": [0, 1, 0]}, "2*y - 1"),
        (["solve", "-"], DATA | {"depth": 3}, "no key 'depth'"),
        (["kernels", "-"], [1], "not an object"),
        (["solve", "-"], DATA | {"temperature": [1]}, "not a number"),
        (["points", "-", "--temperature", "x"], DATA, "2 paths"),
        (["solve", "-", "--certify"], DATA | {"X": [[[0.5, 1]]] * 3}, "stands for 1/2"),
        (["kernels", "-"], DATA | {"attention": [["uniform", {"kind": "odd"}]]}, "is not a head"),
    ],
)
def test_bad_input_exits_with_two(arguments: list[str], data: object, text: str) -> None:
    done = run(*arguments, data=data)
    assert done.exit_code == 2
    assert text in done.output
