"""Stored answers about equations: in fresh processes, with one leaf changed, with other evidence.

A forger has algattn write statements, sentence, status and digest anew from the changed parts, so
that only the evidence stands in the way.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from resealing import resealed

from algattn import FunctionMap, Lightning, Weights, implicitize, load
from algattn.attention.problem import Problem
from algattn.errors import AlgattnError, CertificateError, InputError
from algattn.exact import GF, QQ, PolynomialRing
from algattn.fibers.fiber_ideal import (
    FiberComponent,
    FiberDecomposition,
    Inside,
    Reported,
    fiber_ideal,
)
from algattn.groebner import stable_module
from algattn.groebner.invariant_comparison import compare_families
from algattn.maps.texts import read_all, spell
from algattn.results import Result, canonical_json

S, T = PolynomialRing(QQ, ("s", "t")).gens()
CONIC = [S * S, S * T, T * T]
(GF_S,) = PolynomialRing(GF(101), ("s",)).gens()
LAYER, TOKEN = Lightning(widths=(2, 1), ranks=1), Lightning(widths=(2, 2), ranks=1, tokens=1)
OUTSIDE = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_1_1_2": 2, "c_1_2_2_1": -3})


def _decomposition(*changes: dict[str, Any]) -> FiberDecomposition:
    """As an engine answers for the fiber that has two components."""
    weights = Weights(A=[[[1, 2], [3, 6]]], V=[[[1, 5]]])
    common = ("a_1_1-1/2*a_1_2", "a_2_1-1/2*a_2_2")
    primes = (
        ("a_1_2-1/3*a_2_2", "v_1_1-1/5*v_1_2", "a_2_2*v_1_2-30"),
        ("a_1_2-1/5*a_2_2", "v_1_1-1/3*v_1_2", "a_2_2*v_1_2-30"),
    )
    ring = fiber_ideal(LAYER, weights).ring
    parts = []
    for n, prime in enumerate(primes):
        texts = spell(read_all((*common, *prime), ring))
        part = FiberComponent(1, 2, 1, texts)
        parts.append(replace(part, **changes[n]) if n < len(changes) else part)
    return FiberDecomposition.assemble(
        Problem(LAYER, weights),
        max(c.dimension for c in parts),
        {"inside": [Inside()], "complete": [Reported("singular", "4.3")]},
        params="AV",
        components=tuple(parts),
        engine="singular 4.3",
    )


RESULTS: dict[str, Callable[[], Result]] = {
    "graded": lambda: implicitize(CONIC, max_degree=2),
    "graph": lambda: implicitize([S * S, S**3], method="elimination"),
    "reported": lambda: implicitize([S * S + S, S**3], engine="builtin"),
    "modulo 101": lambda: implicitize([GF_S * GF_S, GF_S**3], max_degree=6),
    "ideal": lambda: LAYER.ideal(2),
    "ideal modulo 101": lambda: LAYER.ideal(2, field=GF(101)),
    "complete": lambda: LAYER.ideal(2).completeness(),
    "missing": lambda: TOKEN.ideal(2).completeness(),
    "refuted": lambda: LAYER.ideal(2).contains(OUTSIDE),
    "satisfied": lambda: LAYER.ideal(2).contains(LAYER.function(LAYER.random_weights(1))),
    "stable": lambda: stable_module(2),
    "families": lambda: compare_families(2, 2, 4),
    "lacking": lambda: compare_families(2, 1, 2, ["Sylvester"]),
    "fiber": _decomposition,
}


@cache
def stored(name: str) -> str:
    return RESULTS[name]().to_json()


#: Where a changed file may still verify: other proofs of the same claims, other right answers.
ALLOWED = {
    r"implicit.kernel-bound/(prime|seed)": "other points",
    r"implicit.graph-basis/basis": "another order of a basis, or a member twice",
    r"implicit.graph-basis/weights(/.*)?": "another monomial order",
    r"ideal.counted/(prime|seed)|refuted.sampled/seed|invariants.compared/seed": "other points",
    r"refuted.violates/(rows|left|right)(/.*)?": "another translate",
    r"evidence": "one of several proofs",
    r"detail/components/[0-9]+/conjugates": "the word of the engine",
    r"detail/components/[0-9]+/prime": "other generators of the same prime",
    r"detail/(components|generators)": "the same in another order",
}


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if path:
        yield path, data
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(value, (*path, key))


def others(value: Any) -> list[Any]:
    if value is None:
        return [0, ""]
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int):
        return [value + 1, float(value), str(value), *([bool(value)] if value in {0, 1} else [])]
    if isinstance(value, str):
        digits = re.sub("[0-9]", lambda m: str((int(m[0]) + 1) % 10), value, count=1)
        return [*({digits} - {value}), value + " ", None]
    if isinstance(value, list):
        return [[*value, *value[-1:]], value[:-1], value[::-1], None]
    return [value | {"extra": 0}, dict(list(value.items())[1:])]


def name_of(data: Any, path: tuple[Any, ...]) -> str:
    if path[0] != "claims":
        return "/".join(map(str, path))
    if len(path) < 5:
        return "evidence"
    kind = data["claims"][path[1]]["evidence"][path[3]]["kind"]
    return "/".join(map(str, (kind, *path[4:])))


def holds(data: Any) -> bool:
    try:
        return load(json.dumps(resealed(data))).verify()
    except (AlgattnError, ValueError):  # no sentence can be made for a degree that is no number
        return False


@pytest.mark.parametrize("name", RESULTS)
def test_a_changed_leaf_is_noticed(name: str) -> None:
    data = json.loads(stored(name))
    assert holds(data)
    survivors = []
    for path, value in leaves({key: data[key] for key in ("value", "detail", "claims")}):
        if path[0] == "claims" and (len(path) < 3 or path[2] != "evidence"):
            continue  # written anew
        if path in {("detail", "method"), ("detail", "grading")}:
            continue  # follows from the rest
        holder = data
        for key in path[:-1]:
            holder = holder[key]
        for new in others(value):
            if canonical_json(new) == canonical_json(value):
                continue
            where = name_of(data, path)
            holder[path[-1]] = new
            if not any(re.fullmatch(p, where) for p in ALLOWED) and holds(data):
                survivors.append((where, new))
            holder[path[-1]] = value
    assert not survivors


def test_evidence_proves_no_other_claim() -> None:
    """All evidence under every claim: what passes carries no data, or proves just that claim."""
    pool = {}
    for name in RESULTS:
        for claim in json.loads(stored(name))["claims"]:
            for item in claim["evidence"]:
                pool[canonical_json(item)] = item
    passed = set()
    for name in RESULTS:
        data = json.loads(stored(name))
        for claim in data["claims"]:
            honest = claim["evidence"]
            kinds = {item["kind"] for item in honest}
            for item in pool.values():
                claim["evidence"] = [item]
                if item not in honest and holds(data):
                    passed.add((name, item["kind"]))
                    assert item["kind"] in kinds or name == "graph"
            claim["evidence"] = honest
    assert {kind for _, kind in passed} <= {"implicit.kernel-bound", "implicit.reported"}


@pytest.mark.parametrize("name", ["graph", "lacking", "missing", "satisfied", "stable", "fiber"])
def test_a_fresh_process_reads_it(name: str, tmp_path: Path) -> None:
    """Before anything else was imported; every kind of evidence of the room is in one of these."""
    file = tmp_path / "result.json"
    file.write_text(stored(name))
    code = "import sys; from algattn import load; load(open(sys.argv[1]).read()).check()"
    subprocess.run([sys.executable, "-c", code, str(file)], check=True, timeout=120)


def test_components_are_what_the_engine_says() -> None:
    _decomposition().check()
    for changes, why in (
        ([{"dimension": 0}], "dimension and degree"),
        ([{"degree": 3}], "dimension and degree"),
        ([{"conjugates": 3}], "equal degrees"),
        ([{"conjugates": 2}], "structural answer"),
        ([{}, {"prime": _decomposition().components[0].prime}], "lies in another"),
    ):
        with pytest.raises(CertificateError, match=why):
            _decomposition(*changes).check()


def test_problems_carry_nothing_else() -> None:
    """Weights that no equation depends on, and a spelling that nobody writes, are refused."""
    data = json.loads(stored("ideal"))
    data["problem"]["weights"] = LAYER.random_weights(1).to_data()
    assert not holds(data)
    data = json.loads(stored("graded"))
    for key, value in (
        ("coordinates", None),
        ("polynomials", ["s*s", "s*t", "t^2"]),
        ("polynomials", ["s^2", "s*t"]),
        ("ring", {"field": "QQ", "names": ["s", "t"], "order": "degrevlex", "weights": [1.0, 1]}),
        ("ring", {"field": "QQ", "names": ["s", "t"], "order": "degrevlex"}),
    ):
        changed = json.loads(stored("graded"))
        changed["problem"]["parametrization"][key] = value
        with pytest.raises(InputError):
            load(json.dumps(changed))


def test_a_type_of_one_token_has_one_spelling() -> None:
    data = json.loads(stored("missing"))
    assert data["detail"]["missing"]["nu"] == [4]
    data["detail"]["missing"]["nu"] = [2, 2]
    with pytest.raises(InputError, match="do not fit"):
        resealed(data)


def test_degrees_that_are_hidden() -> None:
    """A file has to say in which degrees it counts."""
    data = json.loads(implicitize([S * S, S * T, T * T], method="elimination").to_json())
    data["detail"]["degrees"] = None
    with pytest.raises(InputError, match="degrees"):
        load(json.dumps(data))
