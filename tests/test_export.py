"""Exports: what other systems read, and round trips through those that are installed."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from algattn import Lightning, implicitize
from algattn.engines import ENGINES, Limits, available, get
from algattn.engines.base import ProgramEngine
from algattn.engines.process import run_child
from algattn.engines.text import read_polynomial
from algattn.errors import InputError
from algattn.exact import GF, QQ, Polynomial, PolynomialRing
from algattn.export import (
    SYSTEMS,
    export_ideal,
    export_parametrization,
    import_ideal,
    macaulay2_names,
)

R = PolynomialRing(QQ, ("c_1_1", "c_1_12", "z"), "degrevlex", (1, 2, 3))
a, b, z = R.gens()
IDEAL = (a**2 * "2/3" - b, a * b - z * 7)
RINGS = [
    R,
    PolynomialRing(QQ, R.names),
    PolynomialRing(QQ, R.names, "lex"),
    PolynomialRing(QQ, R.names, "deglex"),
    PolynomialRing(QQ, R.names, "deglex", (1, 2, 3)),
    PolynomialRing(GF(101), R.names, "degrevlex", (1, 2, 3)),
]


def moved(ring: PolynomialRing) -> list[Polynomial]:
    return [ring.from_terms(g.terms()) for g in IDEAL]


def program(name: str) -> str:
    if name not in available():
        if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
            pytest.fail(available().missing[name])
        pytest.skip(available().missing[name])
    engine = get(name)
    assert isinstance(engine, ProgramEngine)
    return engine.path()


def singular(source: str) -> list[str]:
    tail = '\nint i; for (i = 1; i <= ncols(I); i++) { print("@" + string(I[i])); }\n'
    tail += 'print("@" + string(lead(I[1])));\nprint("@" + string(deg(I[2])));\nquit;\n'
    run = run_child([program("singular"), "-q", "--no-rc"], stdin=source + tail, limits=Limits())
    return [x[1:] for x in run.transcript.splitlines() if x.startswith("@")]


def macaulay2(source: str) -> list[str]:
    tail = '\nscan(flatten entries gens I, f -> print("@" | toString f));\n'
    tail += 'print("@" | toString leadTerm I_0);\nprint("@" | toString first degree I_1);\n'
    files = {"export.m2": source + tail}
    run = run_child([program("macaulay2"), "--script", "export.m2"], files=files, limits=Limits())
    return [x[1:] for x in run.transcript.splitlines() if x.startswith("@")]


@pytest.mark.parametrize("ring", RINGS, ids=lambda r: f"{r.field}-{r.order}-{r.weights}")
@pytest.mark.parametrize("system", ["singular", "macaulay2"])
def test_round_trip(system: str, ring: PolynomialRing) -> None:
    from algattn.engines.leading import leading_term, order_key

    names: Sequence[str] = ring.names if system == "singular" else macaulay2_names(ring)
    source = export_ideal(moved(ring), system)
    *polys, lead, degree = (singular if system == "singular" else macaulay2)(source)
    assert [read_polynomial(p, ring, names) for p in polys] == moved(ring)
    head = read_polynomial(lead, ring, names)
    wanted = leading_term(moved(ring)[0], order_key(ring.order, ring.weights))
    assert next(iter(head.terms())) == wanted
    weighted_lex = system == "singular" and ring.order == "lex"
    if not weighted_lex and not (system == "macaulay2" and ring.order == "deglex"):
        assert int(degree) == moved(ring)[1].degree()


@pytest.mark.parametrize("ring", RINGS, ids=lambda r: f"{r.field}-{r.order}-{r.weights}")
def test_json_round_trip(ring: PolynomialRing) -> None:
    assert import_ideal(export_ideal(moved(ring), "json")) == (ring, tuple(moved(ring)))


def test_sage_source_is_python() -> None:
    source = export_ideal(IDEAL, "sage")
    compile(source, "export.sage", "exec")
    assert "TermOrder('wdegrevlex', (1, 2, 3,))" in source
    assert "PolynomialRing(QQ, ['c_1_1', 'c_1_12', 'z']" in source


def test_oscar_and_magma() -> None:
    oscar = export_ideal(IDEAL, "oscar")
    assert "2//3*c_1_1^2-c_1_12" in oscar
    assert "wdegrevlex(gens(P), [1, 2, 3])" in oscar
    magma = export_ideal(IDEAL, "magma")
    assert magma.startswith('R<c_1_1, c_1_12, z> := PolynomialRing(Rationals(), 3, "grevlexw", [1')
    assert "GF(101)" in export_ideal(moved(RINGS[-1]), "magma")


def test_every_system_gets_every_generator() -> None:
    phi = Lightning(widths=(2, 1), ranks=1).parametrization("QKV")
    ideal = implicitize(phi, max_degree=2)
    for system in SYSTEMS:
        text = ideal.export(system)
        assert text.count("^") + text.count("*") >= 6
        assert "c_1_1_2_1" in text or "c1p1p2p1" in text
    assert import_ideal(ideal.export("json"))[1] == ideal.generators


def test_graph_of_a_parametrization_is_read_and_eliminated() -> None:
    s, t = PolynomialRing(QQ, ("s", "t")).gens()
    polys = [s**2, s * t, t**2]
    source = export_parametrization(polys, ("x", "y", "w"), "singular")
    assert "wp(1, 1, 2, 2, 2)" in source
    tail = '\nprint("@" + string(eliminate(I, s*t)[1]));quit;\n'
    run = run_child([program("singular"), "-q", "--no-rc"], stdin=source + tail, limits=Limits())
    (found,) = [x[1:] for x in run.transcript.splitlines() if x.startswith("@")]
    target = PolynomialRing(QQ, ("x", "y", "w"))
    x, y, w = target.gens()
    assert read_polynomial(found, target, target.names) in (y**2 - x * w, x * w - y**2)


def test_macaulay2_names_stay_different() -> None:
    ring = PolynomialRing(QQ, ("a_1_2", "a1p2"))
    assert len(set(macaulay2_names(ring))) == 2


def test_zero_ideal() -> None:
    for system in SYSTEMS:
        assert "0" in export_ideal([], system, ring=R)


def test_bad_input() -> None:
    with pytest.raises(InputError, match="maple"):
        export_ideal(IDEAL, "maple")
    with pytest.raises(InputError):
        export_ideal([], "json")
    with pytest.raises(InputError):
        import_ideal('{"schema": "algattn/ideal/1"}')
    with pytest.raises(InputError):
        import_ideal('{"schema": "algattn/ideal/1", "ring": {}, "generators": []}')
    with pytest.raises(InputError):
        export_parametrization([a], (), "json")
    assert len(ENGINES) == 5
