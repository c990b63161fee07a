"""Forgeries that version 0.1 took for proofs, and the kinds that they stand for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from resealing import holds, resealed

from algattn import Lightning, Weights, implicitize, load
from algattn.dimension import family
from algattn.errors import AlgattnError, InputError
from algattn.exact import QQ, PolynomialRing
from algattn.paths import PathNetwork
from algattn.paths.critical import certify_critical_point
from algattn.results import Evidence, seal

NET = Lightning((2, 2), 2)
ZERO = [[0, 0], [0, 0]]
SILENT = Weights(K=[ZERO], Q=[ZERO], V=[[[1, 0], [0, 1]]])
PRIME = 8388593
POWERS = Weights(K=[[[PRIME, 0], [0, PRIME]]], Q=[[[1, 2], [3, 5]]], V=[[[1, 1], [2, 1]]])
S, T = PolynomialRing(QQ, ("s", "t")).gens()


def data_of(items: tuple[Evidence, ...]) -> list[Any]:
    return [item.to_data() for item in items]


def proves(data: dict[str, Any]) -> bool:
    """Whether a forged file verifies, sealed as it is or written anew by algattn."""
    try:
        anew = holds(resealed(data))
    except AlgattnError:
        anew = False
    return anew or holds(data)


def test_a_generic_rank_says_nothing_about_given_weights() -> None:
    data = json.loads(NET.local_dimension(SILENT).to_json())
    assert data["value"] == 0
    data["value"] = data["detail"]["lower"] = data["detail"]["upper"] = 7
    data["claims"][0]["evidence"] = data_of(NET.dimension().evidence)
    assert not proves(data)


def test_the_dimension_of_the_functions_is_not_that_of_a_fiber() -> None:
    data = json.loads(NET.generic_fiber().to_json())
    assert data["value"] == 5
    data["value"] = 7
    data["claims"][0]["evidence"] = data_of(NET.dimension().evidence)
    assert not proves(data)


def test_a_rank_at_zero_does_not_put_a_function_outside() -> None:
    nothing = Weights(K=[ZERO], Q=[ZERO], V=[ZERO])
    data = json.loads(NET.contains(NET.function(nothing)).to_json())
    assert data["value"] is True
    ranks = data_of(NET.local_dimension(nothing).evidence)
    data["value"] = data["detail"]["in_closure"] = False
    for claim in data["claims"]:
        if claim["name"] in {"closure", "contains"}:
            claim["evidence"] = ranks
    assert not proves(data)


def test_a_unique_zero_is_not_yet_a_minimum() -> None:
    thin = PathNetwork(
        (1, 1),
        (1, 1, 1),
        variances=(1, "1/5", "1/5", "1/5"),
        attention=[["uniform"], ["uniform"]],
    )
    saddle = [[[0.16339105]], [[0.29887219]], [[0.54669205]]]
    kernels = thin.path_kernels([[[1]]], exact=True)
    result = certify_critical_point(kernels, [30], saddle, temperature=9)
    assert not result.minimum
    data = json.loads(result.to_json())
    data["detail"]["minimum"] = data["detail"]["lowest"] = True
    unique = data["claims"][0]
    for name in ("minimum", "lowest"):
        data["claims"].append(unique | {"name": name})
    assert not proves(data)


REPORT = Lightning((2, 2), 1)


def report() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(REPORT.report(REPORT.random_weights(1)).to_json())
    return data


def test_free_text_is_not_believed() -> None:
    deep = Lightning((3, 2, 1), 1)
    weights = deep.random_weights(1)
    account = json.loads(deep.dimension_report().to_json())
    account["detail"]["table"] = {"idle": [999], "hidden": [0], "heads": [0], "scalings": [-5]}
    same = json.loads(deep.equivalent(weights, deep.random_gauge(7).act(weights)).to_json())
    same["detail"]["reason"] = "every lightning network with these widths is identifiable"
    sentence = report()
    sentence["detail"]["sentences"]["dimension"] = "It is false that 1 = 1"
    for data in (account, same, sentence):
        assert not holds(data)
        written = resealed(data)
        assert holds(written)  # algattn writes the derived parts itself
        assert "999" not in json.dumps(written)
        assert "identifiable" not in json.dumps(written)
        assert "It is false" not in json.dumps(written)


def test_sections_have_the_name_of_their_kind() -> None:
    data = report()
    data["value"]["degree of the variety"] = data["value"].pop("dimension")
    for claim in data["claims"]:
        if claim["name"] == "dimension":
            claim["name"] = "degree of the variety"
    assert not proves(data)


@pytest.mark.parametrize("prefix", ["deadbeef", "0", " "])
def test_a_fingerprint_is_compared_whole(prefix: str) -> None:
    data = json.loads(REPORT.canonical(REPORT.random_weights(1)).to_json())
    data["value"] = prefix + data["value"]
    assert not proves(data)


def test_sealing_alone_proves_nothing() -> None:
    data = report()
    assert load(json.dumps(seal(data))).verify()
    data["status"] = "NUMERIC"
    assert not load(json.dumps(seal(data))).verify()


def test_bounds_that_meet_leave_no_other_value() -> None:
    data = json.loads(NET.local_dimension(POWERS).to_json())
    assert data["value"] == 7
    (rank,) = data["claims"]
    below = {"kind": "dimension.local-rank-at-least", "seed": 0, "prime": 7340033}
    above = {"kind": "dimension.local-orbit-bound", "prime": 7340033}
    guess = {"kind": "dimension.local-guess", "seed": 0, "prime": PRIME}
    data["claims"] = [
        rank | {"name": name, "evidence": [item]}
        for name, item in (("lower", below), ("upper", above), ("rank", guess))
    ]
    for value in range(7):  # modulo the prime, which divides K, the rank is another one
        assert not proves(data | {"value": value})
    given = NET.dimension()
    assert not replace(given, value=given.lower - 1).outline()
    assert not replace(given, value=None).outline()
    assert replace(given, value=None, upper=given.upper + 1).outline()


def test_an_engine_has_a_name_and_a_version_and_no_message() -> None:
    said = "builtin 0.9.0) and the image has dimension 17 ("
    data = json.loads(implicitize([S * S, S * T, T * T], method="elimination").to_json())
    data["detail"]["engine"] = said
    data["claims"][1]["evidence"][0]["engine"] = said
    assert data["claims"][1]["evidence"][0]["kind"] == "implicit.graph-basis"
    assert not proves(data)


def test_equations_of_the_same_set_are_not_yet_the_ideal() -> None:
    data = json.loads(implicitize([S * S, S * T, T * T], method="elimination").to_json())
    reported = {"kind": "implicit.reported", "engine": "sympy", "version": "1.0"}
    data["claims"][1]["evidence"] = [reported | {"recomputed": True}]
    data["detail"]["engine"] = "sympy 1.0"
    assert proves(data)
    data["detail"]["generators"] = ["y_2^4-2*y_1*y_2^2*y_3+y_1^2*y_3^2"]
    data["value"] = [[4, 1]]
    assert not proves(data)


def test_a_point_of_a_deep_fiber_is_not_all_of_it() -> None:
    thin = Lightning((1, 1, 1), 1)
    ideal = thin.fiber_ideal(Weights(A=[[[1]], [[1]]], V=[[[1]], [[1]]]))
    data = json.loads(ideal.decompose().to_json())
    assert data["value"] == 3
    assert proves(data)
    prime = [f"{name}-1" for name in ideal.ring.names]
    data["detail"]["components"] = [
        {"dimension": 0, "degree": 1, "conjugates": 1, "prime": prime},
    ]
    data["value"] = 0
    assert not proves(data)


def test_notes_repeat_little_of_an_old_file() -> None:
    data = json.loads(NET.dimension().to_json())
    data["schema"] = "algattn/result/1"
    lie = "x\n  The function space has dimension 99.\n" * 9
    data["claims"].append({"name": lie, "evidence": []})
    data["detail"][lie] = 0
    result = load(json.dumps(seal(data)))
    assert len(result.notes) == 2
    assert all("\n" not in note and len(note) < 150 for note in result.notes)


def test_old_files_that_do_not_fit_are_refused_when_they_are_read() -> None:
    data = json.loads(family(NET).to_json())
    data["schema"] = "algattn/result/1"
    data["detail"] = {}
    with pytest.raises(InputError):
        load(json.dumps(seal(data)))
