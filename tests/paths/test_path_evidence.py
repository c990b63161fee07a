"""Evidence about stationary points by itself: what it shows without the search, and what not."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq, fmpq_poly

from algattn import load
from algattn.errors import CertificateError
from algattn.paths import (
    ExactPathKernels,
    PathNetwork,
    certify_critical_point,
    one_head_points,
)
from algattn.paths.critical import (
    CriticalPointResult,
    PositivePivots,
    PositiveSlack,
    UniqueZero,
)
from algattn.paths.one_head import Isolated, StationaryPoint
from algattn.paths.one_path import count_where_positive, sign_sum, sturm_count
from algattn.results import freeze, seal, thaw


def test_tarski_counts_roots_with_a_sign() -> None:
    rng = random.Random(5)
    for _ in range(60):
        roots = [Fraction(rng.randint(-6, 9), rng.randint(1, 3)) for _ in range(rng.randint(1, 5))]
        poly = fmpq_poly([1])
        for r in roots:
            poly *= fmpq_poly([fmpq(-r.numerator, r.denominator), 1])
        other = fmpq_poly([rng.randint(-4, 4) for _ in range(rng.randint(1, 9))])
        if other.degree() < 0:
            continue
        values = [other(fmpq(r.numerator, r.denominator)) for r in set(roots) if r > 0]
        assert count_where_positive(poly, other) == sum(v > 0 for v in values)
        assert sign_sum(poly, other) == sum((v > 0) - (v < 0) for v in values)
        assert sturm_count(poly) == len(values)


@pytest.mark.parametrize("change", ["drop", "swap", "wrong root", "digits", "another polynomial"])
def test_points_are_checked_without_the_search(change: str) -> None:
    found = one_head_points([[1]], [30], widths=(1,) * 3, variances="1/5", temperature=9)
    points = list(found.value)
    assert len(points) == 3
    if change == "drop":
        del points[1]
    elif change == "swap":
        points[0], points[1] = points[1], points[0]
    elif change == "wrong root":
        points[0] = replace(points[0], root=0)
    elif change == "digits":
        points[0] = replace(points[0], approx=points[0].approx + "1")
    else:
        points[0] = StationaryPoint((fmpq(-1), fmpq(1)), 0, "1.0")
    claim = found.claim("points")
    with pytest.raises(CertificateError):
        Isolated().check(found.problem, replace(claim, value=freeze(thaw(tuple(points)))))
    Isolated().check(found.problem, claim)


def test_a_saddle_is_not_made_a_minimum() -> None:
    """What proves the zero proves nothing about the Hessian; all evidence under all claims."""
    net = PathNetwork(
        (1, 1), (1, 1, 1), (1, "1/5", "1/5", "1/5"), attention=[["uniform"], ["uniform"]]
    )
    kernels = net.path_kernels([[[1]]], exact=True)
    assert isinstance(kernels, ExactPathKernels)
    u = net.stationary_points([[[1]]], [30], temperature=9).approx[1]
    ratio = (1 + u * (30**2 / (u + 9) ** 2 - 1 / (u + 9))) / 5
    levels = [np.array([[v]]) for v in (u, u / ratio, u / ratio**2)]
    saddle = certify_critical_point(kernels, [30], levels, temperature=9)
    assert not saddle.minimum
    assert saddle.verify()
    for kind in (UniqueZero, PositivePivots, PositiveSlack):
        evidence = {"unique": [UniqueZero()], "minimum": [kind()], "lowest": [PositiveSlack()]}
        forged = CriticalPointResult.assemble(
            saddle.problem, saddle.value, evidence, minimum=True, lowest=saddle.lowest
        )
        assert not forged.verify()
        assert not load(forged.to_json()).verify()


def test_old_names_of_parts_still_work() -> None:
    found = one_head_points([[1]], [3], widths=(4, 4))
    (point,) = found.value
    assert dict(point) == {
        "modulus": ("-81/16", "-27/8", "-9/16", 1),
        "root": 0,
        "approx": point.approx,
    }
    assert point["root"] == point.get("root") == 0
    assert point.get("colour", 7) == 7
    with pytest.raises(KeyError):
        point["colour"]


def test_exact_and_floating_variances_are_told_apart() -> None:
    """They are equal for Python, so that a check must not remember one for the other."""
    found = one_head_points([[1]], [3], widths=(4, 4))
    assert found.verify()
    data = json.loads(found.to_json())
    data["problem"]["shape"]["variances"][1] = 1.0
    assert not load(json.dumps(seal(data))).verify()
