"""Answers are those of version 0.1, or CHANGES says why not; and the checker notices."""

from __future__ import annotations

import gzip
import json

import make
import pytest
from golden_compare import Change, differences, judge, read_changes
from golden_record import outcome, plain, record, steady

from algattn import Lightning

#: Every 25th problem; the others are for the slow tests.
SAMPLE = 25

RESULT = ["result", "fiber.one-layer", 2, [["members", [1], "PROVED"], ["complete", 3, "PROVED"]]]
STORED = {
    "a/fiber/1": RESULT,
    "a/fiber/2": RESULT,
    "a/refused": ["error", "ShapeError", "no"],
    "a/data": ["data", 1],
}


@pytest.mark.parametrize("name", make.section_names())
def test_a_sample_of_the_answers(name):
    verdict = make.check_section(name, SAMPLE)
    assert not verdict.unexplained, "\n".join(map(str, verdict.unexplained[:20]))


@pytest.mark.slow
@pytest.mark.parametrize("name", make.section_names())
def test_all_answers(name):
    verdict = make.check_section(name, 1)
    assert not verdict.unexplained, "\n".join(map(str, verdict.unexplained[:20]))


def planted(problem: str, answer: list) -> dict:
    return STORED | {problem: answer}


def test_equal_answers_have_no_difference():
    assert judge(STORED, dict(STORED), [], whole=True).good


@pytest.mark.parametrize(
    ("problem", "answer", "part"),
    [
        ("a/fiber/1", [*RESULT[:2], 5, RESULT[3]], "value"),
        ("a/fiber/1", [*RESULT[:2], True, RESULT[3]], "value"),
        ("a/fiber/1", ["result", "fiber.deep", *RESULT[2:]], "kind"),
        ("a/fiber/1", [*RESULT[:3], RESULT[3][:1]], "claims"),
        ("a/fiber/1", [*RESULT[:3], [RESULT[3][0], ["complete", 4, "PROVED"]]], "claim complete"),
        ("a/fiber/1", [*RESULT[:3], [RESULT[3][0], ["complete", 3, "THEOREM"]]], "status"),
        ("a/refused", ["error", "ShapeError", "yes"], "error"),
        ("a/refused", ["crash", "ShapeError", "no"], "error"),
        ("a/fiber/1", ["error", "ShapeError", "no"], "error"),
        ("a/data", ["data", True], "value"),
        ("a/other", ["data", 1], "new"),
    ],
)
def test_a_planted_difference_is_found_and_silenced_by_its_line_only(problem, answer, part):
    found = planted(problem, answer)
    assert [(d.problem, d.part) for d in differences(STORED, found)] == [(problem, part)]
    assert judge(STORED, found, [Change(problem, part, "meant")], whole=True).good
    for other in (Change("a/none", part, "meant"), Change(problem, "none", "meant")):
        verdict = judge(STORED, found, [other], whole=True)
        assert [d.part for d in verdict.unexplained] == [part]
        assert verdict.stale == [other]


def test_a_missing_answer_is_a_difference():
    found = {k: v for k, v in STORED.items() if k != "a/data"}
    assert [d.part for d in differences(STORED, found)] == ["missing"]


def test_globs_and_reasons():
    (change,) = read_changes("# comment\n\na/fiber/* | claim * | a | b\n")
    assert change.reason == "a | b"
    found = planted("a/fiber/2", [*RESULT[:3], [["members", [2], "PROVED"], RESULT[3][1]]])
    assert judge(STORED, found, [change], whole=True).good
    with pytest.raises(ValueError, match="line 1"):
        read_changes("a/fiber/* | value")


def test_a_stale_line_fails_only_in_a_whole_run_and_not_when_known_wrong():
    stale, wrong = Change("a/*", "*", "meant"), Change("a/*", "*", "known wrong: soon mended")
    assert judge(STORED, STORED, [stale], whole=True).stale == [stale]
    assert judge(STORED, STORED, [stale], whole=False).good
    assert judge(STORED, STORED, [wrong], whole=True).good


def test_known_changes_can_be_read():
    assert read_changes(make.CHANGES.read_text())


def test_what_is_kept_of_answers():
    net = Lightning((2, 1), 1)
    found = net.dimension()
    assert record(found) == ["result", "dimension.network", 4, [["dimension", 4, "PROVED"]]]
    weights = net.random_weights(1)
    assert plain(weights) == json.loads(json.dumps(weights.to_data()))
    assert outcome(lambda: net.fiber({"A": [[[1]]], "V": [[[1]]]}))[:2] == ["error", "ShapeError"]
    assert outcome(lambda: {}["x"])[:2] == ["crash", "KeyError"]
    assert outcome(lambda: (x for x in (1, 2))) == ["data", [1, 2]]
    assert outcome(lambda: list(range(200)))[1].startswith("sha256:")
    assert steady("stopped after 1.5 s in /some/x/y.json") == "stopped after # seconds in PATH"
    assert steady("weights -1/2 and 3/4") == "weights -1/2 and 3/4"


def test_stored_answers_are_reproducible_bytes(tmp_path):
    first, second = tmp_path / "1.gz", tmp_path / "2.gz"
    make.write(first, STORED)
    make.write(second, dict(reversed(STORED.items())))
    assert first.read_bytes() == second.read_bytes()
    assert make.read(first) == STORED
    assert gzip.decompress(first.read_bytes()).count(b"\n") == len(STORED)
