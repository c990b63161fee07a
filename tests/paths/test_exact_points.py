"""Stationary points over QQ: polynomials for one head, Krawczyk boxes for several."""

from __future__ import annotations

import json
import random
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_mat, fmpq_poly

from algattn import load
from algattn.errors import (
    FieldError,
    HypothesisError,
    InputError,
    LimitError,
    UndecidedError,
)
from algattn.paths import (
    ExactPathKernels,
    PathInputs,
    PathNetwork,
    PathShape,
    certify_critical_point,
    one_head_points,
)
from algattn.paths.one_head import cubic_root
from algattn.paths.one_path import (
    _primitive,
    balance_function,
    shifted_determinant,
    sturm_count,
)
from algattn.paths.problems import OneHeadProblem
from algattn.paths.saddle import solve
from algattn.paths.stationary import action_value
from algattn.results import Result, Status, decode, seal, thaw


def gram(P: int, N0: int, seed: int) -> tuple[list[list[int]], np.ndarray]:
    rng = random.Random(seed)
    A = [[rng.randint(-3, 3) for _ in range(N0)] for _ in range(P)]
    return [[sum(x * y for x, y in zip(a, b, strict=True)) for b in A] for a in A], np.array(A)


def test_the_cubic() -> None:
    """N = 10, P = 4, R = 7.3: the value of v^2, known from an independent minimisation."""
    C = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, Fraction(10, 43)]]
    found = one_head_points(C, [1, 1, 1, 1], widths=(10, 10))
    assert found.status is Status.PROVED
    assert found.polynomial.degree() == 3
    assert found.approx == [pytest.approx(1.3248317578, abs=1e-9)]
    assert cubic_root(10, 4, 7.3) == pytest.approx(found.approx[0], rel=1e-12)
    (u,) = found.points
    assert 100 * u**3 == (Fraction(73, 10) + 6 * u) ** 2  # exactly, in the number field


@pytest.mark.parametrize(("P", "N"), [(3, 9), (5, 5), (8, 3)])
def test_the_cubic_for_every_load(P: int, N: int) -> None:
    C = [[int(i == j) for j in range(P)] for i in range(P)]
    found = one_head_points(C, [2] + [1] * (P - 1), widths=(N, N), variances=(1, 2, 3))
    assert len(found.value) == 1
    assert found.approx[0] == pytest.approx(cubic_root(N, P, P + 3, 6.0), rel=1e-10)


@pytest.mark.parametrize("widths", [(4,), (5, 7), (5, 6, 7)])
@pytest.mark.parametrize("temperature", ["1/10", "3"])
def test_points_at_positive_temperature_are_saddles(
    widths: tuple[int, ...], temperature: str
) -> None:
    C, A = gram(3, 4, 1)
    variances = [1, "1/2", 2, 3][: len(widths) + 1]
    found = one_head_points(
        C, [1, -1, 1], widths=widths, variances=variances, temperature=temperature
    )
    shape = PathShape((1,) * (len(widths) - 1), widths, variances)
    xi = A[None].astype(float) * 2.0  # s_0 / N0 = 1/4
    T = float(Fraction(temperature))
    saddle = solve(PathInputs(shape, xi), np.array([1.0, -1.0, 1.0]), T)
    assert found.approx == [pytest.approx(saddle.U[0, 0], rel=1e-9)]
    assert load(found.to_json()).verify()


def test_the_balance_function_by_evaluation() -> None:
    C, _ = gram(4, 3, 2)
    Y, T = fmpq_mat(4, 1, [1, 2, -1, 1]), fmpq(1, 7)
    top, bottom = balance_function(fmpq_mat(C), Y, T)
    Cf, Yf = np.array(C, dtype=float), np.array([1.0, 2, -1, 1])
    for u in (0.3, 2.0, 11.0):
        G = np.linalg.inv(u * Cf + np.eye(4) / 7)
        b = u * (Yf @ G @ Cf @ G @ Yf - np.trace(G @ Cf))
        x = fmpq(round(u * 10), 10)
        ratio = top(x) / bottom(x)
        assert float(int(ratio.p) / int(ratio.q)) == pytest.approx(b, rel=1e-9)
    M = fmpq_mat([[2, 1, 0], [1, 3, 1], [0, 1, 1]])
    poly = shifted_determinant(fmpq_mat(gram(3, 2, 3)[0]), M)
    assert poly(fmpq(5)) == (fmpq_mat(gram(3, 2, 3)[0]) * 5 + M).det()


def test_one_head_through_the_network() -> None:
    X = [[[1, 2], [0, 1]], [[-1, 1], [3, 0]]]
    net = PathNetwork((1,), (6, 5), attention="uniform")
    found = net.stationary_points(X, [1, -1], temperature="1/4")
    saddle = net.solve(X, [1, -1], temperature=0.25)
    assert found.approx == [pytest.approx(saddle.U[0, 0], rel=1e-9)]
    with pytest.raises(HypothesisError, match="2 paths"):
        PathNetwork((2,), (6, 5), attention="uniform").stationary_points(X, [1, -1], temperature=1)


def changed(result: Result, change: object) -> bool:
    """Whether a result still verifies after a change and a forged digest."""
    data = json.loads(result.to_json())
    change(data)  # type: ignore[operator]
    try:
        return load(json.dumps(seal(data))).verify()
    except ValueError:
        return False


def test_one_head_results_notice_changes() -> None:
    found = one_head_points([[2, 1], [1, 2]], [1, -1], widths=(4, 4), temperature=1)
    assert changed(found, lambda d: None)
    assert not changed(found, lambda d: d["problem"].__setitem__("temperature", 2))
    assert not changed(found, lambda d: d["problem"]["kernel"][0].__setitem__(0, 3))
    assert not changed(found, lambda d: d["value"].append(d["value"][0]))
    assert not changed(found, lambda d: d["claims"][0]["value"].__setitem__(0, 5))


#: One path whose action has two valleys: small prior variances against a strong label.
VALLEYS = ((1, 1), (1, 1, 1), (1, "1/10", "1/10", "1/10"))


@pytest.mark.parametrize(("label", "lowest"), [(20, 0), (30, 0), (40, 2), (80, 2)])
def test_the_lowest_of_several_points(label: int, lowest: int) -> None:
    heads, widths, variances = VALLEYS
    found = one_head_points([[1]], [label], widths=widths, variances=variances, temperature=10)
    assert len(found.value) == (1 if label == 20 else 3)
    assert found.status is Status.PROVED
    assert found.minimum == found.points[lowest]
    assert load(found.to_json()).verify()
    # The action as it is written, at the chain of each point.
    actions = []
    for u in found.approx:
        ratio = 0.1 * (1 + u * (label**2 / (u + 10) ** 2 - 1 / (u + 10)))
        chain = [np.array([[v]]) for v in (u, u / ratio, u / ratio**2)]
        K, Y = np.array([[u]]), np.array([float(label)])
        actions.append(action_value(PathShape(heads, widths, variances), chain, K, Y, 10.0))
    assert int(np.argmin(actions)) == lowest
    # The search in floating point does not stay in the wrong valley.
    net = PathNetwork(heads, widths, variances, attention="uniform", task="regression")
    saddle = net.solve([[[1]]], [label], temperature=10.0)
    assert saddle.U[0, 0] == pytest.approx(found.approx[lowest], rel=1e-8)
    assert saddle.action == pytest.approx(actions[lowest], rel=1e-10)
    assert saddle.unique == (label == 20)
    for other in set(range(len(found.value))) - {lowest}:

        def change(data: dict, other: int = other) -> None:
            data["detail"]["lowest"] = data["claims"][2]["value"] = other
            data["claims"][2]["statement"] = data["claims"][2]["statement"].replace(
                f"point {lowest + 1}", f"point {other + 1}"
            )
            ends = [data["value"][k]["approx"][:14] for k in (lowest, other)]
            data["sentence"] = data["sentence"].replace(f"at {ends[0]}", f"at {ends[1]}")

        assert not changed(found, change)


def forged(data: dict) -> Result:
    """What an honest machine would store for a problem if it did not look at its hypotheses."""
    from algattn.paths import one_head as room
    from algattn.paths.one_path import find_points

    problem = decode(OneHeadProblem, data)
    C = fmpq_mat([list(row) for row in problem.kernel])
    Y = fmpq_mat(2, 1, list(problem.labels))
    found = find_points(problem.shape, C, Y, problem.temperature)
    return room.OneHeadResult.assemble(
        problem,
        tuple(room.StationaryPoint.of(theta) for theta in found.points),
        {
            "polynomial": [room.Evaluated()],
            "points": [room.Isolated()],
            "minimum": [room.Lowest()],
        },
        polynomial=found.polynomial,
        lowest=0 if len(found.points) == 1 else None,
    )


@pytest.mark.parametrize(
    "change",
    [
        {"kernel": [[1, 3], [3, 1]]},
        {"kernel": [[2, 1], [0, 2]]},
        {"temperature": -1},
        {"shape": {"heads": [2], "widths": [4, 4], "variances": [1, 1, 1]}},
    ],
)
def test_one_head_results_check_their_hypotheses(change: dict) -> None:
    found = one_head_points([[2, 1], [1, 2]], [1, -1], widths=(4, 4), temperature=1)
    problem = thaw(found.problem)
    assert forged(problem).verify()
    assert not forged(problem | change).verify()
    with pytest.raises(InputError, match="colour"):
        forged(problem | {"colour": 1})


def test_large_polynomials_keep_short_remainders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Degree 41: the remainders of Sturm's chain are kept primitive, else they take the time."""
    C, _ = gram(10, 10, 2)
    found = one_head_points(C, [1, -1] * 5, widths=(9, 8), temperature="1/3")
    assert found.polynomial.degree() == 41
    heights = []

    def primitive(poly: fmpq_poly) -> fmpq_poly:
        heights.append(int(max(map(abs, poly.numer().coeffs()), default=0)).bit_length())
        return _primitive(poly)

    monkeypatch.setattr("algattn.paths.one_path._primitive", primitive)
    assert sturm_count(found.polynomial) >= len(found.points)
    assert 20 < len(heights) < 50
    assert max(heights) < 60_000
    assert found.verify()


def test_without_points_there_is_no_minimum() -> None:
    found = one_head_points([[1, 0], [0, 1]], [0, 0], widths=(2, 2))
    assert found.value == ()
    assert found.minimum is None
    assert found.verify()


def rational_case(
    heads: tuple[int, ...], widths: tuple[int, ...]
) -> tuple[PathNetwork, list[list[list[int]]], list[int]]:
    rng = random.Random(3)
    net = PathNetwork(heads, widths, (1, 2, 1, "1/2")[: len(heads) + 2], attention="hardmax")
    X = [[[rng.randint(-3, 3) for _ in range(3)] for _ in range(4)] for _ in range(6)]
    return net, X, [1, -1, 1, 1, -1, -1]


@pytest.mark.parametrize(("heads", "widths"), [((2,), (5, 7)), ((2, 2), (5, 6, 7)), ((3,), (2, 2))])
def test_certified_minimum(heads: tuple[int, ...], widths: tuple[int, ...]) -> None:
    net, X, Y = rational_case(heads, widths)
    found = net.certify(X, Y, temperature="1/10")
    assert found.status is Status.PROVED
    assert found.minimum
    assert load(found.to_json()).verify()
    saddle = net.solve(X, Y, temperature=0.1)
    for a, b in zip(found.levels, saddle.levels, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-10)
    assert not changed(found, lambda d: d["problem"]["labels"].__setitem__(0, -1))
    assert not changed(found, lambda d: d["problem"]["shape"]["widths"].__setitem__(0, 8))

    def move(d: dict) -> None:
        for place in (d["value"], *[c["value"] for c in d["claims"]]):
            place["midpoint"][0] = "9/8"

    assert not changed(found, move)


def test_lemma_lowest() -> None:
    """Given the levels above, no other U_1 has a smaller action once ``N_1 - M`` is positive."""
    net, X, Y = rational_case((2, 2), (6, 6, 7))
    saddle = net.solve(X, Y, temperature=0.1)
    assert saddle.slack > 0  # as N_1 is the number of examples
    K = net.path_kernels(X, exact=False)
    U = list(saddle.levels)
    lowest = action_value(net.shape, U, K.kernel(U[0]), np.array(Y, dtype=float), 0.1)
    rng = np.random.default_rng(0)
    for k in range(200):
        A = np.linalg.cholesky(U[0]) @ (np.eye(4) + 10.0 ** -(k % 4) * rng.normal(size=(4, 4)))
        trial = A @ A.T + 1e-9 * np.eye(4)
        other = [trial, *U[1:]]
        assert action_value(net.shape, other, K.kernel(trial), np.array(Y, float), 0.1) > lowest
    found = net.certify(X, Y, temperature="1/10", solution=saddle)
    assert found.lowest
    assert [c.name for c in found.claims] == ["unique", "minimum", "lowest"]
    assert found.verify()


def test_lemma_lowest_needs_its_hypothesis() -> None:
    """In the upper valley of one path of width 1 and 8 examples the slack is negative."""
    net = PathNetwork((1,), (1, 1), (1, "1/10", "1/10"), attention="uniform", task="regression")
    X = [[[int(i == j)] for j in range(8)] for i in range(8)]
    saddle = net.solve(X, [40] * 8, temperature=1.0)
    assert saddle.slack < 0
    found = net.certify(X, [40] * 8, temperature=1, solution=saddle)
    assert not found.lowest

    def claim(data: dict) -> None:
        data["detail"]["lowest"] = True
        data["claims"].append(
            {
                "name": "lowest",
                "statement": "the action is larger for every other U_1 with the same U_2, .., u_a",
                "value": data["value"],
                "needs": ["lower", "upper"],
                "evidence": [{"kind": "path_critical.positive-slack"}],
            }
        )

    assert changed(found, lambda d: None)
    assert not changed(found, claim)


def test_critical_points_hold_nothing_else() -> None:
    net, X, Y = rational_case((2,), (5, 7))
    found = net.certify(X, Y, temperature="1/10")
    assert not changed(found, lambda d: d["problem"].__setitem__("colour", 1))

    def more(data: dict) -> None:
        for place in (data["value"], *[c["value"] for c in data["claims"]]):
            place["colour"] = 1

    assert not changed(found, more)
    kernels = net.path_kernels(X)
    assert isinstance(kernels, ExactPathKernels)
    with pytest.raises(HypothesisError, match="negative"):
        certify_critical_point(kernels, Y, found.levels, temperature=-1)


def test_kernels_of_critical_points_are_gram_matrices() -> None:
    """Lemma lowest is false for other kernels; the file holds inputs, so there are no others."""
    net, X, Y = rational_case((2,), (6, 7))
    found = net.certify(X, Y, temperature="1/10")
    assert set(thaw(found.problem)) == {"shape", "attended", "labels", "temperature"}
    assert not changed(found, lambda d: d["problem"]["attended"][0][0].__setitem__(0, 7))
    assert not changed(found, lambda d: d["problem"]["shape"]["variances"].__setitem__(0, 2))
    between = net.path_kernels(X, X)
    assert isinstance(between, ExactPathKernels)
    with pytest.raises(HypothesisError, match="two sets"):
        certify_critical_point(between, Y, found.levels, temperature="1/10")


def test_the_box_is_checked_by_sign_changes() -> None:
    """One head and one box: the polynomial of the other route changes sign across it."""
    net = PathNetwork((1,), (6, 5), attention="uniform")
    X = [[[1, 2], [0, 1]], [[-1, 1], [3, 0]]]
    box = net.certify(X, [1, -1], temperature="1/4")
    poly = net.stationary_points(X, [1, -1], temperature="1/4").polynomial
    middle = Fraction(box.value["midpoint"][0])
    ends = [middle + k * Fraction(box.value["radius"]) for k in (-1, 1)]
    low, high = (poly(fmpq(e.numerator, e.denominator)) for e in ends)
    assert low * high < 0


def test_what_cannot_be_certified() -> None:
    net, X, Y = rational_case((2,), (5, 7))
    kernels = net.path_kernels(X)
    assert isinstance(kernels, ExactPathKernels)
    far = (np.array([[900.0, 0], [0, 1e-3]]), np.array([[40.0]]))
    with pytest.raises(UndecidedError):
        certify_critical_point(kernels, Y, far, temperature="1/10", radius=1)
    with pytest.raises(FieldError, match="stands for"):
        certify_critical_point(kernels, Y, far, temperature=0.1)
    many = [[[k, 1, 0]] for k in range(61)]
    big = PathNetwork((1,), (2, 2), attention="uniform")
    with pytest.raises(LimitError, match="61 examples"):
        certify_critical_point(
            big.path_kernels(many), [1] * 61, (np.eye(1), np.eye(1)), temperature=1
        )


@pytest.mark.parametrize(
    ("C", "Y", "temperature", "error", "match"),
    [
        ([[1, 2], [2, 1]], [1, 1], 1, HypothesisError, "not positive semidefinite"),
        ([[1, 2], [0, 1]], [1, 1], 1, HypothesisError, "not symmetric"),
        ([[1, 1], [1, 1]], [1, 1], 0, HypothesisError, "singular"),
        ([[1, 0], [0, 1]], [1, 1], -1, HypothesisError, "negative"),
        ([[1.5, 0], [0, 1]], [1, 1], 1, FieldError, "3/2"),
        ([[1, 0], [0, 1]], [1, 0.5], 1, FieldError, "floats"),
    ],
)
def test_bad_input(C: object, Y: object, temperature: object, error: type, match: str) -> None:
    with pytest.raises(error, match=match):
        one_head_points(C, Y, widths=(3, 3), temperature=temperature)
