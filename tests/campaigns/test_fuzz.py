"""A fixed sample of the campaign of strange inputs; ``fuzz.py`` draws ten thousand and more."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from fuzz import case_of, run_case
from fuzz_cases import Case, stored_results

SAMPLE, SEED = 200, 11


@pytest.fixture(autouse=True)
def notes() -> Iterator[None]:
    """Warnings are notes of the command line here, and no errors as elsewhere in the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        yield


def test_a_sample_of_strange_inputs() -> None:
    results = stored_results()
    codes = set()
    for number in range(SAMPLE):
        case = case_of(SEED, number, results)
        outcome = run_case(case)
        assert not outcome.wrong, (number, case.argv, outcome.wrong)
        codes.add(outcome.code)
    assert codes >= {0, 2, "read", "refused"}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ("paths experiment --examples 100000000 --tests 10", 3),
        ("paths experiment --features 1000000 --examples 2 --tests 2", 3),
        ("paths experiment --tokens 999999999999 --examples 2 --tests 2", 3),
        ("paths experiment --tokens 0", 2),
        ("paths experiment --noise-perp nan --examples 4 --tests 4", 2),
        ("paths experiment --noise-perp inf --examples 4 --tests 4", 2),
        ("paths experiment --seed -1 --examples 4 --tests 4", 2),
        ("dimension --widths 2,2 --ranks 1 --time-limit nan", 2),
        ("dimension --widths 2,2 --ranks 1 --prime -7", 2),
        ("implicitize s^2 --engine sage", 2),
        ("implicitize --prime -7 s", 2),
        ("degree --widths 2,1 --ranks 2 --time-limit 1", 2),
        ("bias train f0 --steps 99999999999999999999", 2),
        ("canonical --widths 3,3,3,3,3,3,3,3,3,3,3 --ranks 3 --seed 1", 0),
    ],
)
def test_refused_in_advance(argv: str, code: int) -> None:
    bias = b'{"sequences": [[[1, 0], [0, 1]]], "labels": [1], "decoder": [1, 2]}'
    outcome = run_case(Case(argv.split(), {"f0": bias}))
    assert (outcome.code, outcome.wrong) == (code, "")


BAD = '"X": [[[1, 2], [0, 1]]], "Y": [1]}'


@pytest.mark.parametrize(
    "head",
    [
        '"attention": [[{"kind": []}]], ',
        '"attention": true, ',
        '"attention": [null], ',
        '"attention": [["uniform"]], "task": {}, ',
        f'"attention": [["uniform"]], "variances": [1, "{"9" * 400}", 1], ',
    ],
)
@pytest.mark.parametrize("command", ["kernels", "solve", "points"])
def test_paths_files_that_nobody_wrote(command: str, head: str) -> None:
    text = '{"heads": [1], "widths": [4, 4], ' + head + BAD
    outcome = run_case(Case(["paths", command, "f0"], {"f0": text.encode()}))
    assert (outcome.code, outcome.wrong) == (2, "")


def test_labels_that_are_ragged() -> None:
    text = '{"heads": [1], "widths": [4, 4], "attention": [["uniform"]], '
    text += '"X": [[[1, 2]], [[0, 1]]], "Y": [[1, 2], 1]}'
    outcome = run_case(Case(["paths", "solve", "f0"], {"f0": text.encode()}))
    assert (outcome.code, outcome.wrong) == (2, "")
