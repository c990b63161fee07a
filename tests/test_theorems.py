"""Every theorem refuses what lies just outside its hypotheses, and so do the questions."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import pkgutil
import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from resealing import holds, resealed

import algattn
from algattn import FunctionMap, Lightning, Softmax, Weights, critical_points, load
from algattn.attention import Architecture, Mask, VirtualWeights, Window
from algattn.attention.theorems import THEOREMS, Hypothesis, Theorem, covering, no_residual
from algattn.errors import AlgattnError, HypothesisError, UndecidedError
from algattn.fibers.normal_form import VirtualNormalForm, virtual_normal_forms

ROOT = Path(algattn.__file__).parent
for module in pkgutil.walk_packages([str(ROOT)], "algattn."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

two, deep = Lightning((2, 2), 1), Lightning((2, 2, 2), 2)
unit, skew, nothing = [[1, 0], [0, 1]], [[0, 1], [-1, 0]], [[0, 0], [0, 0]]
OPTIONS: tuple[dict[str, Any], ...] = (
    {"heads": 2},
    {"heads": 2, "kv_heads": 1, "value_ranks": 1},
    {"value_ranks": 1},
    {"mask": "causal"},
    {"mask": Window(1)},
    {"mask": [(0, 0), (0, 1)]},
    {"residual": True},
    *({"biases": letter} for letter in "qkvo"),
    {"heads": 2, "mask": "causal", "residual": True, "biases": "qkvo"},
)
SIZES: tuple[tuple[tuple[int, ...], int, int], ...] = (
    *(((2, 2), a, t) for a in (1, 2) for t in (1, 2, 3)),
    *(((2, 2, 2), 2, t) for t in (1, 2)),
    *((widths, 1, t) for widths in ((1, 1), (2, 1), (3, 2)) for t in (1, 2)),
    *((widths, 2, 2) for widths in ((1, 2), (3, 1), (4, 1), (1, 1, 1))),
    *(((2, 1), 2, 2), ((3, 1), 1, 2), ((8, 1), 2, 1), ((2, 2, 1), 1, 2), ((2, 2, 2, 2), 1, 2)),
)


def networks() -> Iterator[Architecture]:
    """Plain networks and variants, with one and several of everything."""
    for widths, ranks, tokens in SIZES:
        for options in ({}, *OPTIONS):
            if options.get("residual") and len(set(widths)) > 1:
                continue
            if options.get("mask") and tokens != 2:
                continue
            for kind in (Lightning, Softmax):
                yield kind(widths, ranks, tokens, **options)
    yield Lightning((2, 2, 2), 1, heads=(1, 2))
    yield Lightning((3, 2), 1, 1, mask=Mask(1, frozenset()))


POOL = list(networks())
INSIDE_WEIGHTS: dict[str, tuple[Architecture, Weights]] = {
    "deep fiber (no skew layers)": (deep, Weights(A=[unit, unit], V=[unit, unit])),
    "skew layers": (deep, Weights(A=[skew, unit], V=[unit, unit])),
    "collapse": (deep, Weights(A=[[[1, 0], [0, 0]], unit], V=[unit, unit])),
    "zero fiber": (deep, Weights(A=[unit, unit], V=[unit, nothing])),
    "Reduced": (deep, Weights(A=[unit, unit], V=[unit, unit])),
    "multiplicity": (two, Weights(A=[[[1, 0], [0, 0]]], V=[unit])),
}
rank_one = [[1, 0], [0, 0]]
OUTSIDE_WEIGHTS: dict[tuple[str, str], tuple[Architecture, Weights]] = {
    ("deep fiber (no skew layers)", "a function that is not zero"): (
        deep,
        Weights(A=[unit, nothing], V=[unit, unit]),
    ),
    ("deep fiber (no skew layers)", "no skew layer before the collapse"): (
        deep,
        Weights(A=[unit, skew], V=[unit, unit]),
    ),
    ("skew layers", "a function that is not zero"): (
        deep,
        Weights(A=[skew, unit], V=[nothing, unit]),
    ),
    ("skew layers", "two tokens or two features"): (
        Lightning((3, 3), 3, 3),
        Weights(A=[[[0, 1, 0], [-1, 0, 0], [0, 0, 0]]], V=[[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]),
    ),
    ("collapse", "a first layer of rank one, one token or one feature"): (
        deep,
        Weights(A=[unit, rank_one], V=[unit, unit]),
    ),
    ("zero fiber", "the zero function"): (deep, Weights(A=[unit, skew], V=[unit, unit])),
    ("Reduced", "no skew layer before the collapse"): (
        deep,
        Weights(A=[skew, unit], V=[unit, unit]),
    ),
    ("Reduced", "no collapse before the end"): (
        deep,
        Weights(A=[rank_one, unit], V=[unit, unit]),
    ),
    ("multiplicity", "forms whose degree the lemma proves"): (
        Lightning((4, 1), 2),
        Weights(A=[[[0] * 4] * 4], V=[[[1, 0, 0, 0]]]),
    ),
}
theorems = pytest.mark.parametrize("theorem", THEOREMS.values(), ids=list(THEOREMS))


@theorems
def test_it_covers_some_networks_and_weights(theorem: Theorem) -> None:
    inside = [n for n in POOL if theorem.covers(n)]
    assert inside, "the pool needs a network that it covers"
    for network in inside:
        theorem.require(network, "prove this")
    if theorem.at_weights:
        network, weights = INSIDE_WEIGHTS[theorem.name]
        assert theorem.covers(network, weights)
        theorem.require(network, "prove this", weights)


@theorems
def test_it_refuses_networks_just_outside(theorem: Theorem) -> None:
    for hypothesis in theorem.hypotheses:
        others = [h for h in theorem.hypotheses if h != hypothesis]
        outside = [
            n for n in POOL if not hypothesis.holds(n) and all(other.holds(n) for other in others)
        ]
        unequal = hypothesis is no_residual and not any(
            len(set(n.widths)) == 1 for n in POOL if theorem.covers(n)
        )
        assert outside or unequal, f"the pool needs one where only {hypothesis.name!r} fails"
        for network in outside:
            assert not theorem.covers(network)
            with pytest.raises(HypothesisError) as error:
                theorem.require(network, "prove this")
            assert repr(theorem.name) in str(error.value)
            assert theorem.why_not(network) in str(error.value)


@theorems
def test_it_refuses_weights_just_outside(theorem: Theorem) -> None:
    for hypothesis in theorem.at_weights:
        network, weights = OUTSIDE_WEIGHTS[theorem.name, hypothesis.name]
        assert theorem.covers(network)
        assert not theorem.covers(network, weights)
        assert hypothesis.fails(hypothesis.facts(network, weights))
        with pytest.raises(HypothesisError, match=re.escape(repr(theorem.name))):
            theorem.require(network, "prove this", weights)


# --- the pages ------------------------------------------------------------------------------------

#: Lemmas that decide nothing about a network, and where they are used.
STEPS = {
    "one_layer.md": {"dimension", "section (t = 1)", "isotropic"},
    "deep.md": {"scaling", "tokens", "peeling", "plane (any t)", "superfluous widths"}
    | {"generic components"},
    "equations.md": {"stable", "minors (t >= 2)", "fillings", "count", "complete", "two to one"}
    # of any parametrization
    | {"degrees", "kernels", "graph", "quotients", "number fields", "chart", "unmixed"},
    "singularities.md": {"tangents", "not closed"},
}


def lemmas(page: str) -> set[str]:
    """The names of lemmas of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^(?:## Lemma |\*\*Lemma )(.+?)(?:\.\*\*.*)?$", text, re.MULTILINE))


def names(page: Path) -> set[str]:
    """Headings, and words in bold that begin a paragraph or a sentence."""
    text = page.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (?:Lemma )?(.+)$", text, re.MULTILINE)
    bold = re.findall(r"\*\*(?:Lemma )?([^*]+?)\.?\*\*", text)
    return {" ".join(name.casefold().split()) for name in (*heads, *bold)}


@theorems
def test_it_is_proved_on_its_page(theorem: Theorem) -> None:
    assert theorem.name.casefold() in names(ROOT.parent / theorem.source)


@pytest.mark.parametrize("page", STEPS)
def test_every_lemma_is_a_theorem_or_a_step(page: str) -> None:
    known = {name for name, theorem in THEOREMS.items() if theorem.source.endswith(page)}
    assert lemmas(page) <= known | STEPS[page]


# --- no room decides by kind and number of layers -------------------------------------------------

ROOMS = ("fibers", "singularities", "groebner", "formulas", "model")


def comparisons(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Compare):
            continue
        for pair in pairwise([node.left, *node.comparators]):
            asked = {x.attr for x in pair if isinstance(x, ast.Attribute)} & {"kind", "layers"}
            if asked and any(isinstance(x, ast.Constant) for x in pair):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {ast.unparse(node)}"


def test_no_room_asks_for_the_kind_or_counts_layers() -> None:
    paths = [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))]
    found = [text for path in [*paths, ROOT / "attention/problem.py"] for text in comparisons(path)]
    # the kind of a critical point, of a vector and of JSON data
    allowed = ("critical", "form['kind']")
    assert [text for text in found if not any(word in text for word in allowed)] == []


# --- public questions ---------------------------------------------------------------------------

VARIANTS = [kind((2, 2), 1, **options) for kind in (Lightning, Softmax) for options in OPTIONS]
VARIANTS += [Lightning((2, 2, 2), 1, heads=(1, 2)), Lightning((2, 1), 1, 1, biases="o")]
PLAIN_FUNCTION = two.function(two.random_weights(1))
#: Questions whose answer rests on a theorem about plain networks.
REFUSING: dict[str, Callable[[Any, Weights], Any]] = {
    "virtual": lambda net, W: net.virtual(W),
    "fiber": lambda net, W: net.fiber(W),
    "hilbert_polynomial": lambda net, W: net.hilbert_polynomial(),
    "canonical": lambda net, W: net.canonical(W),
    "generic_fiber": lambda net, W: net.generic_fiber(),
    "contains": lambda net, W: net.contains(PLAIN_FUNCTION),
    "recover": lambda net, W: net.recover(lambda X: net(X, W)),
    "classify": lambda net, W: net.classify(W),
    "classify_function": lambda net, W: net.classify_function(PLAIN_FUNCTION),
    "singular_locus": lambda net, W: net.singular_locus(),
    "boundary": lambda net, W: net.boundary(),
    "strata": lambda net, W: net.strata(),
    "degree": lambda net, W: net.degree(),
    "ed_degree": lambda net, W: net.ed_degree(),
}
MORE: tuple[Callable[[Any, Weights], Any], ...] = (
    lambda net, W: net.recover(PLAIN_FUNCTION),
    lambda net, W: critical_points(net, [([[1, 2], [3, 4]], [[1, 2], [3, 4]])]),
)
#: Questions that are asked of every network; the tests of their rooms say with what answer.
GENERIC = {"random_weights", "report", "dimension", "local_dimension", "dimension_report"}
GENERIC |= {"equivalent", "function", "parametrization", "jacobian", "fiber_ideal", "random_gauge"}
GENERIC |= {"map", "derive", "ideal"}


def public(kind: type) -> set[str]:
    return {
        name
        for name, value in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and name not in vars(Architecture)
    }


def test_every_question_is_generic_or_refuses() -> None:
    assert public(Lightning) == GENERIC | set(REFUSING)
    assert public(Softmax) <= GENERIC


@pytest.mark.parametrize("net", [n for n in VARIANTS if n.kind == "lightning"], ids=repr)
def test_questions_about_plain_networks_refuse(net: Lightning) -> None:
    W = net.random_weights(1)
    for ask in (*REFUSING.values(), *MORE):
        with pytest.raises(HypothesisError, match="the theorem '"):
            ask(net, W)


# --- equality, against values computed by hand ----------------------------------------------------


def fractions(W: Weights, i: int) -> dict[Any, list[list[Fraction]]]:
    """The blocks of a layer in Python numbers."""
    return {k: [[Fraction(str(x)) for x in r] for r in m.rows] for k, m in W.layer(i).items()}


def affine(
    blocks: dict[Any, list[list[Fraction]]], name: str, bias: str, n: int, column: list[Fraction]
) -> list[Fraction]:
    """A block times a column, and its bias."""
    rows = blocks[name, n]
    shift = blocks.get((bias, n), [[Fraction(0)]] * len(rows))
    return [
        sum((a * x for a, x in zip(row, column, strict=True)), b)
        for row, (b,) in zip(rows, shift, strict=True)
    ]


def value(net: Architecture, W: Weights, X: list[list[Fraction]]) -> list[list[Fraction]]:
    """The output of a lightning network, sums written out over tokens, heads and features."""
    t = range(net.tokens)
    for i, shape in enumerate(net.shapes):
        blocks = {
            key: [[Fraction(str(x)) for x in r] for r in m.rows] for key, m in W.layer(i).items()
        }
        out = [[Fraction(0)] * net.tokens for _ in range(shape.e)]

        columns = [[row[j] for row in X] for j in t]
        for h in range(shape.heads):
            g = h // (shape.heads // shape.groups)
            for a in t:
                query = affine(blocks, "Q", "bq", h, columns[a])
                for b in t:
                    if (b, a) not in Mask.of(shape.mask, net.tokens).pairs:
                        continue
                    key = affine(blocks, "K", "bk", g, columns[b])
                    score = sum(x * y for x, y in zip(key, query, strict=True))
                    v = affine(
                        blocks, "V" if shape.value_rank is None else "W", "bv", g, columns[b]
                    )
                    if shape.value_rank is not None:
                        v = affine(blocks, "O", "", h, v)
                    for r, x in enumerate(v):
                        out[r][a] += x * score
        for r in range(shape.e):
            for a in t:
                out[r][a] += blocks.get(("bo", 0), [[Fraction(0)]] * shape.e)[r][0]
                out[r][a] += X[r][a] if shape.residual else 0
        X = out
    return X


def same_values(net: Architecture, one: Weights, two: Weights) -> bool:
    """Agreement at many inputs, more than the degree allows by chance."""
    rng = random.Random(repr(net))
    for _ in range(12):
        X = [[Fraction(rng.randint(-40, 40)) for _ in range(net.tokens)] for _ in range(net.d_in)]
        if value(net, one, X) != value(net, two, X):
            return False
    return True


def moved(net: Architecture, W: Weights) -> Weights:
    """Other weights with the same function: K and Q of a group scaled against each other."""
    blocks = {p: W.block(p) for s in net.shapes for p in s.parameters}
    scale = {"K": 2, "bk": 2, "Q": Fraction(1, 2), "bq": Fraction(1, 2)}
    return Weights.of({p: m * scale.get(p.name, 1) for p, m in blocks.items()})


@pytest.mark.parametrize("net", VARIANTS, ids=repr)
def test_equality_of_variants(net: Any) -> None:
    W, U = net.random_weights(1), net.random_weights(2)
    same, other = net.equivalent(W, W), net.equivalent(W, U)
    assert (same.value, other.value) == (True, False)
    assert same.reason == "equal weights"
    for result in (same, other):
        assert result.status.name == "PROVED"
        assert load(result.to_json()).verify()
    if net.kind == "lightning":
        assert not same_values(net, W, U)
        again = net.equivalent(W, moved(net, W))
        assert again.value
        assert again.reason == "all coefficients agree"
        assert load(again.to_json()).verify()
        assert same_values(net, W, moved(net, W))
    else:
        with pytest.raises(UndecidedError, match="no theorem"):
            net.equivalent(W, moved(net, W))


def test_equality_of_heads_in_another_order() -> None:
    net = Lightning((2, 1), 1, heads=2)
    W = net.random_weights(5)
    flipped = Weights(**{n: [part[::-1] for part in getattr(W, n)] for n in ("K", "Q", "V")})
    assert net.equivalent(W, flipped).value
    assert same_values(net, W, flipped)


# --- lemmas about weights ------------------------------------------------------------------------


def test_descriptions_are_complete_where_a_lemma_says_so() -> None:
    rng = random.Random("descriptions")
    met: set[bool] = set()
    for _ in range(120):
        d, t, layers = rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 3)
        net = Lightning((d,) * (layers + 1), d, t)
        A = []
        for _ in range(layers):
            m = [[rng.randint(-1, 1) for _ in range(d)] for _ in range(d)]
            if rng.random() < 0.5:
                m = [[m[i][j] - m[j][i] for j in range(d)] for i in range(d)]
            A.append(m)
        W = Weights(A=A, V=[[[int(i == j) for j in range(d)] for i in range(d)]] * layers)
        (v,) = virtual_normal_forms(net, W)
        expected = not v.skew or v.zero or t == 2 or d == 2
        assert v.complete is expected
        met.add(expected)
    assert met == {True, False}


def test_facts_come_from_weights_or_are_given() -> None:
    theorem = THEOREMS["deep fiber (no skew layers)"]
    _, weights = INSIDE_WEIGHTS[theorem.name]
    v = VirtualWeights.of(weights)
    assert theorem.holds_at(VirtualNormalForm.of(2, v.B, v.V))


def test_the_first_that_covers_is_chosen() -> None:
    one, several = THEOREMS["fiber (t = 1)"], THEOREMS["fiber (t >= 2)"]
    assert covering(two, "ask", several, one) is several
    assert covering(Lightning((2, 2), 1, 1), "ask", several, one) is one
    with pytest.raises(HypothesisError, match="heads"):
        covering(Lightning((2, 2), 1, heads=2), "ask", several, one)
    assert isinstance(one.hypotheses[0], Hypothesis)
    assert isinstance(PLAIN_FUNCTION, FunctionMap)


# --- the ideal of a fiber of a variant ------------------------------------------------------------


@pytest.mark.parametrize("net", [n for n in VARIANTS if n.kind == "lightning"], ids=repr)
def test_ideals_of_fibers_of_variants(net: Lightning) -> None:
    """Its generators vanish at weights exactly when these have the same values."""
    W = net.random_weights(1)
    ideal = net.fiber_ideal(W, "QKV")

    def vanish(U: Weights) -> bool:
        blocks = [U.block(p) for s in net.shapes for p in s.parameters]
        at = [x for m in blocks for row in m.rows for x in row]
        return not any(g(*at) for g in ideal.generators)

    assert vanish(W)
    assert vanish(moved(net, W))
    for seed in (2, 3):
        U = net.random_weights(seed)
        assert vanish(U) == same_values(net, W, U)


@pytest.mark.parametrize(
    "options", [{"heads": 2}, {"residual": True}, {"biases": "qkvo"}], ids=repr
)
def test_decision_boundaries_of_variants(options: dict[str, Any]) -> None:
    """In one entry of X the boundary is the roots of a cubic."""
    net = Lightning((1, 1), 1, 1, **options)
    W = net.random_weights(1)
    found = net.ed_degree(W)
    assert found.value == 3
    assert load(found.to_json()).verify()


def test_heads_that_share_keys_have_no_free_attention_matrices() -> None:
    net = Lightning((2, 2), 1, heads=2, kv_heads=1, value_ranks=1)
    with pytest.raises(HypothesisError, match='or params="QKV"'):
        net.fiber_ideal(net.random_weights(1))


def test_a_fiber_of_two_heads_is_decomposed() -> None:
    """(x^3)(a_1 v_1 + a_2 v_2) at one token and width: one quadric of dimension 3."""
    net = Lightning((1, 1), 1, 1, heads=2)
    found = net.fiber_ideal(net.random_weights(1)).decompose()
    assert found.value == 3
    assert load(found.to_json()).verify()


# --- files that say of a variant what holds for a plain network -----------------------------------


def results() -> Iterator[Any]:
    """A result of each question whose evidence rests on a theorem about plain networks."""
    for net in (two, deep):
        W = net.random_weights(1)
        yield from (net.fiber(W), net.canonical(W), net.generic_fiber())
        yield net.equivalent(W, net.random_gauge(3).act(W))
    f = PLAIN_FUNCTION
    wide = Lightning((2, 2), 2)
    yield from (two.classify(two.random_weights(1)), two.classify_function(f), two.contains(f))
    yield from (two.singular_locus(), two.boundary(), two.degree(), two.ideal(3))
    yield from (two.contains(wide.function(wide.random_weights(1))), two.ideal(2).contains(f))
    yield Lightning((1, 1), 1).ed_degree()
    soft = Softmax((2, 2), 2)
    S = soft.random_weights(1)
    yield soft.equivalent(S, moved(soft, S))
    yield two.recover(lambda X: [[float(x) for x in row] for row in two(X, two.random_weights(1))])


def networks_in(data: Any) -> Iterator[dict[str, Any]]:
    """Every network in the JSON data of a result, those of results inside it too."""
    if isinstance(data, dict):
        if "widths" in data and "ranks" in data:
            yield data
        for part in data.values():
            yield from networks_in(part)
    elif isinstance(data, list):
        for part in data:
            yield from networks_in(part)


@pytest.mark.parametrize("result", list(results()), ids=lambda r: r.kind)
def test_no_file_about_a_variant_verifies(result: Any) -> None:
    assert result.verify()
    for option in ({"residual": True}, {"mask": "causal"}, {"kind": None}):
        data = json.loads(result.to_json())
        for network in networks_in(data):
            other = "lightning" if network["kind"] == "softmax" else "softmax"
            network.update({"kind": other} if "kind" in option else option)
        assert not holds(data)
        with contextlib.suppress(AlgattnError, ValueError):
            forged = resealed(data)
            assert not holds(forged)
