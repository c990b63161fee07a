"""Bad input: every error says what was asked, what is wrong, and what to change."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from algattn.errors import (
    AlgattnError,
    EngineNotFoundError,
    HypothesisError,
    InputError,
    LimitError,
    ShapeError,
)
from algattn.paths import FixedHead, PathInputs, PathNetwork, PathShape, QueryKeyHead
from algattn.paths.saddle import solve

X = np.random.default_rng(0).normal(size=(6, 3, 4))
Y = np.array([1, 1, 1, -1, -1, -1])
HOLE = X.copy()
HOLE[2, 1, 3] = np.nan


def net(**options: object) -> PathNetwork:
    return PathNetwork((2,), (5, 5), **({"temperature": 0.1} | options))  # type: ignore[arg-type]


def net_of_two() -> object:
    """A prediction for inputs with fewer features than it was fitted to."""
    return net().fit(X, Y).predict(X[:, :2])


SMALL, THREE = net(attention="uniform"), PathNetwork((3,), (5, 5))
SQUARE = net(attention=[["uniform", QueryKeyHead(np.eye(2))]])
GIVEN = [[np.ones((6, 3, 3))] * 2]
CASES: list[tuple[str, Callable[[], object], type[AlgattnError], str]] = [
    ("labels 0/1", lambda: net().solve(X, [0, 1, 0, 1, 0, 1]), InputError, r"2\*y - 1"),
    ("class ids", lambda: net().solve(X, [1, 2, 3, 1, 2, 3]), InputError, "4 of 6"),
    ("real", lambda: net(task="classification").solve(X, Y / 2), InputError, "0.5"),
    ("NaN", lambda: net().solve(HOLE, Y), InputError, r"first at \[2, 1, 3\]"),
    ("NaN label", lambda: net().solve(X, [*Y[:5], np.nan]), InputError, "NaN"),
    ("labels", lambda: net().solve(X, Y[:5]), ShapeError, "5 labels for 6 inputs"),
    ("outputs", lambda: net().solve(X, np.ones((6, 2))), ShapeError, "one output at a time"),
    ("inputs", lambda: net().solve(X[0], Y), ShapeError, "P x N0 x T"),
    ("ragged", lambda: net().attended([[[1.0, 2]], [[1]]]), InputError, "not an array"),
    ("text", lambda: net().attended([[["a"]]]), InputError, "not an array"),
    ("empty", lambda: net().attended(np.zeros((0, 3, 4))), ShapeError, "empty"),
    ("temperature", lambda: net().solve(X, Y, temperature=-1), InputError, "at least 0"),
    ("T nan", lambda: net().solve(X, Y, temperature=float("nan")), InputError, "at least 0"),
    (
        "singular",
        lambda: net().solve(np.concatenate([X, X]), [*Y, *Y], temperature=0),
        HypothesisError,
        "rank at most 6",
    ),
    (
        "twins",
        lambda: net().solve(X[[0, 0, 1]], [1, -1, 1], temperature=0),
        HypothesisError,
        "positive temperature",
    ),
    ("U", lambda: net().kernel(X, np.eye(3)), ShapeError, "2 paths"),
    ("U sym", lambda: net().kernel(X, [[1.0, 2], [0, 1]]), ShapeError, "not symmetric"),
    ("U exact", lambda: SMALL.kernel([[[1]]], [[1, 2], [0, 1]]), ShapeError, "symmetric"),
    ("path", lambda: net().path_kernels(X).block(0, 2), ShapeError, "no path 2"),
    ("path 2", lambda: net().path_kernels(X).block((0,), (0, 1)), ShapeError, "not a path"),
    ("start", lambda: net().solve(X, Y, start=[np.eye(2)]), ShapeError, "sizes"),
    ("cone", lambda: net().solve(X, Y, start=[-np.eye(2), 1]), HypothesisError, "eigenvalue -1"),
    ("unfitted", lambda: net().predict(X), InputError, "not fitted"),
    ("parameter", lambda: net().set_params(width=3), InputError, "there is no 'width'"),
    ("task", lambda: net(task="ranking"), InputError, "task='ranking' is not known"),
    ("readout", lambda: net(readout="middle"), InputError, "'middle'"),
    ("token", lambda: net(readout=7).attended(X), ShapeError, "no token 7 among 4"),
    ("attention", lambda: net(attention="relu"), InputError, "'relu'"),
    ("heads", lambda: net(attention=[["uniform"]]), ShapeError, r"\[1\] heads"),
    ("fixed", lambda: net(attention=[["uniform", np.eye(3)]]).attended(X), ShapeError, "3 tokens"),
    ("weight", lambda: SQUARE.attended(X), ShapeError, "2 features"),
    ("square", lambda: FixedHead([[1, 0]]), ShapeError, "square"),
    ("huge head", lambda: FixedHead([[10**400]]), InputError, "not an array"),
    ("huge weight", lambda: QueryKeyHead([[10**70]], kind="hardmax"), InputError, "scale"),
    ("given", lambda: net().attended(X, attention=GIVEN), ShapeError, "6 inputs"),
    ("widths", lambda: PathNetwork((2,), (5,)), ShapeError, "2 widths"),
    ("variances", lambda: PathNetwork((2,), (5, 5), (1, 1)), ShapeError, "3 variances"),
    ("variance", lambda: PathNetwork((2,), (5, 5), 0), InputError, "not positive"),
    ("head count", lambda: PathNetwork((0,), (5, 5)), ShapeError, "at least 1"),
    ("many", lambda: PathNetwork((99, 99), (5, 5, 5)), LimitError, "9801 paths"),
    ("degrees", lambda: PathNetwork((2,), (1, 5)).posterior(X, Y), HypothesisError, "degrees"),
    ("other heads", lambda: net().solve(THREE.attended(X), Y), ShapeError, "heads"),
    ("large", lambda: net().solve(X * 1e150, Y), InputError, "scale the numbers"),
    ("label", lambda: net(task="regression").solve(X, Y * 1e99), InputError, "scale the numbers"),
    ("huge", lambda: net().attended([[[10**400]]]), InputError, "not an array"),
    ("starts", lambda: net().solve(X, Y, starts=0), InputError, "starts is 0"),
    ("starts 2", lambda: net().solve(X, Y, starts="x"), InputError, "starts is 'x'"),
    ("seed", lambda: net().solve(X, Y, seed=-1), InputError, "seed is -1"),
    ("start 2", lambda: net().solve(X, Y, start=3), InputError, "they are a int"),
    ("features", net_of_two, ShapeError, "paths and features"),
    ("gp", lambda: net().gaussian_process(X, Y, paths=[7]), ShapeError, "no path 7"),
    ("time", lambda: net().solve(X, Y, time_limit=0.0), LimitError, "time limit"),
]


NAMES = [case[0] for case in CASES]


@pytest.mark.parametrize(("call", "error", "match"), [case[1:] for case in CASES], ids=NAMES)
def test_typed_errors(call: Callable[[], object], error: type[AlgattnError], match: str) -> None:
    with pytest.raises(error, match=match) as caught:
        call()
    assert caught.value.asked
    assert caught.value.hint
    assert str(caught.value).endswith(".")


def test_good_input_next_to_the_bad() -> None:
    assert net(task="regression").solve(X, [0, 1, 0, 1, 0, 1]).residual < 1e-6
    assert net().solve(X, Y / 2).residual < 1e-6
    assert net().solve(X, Y[:, None]).residual < 1e-6
    assert net().solve(X, Y, temperature=0).residual < 1e-6


def test_a_time_limit_keeps_the_best_so_far(ticking: SimpleNamespace) -> None:
    """The limit also stops a start under way: one start alone takes more looks at the clock."""
    rng = np.random.default_rng(0)
    big = PathNetwork((4, 3), (20, 20, 20), temperature=0.01)
    inputs, labels = rng.normal(size=(300, 40, 4)), np.sign(rng.normal(size=300))
    infinite = big.infinite_width(inputs, labels).action
    before = ticking.seconds()
    with pytest.raises(LimitError, match="time limit") as caught:
        big.solve(inputs, labels, time_limit=60)
    assert ticking.seconds() - before < 80
    assert len(caught.value.partial.actions) == 1
    assert caught.value.partial.action < infinite


def test_without_scipy_the_error_has_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    data = PathInputs(PathShape((2,), (5, 5)), np.ones((2, 3, 2)))
    with pytest.raises(EngineNotFoundError, match="pip install scipy"):
        solve(data, np.ones(3), 0.1)


def test_the_room_is_cheap_to_import() -> None:
    code = (
        "import sys, algattn.paths; cheap = set(sys.modules);"
        "algattn.paths.PathNetwork; import json;"
        "print(json.dumps([sorted(cheap), sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    import json

    cheap, full = (set(names) for names in json.loads(done.stdout))
    assert not cheap & {"numpy", "flint", "scipy", "networkx", "matplotlib", "sympy"}
    assert not full & {"scipy", "matplotlib", "sympy", "networkx"}
    assert "numpy" in full
