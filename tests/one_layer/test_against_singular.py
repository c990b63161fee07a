"""One layer against primary decompositions and complete ideals computed by Singular.

The answers are stored beside the script that made them, ``tests/oracles/one_layer/make_oracle.py``,
which shares no code with algattn.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from algattn import Lightning, Weights
from algattn.formulas.one_layer import attention_sections, key_query_sections, layer_dimension

ORACLES = Path(__file__).parent.parent / "oracles" / "one_layer"
FIBERS = json.loads((ORACLES / "fibers.json").read_text())["entries"]
SHAPES = json.loads((ORACLES / "jacobians.json").read_text())["shapes"]
SECTIONS = json.loads((ORACLES / "sections.json").read_text())["entries"]


def network(entry: dict) -> Lightning:
    return Lightning(widths=(entry["d"], entry["dp"]), ranks=entry["a"], tokens=entry["t"])


def weights(entry: dict) -> Weights:
    return Weights(K=[entry["K"]], Q=[entry["Q"]], V=[entry["V"]])


@pytest.mark.parametrize("unknowns", ["AV", "QKV"])
@pytest.mark.parametrize("tokens", [1, 2])
def test_fibers(unknowns: str, tokens: int) -> None:
    entries = [e for e in FIBERS if e["unknowns"] == unknowns and e["t"] == tokens]
    assert len(entries) >= 80
    strata = Counter()
    for entry in entries:
        fiber = network(entry).fiber(weights(entry), params=unknowns)
        where = (entry, fiber)
        assert fiber.dimension == entry["dim"], where
        if entry["components_C"] is not None:
            assert fiber.complex_components == entry["components_C"], where
            assert sorted(c.dimension for c in fiber.components) == sorted(entry["dims_C"]), where
        flags = entry["generically_reduced"]
        if flags is not None and None not in flags and fiber.reduced is not None:
            assert fiber.reduced == all(flags), where
            strata[fiber.reduced] += 1
        if tokens > 1:
            assert fiber.reduced is not None
    assert len(strata) == 2, "both reduced and non-reduced fibers must be met"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"d{s['d']}-e{s['dp']}-a{s['a']}-t{s['t']}")
def test_singular_points_by_the_complete_ideal(shape: dict) -> None:
    assert layer_dimension(shape["d"], shape["dp"], shape["a"], shape["t"]) == shape["dim"]
    net = network(shape)
    for point in shape["points"]:
        W = weights(point)
        result = net.classify(W)
        assert result.singular == point["singular"], (shape["d"], point, result)
        vector = [int(c.p) for c in net.function(W).vector()]
        assert vector == point["image"]
    assert len(shape["points"]) >= 40


def test_sections() -> None:
    checked = 0
    for entry in SECTIONS:
        if entry["dim"] is None:
            continue
        formula = attention_sections if entry["kind"] == "A" else key_query_sections
        found = formula(entry["d"], entry["a"], entry["rank_S"], None)
        if entry["rank_S"] == 0:
            found = formula(entry["d"], entry["a"], 0, (0, 0))
        assert found.dimension == entry["dim"], entry
        if entry["components_C"] is not None:
            assert found.components == entry["components_C"], entry
            checked += 1
    assert checked >= 120
