"""Fibers by Groebner basis agree with the structural answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from algattn import Lightning, Weights, load
from algattn.engines import available
from algattn.errors import CertificateError, DisagreementError, InputError

W = Weights
STRATA = {
    "generic": (2, 2, 2, 2, W(A=[[[1, 2], [3, 5]]], V=[[[1, 0], [2, 1]]])),
    "rank one A": (2, 2, 1, 2, W(A=[[[1, 2], [2, 4]]], V=[[[1, 0], [2, 1]]])),
    "swap": (2, 1, 1, 2, W(A=[[[1, 2], [3, 6]]], V=[[[1, 5]]])),
    "aligned": (2, 1, 1, 2, W(A=[[[1, 2], [3, 6]]], V=[[[2, 6]]])),
    "zero A": (2, 2, 2, 2, W(A=[[[0, 0], [0, 0]]], V=[[[1, 2], [3, 4]]])),
    "zero V": (2, 1, 1, 2, W(A=[[[1, 2], [3, 6]]], V=[[[0, 0]]])),
    "three factorisations": (2, 1, 2, 1, W(A=[[[0, 1], [1, 0]]], V=[[[1, 1]]])),
    "complex factorisations": (2, 1, 2, 1, W(A=[[[1, 0], [0, 1]]], V=[[[1, 1]]])),
    "d = 3": (3, 1, 2, 2, W(A=[[[1, 2, 0], [0, 1, 1], [1, 3, 1]]], V=[[[1, 2, 3]]])),
}


def need_singular() -> None:
    import os

    if "singular" not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing["singular"])
        pytest.skip(available().missing["singular"])


@pytest.mark.parametrize("params", ["AV", "QKV"])
@pytest.mark.parametrize("name", STRATA)
def test_agreement_on_the_strata(name: str, params: str) -> None:
    need_singular()
    if (name, params) == ("complex factorisations", "QKV"):
        params = "AV"  # the other decomposition takes minutes
    d, d_out, a, t, weights = STRATA[name]
    net = Lightning(widths=(d, d_out), ranks=a, tokens=t)
    ideal = net.fiber_ideal(weights, params)
    found, wanted = ideal.decompose(), net.fiber(weights, params=params)
    assert found.value == wanted.dimension == ideal.dimension()
    assert found.component_dimensions == sorted(c.dimension for c in wanted.components)
    assert ideal.agrees()
    assert found.status.name == "PROBABLE"
    assert load(found.to_json()).verify()


def test_scheme_structure_of_an_aligned_fiber() -> None:
    need_singular()
    d, d_out, a, t, weights = STRATA["aligned"]
    net = Lightning(widths=(d, d_out), ranks=a, tokens=t)
    parts = net.fiber_ideal(weights).primary()
    assert any(set(c.prime) != set(c.primary or ()) for c in parts)
    assert net.fiber(weights).reduced is False
    d, d_out, a, t, weights = STRATA["swap"]
    parts = Lightning(widths=(d, d_out), ranks=a, tokens=t).fiber_ideal(weights).primary()
    assert all(set(c.prime) == set(c.primary or ()) for c in parts)


def test_minors_are_part_of_the_ideal() -> None:
    d, d_out, _, _, weights = STRATA["zero V"]
    small = Lightning(widths=(d, d_out), ranks=1).fiber_ideal(weights)
    large = Lightning(widths=(d, d_out), ranks=2).fiber_ideal(weights)
    assert len(small.generators) == len(large.generators) + 1
    assert (small.dimension(), large.dimension()) == (3, 4)


def test_every_equation_vanishes_at_the_weights() -> None:
    for d, d_out, a, t, weights in STRATA.values():
        net = Lightning(widths=(d, d_out), ranks=a, tokens=t)
        point = [x for M in (weights.A[0], weights.V[0]) for row in M.rows for x in row]
        assert all(g(*point) == 0 for g in net.fiber_ideal(weights).generators)


def test_a_deep_network() -> None:
    net = Lightning(widths=(1, 1, 1), ranks=1)
    ideal = net.fiber_ideal(net.random_weights(1), "AV")
    # phi = v2 a2 v1^3 a1^3 x^9..: one equation in 4 unknowns
    assert ideal.dimension() == 3


def test_wrong_components_do_not_verify() -> None:
    need_singular()
    d, d_out, a, t, weights = STRATA["swap"]
    result = Lightning(widths=(d, d_out), ranks=a, tokens=t).fiber_ideal(weights).decompose()
    first, *rest = result.components
    parts = (replace(first, prime=("a_1_1", "a_1_2")), *rest)
    evidence = {c.name: c.evidence for c in result.claims}
    forged = type(result).assemble(
        result.problem,
        result.value,
        evidence,
        params=result.params,
        components=parts,
        engine=result.engine,
    )
    with pytest.raises(CertificateError, match="does not vanish"):
        forged.check()


def test_disagreement_carries_both(monkeypatch: pytest.MonkeyPatch) -> None:
    need_singular()
    from algattn.fibers import fiber_ideal as module

    d, d_out, a, t, weights = STRATA["swap"]
    ideal = Lightning(widths=(d, d_out), ranks=a, tokens=t).fiber_ideal(weights)
    monkeypatch.setattr(
        module.FiberDecomposition, "component_dimensions", property(lambda self: [7])
    )
    with pytest.raises(DisagreementError) as caught:
        ideal.agrees()
    assert len(caught.value.answers) == 2


def test_bad_input() -> None:
    net = Lightning(widths=(2, 1), ranks=1)
    with pytest.raises(InputError):
        net.fiber_ideal(net.random_weights(1), "virtual")
