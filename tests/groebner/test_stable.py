"""All equations for all widths at once."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from algattn import Lightning, load
from algattn.errors import CertificateError, InputError, LimitError
from algattn.groebner import StableModule
from algattn.groebner import stable_module as compute
from algattn.results import seal

ORACLES = Path(__file__).parents[1] / "oracles"
SHAPES = json.loads((ORACLES / "one_layer" / "jacobians.json").read_text())["shapes"]


@cache
def stable_module(max_degree: int, rank: int | None = None, tokens: int = 2) -> StableModule:
    return compute(max_degree, rank, tokens=tokens)


TABLES: dict[tuple[int, int | None], dict[int, set[str]]] = {
    (2, None): {
        2: {"(11|4|11)"},
        3: {"(3|33|111)", "(111|33|3)", "(3|222|3)"},
        4: {"(4|44|22)", "(22|44|4)", "(4|3311|22)", "(22|3311|4)", "(22|5111|22)"},
    },
    (2, 1): {
        2: {"(2|31|11)", "(11|4|11)", "(11|22|11)"},
        3: {"(3|222|3)", "(111|33|3)"},
        4: {"(22|44|4)", "(22|3311|4)"},
    },
    (1, None): {3: {"(111|63)"}, 4: {"(22|84)"}},
}


@pytest.mark.parametrize("key", TABLES, ids=str)
def test_tables(key: tuple[int, int | None]) -> None:
    tokens, rank = key
    found = stable_module(4, rank, tokens=tokens)
    table = {n: {str(r) for r in found.module(n)} for n in range(1, 5)}
    assert {n: rows for n, rows in table.items() if rows} == TABLES[key]
    assert found.status.name == "PROVED"
    assert found.generated_in == 4
    assert load(found.to_json()).verify()
    hits, total = found.sharp
    assert hits == total > 90
    assert {n: len(rows) for n, rows in found.by_degree.items()} == {
        int(n): k for n, k in found.value.items()
    }


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: f"{s['d']}-{s['dp']}-{s['a']}-{s['t']}")
def test_counts_of_single_layers(shape: dict[str, Any]) -> None:
    """One stable module gives the counts of every layer; Singular agrees."""
    limit = (shape["a"] * 2 if shape["t"] == 1 else shape["a"]) >= shape["d"]
    found = stable_module(4, None if limit else shape["a"], tokens=shape["t"])
    wanted = {int(k): n for k, n in shape["generators_by_degree"].items()}
    assert found.counts(shape["d"], shape["dp"]) == wanted


@pytest.mark.parametrize("rank", [2, 3])
def test_bounded_rank_adds_the_minors(rank: int) -> None:
    """I_a is I_infinity plus all modules with more than a rows in nu."""
    degree = rank + 1
    free, bounded = stable_module(degree), stable_module(degree, rank)
    whole = {row.kind: row for row in free.rows}
    assert {row.kind for row in bounded.rows} == set(whole)
    for row in bounded.rows:
        if len(row.kind.nu) > rank:
            assert (row.ring, row.equations) == (0, row.ambient)
        else:
            assert row.ring == whole[row.kind].ring
    new = {str(row) for row in bounded.module()} - {str(row) for row in free.module()}
    assert new
    assert all(name.endswith(f"|{'1' * (rank + 1)})") for name in new)


def test_symmetry_between_values_and_forms() -> None:
    """For unbounded rank the roles of V and A^T can be exchanged."""
    found = stable_module(4)
    table = {(r.kind.mu, r.kind.lam, r.kind.nu): (r.ambient, r.ring, r.new) for r in found.rows}
    assert all(table[nu, lam, mu] == row for (mu, lam, nu), row in table.items())
    assert len(table) == 225


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 1, 3), (2, 3, 1)])
def test_restriction_to_a_layer(shape: tuple[int, int, int]) -> None:
    d, e, a = shape
    stable = stable_module(4, None if a >= d else a)
    single = Lightning(widths=(d, e), ranks=a).ideal(4)
    small = [row for row in stable.rows if row.kind.dimension(e, d)]
    assert sorted(map(str, small)) == sorted(map(str, single.rows))
    kept = [v for v in stable.vectors if v.kind.dimension(e, d)]
    assert set(kept) == set(single.vectors)


def test_one_token_of_rank_one_misses_the_bound_once() -> None:
    found = stable_module(4, 1, tokens=1)
    short = [r for r in found.rows if r.ring < min(r.ambient, found.bound(r))]
    assert [row.kind.name for row in short] == ["(4|732)"]
    assert found.sharp == (99, 100)


def test_limits_and_bad_input(ticking: SimpleNamespace) -> None:
    with pytest.raises(LimitError) as caught:
        compute(9, time_limit=100)
    partial = caught.value.partial
    assert partial is not None
    assert partial.max_degree >= 2
    assert partial.by_degree[2] == [((1, 1), (4,), (1, 1), 1)]
    for bad in ({"max_degree": 0}, {"max_degree": 2, "rank": 0}, {"max_degree": 2, "tokens": 0}):
        with pytest.raises(InputError):
            compute(**bad)


def test_tampered_files_fail() -> None:
    good = json.loads(stable_module(3).to_json())
    assert load(json.dumps(good)).verify()
    for key, value in [("rank", 2), ("tokens", 1), ("rank", 0)]:
        copy = json.loads(json.dumps(good))
        copy["problem"][key] = value
        copy["digest"] = seal(copy)["digest"]
        with pytest.raises((CertificateError, InputError)):
            load(json.dumps(copy)).check()
    for key, value in [("value", {"2": 1, "3": 2}), ("detail", good["detail"] | {"max_degree": 2})]:
        copy = json.loads(json.dumps(good)) | {key: value}
        copy["digest"] = seal(copy)["digest"]
        assert not load(json.dumps(copy)).verify()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["ideal", "--widths", "3,1", "--ranks", "3", "--max-degree", "3"], 0, "(3|33|111)"),
        (
            ["ideal", "--widths", "2,1", "--ranks", "2", "--max-degree", "3", "--complete"],
            0,
            "4|44",
        ),
        (["stable", "--max-degree", "3", "--rank", "2"], 0, "(21|321|111)"),
        (["stable", "--max-degree", "2", "--format", "json"], 0, '"stable.module"'),
        (["stable", "--max-degree", "0"], 2, "max-degree"),
        (["stable", "--max-degree", "9", "--time-limit", "0.2"], 3, "time limit"),
    ],
)
def test_command_line(arguments: list[str], code: int, word: str) -> None:
    from click.testing import CliRunner

    from algattn.cli import main

    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code
    assert word in done.output
