"""``algattn engines`` and the engines in ``algattn doctor``."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from algattn.cli import NO_ENGINE, main
from algattn.cli.engines import KINDS
from algattn.engines import clear_cache


def test_list() -> None:
    result = CliRunner().invoke(main, ["engines"])
    assert result.exit_code == 0
    assert "builtin" in result.output
    data = json.loads(CliRunner().invoke(main, ["engines", "--format", "json"]).output)
    assert set(data["available"]) | set(data["missing"]) == {
        "singular",
        "msolve",
        "macaulay2",
        "builtin",
        "sympy",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_explain(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("SINGULAR", "MACAULAY2", "MSOLVE"):
        monkeypatch.setenv(f"ALGATTN_{engine}", "/no/such/program")
    clear_cache()
    result = CliRunner().invoke(main, ["engines", "--explain", kind, "--format", "json"])
    clear_cache()
    data = json.loads(result.output)
    decomposes = kind in ("primary", "primes")
    assert data["chosen"] == (None if decomposes else "builtin")
    assert result.exit_code == (NO_ENGINE if decomposes else 0)
    assert "not a program" in data["reasons"]["singular"]


def test_explain_weights_and_primes() -> None:
    text = CliRunner().invoke(main, ["engines", "--explain", "hilbert", "--weights"]).output
    assert "no weighted orders" in text
    text = CliRunner().invoke(main, ["engines", "--explain", "degree", "--prime", "101"]).output
    assert "QQ only" in text
    assert CliRunner().invoke(main, ["engines", "--explain", "x"]).exit_code == 2
    bad = CliRunner().invoke(main, ["engines", "--explain", "degree", "--prime", "100"])
    assert bad.exit_code == 2
    assert "not a prime" in bad.stderr


def test_doctor_runs_the_golden_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    from algattn.cli import engines

    lines, healthy = engines.doctor_lines()
    assert healthy
    assert sum("golden example agrees" in line for line in lines) >= 2
    monkeypatch.setattr("algattn.engines.golden", lambda name: name != "builtin")
    lines, healthy = engines.doctor_lines()
    assert not healthy
    assert any(line.startswith("engine builtin") and "FAILED" in line for line in lines)
