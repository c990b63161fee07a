"""The ideal of one layer by degree: against other systems, and against naive linear algebra."""

from __future__ import annotations

import json
import random
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import combinations_with_replacement
from math import factorial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flint import nmod_mat
from resealing import resealed

from algattn import GF, FunctionMap, Lightning, load
from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.attention.problem import Problem
from algattn.errors import FieldError, InputError, LimitError, UndecidedError
from algattn.groebner.evidence import DEFAULT_PRIME
from algattn.groebner.graded import Family, degree_part
from algattn.groebner.highest_weight import Kind, basis, candidates, expand, left_factorial
from algattn.groebner.modules import ambient, partitions
from algattn.groebner.orbit import orbit
from algattn.groebner.vectors import Vector, contraction, is_highest, numbered, vanishes
from algattn.results import seal

ORACLES = Path(__file__).parents[1] / "oracles"
SHAPES = json.loads((ORACLES / "one_layer" / "jacobians.json").read_text())["shapes"]
HILBERT = json.loads((ORACLES / "ideal" / "hilbert.json").read_text())["ideals"]


def name_of(shape: dict[str, Any]) -> str:
    return "-".join(str(shape[key]) for key in ("d", "dp", "a", "t"))


@pytest.mark.parametrize("shape", SHAPES, ids=name_of)
def test_counts_agree_with_singular(shape: dict[str, Any]) -> None:
    wanted = {int(k): n for k, n in shape["generators_by_degree"].items()}
    net = Lightning(widths=(shape["d"], shape["dp"]), ranks=shape["a"], tokens=shape["t"])
    result = net.ideal(max(5 if shape["d"] < 3 else 4, *wanted, 0))
    assert result.counts == wanted
    assert result.status.name == "PROVED"


@pytest.mark.parametrize("item", HILBERT, ids=lambda item: "-".join(map(str, item["shape"])))
def test_hilbert_function_agrees_with_other_systems(item: dict[str, Any]) -> None:
    d, e, a, t = item["shape"]
    series = [int(x) for x in item["numerator"]]
    n = len(list(natural_labels(d, e, t)))
    top = 5 if d < 3 else 4
    values = series[: top + 1] + [0] * (top + 1 - len(series))
    for _ in range(n):
        for i in range(1, top + 1):
            values[i] += values[i - 1]
    result = Lightning(widths=(d, e), ranks=a, tokens=t).ideal(top)
    assert [result.hilbert_function(i) for i in range(top + 1)] == values
    assert result.hilbert_function(-1) == 0


TABLES = [
    ((2, 1, 1), 3, {2: ["(2|31|11)"]}),
    ((2, 1, 2), 4, {4: ["(4|44|22)"]}),
    ((2, 2, 1), 4, {2: ["(2|31|11)", "(11|4|11)", "(11|22|11)"], 4: ["(22|44|4)"]}),
    ((2, 2, 2), 4, {2: ["(11|4|11)"], 4: ["(4|44|22)", "(22|44|4)"]}),
    ((3, 1, 1), 4, {2: ["(2|31|11)"], 3: ["(3|222|3)"]}),
    ((3, 1, 3), 4, {3: ["(3|222|3)", "(3|33|111)"], 4: ["(4|44|22)"]}),
]


@pytest.mark.parametrize(("shape", "degree", "table"), TABLES)
def test_module_tables(shape: Any, degree: int, table: dict[int, list[str]]) -> None:
    d, e, a = shape
    result = Lightning(widths=(d, e), ranks=a).ideal(degree)
    found = {n: [str(row) for row in result.module(n)] for n in range(1, degree + 1)}
    assert {n: rows for n, rows in found.items() if rows} == table
    sizes = {n: sum(r.multiplicity * (r.dimension or 0) for r in result.module(n)) for n in table}
    assert (
        sizes
        == result.counts
        == {n: sum(1 for g in result.generators if g.degree() == n) for n in table}
    )


def naive_part(
    d: int, e: int, a: int, degree: int, weight: Any
) -> tuple[list[Any], list[list[int]]]:
    """Monomials of a weight, and a basis of the equations among them modulo a prime."""
    p = DEFAULT_PRIME
    rows, left, right = weight
    labels = list(natural_labels(d, e, 2))
    monomials = []

    def walk(start: int, chosen: tuple[Any, ...], r: list[int], u: list[int], w: list[int]) -> None:
        if len(chosen) == degree:
            monomials.append(chosen)
            return
        for n in range(start, len(labels)):
            x, i, j, k = labels[n]
            if r[x] and w[k] and u[i] and u[j] and (i != j or u[i] > 1):
                r[x] -= 1
                w[k] -= 1
                u[i] -= 1
                u[j] -= 1
                walk(n, (*chosen, labels[n]), r, u, w)
                r[x] += 1
                w[k] += 1
                u[i] += 1
                u[j] += 1

    walk(0, (), list(rows), list(left), list(right))
    rng = random.Random(1)
    table = []
    for _ in range(len(monomials) + 5):
        K = [[rng.randrange(p) for _ in range(d)] for _ in range(a)]
        Q = [[rng.randrange(p) for _ in range(d)] for _ in range(a)]
        A = [[sum(K[x][i] * Q[x][j] for x in range(a)) for j in range(d)] for i in range(d)]
        V = [[rng.randrange(p) for _ in range(d)] for _ in range(e)]
        c = {label: value % p for label, value in natural_coefficients(A, V, 2)}
        line = []
        for monomial in monomials:
            value = 1
            for label in monomial:
                value = value * c[label] % p
            line.append(value)
        table.append(line)
    if not monomials:
        return [], []
    reduced, rank = nmod_mat(table, p).rref()
    lines = reduced.tolist()
    pivots = [next(j for j, x in enumerate(lines[i]) if int(x)) for i in range(rank)]
    kernel = []
    for free in range(len(monomials)):
        if free not in pivots:
            v = [0] * len(monomials)
            v[free] = 1
            for i, j in enumerate(pivots):
                v[j] = -int(lines[i][free]) % p
            kernel.append(v)
    return monomials, kernel


def naive_new(d: int, e: int, a: int, degree: int, weight: Any) -> int:
    """How many minimal generators have a weight, by plain linear algebra in that weight."""
    monomials, kernel = naive_part(d, e, a, degree, weight)
    place = {m: n for n, m in enumerate(monomials)}
    multiples = []
    for label in natural_labels(d, e, 2):
        r, i, j, k = label
        lower = [list(part) for part in weight]
        lower[0][r] -= 1
        lower[1][i] -= 1
        lower[1][j] -= 1
        lower[2][k] -= 1
        if min(x for part in lower for x in part) < 0:
            continue
        smaller, equations = naive_part(d, e, a, degree - 1, lower)
        for equation in equations:
            row = [0] * len(monomials)
            for m, c in zip(smaller, equation, strict=True):
                row[place[tuple(sorted((*m, label)))]] = c
            multiples.append(row)
    rank = nmod_mat(multiples, DEFAULT_PRIME).rank() if multiples else 0
    return len(kernel) - int(rank)


@pytest.mark.parametrize(
    ("shape", "degree", "weight", "wanted"),
    [
        ((2, 2, 2), 4, ((2, 2), (4, 4), (4, 0)), 1),
        ((2, 2, 2), 4, ((2, 2), (4, 4), (3, 1)), 1),
        ((2, 2, 1), 2, ((1, 1), (2, 2), (1, 1)), 3),
        ((3, 1, 3), 4, ((4,), (4, 4, 0), (2, 2, 0)), 1),
        ((3, 2, 3), 5, ((4, 1), (6, 3, 1), (4, 1, 0)), 1),
        ((3, 2, 3), 5, ((4, 1), (6, 4, 0), (4, 1, 0)), 0),
        ((3, 2, 3), 5, ((3, 2), (5, 3, 2), (3, 2, 0)), 3),
    ],
)
def test_new_generators_by_naive_linear_algebra(
    shape: Any, degree: int, weight: Any, wanted: int
) -> None:
    """The last lines: minimal generators of degree five; (41|631|41) has its highest weight alone,

    and in the last weight it appears twice, next to (32|532|32).
    """
    assert naive_new(*shape, degree, weight) == wanted


def test_degree_five_has_generators_for_width_three() -> None:
    family = Family(2, 3, d_out=2, d=3)
    lower: list[Vector] = []
    for degree in range(1, 5):
        parts = degree_part(family, degree, tuple(lower), prime=DEFAULT_PRIME, seed=0)
        lower += [v for _, found in parts for v in found]
    kinds = [Kind((4, 1), (6, 3, 1), (4, 1)), Kind((4, 1), (6, 4), (4, 1))]
    from algattn.groebner.graded import Task, work

    found = []
    for kind in kinds:
        m = ambient(kind.mu, kind.nu, 2, 3)[kind.lam]
        row, vectors = work(Task(family, kind, m, tuple(lower), DEFAULT_PRIME, 0))
        assert len(vectors) == row.new
        assert all(is_highest(v) and vanishes(v, 3) for v in vectors)
        found.append(row.new)
    assert found == [1, 0]


@pytest.mark.parametrize(("degree", "q"), [(2, 2), (3, 2), (2, 3), (3, 3)])
def test_fillings_span_all_highest_weight_vectors(degree: int, q: int) -> None:
    rights = partitions(degree) if q == 2 else ((degree,),)
    for mu in partitions(degree):
        for nu in rights:
            multiplicities = ambient(mu, nu, q, degree)
            for lam in partitions(q * degree, degree):
                kind = Kind(mu, lam, nu, q)
                m = multiplicities.get(lam, 0)
                if m:
                    found = basis(kind, m, DEFAULT_PRIME)
                    columns = [
                        Vector.from_column(kind, found.monomials(), c) for c in found.columns.T
                    ]
                    assert all(map(is_highest, columns))
                else:
                    assert not any(len(keys) for keys, _ in candidates(kind, 0))
                if m < 4:
                    with pytest.raises(UndecidedError):
                        basis(kind, m + 1, DEFAULT_PRIME)


def inner(f: dict[Any, int], g: dict[Any, int], q: int) -> Fraction:
    """The invariant inner product: monomials are orthogonal, c_alpha has length 1/alpha!."""
    total = Fraction(0)
    for monomial, c in f.items():
        if monomial in g:
            size = Fraction(1)
            for label in monomial:
                size /= left_factorial(label, q)
            for label in set(monomial):
                size *= factorial(monomial.count(label))
            total += size * c * g[monomial]
    return total


@pytest.mark.parametrize("q", [2, 3])
def test_contraction_is_adjoint_to_multiplication(q: int) -> None:
    rng = random.Random(3)
    outer = Kind((2, 1), (3, 2, 1) if q == 2 else (5, 3, 1), (2, 1) if q == 2 else (3,), q)
    small = Kind((2,), (3, 1) if q == 2 else (4, 2), (1, 1) if q == 2 else (2,), q)
    g = Vector.from_column(
        small,
        basis(small, 1, DEFAULT_PRIME).monomials(),
        basis(small, 1, DEFAULT_PRIME).columns[:, 0],
    )
    labels = list(outer.table.labels)
    monomials = [tuple(sorted(rng.choices(labels, k=3))) for _ in range(400)]
    monomials += [tuple(sorted((*m, label))) for m in list(g.terms())[:2] for label in labels]
    f = {m: rng.randint(-5, 5) for m in monomials}
    f = {m: c for m, c in f.items() if c}
    ordered = sorted(f, key=lambda m: [outer.table.index[x] for x in m])
    flat = Vector(outer, tuple(sum(m, ()) for m in ordered), tuple(f[m] for m in ordered))
    import numpy as np

    column = np.array(flat.coefficients, dtype=object).reshape(-1, 1)
    coefficients = contraction(g, outer, numbered(flat, outer.table), column, 0)
    found = sorted(int(x) for x in coefficients[:, 0] if x)
    wanted = []
    for label in labels:
        product: dict[Any, int] = {}
        for m, c in g.terms().items():
            key = tuple(sorted((*m, label)))
            product[key] = product.get(key, 0) + c
        value = inner(product, f, q) * left_factorial(label, q)
        wanted.append(value * Fraction(factorial(q)) ** 2)
    assert found == sorted(int(x) for x in wanted if x)
    assert len(found) > 3


def test_generators_vanish_on_random_layers_and_are_a_basis() -> None:
    for d, e, a, t in [(2, 2, 1, 2), (3, 1, 3, 2), (2, 2, 1, 1)]:
        net = Lightning(widths=(d, e), ranks=a, tokens=t)
        result = net.ideal(4)
        for seed in range(3):
            point = net.function(net.random_weights(seed)).vector()
            assert all(g(*point) == 0 for g in result.generators)
        names = {str(g) for g in result.generators}
        assert len(names) == sum(result.counts.values())
        other = [result.ring.field(n % 7) for n in range(len(result.ring.names))]
        assert any(g(*other) != 0 for g in result.generators)
        for vector in result.vectors:
            assert len(orbit(vector, e, d)) == vector.kind.dimension(e, d)


def test_seed_field_and_executor_do_not_change_the_ideal() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    first = net.ideal(4)
    assert first.hash == net.ideal(4, seed=5).hash
    with ThreadPoolExecutor(2) as pool:
        assert net.ideal(4, executor=pool).hash == first.hash
    for p in (101, 8388593, 2**61 - 1):
        other = net.ideal(4, field=GF(p))
        assert other.counts == first.counts
        assert other.hash != first.hash
        assert load(other.to_json()).verify()
    assert Lightning(widths=(2, 2), ranks=2, tokens=7).ideal(4).hash == first.hash


def outside(net: Lightning, seed: int) -> FunctionMap:
    rng = random.Random(seed)
    labels = natural_labels(net.d_in, net.d_out, net.tokens)
    values = {label: rng.randint(-3, 3) for label in labels}
    return FunctionMap(net.d_in, net.d_out, net.tokens, values)


@pytest.mark.parametrize(
    ("shape", "degree"),
    [
        ((2, 1, 1, 2), 2),
        ((2, 1, 2, 2), 4),
        ((2, 2, 1, 2), 4),
        ((2, 2, 2, 2), 4),
        ((3, 1, 1, 2), 3),
        ((3, 1, 3, 2), 4),
        ((2, 2, 1, 1), 4),
        ((3, 1, 1, 1), 4),
    ],
)
def test_membership_agrees_with_factorisation(shape: Any, degree: int) -> None:
    d, e, a, t = shape
    net = Lightning(widths=(d, e), ranks=a, tokens=t)
    ideal = net.ideal(degree)
    cases = [net.function(net.random_weights(seed)) for seed in range(3)]
    cases += [outside(net, seed) for seed in range(4)]
    if a < d:
        bigger = Lightning(widths=(d, e), ranks=d, tokens=t)
        cases += [bigger.function(bigger.random_weights(seed)) for seed in range(3)]
    seen = set()
    for function in cases:
        answer, exact = ideal.contains(function), net.contains(function)
        assert answer.value == exact.in_closure
        assert (answer.violated is None) == exact.in_closure
        assert answer.status.name == "PROVED"
        seen.add(answer.value)
    assert seen == {True, False}
    assert load(answer.to_json()).verify()


def test_membership_of_the_closure_without_real_weights() -> None:
    net = Lightning(widths=(2, 1), ranks=1)
    definite = FunctionMap(2, 1, 2, {"c_1_1_1_1": 1, "c_1_2_2_1": 1})
    found = net.contains(definite)
    assert (found.value, found.in_closure) == (False, True)
    assert net.ideal(3).contains(definite).value is True
    assert load(net.ideal(3).contains(definite).to_json()).verify()
    forged = json.loads(net.ideal(3).contains(definite).to_json())
    forged["problem"]["function"]["coefficients"]["c_1_1_2_1"] = 1
    forged["problem"]["function"]["coefficients"]["c_1_2_2_2"] = 1
    forged["digest"] = seal(forged)["digest"]
    assert not load(json.dumps(forged)).verify()


def test_forgetting_equations_is_found_out() -> None:
    net = Lightning(widths=(2, 1), ranks=2)
    inside = net.function(net.random_weights(1))
    data = json.loads(net.ideal(4).contains(inside).to_json())
    assert load(json.dumps(data)).verify()
    for part in (data["detail"], *(claim["value"] for claim in data["claims"])):
        part["generators"] = []
    again = load(json.dumps(data))
    outline = again.outline()
    for claim, item in zip(data["claims"], outline, strict=True):
        claim["statement"] = item.statement
    data["digest"] = seal(data)["digest"]
    assert not load(json.dumps(data)).verify()


def tampered(data: Any) -> list[Any]:
    """Copies with one thing changed and the digest made right again."""
    out = []

    def change(path: list[Any], value: Any) -> None:
        copy = json.loads(json.dumps(data))
        spot = copy
        for key in path[:-1]:
            spot = spot[key]
        assert spot[path[-1]] != value
        spot[path[-1]] = value
        copy["digest"] = seal(copy)["digest"]
        out.append(copy)

    change(["value", "4"], 6)
    change(["detail", "max_degree"], 5)
    change(["detail", "generators", 0, "terms", 0, 1], 2)
    for n in range(len(data["claims"])):
        change(["claims", n, "value", "generators", 0, "terms", 0, 1], 7)
        change(["claims", n, "value", "max_degree"], 3)
    change(["claims", 1, "value", "table", -1, 4], 0)
    change(["claims", 1, "evidence", 0, "prime"], 2**31 - 3)
    change(["claims", 1, "evidence"], data["claims"][0]["evidence"])
    change(["claims", 0, "evidence"], data["claims"][1]["evidence"])
    change(["problem", "network", "ranks"], [1])
    return out


def test_tampered_files_fail() -> None:
    result = Lightning(widths=(2, 2), ranks=2).ideal(4)
    data = json.loads(result.to_json())
    assert load(json.dumps(data)).verify()
    for copy in tampered(data):
        assert not load(json.dumps(copy)).verify()
    both = json.loads(result.to_json())
    for part in (both["detail"], both["claims"][0]["value"], both["claims"][1]["value"]):
        part["generators"][1]["terms"][0][1] += 1
    both["digest"] = seal(both)["digest"]
    assert not load(json.dumps(both)).verify()


def test_a_forged_ideal_without_its_last_generators_fails() -> None:
    good = Lightning(widths=(2, 2), ranks=2).ideal(4)
    cut = json.loads(good.to_json())
    for part in (cut["detail"], cut["claims"][0]["value"], cut["claims"][1]["value"]):
        part["generators"] = part["generators"][:-1]
    for part in (cut["detail"], cut["claims"][1]["value"]):
        for row in part["table"]:
            if row[:3] == [[2, 2], [4, 4], [4]]:
                row[4], row[6] = row[4] + 1, 0
    cut["value"]["4"] = 5
    cut["claims"][0]["statement"] = cut["claims"][0]["statement"].replace("3", "2", 1)
    cut["sentence"] = load(json.dumps(cut)).sentence()
    cut["digest"] = seal(cut)["digest"]
    assert not load(json.dumps(cut)).verify()


def test_bad_input(ticking: SimpleNamespace) -> None:
    net = Lightning(widths=(2, 1), ranks=1)
    with pytest.raises(InputError, match="max_degree"):
        net.ideal(0)
    with pytest.raises(FieldError, match="characteristic 5"):
        net.ideal(3, field=GF(5))
    with pytest.raises(ValueError, match="shape"):
        net.ideal(2).contains(FunctionMap(1, 1, 2, {}))
    with pytest.raises(UndecidedError):
        net.ideal(2, field=GF(101)).hilbert_function(3)
    with pytest.raises(LimitError) as caught:
        Lightning(widths=(3, 3), ranks=3).ideal(9, time_limit=20)
    partial = caught.value.partial
    assert partial is None or (partial.max_degree < 9 and partial.verify())


@pytest.mark.parametrize("system", ["singular", "macaulay2", "json"])
def test_export(system: str) -> None:
    text = Lightning(widths=(2, 1), ranks=2).ideal(4).export(system)
    assert "1" in text
    assert len(text) > 100


def test_minimal_labels_of_a_vector_survive_json() -> None:
    vector = Lightning(widths=(2, 1), ranks=2).ideal(4).vectors[0]
    again = Vector.from_data(json.loads(json.dumps(vector.to_data())))
    assert again == vector
    assert sum(1 for _ in combinations_with_replacement(range(6), 4)) > len(vector.monomials) > 1
    data = vector.to_data()
    data["terms"] = list(reversed(data["terms"]))
    with pytest.raises(InputError, match="order"):
        Vector.from_data(data)


@pytest.mark.parametrize("field", [91, 4, 5, -7])
def test_a_table_over_no_good_field_is_refused(field: int) -> None:
    """A composite modulus would stop the process, a small prime has no theory."""
    from algattn.errors import InputError
    from algattn.groebner.evidence import Subject

    net = Lightning(widths=(2, 2), ranks=1)
    with pytest.raises(InputError):
        Subject.of(Problem(net), 3, field)
    data = net.ideal(3).to_data()
    data["detail"]["field"] = field
    with pytest.raises(InputError):
        resealed(data)


def test_too_large_types_are_refused_before_they_fill_the_memory() -> None:
    with pytest.raises(LimitError, match="orders of its columns"):
        expand(Kind((10,), (4, 4, 4, 4, 4), (10,)), (), ())
    with pytest.raises(LimitError, match="terms are too many"):
        next(candidates(Kind((8,), (4, 4, 4, 2, 2), (2, 2, 2, 1, 1)), 0))


@pytest.mark.parametrize(("rank", "degree"), [(1, 3), (1, 4), (2, 4)])
def test_minors_generate_what_has_too_many_rows(rank: int, degree: int) -> None:
    """The shortcut of lemma minors against the rank of the contractions."""
    from algattn.groebner.graded import Task, _system

    family = Family(2, rank, d_out=2, d=3)
    lower: list[Vector] = []
    for n in range(1, degree):
        for _, found in degree_part(family, n, list(lower), prime=DEFAULT_PRIME, seed=0):
            lower += found
    seen = 0
    for row, new in degree_part(family, degree, lower, prime=DEFAULT_PRIME, seed=0):
        if len(row.kind.nu) > rank:
            task = Task(family, row.kind, row.ambient, tuple(lower), DEFAULT_PRIME, 0)
            found_basis = basis(row.kind, row.ambient, DEFAULT_PRIME)
            system = _system(task, found_basis, DEFAULT_PRIME)
            assert system.contractions.rank() == row.generated == row.ambient
            assert (row.ring, row.new, new) == (0, 0, ())
            seen += 1
    assert seen > 3
