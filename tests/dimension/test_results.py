"""The contract of a dimension: two proved bounds, an honest status, no answer out of time."""

from __future__ import annotations

import json

import pytest

from algattn import Lightning, Softmax, load
from algattn.dimension import evidence, family, limits, modular, results
from algattn.dimension.evidence import Bounds, GenericRank, RankAtLeast, ScoresIndependent
from algattn.dimension.modular import DEFAULT_PRIME
from algattn.errors import FieldError, HypothesisError, InputError, LimitError, UndecidedError
from algattn.results import seal

SMALL = Lightning((4, 4, 4), (1, 3))
SOFT = Softmax((3, 3, 3), 2, 3)
LARGE = Lightning((4000, 3000, 2000, 100), (30, 700, 3))


def rewritten(result, change):
    """The result as a file that was changed and given a fitting digest."""
    data = json.loads(result.to_json())
    change(data)
    data["digest"] = seal(data)["digest"]
    return json.dumps(data)


def holds(text):
    try:
        return load(text).verify()
    except (InputError, FieldError):
        return False


def evidence_of(data, kind):
    (found,) = [
        e for c in data["claims"] for e in c["evidence"] if e["kind"] == f"dimension.{kind}"
    ]
    return found


CHANGES = {
    "value": lambda d: d.update(value=d["value"] + 1),
    "lower": lambda d: d["detail"].update(lower=0),
    "expected": lambda d: d["detail"].update(expected=1),
    "widths": lambda d: d["problem"]["network"].update(widths=[4, 4, 5]),
    "kind": lambda d: d["problem"]["network"].update(kind="softmax"),
    "claim": lambda d: d["claims"][0].update(value=d["value"] - 1),
    "needs": lambda d: d["claims"][0].update(needs=["lower"]),
    "method": lambda d: evidence_of(d, "rank-at-least").update(method="guess"),
    "seed": lambda d: evidence_of(d, "orbit-bound").update(seed=-1),
    "prime": lambda d: evidence_of(d, "rank-at-least").update(prime=2**21 + 1),
    "no evidence": lambda d: d["claims"][0].update(evidence=[]),
    "one side": lambda d: d["claims"][0]["evidence"].pop(),
    "status": lambda d: d.update(status="THEOREM"),
}


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_changed_result_does_not_verify(name):
    result = SMALL.dimension()
    assert holds(rewritten(result, lambda d: None))
    changed = rewritten(result, CHANGES[name])
    assert not holds(changed) or load(changed).status.name != "PROVED"


def test_a_value_below_the_dimension_is_not_proved():
    def lower_everything(d):
        d["value"] -= 1
        d["detail"].update(lower=d["value"], upper=d["value"])
        d["claims"][0].update(
            value=d["value"], statement=d["claims"][0]["statement"].replace("31", "30")
        )

    assert not holds(rewritten(SMALL.dimension(), lower_everything))


def test_softmax_without_its_scores_is_not_proved():
    result = SOFT.dimension(method="dense")
    assert result.status.name == "PROVED"

    def drop(d):
        d["claims"][0]["evidence"].remove(evidence_of(d, "scores-independent"))

    changed = load(rewritten(result, drop))
    assert changed.status.name != "PROVED"

    def claim_more(d):
        evidence_of(d, "scores-independent")["layers"] = [True]

    assert not holds(rewritten(result, claim_more))


def test_short_scores_are_probable(monkeypatch):
    calls = []

    def short(reduction, seed, prime):
        calls.append((seed, prime))
        return (True, False)

    for module in (evidence, results):
        monkeypatch.setattr(module, "network_scores", short)
    found = SOFT.dimension(method="dense", seed=5)
    assert found.status.name == "PROBABLE"
    assert [seed for seed, _ in calls] == [5, 6, 7]
    assert len({prime for _, prime in calls}) == 2
    assert found.verify()
    balls = SOFT.dimension(method="balls")  # needs no independence
    assert balls.status.name == "PROVED"


def test_scores_are_retried(monkeypatch):
    real = evidence.network_scores
    monkeypatch.setattr(
        results,
        "network_scores",
        lambda r, seed, p: (False, False) if seed == 0 else real(r, seed, p),
    )
    found = SOFT.dimension(method="dense")
    (scores,) = [e for e in found.claims[0].evidence if isinstance(e, ScoresIndependent)]
    assert scores.seed == 1
    assert found.status.name == "PROVED"
    assert found.verify()


def test_small_softmax_has_two_lower_bounds():
    kinds = [e.kind for e in SOFT.dimension().claims[0].evidence]
    assert {"dimension.rank-at-least", "dimension.ball-rank"} <= set(kinds)


def unattained(reduction, method, seed, prime):
    return Bounds(20 + seed % 2, 33 - seed)


def test_bounds_that_do_not_meet_are_reported_as_bounds(monkeypatch):
    monkeypatch.setattr(results, "bounds", unattained)
    monkeypatch.setattr(evidence, "bounds", unattained)
    for network in (SMALL, SOFT):
        found = network.dimension()
        assert (found.lower, found.upper) == (21, 31)
        assert found.value == 21
        assert found.status.name == "PROBABLE"
        assert "between 21 and 31" in found.sentence()
        assert found.formula() == r"21 \le \dim \mathcal M \le 31"
        assert found.claim("lower").status.name == found.claim("upper").status.name == "PROVED"
        assert isinstance(found.claim("dimension").evidence[0], GenericRank)
        for claim in found.claims:
            for item in claim.evidence:
                item.check(found.problem, claim)


def test_a_formula_that_disagrees_is_reported(monkeypatch):
    monkeypatch.setattr(results, "bounds", lambda r, m, s, p: Bounds(30, 30))
    found = SMALL.dimension()
    assert not found.agrees
    assert "but the formula says 31" in found.sentence()
    assert not found.verify()


def test_another_seed_and_prime_are_tried():
    network = Lightning((50, 40, 30), 7)
    tries = list(results._tries(network, "auto", 4, DEFAULT_PRIME))
    assert tries[0] == ("symmetric", 4, DEFAULT_PRIME)
    assert len({seed for _, seed, _ in tries}) >= 3
    assert len({prime for _, _, prime in tries}) == 2
    assert {method for method, _, _ in tries} == {"symmetric", "dense"}


@pytest.mark.parametrize("network", [SMALL, SOFT])
@pytest.mark.parametrize("method", ["dense", "symmetric"])
def test_methods_agree(network, method):
    found = network.dimension(method=method)
    assert (found.value, found.status.name) == (network.dimension().value, "PROVED")
    assert {e.method for e in found.claims[0].evidence if isinstance(e, RankAtLeast)} == {method}


@pytest.mark.parametrize(
    ("prime", "wrong"),
    [(DEFAULT_PRIME - 2, "not a prime"), (101, "not in"), (2**31 - 1, "not in"), (2.5, "whole")],
)
def test_a_bad_modulus_is_refused(prime, wrong):
    for network in (SMALL, LARGE):
        with pytest.raises(FieldError, match=wrong) as caught:
            network.dimension(prime=prime)
        assert caught.value.asked
        assert str(DEFAULT_PRIME) in caught.value.hint


def test_bad_arguments_are_refused():
    with pytest.raises(InputError, match="method"):
        SMALL.dimension(method="magic")
    with pytest.raises(InputError, match="seed"):
        SMALL.dimension(seed=-1)
    with pytest.raises(HypothesisError, match="exponentials"):
        SMALL.dimension(method="balls")
    with pytest.raises(HypothesisError, match="1 token "):
        Softmax((3, 3), 1, 1).dimension(method="balls")
    with pytest.raises(LimitError, match="parameters"):
        Softmax((90, 90), 1).dimension(method="balls")
    with pytest.raises(LimitError, match="effective parameters") as caught:
        LARGE.dimension(method="dense")
    assert caught.value.partial.lower == 0


def test_a_file_cannot_ask_for_a_huge_dense_rank():
    changed = rewritten(
        LARGE.dimension(), lambda d: evidence_of(d, "rank-at-least").update(method="dense")
    )
    assert not holds(changed)


def test_no_layout_and_too_large_is_undecided(monkeypatch):
    def none(reduction, method, seed, prime):
        raise UndecidedError("find a symmetric point", "there is none", "a dense certificate")

    monkeypatch.setattr(results, "bounds", none)
    with pytest.raises(UndecidedError, match="too many") as caught:
        LARGE.dimension()
    assert caught.value.evidence.lower == 0


@pytest.mark.parametrize("network", [LARGE, Softmax((700, 900, 800), (300, 70)), SOFT, SMALL])
def test_a_time_limit_leaves_proved_bounds(network):
    with pytest.raises(LimitError, match="time limit") as caught:
        network.dimension(time_limit=0, seed=9)
    part = caught.value.partial
    whole = network.dimension()
    assert part.value is None
    assert part.lower <= whole.value <= part.upper
    assert part.lower < part.upper
    assert load(part.to_json()).verify()


def test_bounds_grow_with_time(monkeypatch):
    network = Lightning((300, 200, 250, 100), (9, 40, 30))
    seen = []
    monkeypatch.setattr("algattn.dimension.symmetric._ENTRIES", 1)  # one component at a time
    for steps in (*range(0, 240, 20), 10**6):
        count = iter(range(10**7))

        def late(limit=steps, count=count):
            if next(count) >= limit:
                raise LimitError("find", "time is over", "wait")

        for module in (limits, modular, results):
            if hasattr(module, "checkpoint"):
                monkeypatch.setattr(module, "checkpoint", late)
        for module in ("symmetric", "modular_autodiff"):
            monkeypatch.setattr(f"algattn.dimension.{module}.checkpoint", late)
        evidence.bounds.cache_clear()
        try:
            seen.append((network.dimension().lower, network.dimension().upper))
        except LimitError as error:
            seen.append((error.partial.lower, error.partial.upper))
    lowers, uppers = zip(*seen, strict=True)
    assert list(lowers) == sorted(lowers)
    assert list(uppers) == sorted(uppers, reverse=True)
    assert lowers[0] == 0
    assert lowers[-1] == uppers[-1]
    assert len(set(lowers)) > 2


def test_a_time_limit_is_kept(ticking):
    """It stops at the next look at the clock."""
    with pytest.raises(LimitError):
        Lightning((5000, 4000, 3000) * 20, 333).dimension(time_limit=5)
    assert ticking.seconds() < 20


def test_an_interrupt_leaves_nothing_behind(monkeypatch):
    count = iter(range(10**6))

    def stop():
        if next(count) == 20:
            raise KeyboardInterrupt

    for module in ("symmetric", "modular_autodiff"):
        monkeypatch.setattr(f"algattn.dimension.{module}.checkpoint", stop)
    with pytest.raises(KeyboardInterrupt):
        LARGE.dimension(seed=11)
    monkeypatch.undo()
    found = LARGE.dimension(seed=11)
    assert found.status.name == "PROVED"
    assert found.verify()


def test_progress_is_shown(capfd):
    Lightning((40, 40, 40), 7).dimension(progress=True, seed=21)
    assert "find the dimension" in capfd.readouterr().err


def test_verify_computes_again(monkeypatch):
    found = SMALL.dimension()
    calls = []
    real = evidence.dense_bounds

    def counted(*args, **kwargs):
        calls.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(evidence, "dense_bounds", counted)
    assert found.verify()
    assert len(calls) == 1  # both bounds share it
    assert found.verify()
    assert len(calls) == 2


def test_text_of_a_large_result_is_short():
    text = Lightning((4096,) * 97, 2048).dimension().text()
    assert len(text) < 1000
    assert "PROVED" in text


@pytest.mark.parametrize("limit", ["a", float("nan"), [1]])
def test_time_limits_that_are_no_numbers(limit):
    with pytest.raises(InputError, match="time limit"):
        Lightning((2, 2), 1).dimension(time_limit=limit)


@pytest.mark.parametrize("seed", [-1, "a", 1.0, True, 2**63])
def test_seeds_that_are_none(seed):
    network = Lightning((2, 2), 1)
    for ask in (
        network.dimension,
        network.dimension_report,
        lambda seed: network.local_dimension(network.random_weights(1), seed=seed),
        lambda seed: family(depth=2, seed=seed),
        lambda seed: family(network, seed=seed),
    ):
        with pytest.raises(InputError, match="seed"):
            ask(seed=seed)
