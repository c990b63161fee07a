"""A question is declared once; method, help, types, report, command and table follow."""

from __future__ import annotations

import inspect
import json
import pydoc
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, ClassVar

import click
import pytest
from click.testing import CliRunner

import algattn
from algattn import Lightning, PolynomialMap, Softmax, load
from algattn.arguments import wrap_methods
from algattn.attention.problem import Problem
from algattn.attention.theorems import THEOREMS
from algattn.cli import main
from algattn.cli.questions import add_commands, needed
from algattn.errors import InputError
from algattn.maps import PolynomialMap as Plain
from algattn.model.catalogue import known
from algattn.model.questions import in_order
from algattn.model.table import ELSEWHERE, markdown, table
from algattn.questions import QUESTIONS, Question, question
from algattn.results import Claim, Evidence, Outline, Result, Status, about, register

ROWS = {row["name"]: row for row in table()}
METHODS = sorted(name for name, q in QUESTIONS.items() if q.is_method)
OF_MAPS = sorted(name for name, q in QUESTIONS.items() if q.subject == "map")
RESULTS = {
    kind: cls
    for kind, cls in known().loaded().items()
    if issubclass(cls, Result) and cls.__module__.startswith("algattn.")
}
#: Kinds of results that other results give, by their methods.
BY_RESULTS = {
    *("completeness.one-layer", "fiberideal.decomposition", "invariants.comparison"),
    *("ideals.contains", "ideals.decomposition", "map.fiber"),
    *("path_kernels.rational", "refuted.one-layer"),
}


def classes_of(found: Question) -> list[type]:
    classes = (PolynomialMap,) if found.subject == "map" else (Lightning, Softmax)
    return [c for c in classes if hasattr(c, found.ask.__name__)]


def asked(cls: type) -> Any:
    """Something to ask."""
    return PolynomialMap(["t^2", "t^3"]) if cls is PolynomialMap else cls((2, 2), 1)


# --- the method --------------------------------------------------------------------------------


def test_there_are_questions() -> None:
    assert len(METHODS) >= 25
    assert {"fiber", "dimension", "report", "ideal"} <= set(METHODS)
    assert not {name for name in dir(Softmax) if name in METHODS} - set(dir(Lightning))


def test_maps_have_their_questions() -> None:
    assert {f"map.{name}" for name in ("dimension", "fiber", "implicitize")} <= set(OF_MAPS)
    defined = {n for n, v in vars(PolynomialMap).items() if callable(v) and n[0] != "_"}
    assert defined & set(vars(Plain)) <= {"values", "symmetries"}
    defined -= {"values"}  # takes weights, too
    assert {f"map.{n}" for n in defined} == set(OF_MAPS)


@pytest.mark.parametrize("name", [*METHODS, *OF_MAPS])
def test_the_method_is_the_declaration(name: str) -> None:
    found = QUESTIONS[name]
    for cls in classes_of(found) or pytest.fail(f"nothing has {name}"):
        method = getattr(cls, found.ask.__name__)
        assert method.__doc__ is found.ask.__doc__
        assert inspect.unwrap(method) is inspect.unwrap(found.ask)
        assert inspect.signature(method) == inspect.signature(found.ask)
        bound = inspect.signature(getattr(asked(cls), found.ask.__name__))
        assert list(bound.parameters) == list(found.parameters)
        summary = found.summary
        assert summary in " ".join(pydoc.render_doc(method, renderer=pydoc.plaintext).split())


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_docstring_says_what_it_has_to(name: str) -> None:
    found = QUESTIONS[name]
    text = inspect.getdoc(found.ask) or ""
    parts = ["Returns", "Examples"] + ["Parameters"] * bool(found.parameters)
    if not found.subject:  # the rooms of neighbours write theirs by their own habit
        parts = ["Returns"]
    assert not [part for part in parts if f"\n{part}\n{'-' * len(part)}\n" not in text]
    assert found.summary.endswith((".", "?"))
    if found.subject:
        assert set(found.documented) >= set(found.parameters)


def test_help_and_completion_show_them() -> None:
    page = pydoc.render_doc(Lightning, renderer=pydoc.plaintext)
    assert "fiber(self: 'Architecture', weights: 'Weights'" in page
    assert "All weights with the same function as the given ones." in page
    assert set(METHODS) <= set(dir(Lightning((2, 2), 1)))


def test_wrong_keywords_are_refused_with_what_exists() -> None:
    net = Lightning((2, 2), 1)
    with pytest.raises(InputError, match=r"call Lightning\.fiber: .*'parms'. Try: 'params'; the"):
        net.fiber(net.random_weights(1), parms="AV")  # type: ignore[call-arg]
    with pytest.raises(InputError, match=r"call Softmax\.dimension: .* Try: 'time_limit'"):
        Softmax((2, 2), 1).dimension(timeout=3)  # type: ignore[call-arg]


SNIPPET = """
from algattn import Lightning, Softmax
net = Lightning((2, 2), 1)
W = net.random_weights(1)
reveal_type(net.fiber(W))
reveal_type(net.dimension())
reveal_type(net.strata())
reveal_type(net.report(W).status)
reveal_type(Softmax((2, 2), 1).dimension(time_limit=3).value)
net.fiber(W, parms="AV")
net.fiber()
net.ideal("4")
Softmax((2, 2), 1).fiber(W)
"""


@pytest.mark.slow
def test_types_are_seen_by_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "snippet.py").write_text(SNIPPET)
    root = Path(algattn.__file__).parents[1]
    cache = root / ".mypy_cache"
    words = ["--strict", "--config-file", str(root / "pyproject.toml")]
    words += ["--cache-dir", str(cache if cache.exists() else tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, str(tmp_path / "snippet.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=root,
    )
    said = done.stdout
    for pattern in (
        r":5: note: Revealed type is .algattn\.fibers\.results\.FiberResult",
        r":6: note: Revealed type is .algattn\.dimension\.results\.DimensionResult",
        r":7: note: Revealed type is .networkx\.classes\.digraph\.DiGraph\[(builtins\.)?str",
        r":8: note: Revealed type is .algattn\.results\.status\.Status",
        r":9: note: Revealed type is .(builtins\.)?int \| None",
        r":10: error: Unexpected keyword argument .parms.",
        r":11: error: (Too few arguments|Missing positional argument)",
        r':12: error: Argument 1 .*has incompatible type "str"; expected "int"',
        r':13: error: "Softmax" has no attribute "fiber"',
    ):
        assert re.search(pattern, said), (pattern, said)


# --- what follows --------------------------------------------------------------------------------


def test_kinds_are_those_of_results() -> None:
    declared = {kind for found in QUESTIONS.values() for kind in found.kinds}
    assert declared <= set(RESULTS)
    assert set(RESULTS) - declared == BY_RESULTS


@pytest.mark.parametrize("name", sorted(n for n, q in QUESTIONS.items() if q.kinds))
def test_the_answer_is_of_the_kind_declared(name: str) -> None:
    found = QUESTIONS[name]
    for kind in found.kinds:
        names = {cls.__name__ for cls in RESULTS[kind].__mro__}
        assert names & set(found.answer.replace("|", " ").split()), (kind, found.answer)


@pytest.mark.parametrize("name", sorted(n for n, q in QUESTIONS.items() if q.kinds))
def test_claims_and_evidence_are_those_of_the_registry(name: str) -> None:
    for kind, claims in ROWS[name]["results"].items():
        assert tuple(claims) == RESULTS[kind].claim_names
        for claim, evidence in claims.items():
            assert evidence, (kind, claim)
            for reason in evidence:
                assert known().evidence(reason).may_support(kind, claim)


def test_the_table_has_every_question() -> None:
    assert set(ROWS) == set(QUESTIONS) == {q.name for q in in_order()}
    assert markdown(table()).count("\n") == len(ROWS) + 1
    shown = json.loads(CliRunner().invoke(main, ["questions", "--format", "json"]).output)
    assert shown == table()
    text = CliRunner().invoke(main, ["questions"]).output
    assert "network.fiber(weights) -> FiberResult\n    algattn fiber\n" in text
    assert CliRunner().invoke(main, ["questions", "--format", "markdown"]).exit_code == 0


def test_theorems_stand_in_the_table() -> None:
    found = ROWS["classify"]["theorem"]
    assert (found["name"], "one layer" in found["hypotheses"]) == ("singular", True)
    assert {t["name"] for row in ROWS.values() if (t := row["theorem"])} <= set(THEOREMS)


def test_declared_elsewhere() -> None:
    rooms = {f"algattn.{home}" for home in ELSEWHERE}
    assert {q.ask.__module__ for q in QUESTIONS.values() if not q.subject} == rooms


def commands(group: Any, before: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):  # some are made when they are asked for
        found = group.get_command(context, name)
        assert found is not None
        yield before + name, found
        if isinstance(found, click.Group):
            yield from commands(found, f"{before}{name} ")


def test_commands_exist_and_have_their_flags() -> None:
    known_commands = dict(commands(main))
    for found in QUESTIONS.values():
        name, _, flag = found.command.partition(" --")
        if name:
            options = {o for p in known_commands[name].params for o in p.opts}
            assert not flag or f"--{flag.partition('=')[0]}" in options, found.command


def test_commands_of_maps_have_the_options_of_their_questions() -> None:
    group = dict(commands(main))
    for name in OF_MAPS:
        found = QUESTIONS[name]
        if found.command:
            shown = group[found.command.partition(" --")[0]]
            assert set(found.parameters) <= {p.name for p in shown.params}, name


#: Commands that say more than the declaration: two files, several formats, pictures, tables.
BY_HAND = {
    *("canonical", "equivalent", "ideal", "implicitize", "recover", "report"),
    *("stable", "strata"),
}


def test_generated_commands_have_the_limits_of_their_questions() -> None:
    for found in QUESTIONS.values():
        name = found.command.partition(" ")[0]
        if not name or not found.is_method or name in BY_HAND:
            continue
        options = {p.name for p in main.commands[name].params}
        wanted = {"time_limit", "progress", "params"} & set(found.parameters)
        assert wanted <= options, name


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("contains examples/membership.json", 0, "The function is in the function space"),
        ("contains --widths 2,1 --ranks 1 --format json", 0, "membership.one-layer"),
        ("boundary --widths 2,2 --ranks 2", 0, "The boundary has dimension 4"),
        ("singular-locus --widths 2,2 --ranks 2", 0, "dimension 5 and 1 component"),
        ("singular-locus --widths 2,2 --ranks 2 --time-limit -1", 2, "the time limit is"),
        ("singular-locus --widths 2,2,2 --ranks 2", 2, "algattn: "),
        ("degree --widths 2,2 --ranks 2 --time-limit 3", 2, "--time-limit goes with --ed"),
        ("fiber --widths 2,2 --ranks 1 --generic --params AV", 2, "--params does not go with"),
        ("fiber --widths 2,2,1 --ranks 2,1 --generic --seed 3", 0, "dimension 11, 2 components"),
        ("dimension examples/one_layer.json --local --seed 3", 0, "(seed 3,"),
        ("dimension --widths 2,2 --ranks 1 --local --report", 2, "give --local or --report, not"),
        ("dimension --widths 2,2 --ranks 1 --local --prime 8388593", 2, "does not go with --local"),
        ("fiber examples/one_layer.json --seed 3", 2, "--seed would draw others"),
        ("fiber --widths 2,2 --ranks 1 --params XY", 2, "'XY' is not one of 'AV', 'QKV'"),
        ("derive --widths 2,1 --ranks 2 --seed 3", 0, "PROVED"),
        ("classify examples/membership.json", 0, "The function is a smooth point"),
    ],
)
def test_generated_commands(words: str, code: int, said: str) -> None:
    root = Path(algattn.__file__).parents[1]
    given = [str(root / w) if w.startswith("examples/") else w for w in words.split()]
    done = CliRunner().invoke(main, given)
    assert (done.exit_code, said in done.output) == (code, True), done.output


# --- a new question ------------------------------------------------------------------------------


@register
@dataclass(frozen=True)
class Multiplied(Evidence):
    """The widths are multiplied again."""

    kind: ClassVar[str] = "test.multiplied"
    strength: ClassVar[Status] = Status.PROVED
    supports = about("test.volume", "volume")

    def check(self, problem: Any, claim: Claim) -> None:
        self.expect(claim.value, volume_of(problem.network), "the product is another")


@register
@dataclass(frozen=True, repr=False)
class VolumeResult(Result):
    """The product of all widths."""

    problem: Problem
    value: int
    kind: ClassVar[str] = "test.volume"
    title: ClassVar[str] = "What is the volume?"
    claim_names: ClassVar[tuple[str, ...]] = ("volume",)

    def outline(self) -> tuple[Outline, ...]:
        return (Outline("volume", f"the product of the widths is {self.value}", self.value),)

    def sentence(self) -> str:
        return f"The product of the widths is {self.value}"


def volume_of(network: Any, times: int = 1) -> int:
    return times * prod(network.widths)


def declared() -> Callable[..., VolumeResult]:
    @question("test.volume", section="volume", command="volume", usage=("--widths 3,5 --ranks 1",))
    def volume(self: Any, *, times: int = 1) -> VolumeResult:
        """The product of the widths.

        Parameters
        ----------
        times : int
            A factor; 1 as a rule.

        Returns
        -------
        VolumeResult
            PROVED.
        """
        return VolumeResult.assemble(
            Problem(self), volume_of(self, times), {"volume": [Multiplied()]}
        )

    return volume


@pytest.fixture
def volume(monkeypatch: pytest.MonkeyPatch) -> Iterator[Question]:
    """The question, declared in one place; the class names it."""
    monkeypatch.setattr(Lightning, "volume", declared(), raising=False)
    wrap_methods(Lightning)
    add_commands()
    yield QUESTIONS["volume"]
    del QUESTIONS["volume"], main.commands["volume"]


def test_a_new_question_appears_by_itself(volume: Question) -> None:
    net = Lightning((3, 5), 1)
    assert net.volume().value == 15  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"call Lightning\.volume: .* Try: 'times'"):
        net.volume(time=2)  # type: ignore[attr-defined]
    assert needed(volume) == {}
    report = net.report()
    assert report.value["volume"] == 15
    assert "The product of the widths is 15." in report.text()
    assert load(report.to_json()).verify()
    assert "volume" not in Softmax((2, 2), 1).report().sections
    row = next(row for row in table() if row["name"] == "volume")
    assert row["results"] == {"test.volume": {"volume": ["test.multiplied"]}}
    assert row["command"] == "algattn volume"
    done = CliRunner().invoke(main, ["volume", "--widths", "3,5", "--ranks", "1", "--times", "2"])
    assert (done.exit_code, "is 30." in done.output) == (0, True)
    said = CliRunner().invoke(main, ["volume", "--help"]).output
    assert "algattn volume --widths 3,5 --ranks 1" in said
    assert "A factor.  [default: 1]" in said


def test_names_are_not_taken_twice() -> None:
    def fiber(self: Any) -> int:
        """Another one."""
        return 0

    with pytest.raises(TypeError, match=r"fiber is declared in algattn\.fibers\.questions, too"):
        question()(fiber)
    with pytest.raises(TypeError, match="has no docstring"):
        question()(lambda self: 0)
