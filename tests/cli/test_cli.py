"""The command line, from outside: exit codes, pipes, formats, bad input, interruption."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from algattn import Lightning, Window, __version__, load
from algattn.cli import main, network_options
from algattn.references import REFERENCES
from algattn.results import seal

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = ["--widths", "2,1", "--ranks", "1"]
#: The child raises KeyboardInterrupt on SIGINT even where the test runner was started with & .
CHILD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from algattn.cli import main
main(sys.argv[1:])
"""
#: Tells when the computation begins, and does not end.
ENDLESS = """
from algattn.symbolic import results
derive = results.derive

def forever(*arguments, **options):
    print("started", flush=True)
    while True:
        derive(*arguments, **options)

results.derive = forever
"""


def run(*arguments: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=given)


def process(*arguments: str, given: str | None = None, cwd: Path | None = None) -> Any:
    return subprocess.run(
        [sys.executable, "-m", "algattn", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
    )


@pytest.fixture
def report_json() -> str:
    done = run("report", *SMALL, "--format", "json")
    assert done.exit_code == 0, done.output
    return str(done.stdout)


# --- report and derive -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["one_layer.json", "one_token.json", "deep.json"])
def test_report_on_the_examples(name: str) -> None:
    done = run("report", str(EXAMPLES / name))
    assert done.exit_code == 0, done.output
    assert "PROVED" in done.stdout
    headings = [line.partition("  [")[0] for line in done.stdout.splitlines() if "?  [" in line]
    assert headings[:2] == [
        "What are the coefficients of the function as polynomials?",
        "What is the dimension of the function space?",
    ]
    if name != "deep.json":
        assert headings[2:4] == [
            "Which weights give this function?",
            "What kind of point is the function?",
        ]


def test_report_formats(report_json: str) -> None:
    result = load(report_json)
    assert result.verify()
    assert set(result.sections) >= {"dimension", "fiber"}  # type: ignore[attr-defined]
    html = run("report", *SMALL, "--format", "html").stdout
    assert html.startswith("<!doctype html>")
    assert "<script" not in html
    latex = run("report", *SMALL, "--format", "latex").stdout
    assert r"\section*{Report}" in latex
    text = run("report", *SMALL).stdout
    assert text.startswith("Lightning(widths=(2, 1), ranks=(1,), tokens=2)")


def test_report_reads_a_pipe() -> None:
    text = (EXAMPLES / "one_layer.json").read_text(encoding="utf-8")
    piped = run("report", "-", "--format", "json", given=text)
    named = run("report", str(EXAMPLES / "one_layer.json"), "--format", "json")
    assert piped.exit_code == 0
    assert piped.stdout == named.stdout
    assert run("verify", "-", given=piped.stdout).exit_code == 0
    marked = run("report", "-", "--format", "json", given=b"\xef\xbb\xbf" + text.encode())
    assert marked.stdout == named.stdout


def test_seeds_repeat() -> None:
    one, again, two = (run("report", *SMALL, "--seed", s).stdout for s in ("1", "1", "2"))
    assert one == again != two


def test_derive() -> None:
    done = run("derive", *SMALL)
    assert done.exit_code == 0, done.output
    assert "6 coordinates" in done.stdout
    for params in ("AV", "QKV", "virtual"):
        done = run("derive", *SMALL, "--params", params, "--format", "json")
        assert done.exit_code == 0, done.output
        assert load(done.stdout).verify()
        assert json.loads(done.stdout)["value"] == 6


def test_output_is_written_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    done = run("report", *SMALL, "--format", "json", "-o", str(target))
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    assert load(target.read_text(encoding="utf-8")).verify()
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask
    target.write_text("old", encoding="utf-8")
    assert run("report", *SMALL, "-o", str(target)).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("Lightning(")


# --- verify ----------------------------------------------------------------------------------


def test_verify_says_yes(report_json: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(report_json, encoding="utf-8")
    done = run("verify", str(path))
    assert done.exit_code == 0
    assert done.stdout.startswith("holds, PROVED: Report on")
    quiet = run("verify", "--quiet", str(path))
    assert (quiet.exit_code, quiet.output) == (0, "")
    outside = process("verify", "-", given=report_json)
    assert (outside.returncode, outside.stderr) == (0, "")


def test_verify_says_no(report_json: str) -> None:
    data = json.loads(report_json)
    data["value"]["dimension"] += 1
    forged = json.dumps(data)
    done = run("verify", "-", given=forged)
    assert done.exit_code == 1
    assert "does not hold: the file was changed" in done.stdout
    data["digest"] = seal(data)["digest"]
    sealed = run("verify", "-", given=json.dumps(data))
    assert sealed.exit_code == 1
    assert "does not hold" in sealed.stdout
    quiet = run("verify", "--quiet", "-", given=forged)
    assert (quiet.exit_code, quiet.output) == (1, "")
    outside = process("verify", "-", given=forged)
    assert outside.returncode == 1
    assert "Traceback" not in outside.stderr


# --- doctor, cite, help ----------------------------------------------------------------------


def test_doctor() -> None:
    done = run("doctor")
    assert done.exit_code == 0, done.output
    assert "MISSING" not in done.stdout
    assert "verified" in done.stdout
    assert f"algattn {__version__}" in done.stdout


def test_cite() -> None:
    done = run("cite")
    assert done.exit_code == 0
    assert all(f"[{key}]" in done.stdout for key in REFERENCES)
    assert "2408.17221" in run("cite", "HMK").stdout
    assert "[Harris]" not in run("cite", "HMK").stdout
    assert run("cite", "--bibtex", "HMK").stdout.startswith("@article{HMK,")
    unknown = run("cite", "nobody")
    assert unknown.exit_code == 2
    assert "there is no such entry. Try: one of" in unknown.stderr


def test_help_and_version() -> None:
    assert run("--version").stdout.strip() == f"algattn, version {__version__}"
    for command in ("report", "derive", "verify", "doctor", "cite"):
        assert command in run("-h").stdout
        done = run(command, "--help")
        assert done.exit_code == 0
        assert "Usage:" in done.stdout


# --- bad input -------------------------------------------------------------------------------

BAD_FLAGS = [
    ["report"],
    ["report", "--widths", "2,2"],
    ["report", "--ranks", "2"],
    ["report", "--widths", "2", "--ranks", "1"],
    ["report", "--widths", "2,x", "--ranks", "1"],
    ["report", "--widths", "2,,2", "--ranks", "1"],
    ["report", "--widths", "2.0,2", "--ranks", "1"],
    ["report", "--widths", "2,0", "--ranks", "1"],
    ["report", "--widths", "2,2", "--ranks", "0"],
    ["report", "--widths", "2,2", "--ranks", "1,1"],
    ["report", "--widths", "2,2", "--ranks", "1", "--tokens", "0"],
    ["report", "--widths", "2,2", "--ranks", "1", "--tokens", "two"],
    *(
        ["report", "--widths", "2,2", "--ranks", "1", *flags.split()]
        for flags in (
            *("--heads 0", "--heads x", "--heads 2,2", "--heads 3 --kv-heads 2 --value-ranks 1"),
            *("--heads 2 --kv-heads 1", "--value-ranks 0", "--biases qz", "--biases qq"),
            *("--mask full", "--mask window:0", "--mask window:", "--mask 0,2", "--mask 0,0;1"),
            "--heads 2 --kv-heads 3",
        )
    ),
    ["report", "--widths", "2,3", "--ranks", "1", "--residual"],
    ["report", str(EXAMPLES / "deep.json"), "--kv-heads", "1"],
    ["report", "--heads", "2"],
    ["report", "--widths", "2,1000000000", "--ranks", "1"],
    ["report", "--widths", "1000000,1000000", "--ranks", "1"],
    ["report", "--widths", "9" * 5000 + ",2", "--ranks", "1"],
    ["report", "--widths", "2,2", "--ranks", "1", "--seed", "x"],
    ["report", "--widths", "2,2", "--ranks", "1", "--format", "pdf"],
    ["report", "no such file.json"],
    ["report", "."],
    ["report", "a.json", "--widths", "2,2", "--ranks", "1"],
    ["report", str(EXAMPLES / "deep.json"), "--ranks", "1"],
    ["derive", *SMALL, "--params", "KV"],
    ["verify"],
    ["verify", "no such file.json"],
    ["nothing"],
    ["--nothing"],
]


@pytest.mark.parametrize("arguments", BAD_FLAGS, ids=lambda a: " ".join(a)[:50])
def test_bad_flags(arguments: list[str], tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    extra = ["-o", str(target)] if arguments[0] in {"report", "derive"} else []
    done = run(*arguments, *extra)
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    assert done.stdout == ""
    assert "Try" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "options"),
    [
        ("", {}),
        ("--heads 2 --tokens 3 --residual", {"heads": 2, "tokens": 3, "residual": True}),
        (
            "--heads 4 --kv-heads 2 --value-ranks 1 --biases qo",
            {"heads": 4, "kv_heads": 2, "value_ranks": 1, "biases": "qo"},
        ),
        ("--mask causal", {"mask": "causal"}),
        ("--mask window:2 --tokens 4", {"mask": Window(2), "tokens": 4}),
        ("--mask 0,0;0,1", {"mask": [(0, 0), (0, 1)]}),
    ],
    ids=str,
)
def test_flags_describe_a_network(flags: str, options: dict[str, Any]) -> None:
    found: list[Any] = []
    command = click.command()(network_options(found.append))
    asked = ["--widths", "2,2", "--ranks", "2", *flags.split()]
    assert CliRunner().invoke(command, asked).exit_code == 0
    (given,) = found
    assert given.network == Lightning((2, 2), 2, **options)
    assert given.weights == given.network.random_weights(0)


GOOD = '{"network": {"widths": [1, 1], "ranks": 1}, "weights": {"A": [[[1]]], "V": [[[2]]]}}'
BAD_FILES = {
    "empty": b"",
    "truncated": GOOD[:-7].encode(),
    "nan": GOOD.replace("[[[2]]]", "[[[NaN]]]").encode(),
    "float": GOOD.replace("[[[2]]]", "[[[0.5]]]").encode(),
    "text": GOOD.replace("[[[2]]]", '[[["two"]]]').encode(),
    "shape": GOOD.replace("[[[2]]]", "[[[2, 3]]]").encode(),
    "unknown key": GOOD.replace('"weights"', '"weight"').encode(),
    "twice": GOOD.replace('"ranks": 1', '"ranks": 1, "ranks": 1').encode(),
    "tokens": GOOD.replace('"ranks": 1', '"ranks": 1, "tokens": 0').encode(),
    "huge": GOOD.replace("[1, 1]", "[1, 1000000000]").encode(),
    "huge number": GOOD.replace("[[[2]]]", f"[[[{'9' * 5000}]]]").encode(),
    "deep": b"[" * 200_000,
    "latin": GOOD.replace("network", "n\u00e9twork").encode("latin-1"),
    "binary": bytes(range(256)),
    "result": b'{"schema": "algattn/result/1"}',
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["report", "derive", "verify"])
def test_bad_files(command: str, name: str, tmp_path: Path) -> None:
    target = tmp_path / "out.txt"
    extra = [] if command == "verify" else ["-o", str(target)]
    done = run(command, "-", *extra, given=BAD_FILES[name])
    assert done.exit_code == 2, done.output
    assert done.stderr.startswith("algattn: ")
    assert " Try: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_floats_by_choice() -> None:
    text = GOOD.replace("[[[2]]]", "[[[0.5]]]")
    done = run("report", "-", "--floats", "--format", "json", given=text)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["problem"]["weights"]["V"] == [[["1/2"]]]


def test_no_traceback_in_a_real_process(tmp_path: Path) -> None:
    done = process("report", "-", "-o", "out.txt", given="[[[", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("algattn: read JSON: ")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing/report.txt", ".", "/proc/nothing/report.txt"])
def test_places_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    done = process("report", *SMALL, "-o", name, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "folder" in done.stderr
    assert "Try" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_too_large_is_undecided(tmp_path: Path) -> None:
    """A layer whose coefficients nobody can write down: exit 3, the limit is named."""
    target = tmp_path / "out.txt"
    done = run("derive", "--widths", "300,300", "--ranks", "2", "-o", str(target))
    assert done.exit_code == 3, done.output
    assert " Try: " in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_goes_away() -> None:
    code = f"{sys.executable} -m algattn report {' '.join(SMALL)} --format html"
    child = subprocess.Popen(code.split(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    errors = child.stderr.read().decode()
    child.stderr.close()
    assert child.wait(timeout=60) == 141  # as if by SIGPIPE: nobody read the answer
    assert errors == ""


def test_interrupted_reports_leave_nothing(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    arguments = ["derive", "--widths", "3,3,3", "--ranks", "3", "-o", str(target)]
    child = subprocess.Popen(
        [sys.executable, "-c", ENDLESS + CHILD, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "started\n"
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 130
    assert "Traceback" not in errors
    assert errors.startswith("algattn: interrupted")
    assert not list(tmp_path.iterdir())


def test_interruption_while_writing(tmp_path: Path) -> None:
    """Ctrl-C between the first byte and the last leaves the old file as it was."""
    code = """
import os, signal
from pathlib import Path
from algattn.cli import write_text
signal.signal(signal.SIGINT, signal.default_int_handler)

class Text(str):
    def __add__(self, other):
        os.kill(os.getpid(), signal.SIGINT)
        return "half"

try:
    write_text("old.txt", Text("new"))
except KeyboardInterrupt:
    print(sorted(p.name for p in Path(".").iterdir()), Path("old.txt").read_text())
"""
    (tmp_path / "old.txt").write_text("as it was", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "['old.txt'] as it was\n"


# --- refused before the computation, never ignored ----------------------------------------------


@pytest.mark.parametrize("command", ["report", "dimension", "classify", "fiber"])
@pytest.mark.parametrize("flag", ["--ranks", "--tokens"])
def test_flags_that_file_would_overrule_are_refused(command: str, flag: str) -> None:
    done = run(command, str(EXAMPLES / "one_layer.json"), flag, "1")
    assert done.exit_code == 2
    assert f"{flag} goes with --widths" in done.output


def test_more_flags_that_file_would_overrule() -> None:
    name = str(EXAMPLES / "one_layer.json")
    kind = run("dimension", name, "--kind", "softmax")
    assert (kind.exit_code, "--kind goes with" in kind.output) == (2, True)
    seed = run("fiber", name, "--seed", "1")
    assert (seed.exit_code, "FILE has weights" in seed.output) == (2, True)
    assert run("report", *SMALL, "--tokens", "0").exit_code == 2
    assert run("dimension", *SMALL, "--tokens", "0").exit_code == 2


@pytest.mark.parametrize("bad", ["", ".", "no/such/folder/x.json"])
def test_output_is_checked_before_the_work(bad: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the work began")

    monkeypatch.setattr("algattn.model.report.report", never)
    done = run("report", *SMALL, "-o", bad)
    assert done.exit_code == 2
    assert "folder" in done.output


@pytest.mark.parametrize(
    "command",
    [
        ("strata", *SMALL, "--picture"),
        ("paths", "experiment", "--picture"),
        ("tropical", "diagram", "-", "--picture"),
        ("bias", "train", "-", "--plot"),
    ],
)
def test_pictures_without_matplotlib(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = run(*command, str(tmp_path / "x.png"), given="{}")
    assert done.exit_code == 4, done.output
    assert "matplotlib is not installed. Try: pip install matplotlib" in done.output


def test_pictures_in_python_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    from algattn import Lightning
    from algattn.errors import EngineNotFoundError
    from algattn.plot import hasse

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(EngineNotFoundError, match="draw the strata: matplotlib is not installed"):
        hasse(Lightning((2, 1), 1))


def test_grids_that_are_huge() -> None:
    done = run("sweep", "--widths", "1:50000", "--ranks", "1:50000")
    assert (done.exit_code, "2500000000 networks" in done.output) == (2, True)
    done = run("sweep", "--widths", "1:50000", "--layers", "1:50000", "--ranks", "1")
    assert (done.exit_code, "more than 100000 shapes" in done.output) == (2, True)


@pytest.mark.parametrize("text", ["5:2", "1:100000000"])
def test_ranges_that_are_empty_or_huge(text: str) -> None:
    done = run("sweep", "--widths", text, "--ranks", "1")
    assert done.exit_code == 2
    assert "no range of numbers" in done.output or "more than 100000" in done.output


def test_optional_packages_are_listed() -> None:
    from algattn.optional import PACKAGES

    listed = run("engines").stdout
    data = json.loads(run("engines", "--format", "json").stdout)
    for package in PACKAGES:
        assert f"\n{package.name} (" in listed
        assert data["packages"][package.name] == package.version


def test_optional_packages_come_with_the_extras_they_name() -> None:
    import tomllib

    from algattn.optional import PACKAGES

    text = (EXAMPLES.parent / "pyproject.toml").read_text(encoding="utf-8")
    extras = tomllib.loads(text)["project"]["optional-dependencies"]
    for package in PACKAGES:
        assert any(line.startswith(package.name) for line in extras[package.extra]), package


def test_softmax_has_a_report_and_no_kind_between() -> None:
    from algattn import Softmax
    from algattn.attention import Architecture

    report = Softmax((2, 2), 1).report()
    assert (list(report.sections), load(report.to_json()).verify()) == (["dimension"], True)
    assert set(Architecture.kinds) == {"lightning", "softmax"}


def test_polynomials_as_people_write_them() -> None:
    for text, part in (
        ("x^2 y", "column 5, at 'x^2 y': there is no operator before 'y'"),
        ("x**", "column 4, at 'x**': the exponent is no whole number"),
    ):
        done = run("implicitize", text)
        assert done.exit_code == 2
        assert f"{part}. Try: write " in done.output


def test_the_twin_of_the_examples() -> None:
    done = run("equivalent", str(EXAMPLES / "one_layer.json"), str(EXAMPLES / "twin.json"))
    assert done.exit_code == 0, done.output
    assert "PROVED" in done.output


def test_every_command_line_of_the_readme_is_one() -> None:
    """Each subcommand exists, knows its options, and finds its examples."""
    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    block = text.split("## On the command line")[1].split("```")[1]
    lines = [line for line in block.splitlines() if line.startswith("algattn ")]
    assert len(lines) > 10
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        assert run(words[0], "--help").exit_code == 0, line
        known = {o for p in main.commands[words[0]].params for o in p.opts} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= known, line
        for word in words:
            assert not word.startswith("examples/") or (EXAMPLES.parent / word).is_file(), line


def test_every_call_of_the_guide_in_the_readme_exists() -> None:
    import algattn
    from algattn import Lightning, Softmax

    text = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    guide = text.split("## Which question, which call")[1].split("\n## ")[0]
    rows = [row.split("|")[1:4] for row in guide.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 15
    for question, calls, commands in rows:
        for method in re.findall(r"net\.(\w+)\(", calls):
            assert callable(getattr(Lightning, method)), method
            assert hasattr(Softmax, method) == ("*s*" in question), method
        for path in re.findall(r"algattn\.([\w.]+)\(", calls):
            assert callable(functools.reduce(getattr, path.split("."), algattn)), path
        for command in re.findall(r"`([\w-]+)", commands):
            assert command in main.commands, command


@pytest.mark.parametrize(
    "shape",
    [
        ("--widths", "2,2", "--ranks", "2", "--tokens", "1000000"),
        ("--widths", "700,700", "--ranks", "100"),
    ],
)
def test_reports_on_large_networks_leave_out_what_takes_minutes(shape: tuple[str, ...]) -> None:
    found = CliRunner().invoke(main, ["report", *shape])
    assert found.exit_code == 0
    assert "What is the dimension of the function space?  [PROVED]" in found.output
    assert "parametrization  left out" in found.output


def test_derivations_on_very_many_tokens_are_refused() -> None:
    shape = ("--widths", "2,2", "--ranks", "2", "--tokens", "1000000")
    found = CliRunner().invoke(main, ["derive", *shape])
    assert found.exit_code == 3
    assert "16000000 terms" in found.output
