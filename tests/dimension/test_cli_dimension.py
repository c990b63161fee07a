"""The command line: one dimension, and tables that can be continued."""

from __future__ import annotations

import csv
import io
import json
import os
from dataclasses import replace

import pytest
from click.testing import CliRunner

from algattn import Lightning, load
from algattn.cli import main
from algattn.dimension import sweep as sweep_module
from algattn.dimension.sweep import Row, read_rows, sweep, write_rows
from algattn.errors import InputError
from algattn.saving import sole_writer


def run(*args, **kwargs):
    return CliRunner().invoke(main, list(args), **kwargs)


def test_dimension_from_flags():
    found = run("dimension", "--widths", "5,4,1", "--ranks", "1")
    assert found.exit_code == 0
    assert "dimension 21" in found.output
    assert "PROVED" in found.output


def test_dimension_as_json_is_a_certificate():
    flags = ("--widths", "3,3,3", "--ranks", "2", "--tokens", "3", "--kind", "softmax")
    for more in ((), ("--method", "balls"), ("--seed", "7"), ("--report",)):
        found = run("dimension", *flags, *more, "--format", "json")
        result = load(found.output)
        assert (result.value, result.status.name) == (25, "PROVED")
        assert result.verify()


def test_dimension_from_a_file(tmp_path):
    network = Lightning((2, 2), 1)
    data = {"network": network.to_data(), "weights": network.random_weights(1).to_data()}
    path = tmp_path / "net.json"
    path.write_text(json.dumps(data))
    assert f"dimension {network.dimension().value}" in run("dimension", str(path)).output
    assert "rank 6" in run("dimension", str(path), "--local").output


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 2),
        (("--widths", "3,3"), 2),
        (("--widths", "3,x", "--ranks", "1"), 2),
        (("--widths", "3,3", "--ranks", "1", "--prime", "1048577"), 2),
        (("--widths", "3,3", "--ranks", "1", "--method", "balls"), 2),
        (("--widths", "3,3", "--ranks", "1", "--local", "--method", "dense"), 2),
        (("--widths", "900,800,700", "--ranks", "30", "--time-limit", "0", "--seed", "31"), 3),
    ],
)
def test_errors_have_codes_and_no_traceback(args, code):
    found = run("dimension", *args)
    assert found.exit_code == code
    assert "Traceback" not in found.output


GRID = ("sweep", "--widths", "2:4", "--ranks", "1,2", "--layers", "1:2", "--kind", "both")


@pytest.mark.parametrize("style", ["csv", "json", "latex"])
def test_sweep_and_continue(tmp_path, monkeypatch, style):
    path = tmp_path / f"table.{style}"
    args = (*GRID, "--format", style, "-o", str(path))
    calls = []
    real = sweep_module.dimension

    def counted(network, **kwargs):
        calls.append(network)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return real(network, **kwargs)

    monkeypatch.setattr(sweep_module, "dimension", counted)
    stopped = run(*args)
    assert stopped.exit_code == 130
    assert "interrupted after 7 rows" in stopped.output
    assert len(read_rows(path.read_text(), style)) == 7
    assert run(*args).exit_code == 0
    rows = read_rows(path.read_text(), style)
    assert len(rows) == len({r.key for r in rows}) == 24
    assert len(calls) == 8 + 17 + 7  # first what is new, then what the file says
    assert {(n.kind, n.widths, n.ranks) for n in calls[-7:]} == {
        (n.kind, n.widths, n.ranks) for n in calls[:7]
    }
    assert {r.status for r in rows} == {"PROVED"}
    for row in rows:
        if row.kind == "lightning":
            widths = tuple(map(int, row.widths.split()))
            ranks = tuple(map(int, row.ranks.split()))
            assert row.dimension == Lightning(widths, ranks).dimension().value


@pytest.mark.parametrize("style", ["csv", "json", "latex"])
def test_a_row_that_says_too_much_is_not_believed(tmp_path, style):
    right = Row(
        "lightning", "2 2 2", "1 1", 2, 16, 8, 8, 8, 8, "PROVED"
    )  # by an SVD of the Jacobian
    path = tmp_path / "table"
    lie = replace(right, dimension=999, lower=999, upper=999, expected=999)
    other = replace(lie, widths="3 3 3", parameters=24)  # not in the grid that is asked for
    path.write_text(write_rows([lie, other], style))
    found = run("sweep", "--widths", "2", "--ranks", "1", "--format", style, "-o", str(path))
    assert found.exit_code == 0
    assert "said other numbers than were found now: 2" in found.stderr
    first, second = read_rows(path.read_text(), style)
    assert first == right
    exact = Lightning((3, 3, 3), 1).dimension()
    assert (second.dimension, second.status) == (exact.value, "PROVED")


def test_rows_that_were_not_reached_are_unchecked(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text(write_rows(sweep([Lightning((2, 2), 1), Lightning((2, 2), 2)]), "csv"))
    calls = []

    def interrupted(network, **kwargs):
        calls.append(network)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(network, **kwargs)

    real = sweep_module.dimension
    monkeypatch.setattr(sweep_module, "dimension", interrupted)
    assert run("sweep", "--shapes", "2,2", "--ranks", "1", "-o", str(path)).exit_code == 130
    rows = read_rows(path.read_text(), "csv")
    assert [(r.ranks, r.dimension, r.status) for r in rows] == [
        ("1", 6, "PROVED"),
        ("2", 7, "UNCHECKED"),
    ]


def test_one_sweep_at_a_time(tmp_path):
    path = tmp_path / "table.csv"
    args = ("sweep", "--shapes", "2,2", "--ranks", "1", "-o", str(path))
    with sole_writer(path):
        found = run(*args)
        assert (found.exit_code, path.exists()) == (2, False)
        assert "another run is writing it" in found.stderr
    assert run(*args).exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


NAMES = "kind,widths,ranks,tokens,parameters,dimension,lower,upper,expected,status"


@pytest.mark.parametrize(
    "text",
    [
        "kind\rwidths,x\n",
        f"{NAMES}\nlightning,2 2 2,1 1,{'9' * 5000},8,6,6,6,6,PROVED\n",
        f"{NAMES}\nlightning,2 2 2,1 1,2,8,6,6,6,6,{'P' * 200_000}\n",
        f"{NAMES}\nlightning,2 2 2,1 1,2,8,6,6,6,6,PROVED,more\n",
        f"{NAMES}\nlightning,2  2,1 1,2,8,6,6,6,6,PROVED\n",
        f"{NAMES}\nlightning,2 2 2,1 1,,8,6,6,6,6,PROVED\n",
        f"{NAMES}\nsoftplus,2 2 2,1 1,2,8,6,6,6,6,PROVED\n",
    ],
)
def test_tables_that_nobody_wrote(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    found = run("sweep", "--widths", "2", "--ranks", "1", "-o", str(path))
    assert (found.exit_code, path.read_text(), found.stdout) == (2, text.replace("\r", "\n"), "")
    assert len(found.stderr) < 400
    assert os.listdir(tmp_path) == ["table.csv"]


def test_sweep_to_standard_output():
    found = run("sweep", "--shapes", "5,4,1;4,4,4", "--ranks", "1")
    rows = list(csv.DictReader(io.StringIO(found.output)))
    assert [r["dimension"] for r in rows] == ["21", "28"]
    table = run("sweep", "--shapes", "5,4,1", "--ranks", "1", "--format", "latex").output
    assert "5 4 1 & 1 1 & 2 & 42 & 21 & 21 & PROVED" in table


def test_sweep_keeps_bounds_when_time_is_over():
    networks = [Lightning((300, 250, 270), 20), Lightning((2, 2), 1)]
    hard, _ = sweep(networks, seed=41, time_limit=0)
    assert hard.status == "BOUNDS"
    assert hard.dimension is None
    assert hard.lower < hard.upper
    for style in sweep_module.FORMATS:
        assert read_rows(write_rows([hard], style), style) == [hard]


def test_bad_tables_and_grids(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    found = run(*GRID, "-o", str(path))
    assert found.exit_code == 2
    assert path.read_text() == "a,b\n1,2\n"  # a file that is not ours is left alone
    for text, style in (("{}", "json"), ('[{"kind": 1}]', "json"), ("kind", "csv")):
        with pytest.raises(InputError):
            read_rows(text, style)
    good = write_rows([Row("lightning", "2 2", "1", 2, 8, 5, 5, 5, 5, "PROVED")], "csv")
    with pytest.raises(InputError, match="tokens"):
        read_rows(good.replace(",2,8", ",two,8"), "csv")
    assert run("sweep", "--widths", "2:x", "--ranks", "1").exit_code == 2
    assert run("sweep", "--ranks", "1").exit_code == 2
    assert run("sweep", "--shapes", "2,x", "--ranks", "1").exit_code == 2


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (("--widths", "1:100000000000", "--ranks", "1"), "more than 100000 numbers"),
        (("--widths", "1:5000", "--ranks", "1:5000"), "more than 100000"),
        (("--widths", "4:1", "--ranks", "1"), "no range"),
        (("--widths", "0:2", "--ranks", "1"), "no range"),
    ],
)
def test_grids_that_are_too_large_or_empty(grid, says):
    found = run("sweep", *grid)
    assert found.exit_code == 2
    assert says in found.output


def test_ranks_above_the_width_are_not_lost():
    rows = list(
        csv.DictReader(io.StringIO(run("sweep", "--widths", "2,3", "--ranks", "3:5").output))
    )
    assert [(r["widths"], r["ranks"]) for r in rows] == [("2 2 2", "3 3"), ("3 3 3", "3 3")]


def test_rows_that_are_not_proved_are_tried_again(tmp_path):
    path = tmp_path / "table.csv"
    args = ("sweep", "--shapes", "300,250,270;2,2", "--ranks", "20", "-o", str(path))
    run(*args, "--time-limit", "0", "--seed", "43")
    before = read_rows(path.read_text(), "csv")
    assert before[0].status == "BOUNDS"
    assert run(*args).exit_code == 0
    after = read_rows(path.read_text(), "csv")
    assert [r.key for r in after] == [r.key for r in before]
    assert {r.status for r in after} == {"PROVED"}


def test_a_table_in_another_format_is_left_alone(tmp_path):
    path = tmp_path / "table"
    args = ("sweep", "--widths", "2", "--ranks", "1", "-o", str(path))
    for style in sweep_module.FORMATS:
        path.unlink(missing_ok=True)
        run(*args, "--format", style)
        text = path.read_text()
        for other in set(sweep_module.FORMATS) - {style}:
            found = run(*args, "--format", other)
            assert found.exit_code == 2
            assert "--format as it was" in found.output
            assert path.read_text() == text


def test_flags_that_a_file_would_override_are_refused(tmp_path):
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"network": Lightning((2, 2), 1).to_data()}))
    for flags in (
        ("--kind", "softmax"),
        ("--tokens", "1"),
        ("--ranks", "2"),
        ("--local", "--report"),
    ):
        found = run("dimension", str(path), *flags)
        assert found.exit_code == 2
        assert "not" in found.output
    assert run("report", str(path), "--tokens", "3").exit_code == 2


def test_floats_for_a_local_dimension(tmp_path):
    path = tmp_path / "net.json"
    weights = {"A": [[[1, 0], [0, 1.5]]], "V": [[[1, 0], [0, 1]]]}
    path.write_text(json.dumps({"network": {"widths": [2, 2], "ranks": 2}, "weights": weights}))
    assert run("dimension", str(path), "--local").exit_code == 2
    assert "rank 7" in run("dimension", str(path), "--local", "--floats").output
