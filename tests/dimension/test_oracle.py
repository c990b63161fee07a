"""Every stored dimension, computed by a script that shares no code with algattn, is proved."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from algattn import Lightning, Softmax, verify
from algattn.dimension.evidence import BallRank, OrbitBound, RankAtLeast, ScoresIndependent
from algattn.dimension.reduction import Kind

TABLE = Path(__file__).parents[1] / "oracles" / "dimension" / "dimensions.json"
ENTRIES = json.loads(TABLE.read_text())["entries"]
KINDS = {"lightning": Lightning, "softmax": Softmax}


def network(entry):
    return KINDS[entry["kind"]](entry["widths"], entry["ranks"], entry["tokens"])


def test_the_table_holds_every_kind_of_shape():
    assert len(ENTRIES) == 686
    lightning = [e for e in ENTRIES if e["kind"] == "lightning"]
    assert len(lightning) == 460
    assert sum(e["tokens"] == 1 for e in ENTRIES) > 50
    assert sum(e["rank"] < e["parameters"] // 2 for e in ENTRIES) > 50
    places = {i for e in lightning for i, a in enumerate(e["ranks"]) if a == 1 < max(e["ranks"])}
    assert places >= {0, 1, 2}  # rank-one layers in every position


@pytest.mark.parametrize("kind", [k.value for k in Kind])
def test_every_dimension_is_proved_and_agrees(kind):
    for entry in ENTRIES:
        if entry["kind"] == kind:
            found = network(entry).dimension()
            assert (found.value, found.status.name) == (entry["rank"], "PROVED"), entry
            assert found.agrees
            assert found.lower == found.upper == found.value


def test_every_seventh_certificate_verifies_from_json():
    checked = 0
    for entry in ENTRIES[::7]:
        found = network(entry).dimension(seed=3)
        assert verify(found.to_json()), entry
        checked += 1
        kinds = {type(e) for e in found.claims[0].evidence}
        assert {RankAtLeast, OrbitBound} <= kinds
        assert (ScoresIndependent in kinds) == (entry["kind"] == "softmax" and entry["tokens"] > 1)
    assert checked >= 90


def test_balls_and_residues_agree():
    small = [e for e in ENTRIES if e["kind"] == "softmax" and e["tokens"] > 1 and e["rank"] <= 40]
    assert len(small) > 100
    for entry in small[::2]:
        found = network(entry).dimension(method="balls")
        assert (found.value, found.status.name) == (entry["rank"], "PROVED"), entry
        assert [type(e) for e in found.claims[0].evidence] == [BallRank, OrbitBound]


def test_two_layers_of_rank_two():
    # Henry, Marchetti, Kohn, arXiv 2408.17221, Figure 3: softmax on three tokens, widths 3..10
    found = [Softmax((d, d, d), 2, 3).dimension() for d in range(3, 11)]
    assert [r.value for r in found] == [25, 40, 57, 76, 97, 120, 145, 172]
    assert {r.status.name for r in found} == {"PROVED"}
