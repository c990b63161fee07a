"""Same function or not: thousands of small weights against expanded polynomials."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from resealing import resealed

from algattn import Lightning, Softmax, Weights, load
from algattn.attention import GaugeElement
from algattn.attention.problem import Problem
from algattn.errors import FieldError
from algattn.exact import GF, NumberField
from algattn.fibers.equivalence import Path as Steps
from algattn.fibers.gauge_transport import carry
from algattn.fibers.normal_form import normal_form, virtual_normal_forms
from algattn.fibers.points import Point, evaluate, separated
from algattn.results import canonical_json, seal

EXPANDED = [
    # layers, d, tokens, d', how many
    (2, 2, 1, 1, 700),
    (2, 2, 1, 2, 700),
    (2, 2, 2, 1, 1000),
    (2, 2, 2, 2, 600),
    (2, 1, 2, 1, 100),
    (2, 3, 1, 1, 500),
    (3, 2, 1, 1, 500),
    (3, 2, 2, 1, 80),
    (2, 3, 2, 1, 60),
]


@pytest.mark.parametrize(("layers", "d", "tokens", "d_out", "count"), EXPANDED)
def test_normal_forms_are_as_fine_as_functions(
    draw: SimpleNamespace, layers: int, d: int, tokens: int, d_out: int, count: int
) -> None:
    """Equal polynomials if and only if equal normal forms."""
    rng = random.Random(f"{layers} {d} {tokens} {d_out}")
    net = Lightning(widths=(d,) * layers + (d_out,), ranks=d, tokens=tokens)
    by_function, by_form, met = defaultdict(set), defaultdict(set), Counter()
    for _ in range(count):
        W = draw.virtual(rng, d, layers, d_out)
        (virtual,) = virtual_normal_forms(net, W)
        function = tuple(net.function(W).coefficients.items())
        form = canonical_json(normal_form(virtual))
        assert (not function) == virtual.zero
        by_function[function].add(form)
        by_form[form].add(function)
        met[virtual.stratum] += 1
    assert all(len(s) == 1 for s in by_function.values())
    assert all(len(s) == 1 for s in by_form.values())
    assert len(by_form) < count or d == 3, "coincidences must be met"
    assert len(met) > 1 or 1 in (d, tokens)


def test_skew_layers_with_three_tokens_against_values(draw: SimpleNamespace) -> None:
    """d = t = 3: group by exact values at two inputs, compare with the decision."""
    rng = random.Random(4)
    net = Lightning(widths=(3, 3, 3), ranks=3, tokens=3)
    X = [[[rng.randint(-9, 9) for _ in range(3)] for _ in range(3)] for _ in range(2)]
    K = [[0, 1, 0], [-1, 0, 0], [0, 0, 0]]
    pool = [K, [[0, 0, 1], [0, 0, 0], [-1, 0, 0]], [[0, 1, 0], [-1, 0, 1], [0, -1, 0]]]
    pool += [[[1, 1, 0], [-1, 0, 0], [0, 0, 0]], [[1, 1, 0], [-1, 1, 0], [0, 0, 0]]]
    pool += [[[0, 1, 0], [-1, 0, 0], [0, 0, 1]], [[1, 0, 0], [0, 1, 0], [0, 0, 0]]]
    pool += [draw.special(rng, 3) for _ in range(3)]
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    V = [[1, 0, 2], [0, 1, 1], [1, 1, 0]]
    groups = defaultdict(list)
    for A in pool:
        for B in pool:
            W = Weights(A=[A, B], V=[unit, V])
            values = tuple(str(evaluate(net, W, x, W.field)) for x in X)
            groups[values].append(W)
    results = Counter()
    for same in groups.values():
        for W in same[1:]:
            results[net.equivalent(same[0], W).value] += 1
    first = [g[0] for g in groups.values()]
    for W, U in pairwise(first):
        results["different", net.equivalent(W, U).value] += 1
    assert results[True] >= 5
    assert results[False] == 0
    assert results["different", True] == 0


def test_skew_layers_with_three_tokens_are_decided_by_coefficients_in_the_gram_matrix() -> None:
    """Random networks with layers on one plane: every pair of orders is decided, as by values."""
    rng = random.Random(12)
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    K = [[0, 1, 0], [-1, 0, 0], [0, 0, 0]]
    net = Lightning(widths=(3, 3, 3, 3), ranks=3, tokens=3)
    X = [[rng.randint(-9, 9) for _ in range(3)] for _ in range(3)]
    results = Counter()
    for _ in range(12):
        B = [[rng.randint(-1, 1) if max(i, j) < 2 else 0 for j in range(3)] for i in range(3)]
        C = [[rng.randint(-1, 1) for _ in range(3)] for _ in range(3)]
        stacks = [[K, B, C], [B, K, C], [C, B, K], [C, K, B], [K, C, B], [B, C, K]]
        for one, two in pairwise(stacks):
            first, second = (Weights(A=A, V=[unit] * 3) for A in (one, two))
            answer = net.equivalent(first, second)
            values = [evaluate(net, W, X, W.field) for W in (first, second)]
            assert answer.value == (values[0] == values[1])
            results[answer.value] += 1
        assert net.fiber(Weights(A=stacks[1], V=[unit] * 3)).components
    assert min(results.values()) > 3


def test_order_of_layers_is_not_always_determined() -> None:
    """(K, kk^T + K) and (kk^T + K, K): equal for two tokens, different for three."""
    K = [[0, 1, 0], [-1, 0, 0], [0, 0, 0]]
    B = [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    one, two = Weights(A=[K, B], V=[unit, unit]), Weights(A=[B, K], V=[unit, unit])
    for tokens in (2, 3):
        net = Lightning(widths=(3, 3, 3), ranks=3, tokens=tokens)
        assert net.equivalent(one, two).value == (tokens == 2)
    # on one plane they commute for every number of tokens
    B = [[1, 1, 0], [-1, 1, 0], [0, 0, 0]]
    two = [[2, 0, 0], [0, 2, 0], [0, 0, 2]]  # det b = 2
    left, right = Weights(A=[B, K], V=[unit, unit]), Weights(A=[K, B], V=[unit, two])
    for tokens in (2, 3, 4):
        result = Lightning(widths=(3, 3, 3), ranks=3, tokens=tokens).equivalent(left, right)
        assert result.value
        assert load(result.to_json()).verify()


@pytest.mark.parametrize("seed", range(6))
def test_gauge_orbits_and_perturbations(draw: SimpleNamespace, seed: int) -> None:
    rng = random.Random(seed)
    met = Counter()
    for n in range(30):
        net, W = draw.any(rng, rng.randint(1, 3))
        g = net.random_gauge(1000 * seed + n)
        result = net.equivalent(W, g.act(W))
        assert result.value
        if isinstance(result.witness, GaugeElement):
            assert result.witness.act(W) == g.act(W)
            met["gauge"] += 1
        else:
            assert isinstance(result.witness, Steps)
        other = draw.QKV(rng, list(net.widths), list(net.ranks))
        answer = net.equivalent(W, other)
        assert answer.status.name == "PROVED"
        if net.layers < 3 and net.d_in * net.tokens <= 4:
            assert answer.value == (net.function(W) == net.function(other))
            met["expanded", answer.value] += 1
        if not answer.value:
            point = answer.witness
            assert isinstance(point, Point)
            i, j = point.entry
            assert net(point.X, W)[i][j] != net(point.X, other)[i][j]
        if n % 10 == 0:
            for r in (result, answer):
                load(r.to_json()).check()
    assert met["gauge"] > 15
    assert met["expanded", True] > 1
    assert met["expanded", False] > 3


def test_generic_gauge_orbits_always_give_the_element() -> None:
    rng = random.Random(9)
    for n in range(60):
        d = rng.randint(2, 4)
        widths = sorted((rng.randint(1, d) for _ in range(3)), reverse=True)
        net = Lightning(widths=(d, *widths), ranks=[rng.randint(1, 5) for _ in range(3)])
        W = net.random_weights(n)
        witness = net.equivalent(W, net.random_gauge(n).act(W)).witness
        assert isinstance(witness, GaugeElement)
        assert witness.act(W) == net.random_gauge(n).act(W)


def test_gauge_elements_where_hidden_maps_lose_rank(draw: SimpleNamespace) -> None:
    """Small weights of any shape: P_i of any rank, heads without full rank, zero functions."""
    rng = random.Random(2)
    met = Counter()
    for n in range(500):
        net, W = draw.any(rng, rng.randint(2, 3))
        W = W.to_AV() if n % 3 == 0 else W
        moved = net.random_gauge(n).act(W)
        element = carry(net, W, moved)
        if element is not None:
            assert element.act(W) == moved
        (virtual,) = virtual_normal_forms(net, W)
        met[virtual.zero, element is not None] += 1
    assert met[False, True] > 100
    assert met[False, False] <= 0.02 * met[False, True]
    assert met[True, True] > met[True, False]


def test_a_scaling_that_only_the_values_show() -> None:
    """B_2 = 0, but A_2 is not: c_2 follows from a cube root of V'."""
    net = Lightning(widths=(1, 2, 1, 1), ranks=1)
    W = Weights(A=[[[1]], [[0, 1], [0, 0]], [[2]]], V=[[[1], [0]], [[1, 1]], [[3]]])
    moved = net.random_gauge(4).act(W)
    assert carry(net, W, moved).act(W) == moved


@pytest.mark.slow
def test_wide_networks_need_little_work(work: Any) -> None:
    net = Lightning(widths=(48,) * 5, ranks=48)
    W = net.random_weights(1)
    moved = net.random_gauge(3).act(W)
    answer, calls = work(lambda: net.equivalent(W, moved))
    assert isinstance(answer.witness, GaugeElement)
    assert calls < 3_000_000
    data = W.to_data()
    data["V"][3][0][0] += 1
    other = Weights.from_data(data)
    answer, calls = work(lambda: net.equivalent(W, other))
    assert not answer.value
    assert calls < 3_000_000


def test_swap_and_heads() -> None:
    net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    W = net.random_weights(3)
    found = net.fiber(W).components[1].witness
    assert found is not None
    result = net.equivalent(W, net.random_gauge(2).act(found))
    assert isinstance(result.witness, Steps)
    assert result.witness.swap
    assert result.witness.act(W) == net.random_gauge(2).act(found)
    assert load(result.to_json()).verify()
    # a > d: the same A with K of another kernel has no element of GL(a), but the same function
    wide = Lightning(widths=(1, 1), ranks=2)
    one = Weights(K=[[[1], [0]]], Q=[[[1], [0]]], V=[[[1]]])
    two = Weights(K=[[[1], [5]]], Q=[[[1], [0]]], V=[[[1]]])
    assert isinstance(wide.equivalent(one, two).witness, GaugeElement)
    zero = Weights(K=[[[0], [0]]], Q=[[[1], [0]]], V=[[[1]]])
    none = Weights(K=[[[0], [0]]], Q=[[[0], [0]]], V=[[[1]]])
    result = wide.equivalent(zero, none)
    assert result.value
    assert isinstance(result.witness, Steps)


def test_depth_four_width_eight(work: Any) -> None:
    net = Lightning(widths=(8,) * 5, ranks=8)
    W = net.random_weights(1)
    data = W.to_data()
    data["V"][3][0][0] += 1
    for other, same in ((net.random_gauge(3).act(W), True), (Weights.from_data(data), False)):
        answer, calls = work(lambda other=other: net.equivalent(W, other))
        assert answer.value == same
        assert calls < 100_000


def test_very_deep_networks_use_residues() -> None:
    net = Lightning(widths=(2,) * 15, ranks=2)
    W = net.random_weights(1)
    assert net.equivalent(W, GaugeElement.random(net, 1).act(W)).value
    data = W.to_data()
    data["V"][13][0][0] += 1
    result = net.equivalent(W, Weights.from_data(data))
    assert result.witness.modulus
    assert load(result.to_json()).verify()


def test_other_fields() -> None:
    net = Lightning(widths=(2, 2, 2), ranks=2)
    field = NumberField([-2, 0, 1], 1)
    data = net.random_weights(1).to_data()
    over = Weights.from_data(data | {"field": field.to_data()})
    assert net.equivalent(net.random_weights(1), over).value
    data["V"][0][0][0] = [0, 1]
    moved = Weights.from_data(data | {"field": field.to_data()})
    assert not net.equivalent(net.random_weights(1), moved).value
    small = Weights.from_data(net.random_weights(1).to_data() | {"field": "GF(101)"})
    gauged = Weights.from_data(
        net.random_gauge(2).act(net.random_weights(1)).to_data() | {"field": "GF(101)"}
    )
    assert net.equivalent(small, gauged).value
    with pytest.raises(FieldError, match="one field"):
        net.equivalent(small, over)
    assert GF(101) == small.field


def test_tampering_is_found() -> None:
    net = Lightning(widths=(2, 2, 1), ranks=2)
    W = net.random_weights(1)
    equal = net.equivalent(W, net.random_gauge(1).act(W))
    other = net.equivalent(W, net.random_weights(2))
    for result in (equal, other):
        clean = json.loads(result.to_json())
        assert load(json.dumps(clean)).verify()
        for change in ("value", "problem", "evidence", "reason"):
            data = json.loads(json.dumps(clean))
            if change == "value":
                data["value"] = not data["value"]
                data["claims"][0]["value"] = data["value"]
            elif change == "problem":
                data["problem"]["other"]["V"][0][0][0] += 1
            elif change == "reason":
                data["detail"]["reason"] = "because"
            else:
                item = data["claims"][0]["evidence"][0]
                if "X" in item:
                    item["left"] = item["right"]
                else:
                    item["data"]["scalings"][0] = 17
            data["digest"] = seal(data)["digest"]
            assert not load(json.dumps(data)).verify(), change


def test_the_reason_follows_from_the_evidence() -> None:
    net = Lightning(widths=(2, 2, 1), ranks=2)
    W = net.random_weights(1)
    result = net.equivalent(W, net.random_gauge(7).act(W))
    data = json.loads(result.to_json())
    data["detail"]["reason"] = "every network with these widths is identifiable"
    data["sentence"] = f"Equal: {data['detail']['reason']}"
    assert not load(json.dumps(seal(data))).verify()
    assert load(json.dumps(resealed(data))) == result


def test_equal_virtual_weights_of_one_token_say_nothing_about_lightning() -> None:
    """For one token softmax does not see A; a lightning network does."""
    one, two = (Weights(A=[[[n, 0], [0, 1]]], V=[[[1, 2], [3, 4]]]) for n in (0, 1))
    result = Softmax(widths=(2, 2), ranks=2, tokens=1).equivalent(one, two)
    assert result.value
    lightning = Lightning(widths=(2, 2), ranks=2, tokens=1)
    forged = type(result).assemble(
        Problem(lightning, one, None, two), True, {"same": result.evidence}
    )
    assert not load(forged.to_json()).verify()
    assert not lightning.equivalent(one, two).value


class TestSoftmax:
    def test_equal_and_different(self) -> None:
        net = Softmax(widths=(2, 2, 2), ranks=2)
        W = net.random_weights(1)
        one, two = net.equivalent(W, W), net.equivalent(W, net.random_weights(2))
        assert one.value
        assert not two.value
        assert one.status.name == two.status.name == "PROVED"
        for result in (one, two):
            assert load(result.to_json()).verify()

    def test_native_gauge_without_scalings(self) -> None:
        net = Softmax(widths=(2, 2, 2), ranks=2)
        W = net.random_weights(1)
        assert net.equivalent(W, net.random_gauge(1).act(W)).value
        scaled = GaugeElement.random(Lightning(widths=(2, 2, 2), ranks=2), 1)
        assert not net.equivalent(W, scaled.act(W)).value

    def test_lemma_alone_when_balls_cannot_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from algattn.fibers import equivalence

        monkeypatch.setattr(equivalence, "find_softmax_difference", lambda *_, **__: None)
        net = Softmax(widths=(2, 2, 2), ranks=2)
        result = net.equivalent(net.random_weights(1), net.random_weights(2))
        assert result.status.name == "PROVED"
        assert result.witness is None
        assert load(result.to_json()).verify()

    @pytest.mark.parametrize(
        ("tokens", "first", "equal"),
        [
            (3, [[0, 0], [0, 0]], True),
            (2, [[0, 0], [0, 0]], True),
            (2, [[0, 1], [-1, 0]], True),
            (3, [[0, 1], [-1, 0]], False),
            (2, [[1, 0], [0, 0]], False),
            (3, [[1, 0], [0, 0]], False),
        ],
    )
    def test_forms_behind_equal_tokens(self, tokens: int, first: Any, equal: bool) -> None:
        """Checked by the balls themselves: equal to the last digit, or certainly different."""
        net, unit = Softmax((2, 2, 2), 2, tokens), [[1, 0], [0, 1]]
        one, two = (Weights(A=[first, second], V=[unit] * 2) for second in (unit, [[2, 0], [0, 3]]))
        result = net.equivalent(one, two)
        assert (result.value, result.status.name) == (equal, "PROVED")
        assert load(result.to_json()).verify()
        X = [[1, 2, -1][:tokens], [3, -1, 1][:tokens]]
        assert (separated(net, one, two, X) is None) is equal
        if equal:
            assert result.reason == (
                "equal virtual weights up to layer 1, behind which all tokens are equal"
            )
            forged = Problem(Softmax((2, 2, 2), 2, 3), one, None, two)
            lie = type(result).assemble(forged, True, {"same": result.evidence})
            assert load(lie.to_json()).verify() is (not any(map(any, first)))

    def test_a_skew_form_behind_one_of_rank_one_keeps_three_tokens_apart(self) -> None:
        """To leading order both are equal tokens; the exponentials know better."""
        net, unit = Softmax((2, 2, 2, 2), 2, 3), [[1, 0], [0, 1]]
        forms = [[1, 0], [0, 0]], [[0, 1], [-1, 0]]
        one, two = (Weights(A=[*forms, last], V=[unit] * 3) for last in (unit, [[2, 0], [0, 3]]))
        result = net.equivalent(one, two)
        assert not result.value
        assert isinstance(result.witness, Point)
        (found,) = virtual_normal_forms(Lightning((2, 2, 2, 2), 2, 3), one)
        assert found.zero

    def test_evidence_must_fit_the_network(self) -> None:
        """For one token A does not matter: an X with two columns proves nothing."""
        net = Softmax(widths=(2, 2), ranks=2, tokens=2)
        one, two = (Weights(A=[[[n, 0], [0, 1]]], V=[[[1, 2], [3, 4]]]) for n in (0, 1))
        result = net.equivalent(one, two)
        assert not result.value
        data = json.loads(result.to_json())
        data["problem"]["network"]["tokens"] = 1
        data["claims"][0]["evidence"] = data["claims"][0]["evidence"][:1]
        data["digest"] = seal(data)["digest"]
        assert not load(json.dumps(data)).verify()

    def test_one_token_sees_V_only(self) -> None:
        net = Softmax(widths=(2, 2), ranks=2, tokens=1)
        V = [[1, 2], [3, 4]]
        one, two = (Weights(A=[[[n, 0], [0, 1]]], V=[V]) for n in (0, 1))
        assert net.equivalent(one, two).value


def test_input_files_of_two_networks(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from algattn.cli import main

    files = []
    for n, widths in enumerate(((2, 2), (2, 2), (2, 1))):
        net = Lightning(widths=widths, ranks=2)
        path = tmp_path / f"{n}.json"
        data = {"network": net.to_data(), "weights": net.random_weights(n).to_data()}
        path.write_text(json.dumps(data))
        files.append(str(path))
    run = CliRunner().invoke
    assert run(main, ["equivalent", files[0], files[0]]).exit_code == 0
    different = run(main, ["equivalent", files[0], files[1]])
    assert different.exit_code == 1
    assert "Different" in different.output
    assert run(main, ["equivalent", files[0], files[2]]).exit_code == 2
    out = run(main, ["equivalent", files[0], files[0], "--format", "json"]).output
    assert load(out).verify()
    deep = "examples/deep.json"
    for command in (["fiber", deep], ["canonical", deep], ["recover", deep]):
        assert run(main, command).exit_code == 0, command
    prints = [
        run(main, ["canonical", f, "--fingerprint"]).output.strip() for f in (files[0], files[1])
    ]
    assert len(set(prints)) == 2
    softmax = tmp_path / "softmax.json"
    net = Softmax(widths=(2, 2), ranks=2)
    data = {"network": net.to_data(), "weights": net.random_weights(1).to_data()}
    softmax.write_text(json.dumps(data))
    assert run(main, ["equivalent", str(softmax), str(softmax)]).exit_code == 0
    for command in (["fiber"], ["fiber", "--generic"], ["canonical"], ["recover"]):
        result = run(main, [*command, str(softmax)])
        assert result.exit_code == 2
        assert "softmax networks have no such answer" in result.output
