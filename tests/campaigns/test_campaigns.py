"""The corpus is complete, every kind says what it supports, and the campaigns find nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from campaigns import Campaign, edited, reclaimed, transplanted
from corpus import corpus, evidence, kinds, small

from algattn import load
from algattn.model.catalogue import HOMES, REGISTRY
from algattn.results import Evidence, Result
from algattn.results.codec import field_types

RESULTS, REASONS = sorted(kinds(Result)), sorted(kinds(Evidence))


def test_the_corpus_has_a_specimen_of_every_kind() -> None:
    assert {r.kind for r in corpus().values()} == set(RESULTS)
    assert set(evidence()) == set(REASONS)


@pytest.mark.parametrize("kind", REASONS)
def test_evidence_supports_claims_that_are_made(kind: str) -> None:
    cls = REGISTRY.evidence(kind)
    assert cls.supports
    for result, claim in cls.supports:
        assert claim == "*" or claim in REGISTRY.result(result).claim_names, (result, claim)


@pytest.mark.parametrize("kind", RESULTS)
def test_every_claim_has_evidence_that_supports_it(kind: str) -> None:
    cls = REGISTRY.result(kind)
    for claim in cls.claim_names:
        assert any(REGISTRY.evidence(e).may_support(kind, claim) for e in REASONS), claim


def test_the_claims_of_the_corpus_are_among_those_declared() -> None:
    for result in corpus().values():
        names = result.claim_names
        assert names == ("*",) or {c.name for c in result.claims} <= set(names), result


#: Fields that hold free JSON, and why.
FREE = {
    ("report.network", "value"): "the values of results of several kinds",
    ("equivalence.differs", "left"): "a number as the field of the weights writes it",
    ("equivalence.differs", "right"): "a number as the field of the weights writes it",
    ("equivalence.normal-forms", "form"): "a normal form has another shape in every stratum",
}


def untyped(kind: Any) -> bool:
    return kind is Any or any(untyped(k) for k in get_args(kind))


@pytest.mark.parametrize("kind", [*RESULTS, *REASONS])
def test_fields_have_types(kind: str) -> None:
    cls = REGISTRY.loaded()[kind]
    free = {name for name, t in field_types(cls).items() if untyped(t)} - {"claims"}
    assert free == {name for k, name in FREE if k == kind}


def test_results_are_values() -> None:
    for result in corpus().values():
        again = load(result.to_json())
        assert again == result
        assert hash(again) == hash(result)
        assert len({again, result}) == 1


FRESH = """
import json, sys
from algattn import load
print(json.dumps([load(sys.stdin.read()).kind]))
"""


@pytest.mark.parametrize("kind", sorted(HOMES))
def test_every_kind_loads_in_a_fresh_process(kind: str) -> None:
    """One file for each module where evidence of this family lives, in a process of its own."""
    wanted = {k for k in (*RESULTS, *REASONS) if k.split(".")[0] == kind}
    assert wanted, "a home without a kind"
    for result in corpus().values():
        found = {result.kind, *(e.kind for e in result.evidence)}
        if not found & wanted:
            continue
        wanted -= found
        done = subprocess.run(
            [sys.executable, "-c", FRESH],
            input=result.to_json(),
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(done.stdout) == [result.kind]
        if not wanted:
            return


V01 = Path(__file__).parents[1] / "golden" / "v01"


#: Files whose answer is known in a better way now.
PROVED_SINCE = {"equivalence.pair--11.json": "the theorem it cites has a proof in deep.md"}
#: Files whose answer is refuted now.
REFUTED_SINCE = {"canonical.form--1.json": "a fingerprint that names the field of the weights"}


def test_files_of_the_first_version_are_judged_as_before() -> None:
    verdicts = json.loads((V01 / "verdicts.json").read_text())
    for name, said in verdicts.items():
        result = load((V01 / name).read_text())
        if name in REFUTED_SINCE:
            assert not result.verify()
            assert result.status.name == "NUMERIC"
            continue
        assert result.verify() is said["verify"], name
        status = "PROVED" if name in PROVED_SINCE else said["status"]
        assert result.status.name == status, name
        again = load(result.to_json())
        assert again == result
        assert again.verify() is said["verify"], name


def test_what_was_not_proved_is_dropped_from_an_old_file_and_said() -> None:
    data = json.loads((V01 / "dimension.network--1.json").read_text())
    moved = data["claims"][0]["evidence"] + [{"kind": "fiber.same-function"}, {"kind": "magic.x"}]
    data["claims"][0]["evidence"] = moved
    result = load(json.dumps(data))
    assert len(result.claims[0].evidence) == len(moved) - 2
    assert len(result.notes) == 2
    assert all(note in result.text() for note in result.notes)


CAMPAIGNS = {"transplanted": transplanted, "edited": edited, "reclaimed": reclaimed}


#: Kinds whose campaigns take seconds.
LONG = {"bias.training", "map.components", "map.fiber", "stable.module"}
PARAMS = [pytest.param(k, marks=[pytest.mark.slow] * (k in LONG)) for k in RESULTS]


@pytest.mark.parametrize("kind", PARAMS)
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_small_campaigns(campaign: str, kind: str) -> None:
    """The shortest specimen of the kind; ``campaigns.py`` runs over all of them."""
    log = Campaign()
    CAMPAIGNS[campaign]([n for n in small() if n.startswith(f"{kind}: ")], log)
    assert log.tried
    assert not log.unexplained
