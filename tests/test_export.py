"""Exports: what other systems read, and round trips through those that are installed."""

from __future__ import annotations

import keyword
import os
import re

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
    exported_names,
    import_ideal,
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

    names = exported_names(ring, system)
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
    assert len(set(exported_names(ring, "macaulay2"))) == 2
    a, b = ring.gens()
    assert "-- renamed: a1p2 -> a1p20\n" in export_ideal([a - b], "macaulay2")


#: Names that mean something in one system or another, and names that an export uses itself.
NASTY = [
    ("I", "R", "QQ", "ideal", "map", "int"),
    ("pi", "ii", "i", "end", "ring", "poly"),
    ("i1", "o2", "log1p", "quotient1", "c_1_1", "def"),
    ("P", "o", "lambda", "None", "in", "gens"),
    ("std", "std_0", "e", "E", "D", "ZZ"),
    ("GF", "PolynomialRing", "short", "dp", "degrevlex", "Rationals"),
]


def nasty(names: tuple[str, ...], prime: int = 0) -> list[Polynomial]:
    a, b, c, d, e, f = PolynomialRing(GF(prime) if prime else QQ, names).gens()
    return [a**2 * b * 3 - 7 * b**3 + c * "2/3", a * b - 1, c**3 - d * e * f - 12, f**2]


@pytest.mark.parametrize("names", NASTY, ids="-".join)
def test_names_of_the_user_never_collide(names: tuple[str, ...]) -> None:
    for prime in (0, 101):
        polys = nasty(names, prime)
        ring = polys[0].ring
        for system, run in (("singular", singular), ("macaulay2", macaulay2)):
            if prime and system == "macaulay2":
                continue  # starts slowly
            found = run(export_ideal(polys, system))[: len(polys)]
            shown = exported_names(ring, system)
            assert [read_polynomial(p, ring, shown) for p in found] == polys
        for system in ("sage", "oscar", "magma"):
            source = export_ideal(polys, system)
            assert parsed(source, system, ring) == polys
            for old, new in zip(names, exported_names(ring, system), strict=True):
                assert old == new or f"{old} -> {new}" in source


def words(text: str) -> set[str]:
    return set(text.split())


#: Words that may not be variables: keywords, and what an export itself needs.
RESERVED = {
    "sage": {*keyword.kwlist, "R", "I", "QQ", "GF", "PolynomialRing", "TermOrder"},
    "oscar": words(
        """baremodule begin break catch const continue do else elseif end export false finally for
        function global if import in isa let local macro module mutable quote return struct true
        try using where while P I o QQ GF gens ideal polynomial_ring lex deglex degrevlex"""
    ),
    "magma": words(
        """adj and assert assigned break by case cat catch clear cmpeq cmpne continue declare
        default delete diff div do elif else end eq error eval exists exit false for forall forward
        fprintf freeze function ge gt if iload import in intrinsic is join le load local lt meet mod
        ne not notadj notin notsubset or print printf procedure quit random read readi repeat
        require requirege requirerange restore return save sdiff select subset then time to true
        try until vprint vprintf vtime when where while xor R I ideal PolynomialRing Rationals GF"""
    ),
}


def parsed(source: str, system: str, ring: PolynomialRing) -> list[Polynomial]:
    """What an export says, by a small parser of its three statements."""
    lines = [x for x in source.splitlines() if not x.startswith(("#", "//", "using"))]
    text = " ".join(lines)
    p = ring.field.characteristic
    names, inside, field = {
        "sage": (
            r"PolynomialRing\(.*?, \[(.*?)\]",
            r"R\.ideal\(\[(.*)\]\)$",
            f"GF({p})" if p else "QQ",
        ),
        "oscar": (r"P, \((.*?)\) =", r"ideal\(P, \[(.*)\]\)$", f"GF({p})" if p else "QQ"),
        "magma": (r"R<(.*?)> :=", r"ideal<R \|(.*)>;$", f"GF({p})" if p else "Rationals()"),
    }[system]
    found, listed = re.search(names, text), re.search(inside, text)
    assert found is not None
    assert listed is not None
    assert field in text
    shown = [x.strip(" '") for x in found[1].split(",") if x.strip()]
    assert not RESERVED[system] & set(shown)
    polys = listed[1].replace("//", "/").split(",")
    return [read_polynomial(t, ring, shown) for t in polys]


def test_what_an_engine_cannot_hold_is_not_exported() -> None:
    x, y = PolynomialRing(GF(2**61 - 1), ("x", "y")).gens()
    for system, most in (("macaulay2", 32749), ("singular", 2**31 - 1)):
        with pytest.raises(InputError, match=rf"{most}.*GF\({2**61 - 1}\)"):
            export_ideal([x - y], system)
    assert f"GF({2**61 - 1})" in export_ideal([x - y], "magma")
    x, y = PolynomialRing(QQ, ("x", "y")).gens()
    with pytest.raises(InputError, match="up to 32767, and a term has degree 40000"):
        export_ideal([x**40000 - y], "singular")


def test_the_meaning_of_an_exported_ideal_survives() -> None:
    X, Y = PolynomialRing(QQ, ("I", "y")).gens()
    source = export_ideal([X**2 * Y - 7 * Y**3 + 3 * X, X * Y - 1], "singular")
    run = run_child(
        [program("singular"), "-q", "--no-rc"],
        stdin=source + '\nprint("@" + string(vdim(std(I))));\nquit;\n',
        limits=Limits(),
    )
    assert "@4" in run.transcript  # x = 1/y: 7 y^4 = 4


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


def test_no_variable_is_named_like_a_line_of_macaulay2() -> None:
    ring = PolynomialRing(QQ, ("i1", "o", "o_2", "i", "o_2_3"))
    names = exported_names(ring, "macaulay2")
    assert names == ("vi1", "vo0", "vo2", "i", "o2p3")
