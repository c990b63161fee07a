"""Bad input: every refusal is typed, says what was asked, what is wrong and what to do."""

from __future__ import annotations

import numpy as np
import pytest

from algattn import load
from algattn.bias import AttentionSVM, TokenData, diagnose, local_selections, regress, train
from algattn.bias.instances import two_sequences
from algattn.errors import (
    AlgattnError,
    FieldError,
    HypothesisError,
    InputError,
    LimitError,
    ShapeError,
)

GOOD = {"sequences": [[[1, 0], [0, 1]]], "labels": [1], "decoder": [1, 0]}


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"labels": [0]}, InputError, "not a class"),
        ({"labels": [2]}, InputError, "not a class"),
        ({"labels": [True]}, InputError, "not a class"),
        ({"labels": ["1"]}, InputError, "not a class"),
        ({"labels": [1.5]}, InputError, "not a class"),
        ({"labels": [1, 1]}, ShapeError, "2 labels"),
        ({"labels": 1}, ShapeError, "give a list"),
        ({"sequences": []}, ShapeError, "no tokens"),
        ({"sequences": [[]]}, ShapeError, "no tokens"),
        ({"sequences": [[[]]]}, ShapeError, "no entries"),
        ({"sequences": [[[1, 0], [0]]]}, ShapeError, "token 2 of sequence 1"),
        ({"sequences": [[[1, 0.5], [0, 1]]]}, FieldError, "1/2"),
        ({"sequences": [[[1, "x"], [0, 1]]]}, FieldError, "not an integer"),
        ({"sequences": [[[1, float("nan")], [0, 1]]]}, FieldError, "not a number"),
        ({"sequences": "ab"}, ShapeError, "give a list"),
        ({"decoder": [1]}, ShapeError, "decoder"),
        ({"queries": [[1, 0], [1, 0]]}, ShapeError, "2 queries"),
        ({"queries": [1, 0, 0]}, ShapeError, "query"),
        ({"selection": [2]}, InputError, "does not name"),
        ({"selection": [-1]}, InputError, "does not name"),
        ({"selection": []}, InputError, "does not name"),
        ({"selection": [True]}, InputError, "does not name"),
        ({"colour": 1}, InputError, "keys"),
    ],
)
def test_refused(change, kind, words) -> None:
    with pytest.raises(kind, match=words) as caught:
        TokenData.from_data(GOOD | change)
    error = caught.value
    assert isinstance(error, AlgattnError)
    assert all((error.asked, error.wrong, error.hint))


def test_missing_parts() -> None:
    with pytest.raises(InputError, match="keys"):
        TokenData.from_data({"sequences": [[[1]]]})
    with pytest.raises(InputError, match="missing"):
        AttentionSVM([[[1]]])
    with pytest.raises(InputError, match="JSON object"):
        TokenData.from_data([1])
    with pytest.raises(InputError, match="twice"):
        AttentionSVM(TokenData.from_data(GOOD), [1])


def test_numpy_labels_and_integers_are_fine() -> None:
    data = TokenData.of(np.array(GOOD["sequences"]), np.array([1.0]), np.array([1, 0]))
    assert data == TokenData.from_data(GOOD)


def test_ties_in_the_best_score() -> None:
    with pytest.raises(HypothesisError, match="tokens 1 and 2 of sequence 1 share the best score"):
        AttentionSVM([[[1, 0], [1, 5]]], [1], [1, 0])
    with pytest.raises(HypothesisError, match="they are equal"):
        AttentionSVM([[[0, 1], [1, 0], [1, 0]]], [1], [1, 0])
    with pytest.raises(HypothesisError, match="decoder is zero"):
        AttentionSVM([[[1, 0], [1, 5]]], [1], [0, 0])
    # A selection decides a tie; a selected token that occurs twice cannot be separated.
    assert AttentionSVM([[[1, 0], [1, 5]]], [1], [1, 0], selection=[0]).solve().feasible
    twice = AttentionSVM([[[0, 1], [1, 0], [1, 0]]], [1], [1, 0], selection=[1]).solve()
    assert not twice.feasible
    assert twice.multipliers == [0, 1]


def test_a_tie_below_the_best_is_fine() -> None:
    assert AttentionSVM([[[0, 1], [0, 2], [1, 0]]], [1], [1, 0]).solve().feasible


def test_diagnosis_answers_where_the_problem_is_undefined() -> None:
    found = diagnose([[[1, 0], [1, 0]]], [1], [1, 1])
    assert found.holds("unique_optimum") is False
    assert found.witness("unique_optimum") == {"sequence": 0, "tokens": [0, 1]}
    assert found.holds("feasible") is None
    assert found.value == ()
    assert found.verify()


def test_training_without_anything_to_learn() -> None:
    equal = train([[[1, 2], [1, 2]]], [1], [1, 1], steps=10)
    assert equal.stopped == "the gradient is zero"
    assert equal.value is None
    assert np.all(equal.W == 0)
    alone = train([[[1, 2]]], [-1], [1, 1], steps=10, method="polyak")
    assert alone.stopped == "the gradient is zero"
    blind = train(GOOD | {"queries": [0, 0]}, steps=10)
    assert blind.stopped == "the gradient is zero"
    assert blind.verify()


def test_infeasible_data_can_be_trained_without_target() -> None:
    run = train([[["3/2", 0], [1, 0], [2, 0]]], [1], [1, 0], selection=[0], steps=20)
    assert run.value is None
    assert run.prediction is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "adam"}, "method='adam' is not known"),
        ({"loss": "hinge"}, "loss='hinge' is not known"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"batch": 0}, "batch"),
        ({"rank": -1}, "rank"),
        ({"rate": 0}, "rate"),
        ({"rate": "fast"}, "rate"),
        ({"polyak_factor": -1.0}, "polyak_factor"),
        ({"method": "polyak", "joint": True}, "moves with the decoder"),
        ({"start": [[1.0]]}, "start has shape"),
        ({"start": "abc"}, "not a matrix"),
        ({"start": [1, 2]}, "not a matrix"),
        ({"start": [[1, "x"], [0, 0]]}, "not a matrix"),
        ({"start": [[1e99, 0], [0, 0]]}, "too large"),
        ({"start": [[float("nan"), 0], [0, 0]]}, "too large"),
        ({"rate": float("inf")}, "rate"),
        ({"start": [[1.0, 0], [0, 0]], "rank": 1}, "both start and rank"),
        ({"seed": -1}, "seed"),
        ({"snapshots": 0}, "snapshots"),
        ({"decoder_power": "x"}, "decoder_power"),
        ({"speed": 3}, "there is no keyword .speed."),
        ({"target": "best"}, "target='best' is not known"),
    ],
)
def test_options_refused(options, words) -> None:
    with pytest.raises(InputError, match=words):
        train(GOOD, **options)


def test_floats_train_but_nan_does_not() -> None:
    assert train([[[0.5, 0.1], [0.2, 1.0]]], [1], [1.0, 0.3], steps=5).value is not None
    with pytest.raises(FieldError, match="not finite"):
        train([[[0.5, float("nan")], [0.2, 1.0]]], [1], [1.0, 0.3])


def test_numbers_beyond_floats_do_not_train() -> None:
    for big in (10**400, 10**61):
        with pytest.raises(InputError, match="digits"):
            train([[[big, 0], [0, 1]]], [1], [1, 0], steps=3)
    assert AttentionSVM([[[10**400, 0], [0, 1]]], [1], [1, 0]).solve().verify()


def test_runs_refuse_what_they_do_not_have() -> None:
    run = train(GOOD, steps=5)
    with pytest.raises(InputError, match="curve='speed' is not known"):
        run.rate("speed")
    for options in ({"steps": 0}, {"rate": -1.0}, {"records": 0}, {"method": "adam"}):
        with pytest.raises(InputError):
            regress(GOOD, **options)
    assert repr(regress(GOOD, steps=50)).startswith("<regression with exponential loss, ngd, 50")


def test_time_limits() -> None:
    with pytest.raises(LimitError):
        train(GOOD, steps=10_000, time_limit=0)
    with pytest.raises(LimitError):
        local_selections(GOOD, time_limit=0)
    with pytest.raises(LimitError, match="there are 2"):
        local_selections(GOOD, limit=1)


def test_diagnose_refuses() -> None:
    with pytest.raises(InputError, match="examine"):
        diagnose(GOOD, examine=-1)
    found = diagnose(GOOD)
    for ask in (found.holds, found.applies, found.failing, found.witness):
        with pytest.raises(InputError):
            ask("nothing")


def test_runs_that_leave_the_floats_stop_and_say_so() -> None:
    """Steps beyond exp(230) are not followed, and what is kept is finite."""
    runs = [
        train([[[0, 1], [2000, 0]]], [-1], [1, 0], method="gd", steps=5),
        train([[[10, 0], [-10, 1]], [[1, 2], [2000, -1], [1900, 2]]], [1, -1], [1, 0], method="gd"),
        train([[[0, 1], [2000, 0]]], [-1], [1, 0], method="gd", steps=5, rank=1),
        train([[[0, 1], [1e50, 0]]], [-1], [1, 0], method="gd", steps=5, joint=True, rate=1e50),
        train([[[0, 1], [1e50, 0]]], [1], [1, 0], method="ngd", steps=9, rank=2, rate=1e59),
        train([[[0, 1], [1e50, 0]]], [1], [1, 0], method="polyak", steps=5, rate=1e50),
    ]
    assert "longer than exp(230)" in str(runs[0].stopped)
    assert "longer than exp(115)" in str(runs[2].stopped)
    for run in runs:
        assert np.isfinite(run.W).all()
        assert load(run.to_json()).verify()


def test_constants_of_training_are_not_proved() -> None:
    """Polyak steps grow by 0.6151 a step where the continuous-time heuristic expects 1.1785."""
    found = diagnose(two_sequences())
    assert "asymptotic_constants" not in found.value
    with pytest.raises(InputError, match="is not known"):
        found.applies("asymptotic_constants")
    growth = train(two_sequences(), steps=20000, method="polyak").comparisons[0]
    assert growth.measured == pytest.approx(0.6151, abs=1e-3)
    assert str(growth).endswith("a continuous-time heuristic expects 1.1785")


def test_no_constraints() -> None:
    """Sequences of one token: W = 0 is the shortest, and there is no point of least norm."""
    svm = AttentionSVM([[[1, 2]]], [1], [1, 0])
    assert svm.solve().norm_squared == 0
    with pytest.raises(HypothesisError, match="no constraints"):
        svm.min_norm()
