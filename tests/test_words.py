"""Words, keywords, seeds and limits of every public call are checked where they enter."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from public_calls import public_calls, string_options

import algattn
from algattn import GF, QQ, FunctionMap, Lightning, PolynomialMap, Softmax, Weights
from algattn.arguments import ENGINE_NAMES
from algattn.bias import TokenData, diagnose, local_selections, regress, train
from algattn.dimension import family
from algattn.engines import ENGINES, Dimension, GroebnerBasis, answer, choose, get, golden, solve
from algattn.errors import AlgattnError, InputError
from algattn.exact import PolynomialRing
from algattn.export import export_ideal, export_parametrization, exported_names, import_ideal
from algattn.groebner.implicitize import implicitize
from algattn.groebner.invariant_comparison import compare_families
from algattn.maps import Grading
from algattn.paths import PathNetwork, PathShape, QueryKeyHead, permute_heads, prune
from algattn.plot import slice as draw_slice
from algattn.symbolic.parametrization import Parametrization, parametrize
from algattn.symbolic.results import derive
from algattn.tropical import (
    Layer,
    MultiHead,
    NewtonPolytope,
    PowerDiagram,
    TropicalAttention,
    read_tropical_file,
    tube_volume,
)

NONSENSE = "xyzzy"
NET = Lightning(widths=(2, 1), ranks=1)
W = NET.random_weights(1)
RING = PolynomialRing(QQ, ("s", "t"))
CURVE = [g**2 for g in RING.gens()]
CUSP = PolynomialMap(["t^2", "t^3"])
TOKENS = TokenData.of([[[1, 0], [0, 1]]], [1], [1, 0])
HEAD = TropicalAttention(keys=[[0], [1], [3]], values=[[0], [1], [2]])


@lru_cache
def run() -> Any:
    return train(TOKENS, steps=5)


@lru_cache
def diagnosis() -> Any:
    return diagnose(TOKENS)


@lru_cache
def ideal() -> Any:
    return NET.ideal(2)


@lru_cache
def fiber_ideal() -> Any:
    return NET.fiber_ideal(W)


def network(**options: Any) -> PathNetwork:
    return PathNetwork(heads=(2,), widths=(6, 6), **options)


#: How to ask each public call with a word for each of its string options.
CALLS: dict[str, Callable[[str], Any]] = {
    "Attention.dimension method": lambda w: NET.dimension(method=w),
    "Attention.random_weights form": lambda w: NET.random_weights(1, form=w),
    "Weights.blocks name": lambda w: NET.random_weights(1).blocks(w, 0),
    "DiagnosisResult.applies statement": lambda w: diagnosis().applies(w),
    "DiagnosisResult.failing statement": lambda w: diagnosis().failing(w),
    "DiagnosisResult.holds name": lambda w: diagnosis().holds(w),
    "DiagnosisResult.witness name": lambda w: diagnosis().witness(w),
    "FiberIdeal.agrees engine": lambda w: fiber_ideal().agrees(engine=w),
    "GroebnerBasis order": lambda w: GroebnerBasis(tuple(CURVE), w),
    "IdealBase.contains engine": lambda w: fiber_ideal().contains("0", engine=w),
    "IdealBase.export system": lambda w: CUSP.singular_ideal([]).export(w),
    "IdealBase.groebner engine": lambda w: fiber_ideal().groebner(engine=w),
    "IdealMethods.intersection engine": lambda w: fiber_ideal().intersection(["1"], engine=w),
    "IdealMethods.quotient engine": lambda w: fiber_ideal().quotient("1", engine=w),
    "IdealMethods.radical engine": lambda w: fiber_ideal().radical(engine=w),
    "IdealMethods.saturation engine": lambda w: fiber_ideal().saturation("1", engine=w),
    "IdealQuestions.betti engine": lambda w: fiber_ideal().betti(engine=w),
    "IdealQuestions.hilbert_series engine": lambda w: fiber_ideal().hilbert_series(engine=w),
    "IdealQuestions.minimal_primes engine": lambda w: fiber_ideal().minimal_primes(engine=w),
    "IdealQuestions.primary_decomposition engine": lambda w: fiber_ideal().primary_decomposition(
        engine=w
    ),
    "IdealQuestions.resolution engine": lambda w: fiber_ideal().resolution(engine=w),
    "IdealSizes.degree engine": lambda w: fiber_ideal().degree(engine=w),
    "IdealSizes.dimension engine": lambda w: fiber_ideal().dimension(engine=w),
    "IdealResult.degree engine": lambda w: ideal().degree(engine=w),
    "IdealResult.dimension engine": lambda w: ideal().dimension(engine=w),
    "IdealResult.export system": lambda w: ideal().export(w),
    "ImplicitIdeal.export system": lambda w: implicitize(CURVE, max_degree=1).export(w),
    "Grading.degrees asked_for": lambda w: Grading(((1, 1),), 2).degrees(w),
    "Layer skip": lambda w: Layer([HEAD], w),
    "Lightning.derive params": NET.derive,
    "Lightning.ed_degree engine": lambda w: NET.ed_degree(engine=w),
    "Lightning.ed_degree metric": lambda w: NET.ed_degree(metric=w),  # type: ignore[arg-type]
    "Lightning.fiber params": lambda w: NET.fiber(W, params=w),
    "Lightning.fiber_ideal params": lambda w: NET.fiber_ideal(W, w),
    "Lightning.parametrization params": NET.parametrization,
    "Lightning.map form": NET.map,
    "Lightning.map params": lambda w: NET.map(params=w),
    "MapFiberIdeal.decompose engine": lambda w: fiber_ideal().decompose(engine=w),
    "MapFiberIdeal.primary engine": lambda w: fiber_ideal().primary(engine=w),
    "Heads.cells backend": lambda w: MultiHead([HEAD]).cells(backend=w),
    "Heads.cells method": lambda w: MultiHead([HEAD]).cells(method=w),
    "MultiHead.diagram backend": lambda w: MultiHead([HEAD]).diagram(backend=w),
    "NewtonPolytope backend": lambda w: NewtonPolytope(1, ((QQ(0),), (QQ(1),)), w).volume(),
    "Parametrization params": lambda w: Parametrization(NET, w),
    "PathNetwork attention": lambda w: network(attention=w),
    "PathNetwork readout": lambda w: network(readout=w),
    "PathNetwork task": lambda w: network(task=w),
    "Paths.draw weight": lambda w: network().paths().draw(weight=w),
    "PolynomialRing order": lambda w: PolynomialRing(QQ, ("x",), w),
    "PolynomialMap.identifiable kind": lambda w: CUSP.identifiable(kind=w),
    "PolynomialMap.equations degree": lambda w: CUSP.equations(2, degree=w),
    "PolynomialMap.ideal degree": lambda w: CUSP.ideal(2, degree=w),
    "PolynomialMap.ideal engine": lambda w: CUSP.ideal(2, engine=w),
    "PolynomialMap.implicitize degree": lambda w: CUSP.implicitize(2, degree=w),
    "PolynomialMap.dimension method": lambda w: CUSP.dimension(method=w),
    "PolynomialMap.degree engine": lambda w: CUSP.degree(engine=w),
    "PolynomialMap.degree modulo": lambda w: CUSP.degree(modulo=w),
    "PolynomialMap.fiber_components modulo": CUSP.fiber_components,
    "PolynomialMap.fiber_components engine": lambda w: CUSP.fiber_components(engine=w),
    "PolynomialMap.fiber engine": lambda w: CUSP.fiber([2], engine=w),
    "PolynomialMap.implicitize engine": lambda w: CUSP.implicitize(2, engine=w),
    "PolynomialMap.contains engine": lambda w: CUSP.contains([4, 8], engine=w),
    "PolynomialMap.local_dimension engine": lambda w: CUSP.local_dimension([4, 8], engine=w),
    "PolynomialMap.singular_locus engine": lambda w: CUSP.singular_locus(engine=w),
    "PolynomialMap.symmetries kind": CUSP.symmetries,
    "PolynomialMap.tangent_cone engine": lambda w: CUSP.tangent_cone([4, 8], engine=w),
    "PolynomialMap.implicitize method": lambda w: CUSP.implicitize(2, method=w),
    "PowerDiagram backend": lambda w: PowerDiagram(HEAD, backend=w),
    "QueryKeyHead kind": lambda w: QueryKeyHead([[1]], kind=w),
    "QueryKeyHead.from_query_key kind": lambda w: QueryKeyHead.from_query_key([[1]], [[1]], kind=w),
    "Regression.rate curve": lambda w: regress(TOKENS, steps=5).rate(w),
    "Result.claim name": lambda w: ideal().claim(w),
    "TrainingResult.rate curve": lambda w: run().rate(w),
    "TropicalAttention.diagram backend": lambda w: HEAD.diagram(backend=w),
    "choose engine": lambda w: choose(Dimension(tuple(CURVE)), w),
    "compare_families families": lambda w: compare_families(2, 2, 2, w),
    "critical_points engine": lambda w: algattn.critical_points(
        NET, [([[1, 0], [0, 1]], [[1, 0]])], engine=w
    ),
    "derive params": lambda w: derive(NET, w),
    "export_ideal system": lambda w: export_ideal(CURVE, w),
    "export_parametrization system": lambda w: export_parametrization(CURVE, ("x", "y"), w),
    "family kind": lambda w: family(depth=1, kind=w),
    "get name": get,
    "golden engine": golden,
    "implicitize engine": lambda w: implicitize(CURVE, max_degree=1, engine=w),
    "implicitize degree": lambda w: implicitize(CURVE, max_degree=1, degree=w),
    "implicitize method": lambda w: implicitize(CURVE, method=w),
    "parametrize params": lambda w: parametrize(NET, w),
    "regress loss": lambda w: regress(TOKENS, loss=w),  # type: ignore[arg-type]
    "regress method": lambda w: regress(TOKENS, method=w),  # type: ignore[arg-type]
    "slice coordinates": lambda w: draw_slice(NET, w),
    "answer engine": lambda w: answer(Dimension(tuple(CURVE)), w),
    "exported_names system": lambda w: exported_names(CURVE[0].ring, w),
    "solve engine": lambda w: solve(Dimension(tuple(CURVE)), w),
    "train loss": lambda w: train(TOKENS, loss=w),  # type: ignore[arg-type]
    "train method": lambda w: train(TOKENS, method=w),  # type: ignore[arg-type]
    "train target": lambda w: train(TOKENS, target=w),  # type: ignore[arg-type]
    "tube_volume backend": lambda w: tube_volume(
        HEAD, temperature=1, error="1/4", box=[(0, 4)], backend=w
    ),
}
#: What the message calls an option, where that is not its name.
SAID = {"get name": "engine", "Grading.degrees asked_for": "degree"}
#: Strings that are no options.
FREE = {
    "text": "a text to read",
    "biases": "a set of letters; tests/attention/test_variants.py refuses others",
    "names": "names that the caller makes up",
    "title": "what stands above a picture",
    "to": "a file to write",
    "path": "a file to write",
}
FREE_HERE = {
    "Polynomial.derivative name": "a variable of the ring",
    "PolynomialMap.dimension declared": "a number and the words of whoever declares it",
    "PolynomialRing.gen name": "a variable of the ring",
    "VectorField name": "a name that the caller makes up",
}
#: Constructors of records: results, answers, what other calls fill in.
RECORDS = {
    *(
        "AlgattnError",
        "Answer",
        "Available",
        "Check",
        "Component",
        "Explanation",
        "FiberIdeal",
        "ImplicitIdeal",
    ),
    *("Regression", "Solution", "SVMResult", "StabilityResult", "Table.table_outline"),
}


def options() -> list[str]:
    found = []
    for name, function in public_calls():
        if name not in RECORDS:
            found += [f"{name} {o}" for o in string_options(function) if o not in FREE]
    return [o for o in found if o not in FREE_HERE]


def test_every_string_option_is_listed() -> None:
    assert sorted(options()) == sorted(CALLS)


@pytest.mark.parametrize("option", sorted(CALLS))
@pytest.mark.parametrize("word", [NONSENSE, "", "K" * 100_000])
def test_a_nonsense_word_is_refused(option: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        CALLS[option](word)
    said = str(caught.value)
    assert f"{SAID.get(option, option.split()[1])}={repr(word)[:20]}" in said
    assert "is not known" in said
    assert "known are" in said or "known is" in said
    assert len(said) < 400


def test_the_nearest_word_is_named() -> None:
    with pytest.raises(InputError, match="Try: 'QKV'; known are 'AV' and 'QKV'"):
        NET.fiber(W, params="KQV")
    with pytest.raises(InputError, match="Try: 'singular'"):
        get("Singluar")
    assert get("Singular").name == "singular"


def test_the_names_of_engines() -> None:
    assert tuple(engine.name for engine in ENGINES) == ENGINE_NAMES


# --- keywords ------------------------------------------------------------------------------------

#: Calls that are not decorated: arithmetic in inner loops, and records without a check.
PLAIN_CLASSES = {
    *("AlgattnError", "Available", "Cell", "Component", "Engine", "Explanation", "Field"),
    *("Head", "Limit", "Matrix", "NetworkFile", "NumberField", "NumberFieldElement", "Polynomial"),
    *("PolynomialRing", "PrimeField", "RationalField", "Rendered", "Status", "Task", "Tube"),
    "UniformHead",
}
PLAIN_FUNCTIONS = {
    *("available", "clear_cache", "crt", "field_from_data", "is_prime"),
    *("rational_reconstruction", "word_prime"),
}


@pytest.mark.parametrize("call", [n for n, _ in public_calls()])
def test_every_public_call_checks_its_arguments(call: str) -> None:
    function = dict(public_calls())[call]
    kinds = {p.kind for p in inspect.signature(function).parameters.values()}
    private = call in RECORDS or call.endswith(("Result", "ImplicitIdeal", ".assemble"))
    private |= call in ("StableModule", "Architecture") and not hasattr(function, "__wrapped__")
    if private or call.split(".", maxsplit=1)[0] in PLAIN_CLASSES or call in PLAIN_FUNCTIONS:
        return
    assert hasattr(function, "__wrapped__")
    if call not in ("Estimator.set_params", "Paths.with_data"):  # names that the caller makes up
        assert inspect.Parameter.VAR_KEYWORD not in kinds
    shared = inspect.signature(function).parameters
    for name in ("time_limit", "progress"):
        if name in shared and "Limits" not in call:
            assert shared[name].kind is inspect.Parameter.KEYWORD_ONLY
    if "progress" in shared:
        assert shared["progress"].default is False


@pytest.mark.parametrize("kind", [Lightning, Softmax])
@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("n_heads", "heads="),
        ("causal", 'mask="causal"'),
        ("bias", 'biases="qkvo"'),
        ("rope", "no positions"),
        ("mlp", "attention only"),
        ("head_dim", "rows of K and Q"),
        ("d_model", "one width for each layer"),
        ("layers", "one width for each layer"),
        ("depth", "one width for each layer"),
        ("softmax", "the class says it"),
        ("width", "'widths'"),
        ("token", "'tokens'"),
    ],
)
def test_features_that_are_not_built(kind: type, word: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        kind(widths=(2, 2), ranks=1, **{word: 1})
    text = str(caught.value)
    assert text.startswith(f"call {kind.__name__}: there is no keyword {word!r}")
    assert said in text
    assert "takes widths, ranks, tokens, heads" in text


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: NET.dimension(timeout=3), "'time_limit'"),  # type: ignore[call-arg]
        (lambda: NET.dimension(verbose=True), "'progress'"),  # type: ignore[call-arg]
        (lambda: NET.ideal(degree=3), "'max_degree'"),  # type: ignore[call-arg]
        (lambda: implicitize(CURVE, degree=3), "'max_degree'"),  # type: ignore[call-arg]
        (lambda: NET.ed_degree(metrik="unit"), "'metric'"),  # type: ignore[call-arg]
        (lambda: NET.random_weights(1, 2), "too many"),  # type: ignore[misc]
        (NET.fiber, "'weights'"),  # type: ignore[call-arg]
        (lambda: Weights(B=1), "takes A, K, Q, V, W, O"),  # type: ignore[call-arg]
        (lambda: regress(TOKENS, batch=0), "takes data"),  # type: ignore[call-arg]
        (lambda: network().posterior([[[1]]], [1], magic=1), "chains"),  # type: ignore[call-arg]
    ],
)
def test_keywords_say_what_exists(act: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        act()
    assert said in str(caught.value)


def test_type_errors_from_inside_are_not_hidden() -> None:
    class Broken:
        def __call__(self, X: Any) -> Any:
            raise TypeError("from inside")

    with pytest.raises(TypeError, match="from inside"):
        NET.recover(Broken())


def test_signatures_stay_visible() -> None:
    assert list(inspect.signature(Lightning).parameters)[:3] == ["widths", "ranks", "tokens"]
    assert "method" in inspect.signature(NET.dimension).parameters


# --- seeds, limits, odd values ------------------------------------------------------------------


@pytest.mark.parametrize("seed", [True, 1.0, float("nan"), "1", {}, [1], -1, None, 2**62])
def test_seeds(seed: Any) -> None:
    for act in (
        lambda: NET.random_weights(seed),
        lambda: NET.random_gauge(seed),
        lambda: NET.equivalent(W, W, seed=seed),
        lambda: NET.generic_fiber(seed=seed),
        lambda: NET.dimension(seed=seed),
        lambda: NET.ideal(2, seed=seed),
        lambda: train(TOKENS, seed=seed),
        lambda: network(seed=seed),
    ):
        with pytest.raises(InputError, match="seed is"):
            act()


@pytest.mark.parametrize("limit", [True, float("nan"), "1", {}, [1], -1])
def test_time_limits(limit: Any) -> None:
    for act in (
        lambda: NET.dimension(time_limit=limit),
        lambda: NET.ideal(2, time_limit=limit),
        lambda: NET.ed_degree(time_limit=limit),
        lambda: solve(Dimension(tuple(CURVE)), "builtin", time_limit=limit),
        lambda: regress(TOKENS, time_limit=limit),
    ):
        with pytest.raises(InputError, match="the time limit is"):
            act()


ODD: dict[str, Callable[[], Any]] = {
    "GF([])": lambda: GF([]),  # type: ignore[arg-type]
    "GF(10^5000)": lambda: GF(10**5000),
    "Weights(field='RR')": lambda: Weights(A=[[[1]]], V=[[[1]]], field="RR"),  # type: ignore[arg-type]
    "Weights(A=wide)": lambda: Weights(A=[[[1, 2]]], V=[[[1, 2]]]),
    "dimension(method=[])": lambda: NET.dimension(method=["dense"]),  # type: ignore[arg-type]
    "ideal(executor=5)": lambda: NET.ideal(2, executor=5),  # type: ignore[arg-type]
    "index": lambda: PathShape((2,), (5, 5)).index("0"),  # type: ignore[arg-type]
    "index(None)": lambda: PathShape((2,), (5, 5)).index(None),  # type: ignore[arg-type]
    "attention=None": lambda: network(attention=None),
    "attention=5": lambda: network(attention=5),
    "permute": lambda: permute_heads([[1, 0], [0, 1]], PathShape((2,), (5, 5)), 0, None),  # type: ignore[arg-type]
    "prune": lambda: prune([[1, 0], [0, 1]], PathShape((2,), (5, 5)), None, 0),  # type: ignore[arg-type]
    "limit=None": lambda: local_selections(TOKENS, limit=None),  # type: ignore[arg-type]
    "layer=None": lambda: TropicalAttention.from_weights(W, [[1, 0]], layer=None),  # type: ignore[arg-type]
    "report(function=3)": lambda: NET.report(function=3),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", ODD)
def test_odd_arguments(name: str) -> None:
    with pytest.raises(AlgattnError):
        ODD[name]()


# --- messages --------------------------------------------------------------------------------

LONG = "x" * 100_000
READERS: dict[str, Callable[[Any], Any]] = {
    "widths": lambda x: Lightning(widths=x, ranks=1),
    "ranks": lambda x: Lightning(widths=(2, 2), ranks=x),
    "weights": NET.fiber,
    "weights A": lambda x: Weights(A=x, V=[[[1]]]),
    "entry": lambda x: Weights(A=[[[x]]], V=[[[1]]]),
    "keys": lambda x: Weights.from_data({str(x): 1, "A": [], "V": []}),
    "network": lambda x: Lightning.from_data({"widths": [2, 2], "ranks": 1, "kind": str(x)}),
    "network keys": lambda x: Lightning.from_data({"widths": [2, 2], "ranks": 1, str(x): 1}),
    "function": FunctionMap.from_data,
    "number": QQ,
    "field": lambda x: Weights(A=[[[1]]], V=[[[1]]], field=x),
    "prime": GF,
    "load": lambda x: algattn.load(str(x)),
    "read_network_file": lambda x: algattn.read_network_file(str(x)),
    "read_tropical_file": lambda x: read_tropical_file(str(x)),
    "import_ideal": lambda x: import_ideal(str(x)),
    "polynomials": implicitize,
    "tokens": TokenData.of,
    "label": lambda x: TokenData.of([[[1, 0], [0, 1]]], [x], [1, 0]),
    "tropical keys": TropicalAttention,
    "variance": lambda x: PathShape((2,), (5, 5), x),
    "heads": lambda x: PathShape(x, (5, 5)),
    "slice": lambda x: draw_slice(NET, {"c_1_1_1_1": x}),
    "seed": NET.random_weights,
    "keyword": lambda x: NET.dimension(**{str(x): 1}),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [LONG, [LONG] * 3, {LONG: LONG}], ids=["text", "list", "dict"])
def test_messages_are_short(reader: str, value: Any) -> None:
    with pytest.raises(AlgattnError) as caught:
        READERS[reader](value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)
