"""The standalone checker of examples/: independent of algattn, right on results, and not fooled."""

from __future__ import annotations

import ast
import copy
import importlib.util
import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flint import fmpq, nmod

from algattn import FunctionMap, Lightning, Softmax, Weights, implicitize
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.results import dimension
from algattn.exact import GF, QQ, PolynomialRing

FILE = Path(__file__).resolve().parent.parent / "examples" / "check_certificate.py"
SPECIMENS = Path(__file__).resolve().parent / "golden" / "v01"


@cache
def checker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_certificate", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def run(data: Any, folder: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit code and (claim, verdict, why) of a result."""
    path = folder / "result.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    code, _, lines = checker().check(str(path))
    return code, [(claim, verdict, why) for claim, (verdict, _, why) in lines]


# --- it stands alone -------------------------------------------------------------------------


def test_it_imports_flint_and_the_standard_library_only() -> None:
    tree, found = ast.parse(FILE.read_text("utf-8")), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module).split(".")[0])
        elif isinstance(node, ast.Name):
            assert node.id not in {"eval", "exec", "compile", "__import__", "globals", "getattr"}
    assert "flint" in found
    assert found - {"flint"} <= set(sys.stdlib_module_names)
    assert not found & {"importlib", "runpy", "subprocess", "os", "pickle"}


# --- results of every kind -------------------------------------------------------------------


def layer(d: int, e: int, a: int, t: int, **matrices: Any) -> tuple[Lightning, Weights]:
    return Lightning((d, e), a, t), Weights(**matrices)


GENERIC = layer(2, 2, 1, 2, K=[[[1, 2]]], Q=[[["1/2", -1]]], V=[[[1, -1], [3, 5]]])
FULL = layer(2, 1, 2, 2, A=[[[1, 2], [3, 5]]], V=[[[1, -1]]])
SWAP = layer(2, 1, 1, 2, A=[[[1, 2], [2, 4]]], V=[[[1, -1]]])
ALIGNED = layer(2, 2, 1, 2, K=[[[1, 2]]], Q=[[[1, 0]]], V=[[[1, 2], [2, 4]]])
ALIGNED_ALONE = layer(3, 1, 1, 2, A=[[[1, 0, 0], [0, 0, 0], [0, 0, 0]]], V=[[[1, 0, 0]]])
ZERO = layer(2, 1, 1, 2, A=[[[0, 0], [0, 0]]], V=[[[1, 2]]])
SLACK = layer(2, 1, 2, 2, K=[[[1, 0], [0, 0]]], Q=[[[1, 1], [0, 0]]], V=[[[1, 3]]])
TOKEN = layer(2, 2, 1, 1, A=[[[1, 1], [0, 0]]], V=[[[1, 2], [3, 4]]])
ROOT = layer(2, 1, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1]]])
ROOT_TWO = layer(2, 2, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1], [2, 2]]])
TOKEN_ZERO = layer(2, 2, 1, 1, A=[[[0, 0], [0, 0]]], V=[[[1, 0], [0, 1]]])
DEFINITE = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 2})


def changed(net: Lightning, weights: Weights, label: str, value: int) -> FunctionMap:
    f = net.function(weights)
    other = FunctionMap(net.d_in, net.d_out, net.tokens, {label: value})
    found = dict(f.coefficients) | dict(other.coefficients)
    return FunctionMap(net.d_in, net.d_out, net.tokens, found)


def pair(carried: bool) -> Any:
    net = Lightning((2, 2, 2), 2, 2)
    first = net.random_weights(1)
    second = net.random_gauge(7).act(first) if carried else net.random_weights(2)
    return net.equivalent(first, second)


def curve(texts: str) -> Any:
    s, t = PolynomialRing(QQ, ("s", "t")).gens()
    known = {"twisted": [s**3, s**2 * t, s * t**2, t**3], "cusp": [s**2, s**3]}
    return known[texts]


RESULTS: dict[str, Callable[[], Any]] = {
    "dimension": lambda: dimension(Lightning((2, 2), 1, 2)),
    "dimension, collapsed": lambda: dimension(Lightning((2, 2, 1), (2, 1), 1)),
    "dimension, slit": lambda: dimension(Lightning((5, 4, 1), (1, 1), 2)),
    "dimension, softmax": lambda: dimension(Softmax((2, 2, 2), 1, 2)),
    "dimension, softmax, one token": lambda: dimension(Softmax((3, 2, 3), 1, 1)),
    "fiber": lambda: GENERIC[0].fiber(GENERIC[1]),
    "fiber AV": lambda: FULL[0].fiber(FULL[1]),
    "fiber swap": lambda: SWAP[0].fiber(SWAP[1]),
    "fiber aligned": lambda: ALIGNED[0].fiber(ALIGNED[1]),
    "fiber slack": lambda: SLACK[0].fiber(SLACK[1]),
    "fiber zero": lambda: ZERO[0].fiber(ZERO[1], params="QKV"),
    "fiber t=1": lambda: TOKEN[0].fiber(TOKEN[1]),
    "fiber sqrt 2": lambda: ROOT[0].fiber(ROOT[1]),
    "fiber t=1, zero": lambda: TOKEN_ZERO[0].fiber(TOKEN_ZERO[1], params="QKV"),
    "same": lambda: pair(True),
    "different": lambda: pair(False),
    "contains": lambda: GENERIC[0].contains(GENERIC[0].function(GENERIC[1])),
    "contains sqrt 2": lambda: ROOT[0].contains(ROOT[0].function(ROOT[1])),
    "outside": lambda: GENERIC[0].contains(changed(*GENERIC, "c_1_1_1_1", 9)),
    "outside, rank": lambda: SWAP[0].contains(FULL[0].function(FULL[1])),
    "outside, t=1": lambda: TOKEN[0].contains(changed(*TOKEN, "c_1_1_1_1", 9)),
    "closure only": lambda: SWAP[0].contains(DEFINITE),
    "point smooth": lambda: GENERIC[0].classify(GENERIC[1]),
    "point of a function": lambda: GENERIC[0].classify_function(GENERIC[0].function(GENERIC[1])),
    "point singular": lambda: SLACK[0].classify(SLACK[1]),
    "point limit of arcs": lambda: ALIGNED_ALONE[0].classify(ALIGNED_ALONE[1]),
    "point boundary": lambda: ALIGNED[0].classify(ALIGNED[1]),
    "point zero": lambda: ZERO[0].classify(ZERO[1]),
    "point sqrt 2": lambda: ROOT_TWO[0].classify(ROOT_TWO[1]),
    "twisted cubic": lambda: implicitize(curve("twisted"), max_degree=3),
    "cusp": lambda: implicitize(curve("cusp"), max_degree=6),
    "cusp, eliminated": lambda: implicitize(curve("cusp"), method="elimination"),
}
#: The claims of these results that no finite check here decides.
LEMMAS = {"complete", "factorisations", "boundary", "reason", "germ"}


@cache
def stored(name: str) -> str:
    text: str = RESULTS[name]().to_json()
    return text


@pytest.mark.parametrize("name", RESULTS)
def test_results_are_checked(name: str, tmp_path: Path) -> None:
    code, lines = run(stored(name), tmp_path)
    assert code == 0
    verdicts = {claim: {v for c, v, _ in lines if c == claim} for claim, _, _ in lines}
    data = json.loads(stored(name))
    assert set(verdicts) == {c["name"] for c in data["claims"]}
    for claim, found in verdicts.items():
        assert "FALSE" not in found
        assert claim in LEMMAS or found == {"checked"}


def specimens() -> list[Path]:
    kinds: tuple[str, ...] = (
        "dimension.network",
        "fiber.one-layer",
        "equivalence.pair",
        "membership.one-layer",
    )
    kinds += ("point.one-layer", "implicit.ideal")
    return sorted(p for kind in kinds for p in SPECIMENS.glob(f"{kind}--*.json"))


@pytest.mark.skipif(not SPECIMENS.is_dir(), reason="no old specimens here")
def test_old_specimens_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(p) for p in specimens()]
    assert checker().main(["--json", *files]) == 0
    *lines, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert total["FALSE"] == 0
    assert total["checked"] >= 155
    assert len(lines) == sum(total.values())
    assert all(not line["in_scope"] for line in lines if line["verdict"] != "checked")


# --- exit codes and output -------------------------------------------------------------------


def test_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, other = (tmp_path / name for name in ("good", "bad", "other"))
    good.write_text(stored("dimension"), "utf-8")
    bad.write_text("{", "utf-8")
    other.write_text(stored("dimension").replace("dimension.network", "tropical.bounds"), "utf-8")
    main = checker().main
    assert main([str(good)]) == 0
    assert "1 checked, 0 not checked here, 0 FALSE" in capsys.readouterr().out
    assert main([str(bad)]) == 2
    assert main([str(tmp_path / "missing")]) == 2
    assert main([str(good), str(bad)]) == 2
    assert main([str(other)]) == 3
    assert main([str(good), str(other)]) == 0
    assert main([]) == 2
    assert main(["--wrong"]) == 2
    capsys.readouterr()
    assert main(["--json", str(good)]) == 0
    line, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["claim"], line["verdict"], line["in_scope"]) == ("dimension", "checked", True)
    assert total == {"checked": 1, "not checked here": 0, "FALSE": 0}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "NaN",
        "[" * 100_000,
        '{"a": 1, "a": 2}',
        '{"schema": []}',
        '{"schema": "algattn/result/2", "kind": "fiber.one-layer", "value": 1}',
        '{"schema": "algattn/result/9", "kind": "x", "value": 1, "problem": {}, "detail": {}}',
        '{"schema": "algattn/result/2", "kind": "x", "value": 1, "problem": {}, "detail": {},'
        ' "claims": [{"name": "a", "value": 1, "evidence": [1]}]}',
        '{"schema": "algattn/result/2", "kind": "x", "value": Infinity, "problem": {},'
        ' "detail": {}, "claims": []}',
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_no_result_cannot_be_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    assert checker().main([str(path)]) == 2


# --- forgeries -------------------------------------------------------------------------------


def claim(data: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in data["claims"] if c["name"] == name)
    return found


def evidence(data: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        e for c in data["claims"] for e in c["evidence"] if e["kind"] == kind
    )
    return found


def _dimension(step: int) -> Callable[[dict[str, Any]], None]:
    def forge(data: dict[str, Any]) -> None:
        data["value"] += step
        data["detail"] |= {"lower": data["value"], "upper": data["value"]}
        claim(data, "dimension")["value"] = data["value"]

    return forge


def _witness(data: dict[str, Any]) -> None:
    value = claim(data, "complete")["value"]
    value["detail"]["components"][0]["witness"]["V"][0][0][0] = 77
    data["detail"] = value["detail"]
    claim(data, "members")["value"][0]["V"][0][0][0] = 77


def _component(step: int) -> Callable[[dict[str, Any]], None]:
    def forge(data: dict[str, Any]) -> None:
        value = claim(data, "complete")["value"]
        for c in value["detail"]["components"]:
            c["dimension"] += step
            c["real_dimension"] += step
        value["detail"]["real_dimension"] += step
        data["detail"] = value["detail"]
        data["value"] = value["dimension"] = value["dimension"] + step

    return forge


def _flip(data: dict[str, Any]) -> None:
    data["value"] = claim(data, "same")["value"] = not data["value"]


def _closure(data: dict[str, Any]) -> None:
    now = not data["detail"]["in_closure"]
    data["detail"]["in_closure"] = claim(data, "closure")["value"] = now


def _contains(data: dict[str, Any]) -> None:
    data["value"] = claim(data, "contains")["value"] = not data["value"]


def _members(data: dict[str, Any]) -> None:
    claim(data, "members")["value"][0]["V"][0][0][0] = 77
    data["detail"]["weights"] = claim(data, "members")["value"]


def _point(value: str) -> Callable[[dict[str, Any]], None]:
    def forge(data: dict[str, Any]) -> None:
        data["value"] = claim(data, "singular")["value"] = value

    return forge


def _germ(data: dict[str, Any]) -> None:
    data["detail"]["multiplicity"] += 1
    claim(data, "germ")["value"]["multiplicity"] += 1
    claim(data, "reason")["value"]["multiplicity"] += 1


def _generator(change: Callable[[list[str]], list[str]]) -> Callable[[dict[str, Any]], None]:
    def forge(data: dict[str, Any]) -> None:
        new = change(list(data["detail"]["generators"]))
        data["detail"]["generators"] = claim(data, "vanish")["value"] = new
        for name in ("all", "minimal"):
            claim(data, name)["value"]["generators"] = new
        degrees = [
            1 + text.split("-")[0].count("*") + text.split("-")[0].count("^") for text in new
        ]
        data["value"] = [[e, degrees.count(e)] for e in sorted(set(degrees))]

    return forge


def _dimensions(data: dict[str, Any]) -> None:
    data["detail"]["dimensions"][1][1] += 1
    claim(data, "all")["value"]["dimensions"][1][1] += 1


def _evidence(kind: str, change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], None]:
    return lambda data: change(evidence(data, kind))


def _drop_field(e: dict[str, Any]) -> None:
    e["field"] = "GF(10007)"


#: Result, forgery, claim, and whether the checker must prove the contrary.
FORGERIES: list[tuple[str, Callable[[Any], Any], str, bool]] = [
    ("dimension", _dimension(1), "dimension", True),
    ("dimension", _dimension(-1), "dimension", True),
    ("dimension, collapsed", _dimension(1), "dimension", True),
    ("dimension, slit", _dimension(-1), "dimension", True),
    ("dimension, softmax", _dimension(1), "dimension", True),
    ("dimension, softmax", _dimension(-1), "dimension", True),
    ("fiber", _witness, "members", True),
    ("fiber sqrt 2", _witness, "members", True),
    ("fiber zero", _component(1), "complete", True),
    ("fiber", _component(-1), "complete", True),
    ("fiber slack", _component(1), "complete", True),
    ("fiber sqrt 2", _component(1), "complete", True),
    ("fiber t=1", _component(-1), "complete", True),
    ("same", _flip, "same", True),
    ("different", _flip, "same", True),
    ("contains", _closure, "closure", True),
    ("contains", _contains, "contains", True),
    ("contains sqrt 2", _contains, "contains", True),
    ("contains", _members, "members", True),
    ("contains sqrt 2", _members, "members", True),
    ("outside", _closure, "closure", True),
    ("outside", _contains, "contains", True),
    ("outside, t=1", _closure, "closure", True),
    ("closure only", _closure, "closure", True),
    ("closure only", _contains, "contains", True),
    ("point smooth", _point("singular"), "singular", True),
    ("point smooth", _point("outside"), "singular", True),
    ("point of a function", _point("outside"), "singular", True),
    ("point singular", _point("smooth"), "singular", True),
    ("point limit of arcs", _point("smooth"), "singular", True),
    ("point zero", _point("smooth"), "singular", True),
    ("point sqrt 2", _point("smooth"), "singular", True),
    ("point smooth", _germ, "germ", True),
    ("twisted cubic", _generator(lambda g: [g[0] + "+y_1^2", *g[1:]]), "vanish", True),
    ("twisted cubic", _generator(lambda g: g[:-1]), "all", False),
    ("twisted cubic", _generator(lambda g: [*g, "y_1*y_2*y_3-y_1^2*y_4"]), "minimal", True),
    ("twisted cubic", _dimensions, "all", True),
    (
        "same",
        _evidence("equivalence.carries", lambda e: e["data"].update(scalings=[1, 1])),
        "same",
        False,
    ),
    (
        "same",
        _evidence("equivalence.carries", lambda e: e["data"]["between"][0][0].reverse()),
        "same",
        False,
    ),
    (
        "same",
        _evidence("equivalence.carries", lambda e: e["data"]["heads"][0][0].reverse()),
        "same",
        False,
    ),
    ("outside", _evidence("membership.violated", lambda e: e.update(value=1)), "closure", False),
    (
        "outside",
        _evidence("membership.violated", lambda e: e["data"].update(rows=[0], columns=[0])),
        "closure",
        False,
    ),
    (
        "outside",
        _evidence(
            "membership.violated",  # a coefficient is not zero there, but it is no equation
            lambda e: e.update(value=9, data={"rows": [0], "columns": [0]}),
        ),
        "closure",
        False,
    ),
    (
        "point smooth",
        _evidence("point.differentials", lambda e: e["equations"].pop()),
        "singular",
        False,
    ),
    (
        "point smooth",
        _evidence("point.differentials", lambda e: e["equations"].append("c_1_1_1_1-1/2")),
        "singular",
        False,
    ),
    ("point singular", _evidence("point.arcs", lambda e: e["arcs"].pop()), "singular", False),
    ("point singular", _evidence("point.arcs", _drop_field), "singular", False),
    (
        "point singular",
        _evidence("point.arcs", lambda e: e["arcs"][0]["V"][0][1][0].reverse()),
        "singular",
        False,
    ),
    (
        "point limit of arcs",
        _evidence("point.arcs", lambda e: e.update(s="1/2")),
        "singular",
        False,
    ),
]


@pytest.mark.parametrize(
    ("name", "forge", "where", "proved"),
    FORGERIES,
    ids=[f"{n}-{i}" for i, (n, *_) in enumerate(FORGERIES)],
)
def test_forgeries_are_not_checked(
    name: str, forge: Callable[[Any], Any], where: str, proved: bool, tmp_path: Path
) -> None:
    data = json.loads(stored(name))
    assert run(data, tmp_path)[0] == 0
    forge(data)
    code, lines = run(data, tmp_path)
    assert code == (1 if proved else 4) or (code == 1 and not proved)
    verdicts = {v for c, v, _ in lines if c == where}
    assert ("FALSE" in verdicts) if proved else ("checked" not in verdicts)


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, dict | list):
        for key, part in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(part, (*path, key))
    else:
        yield path


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    out = copy.deepcopy(data)
    at = out
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return out


#: Parts of a detail that claims bind.
BOUND = {"lower", "upper", "parameters", "effective_widths", "effective_ranks", "collapsed"}
BOUND |= {"components", "complex_components", "in_closure", "weights", "classes", "boundary"}
BOUND |= {"multiplicity", "generators", "degrees"}


@pytest.mark.parametrize("name", RESULTS)
def test_no_number_of_the_answer_can_be_changed_alone(name: str, tmp_path: Path) -> None:
    data, rng = json.loads(stored(name)), random.Random(name)
    places = [("value",)] if not isinstance(data["value"], list) else []
    places += [("detail", *p) for p in leaves(data["detail"]) if p[0] in BOUND]
    for n, c in enumerate(data["claims"]):
        places += [("claims", n, "value", *p) for p in leaves(c["value"])]
    for path in rng.sample(places, min(len(places), 40)):
        old = data
        for key in path:
            old = old[key]
        new = (not old) if isinstance(old, bool) else old + 1 if isinstance(old, int) else "7/5"
        code, lines = run(put(data, path, new), tmp_path)
        assert code in (1, 4), (path, old, new, lines)


@pytest.mark.parametrize("name", ["fiber sqrt 2", "same", "outside", "point singular", "cusp"])
def test_strange_data_never_break_it(name: str, tmp_path: Path) -> None:
    data, rng = json.loads(stored(name)), random.Random(name)
    strange: list[Any] = [
        None,
        True,
        "x",
        "1/0",
        -1,
        10**30,
        1.5,
        [],
        {},
        [[]],
        "c_1_1_1_1^99",
        "y_1^9^9",
    ]
    for path in rng.sample(list(leaves(data)), 60):
        file = tmp_path / "strange.json"
        file.write_text(json.dumps(put(data, path, rng.choice(strange))), "utf-8")
        assert checker().main([str(file)]) in range(5)


def test_missing_and_unknown_claims_are_noticed(tmp_path: Path) -> None:
    data = json.loads(stored("point smooth"))
    short = data | {"claims": data["claims"][1:]}
    assert run(short, tmp_path)[0] == 4
    data["claims"][0]["name"] = "smooth"
    assert run(data, tmp_path)[0] == 4
    twice = json.loads(stored("dimension"))
    twice["claims"] *= 2
    (tmp_path / "twice.json").write_text(json.dumps(twice), "utf-8")
    assert checker().main([str(tmp_path / "twice.json")]) == 2


# --- its mathematics, against algattn --------------------------------------------------------

SHAPES = [
    ((2, 2), (1,), 2),
    ((3, 1), (2,), 2),
    ((3, 2), (1,), 1),
    ((2, 2), (2,), 1),
    ((1, 3), (2,), 2),
    ((5, 4, 1), (1, 1), 2),
    ((2, 3, 2), (1, 2), 2),
    ((2, 1, 2), (2, 2), 3),
    ((2, 2, 2, 1), (1, 2, 1), 1),
    ((4, 2, 3), (1, 3), 2),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_dimensions_agree_with_the_formula(shape: Any) -> None:
    for kind in ("lightning", "softmax"):
        net = checker().Network(kind, *shape)
        d, a, t = shape
        expected = reduce_shape(d, a, tokens=t, kind=Kind(kind)).expected
        low, high = checker().bounds(net)
        assert high == expected
        assert low == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_the_jacobian_vanishes_on_gauge_directions(shape: Any) -> None:
    m, rng = checker(), random.Random(1)
    small = m.effective(m.Network("lightning", *shape))

    def number() -> nmod:
        return nmod(rng.randrange(m.PRIME), m.PRIME)

    layers, t = m.draw(small, number), shape[2]
    X, G = ([[number() for _ in range(t)] for _ in range(small.widths[i])] for i in (0, -1))
    row = m.gradient(small, layers, X, G)
    for move in m.gauge(layers, small.collapsed, True):
        flat = [
            x
            for i, parts in enumerate(layers)
            for name, M in zip("KQV", parts, strict=True)
            for x in m.flat(move.get((i, name), m.scale(0, M)))
        ]
        assert m.dot(row, flat) == 0


def test_numbers_and_polynomials_are_read_strictly() -> None:
    m = checker()
    assert m.rational("-6/4") == fmpq(-3, 2)
    for bad in (1.0, True, "1.5", "1/0", " 1", "+1", "1e3", None, "٣"):
        with pytest.raises(m.Malformed):
            m.rational(bad)
    found = m.polynomial("-2/3*s^2*t+t - s", ("s", "t"))
    assert found == {(2, 1): fmpq(-2, 3), (0, 1): fmpq(1), (1, 0): fmpq(-1)}
    for bad in ("", "s t t", "s**2", "2s", "s^-1", "(s)", "u", "s^100", "s+", "--s", 3):
        with pytest.raises((m.Malformed, m.TooLarge)):
            m.polynomial(bad, ("s", "t"))


def test_number_fields_know_their_real_places() -> None:
    m = checker()
    for modulus, real in (([-2, 0, 1], True), ([1, 0, 1], False), ([-2, 0, 0, 1], True)):
        assert m.Field.of({"modulus": modulus, "root": 0}).has_real_place() is real
    with pytest.raises(m.Malformed):
        m.Field.of({"modulus": [-4, 0, 1], "root": 0})
    with pytest.raises(m.Malformed):
        m.Field.of("GF(10)")


def test_weights_modulo_a_prime_are_compared() -> None:
    net = Lightning((2, 1), 2, 2)
    first = Weights(A=[[[1, 2], [3, 4]]], V=[[[1, 5]]], field=GF(10007))
    result = net.equivalent(first, first)
    data = json.loads(result.to_json())
    assert data["value"] is True
    assert [v for _, (v, _, _) in checker().Equivalence(data).lines()] == ["checked"]
    data["problem"]["other"]["V"][0][0][0] = 2
    assert [v for _, (v, _, _) in checker().Equivalence(data).lines()] == ["FALSE"]
