"""Texts, sympy expressions and files of maps: against sympy, and against people who mean harm."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sympy
from click.testing import CliRunner

import algattn
from algattn import GF, QQ, Lightning, PolynomialMap, implicitize
from algattn.cli import main
from algattn.errors import AlgattnError, InputError, LimitError
from algattn.exact import NumberField, PolynomialRing
from algattn.maps import PolynomialMap as Plain
from algattn.maps.expressions import Reader
from algattn.maps.files import schema
from algattn.maps.texts import read_polynomials, read_quotients, read_texts

EXAMPLES = Path(algattn.__file__).parents[1] / "examples"
ROOT2 = NumberField([-2, 0, 1], 1)
RING = PolynomialRing(QQ, ("a", "b", "c"))


# --- texts -------------------------------------------------------------------------------------


def expression(rng: random.Random, depth: int) -> str:
    """A random expression that sympy reads as well; exponents have brackets where signs precede."""
    kind = rng.randrange(9 if depth else 3)
    space = " " * rng.randrange(2)
    if kind < 2:
        return rng.choice("abc")
    if kind == 2:
        return str(rng.randrange(6))
    one = expression(rng, depth - 1)
    if kind == 3:
        return f"({one}){rng.choice(['^', '**'])}{rng.choice(['2', '3', '(-1)', '0', '(2)'])}"
    if kind == 4:
        return f"-{one}" if rng.randrange(2) else f"(+ {one})"
    two = expression(rng, depth - 1)
    sign = rng.choice("+-*/") if kind < 8 else "/"
    two = f"({two})" if sign in "*/-" or rng.randrange(2) else two
    one = f"({one})" if sign in "*/" and rng.randrange(2) else one
    return f"{one}{space}{sign}{space}{two}"


@pytest.mark.parametrize("seed", range(4))
def test_random_expressions_against_sympy(seed: int) -> None:
    rng, read = random.Random(seed), 0
    for _ in range(60):
        text = expression(rng, 4)
        try:
            ((top, bottom),) = read_quotients([text], ("a", "b", "c"))
        except InputError:
            with pytest.raises(InputError, match="division by zero"):
                read_quotients([text], ("a", "b", "c"))
            value = sympy.sympify(text)
            infinite = (sympy.zoo, sympy.nan)
            assert value.has(*infinite) or sympy.simplify(1 / value) in (0, *infinite), text
            continue
        read += 1
        ours = top.to_sympy() / (1 if bottom is None else bottom.to_sympy())
        assert sympy.cancel(sympy.sympify(text) - ours) == 0, text
    assert read > 30


def test_python_agrees_on_numbers() -> None:
    rng = random.Random(7)
    for _ in range(200):
        a, b, c = (rng.randrange(1, 9) for _ in range(3))
        for text in (f"-{a}**2*{b}-{c}", f"{a}--{b}*-{c}", f"({a}-{b})*{c}+{a}**3", f"+-+{a}-{b}"):
            assert read_texts([text])[0] == eval(text)  # our own text


def test_what_is_read() -> None:
    for text, wanted in {
        "(a+b)^2": "a^2 + 2*a*b + b^2",
        "-a^2": "-a^2",
        "2*-a": "-2*a",
        "a/2/3": "1/6*a",
        "a^1/2": "1/2*a",
        "( ( a ) )": "a",
        "2^10*a": "1024*a",
        "a**(2)": "a^2",
        "(a^2-b^2)/(a-b)": "a + b",
        "1/(1/a)": "a",
        "(a+1)^0": "1",
    }.items():
        assert str(read_polynomials([text], ("a", "b"))[0]) == wanted, text
    assert str(PolynomialMap(["a^7/3+7"], field=GF(7)).polynomials[0]) == "5*a^7"
    assert [str(p) for p in PolynomialMap(["(a+1)^5"], field=GF(5)).polynomials] == ["a^5 + 1"]


def test_quotients() -> None:
    phi = PolynomialMap(["(a+b)/(1+a^2)", "a*b", "1/a+1/b"])
    assert phi.rational
    assert [str(q) for q in phi.denominators] == ["a^2 + 1", "1", "a*b"]
    assert phi.at([1, 2]) == [QQ("3/2"), 2, QQ("3/2")]
    assert phi.dimension().value == 2
    below = PolynomialMap(["1/a", "a"], ["b/(a+1)", "1/b"])
    assert below([2, 3]) == [QQ("1/2"), 6]
    assert PolynomialMap(["2*t/(1+t^2)"], ["1"]) == PolynomialMap(["2*t/(1+t^2)"])
    with pytest.raises(InputError, match="number 2 is a quotient"):
        read_polynomials(["a", "1/a"])
    assert implicitize(["(s+1)^2", "(s+1)^3"], max_degree=3).counts[3] == 1


def test_number_fields() -> None:
    phi = PolynomialMap(["(a+theta)^2", "b/(1+theta)", "1/(theta*a+1)"], field=ROOT2)
    assert phi.parameters == ("a", "b")
    theta = ROOT2.theta
    assert phi([1, 1]) == [3 + 2 * theta, theta - 1, 1 / (theta + 1)]
    assert Plain.from_data(phi.to_data()) == phi
    with pytest.raises(InputError, match="division by zero"):
        PolynomialMap(["a/(theta^2-2)"], field=ROOT2)
    cube = NumberField([-2, 0, 0, 1])
    assert PolynomialMap(["a/theta"], field=cube)([2]) == [cube.theta**2]


def test_places_are_shown() -> None:
    for text, column, said in (
        ("a+*b", 3, "missing before '*'"),
        ("a b", 3, "no operator before 'b'"),
        ("(a+b", 1, "not closed"),
        ("a+b)", 4, "no bracket was opened"),
        ("a^b", 3, "exponent is no whole number"),
        ("a^2^2", 4, "an exponent has an exponent"),
        ("a*1.5", 3, "the fraction 3/2"),
        ("sin(a)", 4, "no operator before '('"),
        ("2*ü", 3, "is no part of an expression"),
        ("", 1, "missing at the end"),
        ("a-", 3, "missing at the end"),
    ):
        with pytest.raises(InputError) as caught:
            read_texts([text])
        assert f"column {column}," in str(caught.value), caught.value
        assert said in str(caught.value), caught.value
    with pytest.raises(InputError, match=r"number 2 of 3"):
        read_texts(["a", "a+", "b"])
    with pytest.raises(InputError, match="'z' is no parameter"):
        PolynomialMap(["(z)"], parameters=("a",))


#: Texts that would take for ever, or worse.
HARM = {
    "a large power": "(a+b)^100000",
    "a power of a power": "((a+b)^3000)^30",
    "many variables": "(a+b+c+d+e+f+g+h)^300",
    "a tower": "9^99999" + "*9^99999" * 3000,
    "a large exponent": "a^" + "9" * 10000,
    "a large negative exponent": "a^-" + "9" * 10000,
    "products of sums": "*".join(f"(a{i}+b{i})" for i in range(40)),
    "sums of quotients": "+".join(f"1/(a{i}+b{i}+c)" for i in range(40)),
    "open brackets": "(" * 100_000,
    "closed brackets": ")" * 100_000,
    "signs": "-" * 100_000,
    "a long text": "(a)+" * 600_000 + "a",
    "a call": "__import__('os').system('true')",
    "an attribute": "a.__class__",
    "an index": "a[0]",
    "a lambda": "lambda: a",
    "a null": "a\x00",
    "digits of another script": "a^²",
    "zero to the minus one": "0^-1",
}


@pytest.mark.parametrize("name", HARM)
def test_harm(name: str) -> None:
    with pytest.raises((InputError, LimitError)) as caught:
        read_texts([HARM[name]])
    assert len(str(caught.value)) < 400


def test_long_and_deep_texts_are_read() -> None:
    deep = "(" * 50_000 + "a" + ")" * 50_000
    assert str(read_texts([deep])[0]) == "a"
    long = "2*(" + "+".join(f"{i}*a^{i}*b" for i in range(1, 3000)) + ")"
    assert len(read_texts([long])[0]) == 2999
    assert len(Reader(RING).read("(a+b+c)^50")[0]) == 1326
    assert len(read_texts(["-" * 1001 + "a"])[0]) == 1


# --- sympy -------------------------------------------------------------------------------------


def test_from_sympy() -> None:
    a, b = sympy.symbols("a b")
    phi = PolynomialMap.from_sympy([a * b, (a + b) / (1 + a**2), 1 / a + sympy.Rational(1, 3)])
    assert phi == PolynomialMap(["a*b", "(a+b)/(1+a^2)", "1/a+1/3"])
    assert PolynomialMap.from_sympy(sympy.Matrix([a, b]), (b, a)).parameters == ("b", "a")
    assert PolynomialMap.from_sympy([a * b], {"a": (), "b": ()}).shapes == {"a": (), "b": ()}
    root = sympy.sqrt(2)
    over = PolynomialMap.from_sympy([root * a + b, a / (b + root)], field=ROOT2)
    assert over == PolynomialMap(["theta*a+b", "a/(b+theta)"], field=ROOT2)
    assert (
        PolynomialMap.from_sympy([a**5 / 2], field=GF(7)).polynomials[0]
        == 4 * (PolynomialMap(["a^5"], field=GF(7)).polynomials[0])
    )
    for bad in (sympy.sqrt(3) * a, sympy.sin(a), sympy.sqrt(a), 1.5 * a, sympy.pi * a, a**b):
        for field in (None, ROOT2):
            with pytest.raises(AlgattnError):
                PolynomialMap.from_sympy([bad], field=field)


def test_from_polynomials() -> None:
    a, b, _ = RING.gens()
    assert PolynomialMap([a * b, "a/(b+1)", 3]).at([1, 2, 0]) == [2, QQ("1/3"), 3]


# --- what is assumed ---------------------------------------------------------------------------


def test_assume_nonzero() -> None:
    phi = PolynomialMap(["a*b/c", "a"], assume_nonzero=["a+b", "b", "2"])
    assert [str(p) for p in phi.assume_nonzero] == ["a + b", "b"]
    assert [str(p) for p in phi.avoided] == ["c", "a + b", "b"]
    assert Plain.from_data(phi.to_data()) == phi
    part = phi.restrict({"b": "c^2"})
    assert [str(p) for p in part.assume_nonzero] == ["c^2 + a", "c^2"]
    outer = PolynomialMap(["x*y"], assume_nonzero=["x-y"])
    assert [str(p) for p in outer.compose(PolynomialMap(["s", "1/t"])).assume_nonzero] == [
        "s*t - 1"
    ]
    for bad in (["0"], ["z"], ["1/a"], [3.5]):
        with pytest.raises(AlgattnError):
            PolynomialMap(["a*b"], assume_nonzero=bad)
    with pytest.raises(InputError):
        PolynomialMap(phi, assume_nonzero=["a"])


# --- files -------------------------------------------------------------------------------------

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema()))
FILES: list[dict[str, Any]] = [
    {"polynomials": ["a*b", "(a+b)/(1+a^2)"]},
    {"polynomials": {"x": "a*b", "y": 3}, "field": "GF(7)", "assume_nonzero": ["a"]},
    {"polynomials": ["1", "v_1_2"], "denominators": ["v_1_1", 2], "parameters": {"v": [1, 2]}},
    {"polynomials": ["theta*t"], "field": {"modulus": [-2, 0, 1], "root": 1}, "comment": "x"},
    {"polynomials": ["a*b"], "symmetries": {"scaling": {"a": "a", "b": "-b"}}},
    {"schema": "algattn/map/1", "polynomials": ["a"], "parameters": ["a"], "coordinates": ["p"]},
]
BAD_FILES: list[Any] = [
    [],
    {},
    {"polynomials": "a"},
    {"polynomials": []},
    {"polynomials": ["a"], "more": 1},
    {"polynomials": [1.5]},
    {"polynomials": [["a"]]},
    {"polynomials": ["a"], "parameters": "a"},
    {"polynomials": ["a"], "parameters": {"a": [0]}},
    {"polynomials": ["a"], "parameters": {"a": 2}},
    {"polynomials": ["a"], "parameters": [["a"]]},
    {"polynomials": ["a"], "field": "RR"},
    {"polynomials": ["a"], "field": {"modulus": [-1, 0, 1], "root": 0}},
    {"polynomials": ["a"], "schema": "algattn/map/2"},
    {"polynomials": ["a"], "denominators": []},
    {"polynomials": ["a"], "symmetries": {"s": ["a"]}},
    {"polynomials": ["a"], "symmetries": {"s": {"a": [1]}}},
    {"polynomials": {"x": "a"}, "coordinates": ["x"]},
    {"polynomials": ["a"], "coordinates": [3]},
    {"polynomials": ["a"], "assume_nonzero": [None]},
    {"polynomials": ["a"], "comment": 1},
    {"polynomials": ["v_1"], "parameters": {"v": [2**63, 2]}, "field": "QQ"},
    {"parametrization": {}},
    {"network": {"widths": [1, 1], "ranks": 1}},
]


@pytest.mark.parametrize("data", FILES)
def test_files(data: dict[str, Any], tmp_path: Path) -> None:
    VALIDATOR.validate(data)
    phi = PolynomialMap.from_file(json.dumps(data))
    assert isinstance(phi, PolynomialMap)
    path = tmp_path / "map.json"
    path.write_text(json.dumps(phi.to_data()))
    assert PolynomialMap.from_file(path) == phi


@pytest.mark.parametrize("data", BAD_FILES)
def test_bad_files(data: Any) -> None:
    with pytest.raises(AlgattnError) as caught:
        PolynomialMap.from_file(json.dumps(data).encode())
    assert len(str(caught.value)) < 500
    semantic = ("denominators", "coordinates", "symmetries", "field")
    if not isinstance(data, dict) or not set(data) & {*semantic, "parametrization"}:
        assert not VALIDATOR.is_valid(data)


def test_examples() -> None:
    for path in sorted(EXAMPLES.glob("map_*.json")):
        VALIDATOR.validate(json.loads(path.read_text()))
        assert PolynomialMap.from_file(path).dimension().status.name == "PROVED"
    claw = PolynomialMap.from_file(EXAMPLES / "map_jukes_cantor.json")
    assert claw.implicitize(3).counts == {1: 1, 3: 1}  # a cubic: Sturmfels, Sullivant 2005
    heads = PolynomialMap.from_file(EXAMPLES / "map_two_heads.json")
    net = Lightning((2, 1), 1, heads=2).map("QKV")
    assert sorted(map(len, heads.polynomials)) == sorted(map(len, net.polynomials))
    assert heads.dimension().value == net.dimension().value == 6


# --- the command -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("map {claw} dimension", 0, "The image has dimension 3"),
        ("map {claw} dimension --format json", 0, '"map.dimension"'),
        ("map {claw} implicitize --max-degree 3 --degree ordinary", 0, "1 cubic"),
        ("map {claw} show", 0, "p_123 = 3/8*a*b*c+"),
        ("map {layer} dimension --seed 3", 0, "The image has dimension"),
        ("map --form AV {layer} show", 0, "parameters: a[2, 2], v[2, 2]"),
        ("map --form AV {claw} show", 2, "it is not the file of a network"),
        ("map - dimension", 0, "The image has dimension 1"),
        ("map fiber --help", 0, "--point TEXT"),
        ("map {claw} fiber", 2, "Missing option '--point'"),
        ("map {claw} fiber --point 1,2 --time-limit 9", 2, "3 parameters and 2 numbers"),
        ("map {claw} fiber --point 1,2,x", 2, "algattn: "),
        ("map {claw} identifiable --h a --h a*b", 0, "a and a*b are locally identifiable"),
        ("map {claw} dimension --declared 3,counting", 0, "The image has dimension 3"),
        ("map {claw} dimension --declared three", 2, "no dimension with its source"),
        ("map {claw} nonsense", 2, "No such command 'nonsense'"),
        ("map nowhere.json dimension", 2, "No such file"),
        ("map {claw}", 2, "Missing command"),
    ],
)
def test_the_command(words: str, code: int, said: str) -> None:
    names = {"claw": EXAMPLES / "map_jukes_cantor.json", "layer": EXAMPLES / "one_layer.json"}
    given = [word.format(**names) for word in words.split()]
    done = CliRunner().invoke(main, given, input='{"polynomials": ["t^2", "t^3"]}')
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_one_option_with_two_names() -> None:
    net = Lightning((2, 1), 1)
    assert net.map("AV") == net.map(form="AV") == net.map(params="AV")
    with pytest.raises(InputError, match="one option"):
        net.map("AV", params="AV")
