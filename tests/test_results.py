"""What a result is worth: the table of statuses, the way through JSON, and forged files."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar

import pytest
from allowed import EDITS
from campaigns import place
from mutations import Path, leaves, other_values

from algattn import FunctionMap, Lightning, Weights, load, verify
from algattn.attention import Architecture
from algattn.dimension.results import dimension
from algattn.errors import (
    AlgattnError,
    CertificateError,
    InputError,
    LimitError,
    UndecidedError,
)
from algattn.exact import word_prime
from algattn.model.catalogue import REGISTRY
from algattn.results import (
    BOTH_SIDES,
    Claim,
    Evidence,
    Outline,
    Registry,
    Result,
    Status,
    about,
    canonical_json,
    decode,
    freeze,
    parse_json,
    thaw,
)
from algattn.results import seal as sealed
from algattn.symbolic.results import SampledIdentity, derive

LOWER, UPPER = frozenset({"lower"}), frozenset({"upper"})


@dataclass(frozen=True)
class Says(Evidence):
    """Evidence for tests: holds when the claim has the given value."""

    kind: ClassVar[str] = "test-results.says"
    supports = about("test-results.number", "n")

    value: Any
    strong: str = "PROVED"
    covers: Any = ("lower", "upper")

    @property
    def level(self) -> Status:
        return Status[self.strong]

    @property
    def sides(self) -> frozenset[str]:  # type: ignore[override]
        return frozenset(self.covers)

    def check(self, problem: Any, claim: Claim) -> None:
        if claim.value != self.value:
            raise self.fail("another value")


@dataclass(frozen=True, repr=False)
class Number(Result):
    """A result for tests: a number with one claim."""

    kind: ClassVar[str] = "test-results.number"
    title: ClassVar[str] = "Number"
    claim_names: ClassVar[tuple[str, ...]] = ("n",)

    def outline(self) -> tuple[Outline, ...]:
        return (Outline("n", f"n is {self.value}", self.value),) if self.value is not None else ()


def number(*evidence: Evidence, value: Any = 1) -> Number:
    return Number.assemble({}, value, {"n": evidence})


# --- the status ------------------------------------------------------------------------------

TABLE = [
    ((), BOTH_SIDES, "NUMERIC"),
    ((("PROVED", BOTH_SIDES),), BOTH_SIDES, "PROVED"),
    ((("THEOREM", BOTH_SIDES),), BOTH_SIDES, "THEOREM"),
    ((("PROBABLE", BOTH_SIDES),), BOTH_SIDES, "PROBABLE"),
    ((("NUMERIC", BOTH_SIDES),), BOTH_SIDES, "NUMERIC"),
    ((("PROVED", LOWER),), BOTH_SIDES, "NUMERIC"),
    ((("PROVED", UPPER),), BOTH_SIDES, "NUMERIC"),
    ((("PROVED", LOWER),), LOWER, "PROVED"),
    ((("PROVED", UPPER),), LOWER, "NUMERIC"),
    ((("PROVED", LOWER), ("PROVED", UPPER)), BOTH_SIDES, "PROVED"),
    ((("PROVED", LOWER), ("THEOREM", UPPER)), BOTH_SIDES, "THEOREM"),
    ((("PROVED", LOWER), ("PROBABLE", BOTH_SIDES)), BOTH_SIDES, "PROBABLE"),
    ((("PROVED", LOWER), ("NUMERIC", UPPER)), BOTH_SIDES, "NUMERIC"),
    ((("NUMERIC", BOTH_SIDES), ("PROVED", BOTH_SIDES)), BOTH_SIDES, "PROVED"),
    ((("PROBABLE", LOWER), ("THEOREM", UPPER)), BOTH_SIDES, "PROBABLE"),
]


@pytest.mark.parametrize(("evidence", "needs", "expected"), TABLE)
def test_status_of_a_claim(evidence: Any, needs: frozenset[str], expected: str) -> None:
    items = tuple(Says(1, level, sorted(sides)) for level, sides in evidence)
    claim = Claim("n", "n is 1", 1, items, tuple(sorted(needs)))
    assert claim.status.name == expected
    reversed_claim = Claim("n", "n is 1", 1, items[::-1], tuple(sorted(needs)))
    assert reversed_claim.status is claim.status


def test_a_result_is_as_strong_as_its_weakest_claim() -> None:
    strong = Claim("a", "", 1, (Says(1),))
    weak = Claim("b", "", 1, (Says(1, "PROBABLE"),))
    assert Number({}, 1, claims=(strong, weak)).status is Status.PROBABLE
    assert Number({}, 1, claims=(strong,)).status is Status.PROVED
    assert Number({}, 1, claims=()).status is Status.NUMERIC
    assert sorted(Status) == [Status.NUMERIC, Status.PROBABLE, Status.THEOREM, Status.PROVED]
    assert len({s.meaning for s in Status}) == 4


# --- what check() asks for -------------------------------------------------------------------


def test_good_evidence_verifies_and_bad_does_not() -> None:
    assert number(Says(1)).verify()
    assert number(Says(1), Says(1, "NUMERIC")).verify()
    bad = number(Says(1), Says(2))
    assert not bad.verify()
    with pytest.raises(CertificateError, match="another value"):
        bad.check()


@pytest.mark.parametrize(
    "result",
    [
        number(),
        number(Says(1, "PROVED", ["lower"])),
        Number({}, 1, claims=()),
        Number({}, 1, claims=(Claim("n", "n is 2", 1, (Says(1),)),)),
        Number({}, 2, claims=(Claim("n", "n is 2", 1, (Says(1),)),)),
        Number({}, 1, claims=(Claim("m", "n is 1", 1, (Says(1),)),)),
        Number({}, 1, claims=(Claim("n", "n is 1", 1, (Says(1),), ("lower",)),)),
        Number({}, 1, claims=(Claim("n", "n is 1", True, (Says(1),)),)),
        Number({}, 1, claims=(Claim("n", "n is 1", 1.0, (Says(1),)),)),
        Number({}, 1, claims=(Claim("n", "n is 1", 1, (Says(1),)),) * 2),
        Number.assemble({}, None, {}),
    ],
    ids=lambda r: repr(r.claims)[:70],
)
def test_claims_that_are_not_those_of_the_value_fail(result: Result) -> None:
    assert not result.verify()


def test_freeze_and_thaw() -> None:
    data = {"a": [1, [2, {"b": None}]], "c": "x"}
    assert freeze(data) == {"a": (1, (2, {"b": None})), "c": "x"}
    assert thaw(freeze(data)) == data
    assert canonical_json({"b": 1, "a": (1, 2)}) == '{"a":[1,2],"b":1}'
    with pytest.raises(ValueError, match=r"NaN|nan|JSON"):
        canonical_json(float("nan"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2",
        "NaN",
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        "[" * 100_000,
        "[" * 300 + "]" * 300,
        '{"a": ' * 300 + "1" + "}" * 300,
        "1" * 5000,
        "[1e400]",
        "-1e999",
        "{'a': 1}",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"read JSON: .*Try: "):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "null",
        "{}",
        '{"schema": "algattn/result/1"}',
        '{"schema": "algattn/result/1", "kind": "fiber.nothing"}',
        '{"schema": "algattn/result/1", "kind": ["fiber"]}',
        '{"schema": ["algattn/result/1"]}',
        '{"schema": {"algattn/result/1": 1}, "kind": "fiber.one-layer"}',
        '{"schema": "algattn/result/1", "kind": "fiber.one-layer"}',
        '{"schema": "algattn/result/9", "kind": "fiber.one-layer"}',
        '{"schema": "algattn/result/1", "kind": "fiber.one-layer", "problem": {}, "detail": {},'
        ' "claims": [1]}',
        '{"schema": "algattn/result/1", "kind": "fiber.one-layer", "problem": {}, "detail": {},'
        ' "claims": [{"name": "a", "statement": "", "value": 1, "needs": [], "evidence": [1]}]}',
        '{"schema": "algattn/result/1", "kind": "fiber.one-layer", "problem": {}, "detail": {},'
        ' "claims": [{"name": "a", "statement": "", "value": 1, "needs": [],'
        ' "evidence": [{"kind": "os.system"}]}]}',
    ],
)
def test_what_is_no_result_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"Try: "):
        load(text)


# --- stored results of every kind ------------------------------------------------------------


def one(d: int, e: int, a: int, t: int, **matrices: Any) -> tuple[Lightning, Weights]:
    return Lightning(widths=(d, e), ranks=a, tokens=t), Weights(**matrices)


def _perturbed(net: Lightning, weights: Weights, **changes: int) -> FunctionMap:
    f = net.function(weights)
    found = dict(f.coefficients)
    other = FunctionMap(net.d_in, net.d_out, net.tokens, changes)
    for label, c in other.coefficients.items():
        found[label] = c
    return FunctionMap(net.d_in, net.d_out, net.tokens, found)


GENERIC = one(2, 2, 1, 2, K=[[[1, 2]]], Q=[[["1/2", -1]]], V=[[[1, -1], [3, 5]]])
FULL = one(2, 1, 2, 2, A=[[[1, 2], [3, 5]]], V=[[[1, -1]]])
SWAP = one(2, 1, 1, 2, A=[[[1, 2], [2, 4]]], V=[[[1, -1]]])
ALIGNED = one(2, 2, 1, 2, K=[[[1, 2]]], Q=[[[1, 0]]], V=[[[1, 2], [2, 4]]])
ALIGNED_ALONE = one(3, 1, 1, 2, A=[[[1, 0, 0], [0, 0, 0], [0, 0, 0]]], V=[[[1, 0, 0]]])
ZERO = one(2, 1, 1, 2, A=[[[0, 0], [0, 0]]], V=[[[1, 2]]])
SLACK = one(2, 1, 2, 2, K=[[[1, 0], [0, 0]]], Q=[[[1, 1], [0, 0]]], V=[[[1, 3]]])
TOKEN = one(2, 2, 1, 1, A=[[[1, 1], [0, 0]]], V=[[[1, 2], [3, 4]]])
ROOT = one(2, 1, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1]]])
TOKEN_ZERO = one(2, 2, 1, 1, A=[[[0, 0], [0, 0]]], V=[[[1, 0], [0, 1]]])
ROOT_TWO = one(2, 2, 2, 1, A=[[[1, 0], [0, -2]]], V=[[[1, 1], [2, 2]]])
SIGNATURE = one(2, 1, 1, 1, A=[[[1, 0], [0, 0]]], V=[[[0, 1]]])
SIGNATURES = one(2, 2, 1, 1, A=[[[1, 0], [0, 0]]], V=[[[1, 0], [0, 1]]])
SPLIT = one(3, 1, 1, 1, A=[[[0, 1, 0], [0, 0, 0], [0, 0, 0]]], V=[[[0, 0, 1]]])
TWO = one(2, 2, 1, 2, A=[[[1, 2], [2, 4]]], V=[[[1, -1], [2, -2]]])
CUBES = FunctionMap(3, 1, 1, {"c_1_1_1_1": 1, "c_1_2_2_2": 1, "c_1_3_3_3": 1})
DEFINITE = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 2})
PLUS = Lightning((2, 2), 2, 1).function(Weights(A=[[[1, 0], [0, 1]]], V=[[[1, 2], [0, 1]]]))


def _sampled() -> Result:
    """As :func:`derive` answers when the expansion is too long."""
    short = derive(Lightning((2, 1), 1, 2))
    claim = replace(short.claims[0], evidence=(SampledIdentity(word_prime(), 0, 2),))
    return replace(short, claims=(claim,))


def _report() -> Result:
    from algattn.model.report import report

    return report(*one(2, 1, 1, 2, A=[[[1, 0], [0, 0]]], V=[[[1, 1]]]))


#: Name to a function that makes the result.  New kinds of results are added here.
RESULTS: dict[str, Callable[[], Result]] = {
    "fiber QKV": lambda: GENERIC[0].fiber(GENERIC[1]),
    "fiber AV": lambda: FULL[0].fiber(FULL[1]),
    "fiber AV of QKV": lambda: GENERIC[0].fiber(GENERIC[1], params="AV"),
    "fiber swap": lambda: SWAP[0].fiber(SWAP[1]),
    "fiber aligned": lambda: ALIGNED[0].fiber(ALIGNED[1]),
    "fiber slack": lambda: SLACK[0].fiber(SLACK[1]),
    "fiber zero": lambda: ZERO[0].fiber(ZERO[1]),
    "fiber zero QKV": lambda: ZERO[0].fiber(ZERO[1], params="QKV"),
    "fiber t=1": lambda: TOKEN[0].fiber(TOKEN[1]),
    "fiber t=1, sqrt 2": lambda: ROOT[0].fiber(ROOT[1]),
    "fiber t=1, zero": lambda: TOKEN_ZERO[0].fiber(TOKEN_ZERO[1], params="QKV"),
    "point smooth": lambda: GENERIC[0].classify(GENERIC[1]),
    "point singular": lambda: SLACK[0].classify(SLACK[1]),
    "point swap": lambda: TWO[0].classify(TWO[1]),
    "point boundary": lambda: ALIGNED[0].classify(ALIGNED[1]),
    "point limit of arcs": lambda: ALIGNED_ALONE[0].classify(ALIGNED_ALONE[1]),
    "point zero": lambda: ZERO[0].classify(ZERO[1]),
    "point t=1, smooth": lambda: TOKEN[0].classify(TOKEN[1]),
    "point t=1, sqrt 2": lambda: ROOT_TWO[0].classify(ROOT_TWO[1]),
    "point t=1, signature": lambda: SIGNATURE[0].classify(SIGNATURE[1]),
    "point t=1, signatures": lambda: SIGNATURES[0].classify(SIGNATURES[1]),
    "point t=1, zero": lambda: TOKEN_ZERO[0].classify(TOKEN_ZERO[1]),
    "contains": lambda: GENERIC[0].contains(GENERIC[0].function(GENERIC[1])),
    "contains swap": lambda: SWAP[0].contains(SWAP[0].function(SWAP[1])),
    "contains sqrt 2": lambda: ROOT[0].contains(ROOT[0].function(ROOT[1])),
    "contains zero": lambda: ZERO[0].contains(ZERO[0].function(ZERO[1])),
    "outside": lambda: GENERIC[0].contains(_perturbed(*GENERIC, c_1_1_1_1=9)),
    "outside, rank": lambda: SWAP[0].contains(FULL[0].function(FULL[1])),
    "outside, t=1": lambda: TOKEN[0].contains(_perturbed(*TOKEN, c_1_1_1_1=9)),
    "outside, cubic": lambda: SPLIT[0].contains(CUBES),
    "closure only": lambda: SWAP[0].contains(DEFINITE),
    "closure only, t=1": lambda: TOKEN[0].contains(PLUS),
    "dimension": lambda: dimension(Lightning((2, 2), 1, 2)),
    "dimension, deep": lambda: dimension(Lightning((2, 2, 1), (2, 1), 1)),
    "derivation": lambda: derive(Lightning((2, 1), 1, 2)),
    "derivation, deep": lambda: derive(Lightning((1, 1, 1), 1, 2), "QKV"),
    "derivation, sampled": _sampled,
    "report": _report,
}


@cache
def stored(name: str) -> str:
    return RESULTS[name]().to_json()


@pytest.mark.parametrize("name", RESULTS)
def test_json_round_trip(name: str) -> None:
    result = RESULTS[name]()
    text = result.to_json()
    again = load(text)
    again.check()
    assert again == result
    assert type(again) is type(result)
    assert again.status is result.status
    assert again.to_json() == text
    assert again.sentence() == result.sentence()
    assert load(result.to_json(indent=2)).verify()
    assert verify(text)
    assert repr(again) == f"<{result.sentence()} [{result.status.name}]>"
    for face in (again.text(), again.html(), again.latex(), again._repr_latex_()):
        assert face


def test_the_stored_results_show_every_evidence_and_status() -> None:
    found: set[str] = set()
    for name in RESULTS:
        for claim in json.loads(stored(name))["claims"]:
            found |= {e["kind"] for e in claim["evidence"]}
    homes = {type(RESULTS[name]()).__module__ for name in RESULTS} | {"algattn.fibers.equations"}
    known = {
        kind
        for kind, c in Registry.loaded().items()
        if issubclass(c, Evidence) and c.__module__ in homes
    }
    elsewhere = {
        "dimension.generic-rank",
        "fiber.lemma",
        "point.germ-theorem",
    }  # tested in their rooms
    assert known - found <= elsewhere
    assert {"fiber.lemma", "membership.violated", "point.arcs", "report.section"} <= known


# --- forged files ----------------------------------------------------------------------------


def parent(data: Any, path: Path) -> Any:
    for key in path[:-1]:
        data = data[key]
    return data


def inside_section(path: Path) -> bool:
    """Deep inside a section of a report: a result of its own, with a digest of its own."""
    return "result" in path and len(path) > path.index("result") + 2


def forgeries(text: str, *, seal: bool) -> Iterator[tuple[Path, Any, str]]:
    """Every file that differs in one place; with ``seal`` the digest fits again."""
    data = json.loads(text)
    for path in [*leaves(data), ()]:
        if inside_section(path):
            continue
        value = parent(data, path)[path[-1]] if path else data
        for new in other_values(value) if seal else other_values(value)[:1]:
            if canonical_json(new) == canonical_json(value):
                continue
            if path:
                holder = parent(data, path)
                holder[path[-1]] = new
                forged = copy.copy(data)
                if seal and path != ("digest",):
                    forged["digest"] = sealed(data)["digest"]
                yield path, new, json.dumps(forged)
                holder[path[-1]] = value
            else:
                forged = dict(new) if new else {}
                if seal and "digest" in forged:
                    forged["digest"] = sealed(forged)["digest"]
                yield path, new, json.dumps(forged)


def holds(text: str) -> bool:
    try:
        result = load(text)
    except AlgattnError:
        return False
    try:
        return result.verify()
    except (LimitError, UndecidedError):
        return False


@pytest.mark.parametrize("name", RESULTS)
def test_any_change_is_noticed(name: str) -> None:
    count = 0
    for path, new, text in forgeries(stored(name), seal=False):
        count += 1
        assert not holds(text), f"{path} became {new!r} and the file still verifies"
    assert count > 50


ASK: dict[str, Callable[[Any, Any, Any], Result]] = {
    "fiber.one-layer": lambda net, given, detail: net.fiber(given, params=detail["params"]),
    "point.one-layer": lambda net, given, detail: net.classify(given),
    "membership.one-layer": lambda net, given, detail: net.contains(given),
    "dimension.network": lambda net, given, detail: dimension(net),
    "parametrization.derivation": lambda net, given, detail: derive(net, detail["params"]),
}


def true_elsewhere(text: str) -> bool:
    """Whether the file says just what algattn itself says about the problem in the file."""
    data = json.loads(text)
    problem = data["problem"]
    net = Architecture.from_data(problem["network"])
    given: Any = None
    if "weights" in problem:
        given = Weights.from_data(problem["weights"])
    elif "function" in problem:
        given = FunctionMap.from_data(problem["function"])
    again = ASK[data["kind"]](net, given, data["detail"]).to_data()
    for claim in (*data["claims"], *again["claims"]):
        del claim["evidence"]
    keys = ("sentence", "status", "problem", "value", "detail", "claims")
    return all(canonical_json(data[key]) == canonical_json(again[key]) for key in keys)


@pytest.mark.parametrize("name", RESULTS)
def test_a_sealed_forgery_is_noticed(name: str) -> None:
    """Only other proofs of the same claims, and true files about another problem, may pass."""
    data = json.loads(stored(name))
    survivors = []
    for path, new, text in forgeries(stored(name), seal=True):
        where = place(data, path)
        if any(re.fullmatch(pattern, where) for pattern in EDITS) or not holds(text):
            continue
        if path[:1] == ("problem",) and true_elsewhere(text):
            continue
        survivors.append((where, new))
    assert not survivors


def test_sections_of_a_report_are_bound_to_it() -> None:
    """Exchange a section by a good one about another problem, and by a forged one."""
    data = json.loads(stored("report"))
    others = {
        "parametrization": "derivation, deep",
        "dimension": "dimension, deep",
        "fiber": "fiber swap",
        "kind of point": "point swap",
    }
    assert [claim["name"] for claim in data["claims"]] == list(others)
    for claim in data["claims"]:
        (section,) = claim["evidence"]
        honest = section["result"]
        for path in leaves(honest):
            value = parent(honest, path)[path[-1]]
            if isinstance(value, bool | str) or path[0] in {"versions", "digest"}:
                continue
            new = other_values(value)[0]
            parent(honest, path)[path[-1]] = new
            assert not holds(json.dumps(data | {"digest": sealed(data)["digest"]})), path
            parent(honest, path)[path[-1]] = value
        section["result"] = json.loads(stored(others[claim["name"]]))
        assert verify(json.dumps(section["result"]))
        assert not holds(json.dumps(data | {"digest": sealed(data)["digest"]}))
        section["result"] = honest
    assert holds(json.dumps(data))


def test_evidence_cannot_be_moved_to_the_opposite_claim() -> None:
    """Negate each yes/no and offer all the evidence there is, from all stored results."""
    pool = [
        evidence
        for name in RESULTS
        for claim in json.loads(stored(name))["claims"]
        for evidence in claim["evidence"]
        if evidence["kind"].split(".")[0] in {"fiber", "membership", "point"}
    ]
    opposite = {True: False, False: True, "smooth": "singular", "singular": "smooth"}
    tried = 0
    for name in RESULTS:
        for claim in load(stored(name)).claims:
            if not isinstance(claim.value, bool | str):
                continue
            problem = load(stored(name)).problem
            wrong = Claim(claim.name, claim.statement, opposite[claim.value], ())
            for data in pool:
                tried += 1
                item = decode(Evidence, data, REGISTRY)
                if not item.may_support(load(stored(name)).kind, claim.name):
                    continue
                try:
                    item.check(problem, wrong)
                except (AlgattnError, ArithmeticError, LookupError, TypeError, ValueError):
                    continue
                raise AssertionError(f"{data['kind']} proves the contrary of {claim} in {name}")
    assert tried > 1000


ONE_LAYER, DEEP_NET = Lightning(widths=(2, 1), ranks=1), Lightning(widths=(2, 2, 2), ranks=2)
LAYER_AT, DEEP_AT = ONE_LAYER.random_weights(1), DEEP_NET.random_weights(1)
OF_LIGHTNING: dict[str, Callable[[], Result]] = {
    "classify": lambda: ONE_LAYER.classify(LAYER_AT),
    "classify_function": lambda: ONE_LAYER.classify_function(ONE_LAYER.function(LAYER_AT)),
    "singular_locus": ONE_LAYER.singular_locus,
    "boundary": ONE_LAYER.boundary,
    "degree": ONE_LAYER.degree,
    "ed_degree": ONE_LAYER.ed_degree,
    "fiber": lambda: ONE_LAYER.fiber(LAYER_AT),
    "deep fiber": lambda: DEEP_NET.fiber(DEEP_AT),
    "generic fiber": DEEP_NET.generic_fiber,
    "canonical": lambda: DEEP_NET.canonical(DEEP_AT),
    "contains": lambda: ONE_LAYER.contains(ONE_LAYER.function(LAYER_AT)),
    "ideal": lambda: ONE_LAYER.ideal(max_degree=2),
    "dimension": ONE_LAYER.dimension,
    "equivalent": lambda: DEEP_NET.equivalent(DEEP_AT, DEEP_AT),
}


@pytest.mark.parametrize("name", OF_LIGHTNING)
def test_lemmas_on_lightning_prove_nothing_about_softmax(name: str) -> None:
    """A file whose network is exchanged and that is then sealed again with everything it says."""
    data = json.loads(OF_LIGHTNING[name]().to_json())
    assert data["problem"]["network"]["kind"] == "lightning"
    data["problem"]["network"]["kind"] = "softmax"
    try:
        data = load(json.dumps(data))._content() | {"versions": data["versions"]}
        data["digest"] = sealed(data)["digest"]
        assert not verify(json.dumps(data))
    except AlgattnError:
        pass  # it cannot even be read
