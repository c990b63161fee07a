"""The ways out of the program: one line, one of the documented codes, no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from algattn import errors
from algattn.cli import main
from algattn.cli.exits import TABLE, exit_code

SMALL = ["report", "--widths", "2,1", "--ranks", "1"]


def broken(error: BaseException) -> Any:
    def make(*_: Any, **__: Any) -> None:
        raise error

    return make


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (
            ValueError("Exceeds the limit"),
            70,
            "this is a fault of algattn: ValueError in test_exits",
        ),
        (OverflowError("x" * 5000), 70, "(5000 characters)"),
        (RecursionError("deep"), 70, "RecursionError"),
        (AssertionError(), 70, "AssertionError"),
        (errors.CertificateError("a", "b", "c"), 70, "a: b. Try: c."),
        (errors.DisagreementError("a", "b", "c"), 70, "a: b. Try: c."),
        (errors.UndecidedError("a", "b", "c"), 3, "a: b. Try: c."),
        (errors.EngineNotFoundError("a", "b", "c"), 4, "a: b. Try: c."),
        (MemoryError(), 3, "out of memory"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (BrokenPipeError(), 141, ""),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
    ],
)
def test_codes(error: BaseException, code: int, says: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("algattn.model.report.report", broken(error))
    done = CliRunner().invoke(main, SMALL)
    assert done.exit_code == code
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert len(done.stderr.splitlines()) == (1 if says else 0)
    assert f"\n  {code:>3}  " in "\n" + TABLE
    shown = CliRunner().invoke(main, ["--debug", *SMALL])
    assert shown.exit_code == code
    assert "Traceback" in shown.stderr


def test_one_is_for_comparisons_alone() -> None:
    kinds = [e for e in vars(errors).values() if isinstance(e, type)]
    kinds = [e for e in kinds if issubclass(e, errors.AlgattnError)]
    assert len(kinds) > 10
    assert 1 not in {exit_code(kind("a", "b", "c")) for kind in kinds}


def test_messages_repeat_a_part_of_the_input(tmp_path: Path) -> None:
    long = "x" * 100_000
    (tmp_path / "f").write_text('{"network": {"kind": "' + long + '", "widths": [1], "ranks": 1}}')
    for line in (["report", str(tmp_path / "f")], ["report", long], [long], ["cite", long]):
        done = CliRunner().invoke(main, line)
        assert done.exit_code == 2
        assert len(done.stderr) < 1200
    done = CliRunner().invoke(main, ["report", "a\x1b[2Jb"])
    assert "\x1b" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a full device")
@pytest.mark.parametrize("line", ["cite", "report --widths 2,1 --ranks 1 -o /dev/full", "--help"])
def test_a_full_disk(line: str) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "algattn", *line.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_names_that_the_encoding_lacks() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "algattn", "cite", "HMK"],
        capture_output=True,
        env={"PYTHONIOENCODING": "latin-1", "PATH": ""},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u201cGeometry of" in done.stdout
