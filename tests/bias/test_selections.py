"""Local optima, the diagnosis, the command line and the pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from algattn import load
from algattn.bias import (
    AttentionSVM,
    TokenData,
    diagnose,
    diagnosis,
    hypotheses,
    instances,
    local_selections,
    plots,
    regress,
    train,
)
from algattn.bias.diagnosis import STATEMENTS
from algattn.bias.hypotheses import HYPOTHESES
from algattn.bias.minnorm import min_norm_point
from algattn.cli import main
from algattn.errors import LimitError
from algattn.results import Status, seal


def bent(result, change) -> bool:
    data = json.loads(result.to_json())
    change(data)
    data["digest"] = seal(data)["digest"]
    return load(json.dumps(data)).verify()


def test_counterexample_selections() -> None:
    found = local_selections(instances.counterexample())
    assert [(c.name, c.stable, c.norm_squared) for c in found.candidates] == [
        ("1", False, Fraction(13, 18)),
        ("2", True, Fraction(4, 9)),
        ("3", True, Fraction(1, 11)),
    ]
    assert found.value == 2
    assert found.undecided == []
    assert found.status is Status.PROVED
    assert load(found.to_json()).verify()
    svm = AttentionSVM(instances.counterexample(), selection=[1]).solve()
    assert svm.multipliers == [Fraction(4, 9), 0]
    assert found.candidates[1].W == svm.W
    assert AttentionSVM(instances.counterexample()).solve().multipliers == [Fraction(1, 11), 0]


def test_escaping_variant() -> None:
    found = local_selections(instances.counterexample(escapes=True))
    assert [c.stable for c in found.candidates] == [False, False, True]


def test_stability_cannot_be_forged() -> None:
    found = local_selections(instances.counterexample(escapes=True))

    def stable(data) -> None:
        for place in (data["detail"]["candidates"][1], data["claims"][1]["value"]):
            place["stable"] = True
        data["value"] = 2
        data["claims"][1]["statement"] = (
            "the selection 2 has a direction that attracts gradient flow"
        )

    def left_out(data) -> None:
        del data["detail"]["candidates"][1], data["claims"][1]

    def multiplier(data) -> None:
        data["claims"][2]["evidence"][0]["multipliers"][0] = 1

    assert bent(found, lambda data: None)
    for change in (stable, left_out, multiplier):
        assert not bent(found, change), change.__name__


def test_undecided_and_infeasible_selections() -> None:
    line = local_selections([[[1, 0], ["3/2", 0], [2, 0]]], [1], [1, 0])
    by_name = {c.name: c for c in line.candidates}
    assert not by_name["2"].feasible
    assert by_name["2"].stable is None
    assert by_name["3"].stable
    assert line.verify()
    even = local_selections([[[0, 1], [0, 3]]], [1], [1, 0], query=[0, 1])
    assert [c.stable for c in even.candidates] == [None, None]
    assert len(even.undecided) == 2
    lone = local_selections([[[1, 1]]], [1], [1, 0])
    assert [c.stable for c in lone.candidates] == [None]


@pytest.mark.parametrize("seed", range(4))
def test_training_ends_at_a_stable_selection(seed: int) -> None:
    """From random starts, the tokens that win are proved stable, or undecided."""
    import numpy as np

    data = instances.random_data(2, 3, 4, seed=seed, equal=False)
    found = local_selections(data)
    allowed = {c.selection for c in found.stable} | {c.selection for c in found.undecided}
    rng = np.random.default_rng(seed)
    for _ in range(3):
        run = train(data, steps=800, rate=0.4, start=3 * rng.standard_normal((4, 4)))
        phi = run.attention_maps[-1][1]
        assert phi.max(1).min() > 0.99
        assert tuple(phi.argmax(1).tolist()) in allowed


def test_diagnosis_of_the_counterexample() -> None:
    found = diagnose(instances.counterexample())
    assert found.value == ("best_tokens_attract", "not_global")
    assert found.witness("equal_scores") == {
        "sequence": 0,
        "tokens": [0, 1],
        "scores": [0, "1/2"],
    }
    assert found.witness("only_limit") == {"selection": [1]}
    assert found.holds("all_support") is False
    assert found.status is Status.PROVED
    assert load(found.to_json()).verify()


def test_diagnosis_of_good_data() -> None:
    found = diagnose(instances.orthonormal(3, 3))
    assert set(found.value) == set(STATEMENTS) - {"not_global"}
    assert found.witness("feasible") == {"norm_squared": 2}
    assert found.verify()
    equal = diagnose(instances.random_data(3, 3, 16, seed=1))
    assert equal.applies("no_bad_stationary_point")
    assert equal.holds("all_support")
    assert not equal.applies("closed_form")
    other = diagnose(instances.random_data(3, 3, 16, seed=1, equal=False))
    assert other.failing("no_bad_stationary_point") == ("equal_scores",)


def test_diagnosis_limits_and_edges() -> None:
    data = instances.random_data(6, 3, 4, seed=0)
    few = diagnose(data, examine=10)
    assert few.holds("only_limit") is None
    assert few.witness("only_limit") == {"selections": 3**6}
    assert not few.applies("not_global")
    lone = diagnose([[[1, 2]]], [1], [0, 0])
    assert lone.failing("no_bad_stationary_point") == ("two_tokens",)
    assert lone.verify()
    infeasible = diagnose([[["3/2", 0], [1, 0], [2, 0]]], [1], [1, 0], query=[0, 0])
    assert infeasible.holds("feasible") is False
    assert infeasible.holds("equal_scores") is False
    assert infeasible.verify()
    same = diagnose(AttentionSVM(instances.counterexample(), selection=[1]))
    assert same.value == diagnose(instances.counterexample()).value
    assert diagnose(instances.counterexample().to_data()).value == same.value


@pytest.mark.parametrize("name", HYPOTHESES)
def test_no_hypothesis_can_be_forged(name: str) -> None:
    found = diagnose(instances.two_sequences())
    place = list(HYPOTHESES).index(name)
    truth = found.holds(name)
    words = {True: "true", False: "false"}

    def change(data) -> None:
        for fact in (data["detail"]["hypotheses"][name], data["claims"][place]["value"]):
            fact["holds"] = not truth
        statement = data["claims"][place]["statement"]
        data["claims"][place]["statement"] = statement.removesuffix(words[truth]) + words[not truth]
        facts = {k: hypotheses.Fact(**v) for k, v in data["detail"]["hypotheses"].items()}
        data["value"] = list(diagnosis._applying(facts))

    assert not bent(found, change)


def test_only_limit_is_not_claimed_while_a_selection_is_undecided() -> None:
    """Selections 1,3 and 2,3 tie in score on the margin: neither lemma speaks about them."""
    data = TokenData.of([[[1, 1], [-2, 0], [2, 1]], [[1, 0], [1, 0], [2, -1]]], [1, -1], [1, 2])
    assert [c.name for c in local_selections(data).undecided] == ["1,3", "2,3"]
    found = diagnose(data)
    assert found.holds("only_limit") is None
    assert found.witness("only_limit") == {"selection": [0, 2]}
    assert found.verify()


def test_not_global_needs_a_best_selection_that_attracts() -> None:
    """The best tokens cannot be selected here: one limit is all there is, so not "another"."""
    data = TokenData.of([[[-1], [0], [-2]], [[0], [2], [-1]]], [1, -1], [1], query=[1])
    found = diagnose(data)
    assert [c.name for c in local_selections(data).stable] == ["2,2"]
    assert found.holds("only_limit") is False
    assert found.holds("feasible") is False
    assert found.failing("not_global") == ("feasible",)


def test_results_about_best_tokens_carry_no_selection() -> None:
    """With a selection in the problem, the same evidence would be about other tokens."""

    def choose(data) -> None:
        data["problem"]["data"]["selection"] = [0]
        data["sentence"] = data["sentence"].replace("tokens are 3", "tokens are 1")

    assert not bent(local_selections(instances.counterexample()), choose)

    # An honest computation of everything, but for the second token in place of the best one.
    data = instances.counterexample().select([1])
    problem = diagnosis.DiagnosisProblem(data, 300)
    found = min_norm_point(problem.constraints.gram())
    facts = {name: check(data) for name, check in hypotheses.DIRECT.items()}
    facts["only_limit"] = hypotheses.only_limit(data, 300)
    facts["feasible"] = diagnosis._separable(1 / found.norm_squared)
    facts = {name: facts[name] for name in HYPOTHESES}
    evidence = {name: [diagnosis.Checked()] for name in HYPOTHESES}
    weights = [w / found.norm_squared for w in found.weights]
    evidence["feasible"] = [diagnosis.Separated(tuple(weights))]
    forged = diagnosis.DiagnosisResult.assemble(
        problem, diagnosis._applying(facts), evidence, hypotheses=facts
    )
    assert forged.claims == ()
    assert not forged.verify()


def test_diagnosis_keeps_its_time_limit(ticking: SimpleNamespace) -> None:
    data = instances.random_data(8, 3, 8)
    with pytest.raises(LimitError, match="time limit"):
        diagnose(data, examine=10_000, time_limit=20)
    assert ticking.seconds() < 40


def test_every_statement_has_an_example_where_it_applies_and_where_not() -> None:
    cases = [
        diagnose(data, examine=100)
        for data in (
            instances.counterexample(),
            instances.orthonormal(2, 3),
            TokenData.of([[[1, 0], [1, 0]]], [1], [1, 0]),
        )
    ]
    for name in STATEMENTS:
        assert {case.applies(name) for case in cases} == {True, False}
        for case in cases:
            assert case.applies(name) == (case.failing(name) == ())


# -- faces ---------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    data = {
        "sequences": [[[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]],
        "labels": [1, -1],
        "decoder": [1, 2],
    }
    path = tmp_path / "data.json"
    path.write_text(json.dumps(data))
    return path


def test_command_line(file, tmp_path) -> None:
    runner = CliRunner()
    out = tmp_path / "out.json"
    for command in (
        ["solve"],
        ["solve", "--all"],
        ["diagnose"],
        ["train", "--steps", "50", "--seed", "3"],
    ):
        done = runner.invoke(
            main, ["bias", *command, str(file), "--format", "json", "-o", str(out)]
        )
        assert done.exit_code == 0, done.output
        assert load(out.read_text()).verify()
        assert runner.invoke(main, ["verify", str(out)]).exit_code == 0
        for style in ("text", "latex", "html"):
            shown = runner.invoke(main, ["bias", *command, str(file), "--format", style])
            assert shown.exit_code == 0
            assert len(shown.output) > 20
    text = runner.invoke(main, ["bias", "solve", "-"], input=file.read_text())
    assert "|W|^2 = 50/9" in text.output
    assert "[PROVED]" in text.output


def test_command_line_plot(file, tmp_path) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "rates.png"
    done = CliRunner().invoke(
        main, ["bias", "train", str(file), "--steps", "60", "--plot", str(picture)]
    )
    assert done.exit_code == 0, done.output
    assert picture.read_bytes()[:4] == b"\x89PNG"
    for name in (tmp_path / "nowhere" / "rates.png", tmp_path / "rates.xyz"):
        failed = CliRunner().invoke(
            main, ["bias", "train", str(file), "--steps", "5", "--plot", str(name)]
        )
        assert failed.exit_code == 2
        assert "there is no folder" in failed.output or "unknown format" in failed.output


def test_command_line_errors(tmp_path) -> None:
    runner = CliRunner()
    bad = tmp_path / "bad.json"
    for text, words in (
        ("{", "line 1"),
        ("[]", "not a JSON object"),
        ('{"sequences": [[[0.5]]], "labels": [1], "decoder": [1]}', 'write "1/2"'),
        ('{"sequences": [[[1], [1]]], "labels": [1], "decoder": [1]}', "share the best score"),
    ):
        bad.write_text(text)
        done = runner.invoke(main, ["bias", "solve", str(bad)])
        assert done.exit_code == 2
        assert words in done.output
        assert "Try:" in done.output
    bad.write_text('{"sequences": [[[0.5], [0.25]]], "labels": [1], "decoder": [1]}')
    assert runner.invoke(main, ["bias", "solve", "--floats", str(bad)]).exit_code == 0
    late = runner.invoke(main, ["bias", "train", "--time-limit", "0", str(bad)])
    assert late.exit_code == 3


def test_pictures() -> None:
    pytest.importorskip("matplotlib").use("Agg")
    import matplotlib.pyplot as plt

    from algattn.bias import plots
    from algattn.errors import InputError

    data = instances.random_data(3, 3, 16, seed=1)
    runs = {m: train(data, method=m, steps=200, rate=0.5) for m in ("gd", "ngd", "polyak")}
    figure = plots.rates(runs | {"regression": regress(data, steps=200)})
    assert len(figure.axes[0].lines) >= 4
    assert figure.axes[0].get_xscale() == "log"
    paths = plots.paths(runs)
    assert len(paths.axes) == 4
    maps = plots.attention(runs["ngd"])
    assert len(maps.axes) == len(runs["ngd"].attention_maps) + 1
    assert len(maps.axes[0].patches) == 3
    plots.nuclear(runs, 1.0, 1.0)
    for draw in (plots.rates, plots.paths):
        with pytest.raises(InputError):
            draw({})
    plt.close("all")


def test_notebooks_show_every_picture(monkeypatch) -> None:
    """The first figure of a notebook switches showing on, inside our style; it has to stay on."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    made = plt.subplots

    def first(*args, **options):
        plt.ion()  # what the inline backend does when it starts
        return made(*args, **options)

    plt.ioff()
    monkeypatch.setattr(plt, "subplots", first)
    figure = plots.rates({"run": train(instances.two_sequences(), steps=20)})
    assert plt.isinteractive()
    plt.ioff()
    plt.close(figure)


def test_import_is_cheap() -> None:
    code = (
        "import sys, algattn.bias; heavy = {'numpy', 'scipy', 'matplotlib', 'qpsolvers', "
        "'clarabel', 'flint'}; print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_missing_libraries_are_named(monkeypatch) -> None:
    from algattn.bias import guess, nuclear, nuclear_margin
    from algattn.errors import EngineNotFoundError

    monkeypatch.setattr(nuclear, "find_spec", lambda name: None)
    with pytest.raises(EngineNotFoundError, match="pip install"):
        nuclear_margin(instances.two_sequences())
    # Exact solutions do not need any of them.
    monkeypatch.setattr(guess, "find_spec", lambda name: None)
    assert guess.available_solvers() == ("embedded",)
    assert AttentionSVM(instances.two_sequences()).solve().norm_squared == Fraction(50, 9)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    from algattn.bias import plots

    with pytest.raises(EngineNotFoundError, match="matplotlib"):
        plots.rates({"run": train(instances.two_sequences(), steps=5)})
