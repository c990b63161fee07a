"""The published families: counts in print, vanishing, and what they generate."""

from __future__ import annotations

from itertools import combinations
from math import comb

import pytest

from algattn import load
from algattn.errors import HypothesisError, InputError
from algattn.exact import QQ, Matrix
from algattn.groebner.group_span import group_span, highest_weights
from algattn.groebner.invariant_comparison import compare_families
from algattn.groebner.invariants import (
    OURS,
    PUBLISHED,
    context_syzygies,
    coordinate_ring,
    cross_column,
    family,
    lie_flattening,
    lie_minor_size,
    line_determinants,
    linear,
    low_rank,
    low_rank_one_token,
    parametrization,
    sylvester,
    vanishing,
    veronese,
)


@pytest.mark.parametrize(("d", "a"), [(2, 1), (2, 2), (3, 1), (3, 2), (3, 3)])
@pytest.mark.parametrize("name", [*PUBLISHED, *OURS])
def test_families_vanish(name: str, d: int, a: int) -> None:
    polys = family(name, d, a, 4)
    assert vanishing(polys, d, a)
    assert all(polys)


def test_numbers_of_equations_in_print() -> None:
    assert len(context_syzygies(2)) == comb(3, 2) - comb(3, 2)
    assert len(context_syzygies(3)) == comb(6, 3) - comb(5, 3) == 10
    assert len(cross_column(3)) == comb(5, 3)
    for d, t in ((2, 2), (2, 4), (3, 3)):
        assert len(linear(d, t)) == (t - 2) * d * comb(d + 1, 2) + comb(d + 2, 3)
    assert len(low_rank(3, 2)) == comb(6, 3)
    assert veronese(2, 2)[0].degree() == sylvester(2)[0].degree() == 4
    assert veronese(2, 2)[0] in (sylvester(2)[0], -sylvester(2)[0])


def test_families_beyond_their_rank_do_not_vanish() -> None:
    assert not vanishing(low_rank(3, 1), 3, 2)
    assert not vanishing(low_rank(3, 2), 3, 3)
    ring = coordinate_ring(3)
    assert not vanishing([sylvester(3)[0] + ring.gens()[0] ** 4], 3, 3)
    assert not vanishing(low_rank_one_token(4, 1), 4, 2, tokens=1)


def test_linear_relations_hold_for_the_network() -> None:
    from algattn import Lightning

    net = Lightning(widths=(2, 1), ranks=2, tokens=3)
    function = net.function(net.random_weights(3))
    values = {}
    for (_, column, monomial), c in function.output_coefficients():
        if column == 0:
            mine = sorted(i for i, j, e in monomial for _ in range(e) if j == 0)
            rest = sorted((j, i) for i, j, e in monomial for _ in range(e) if j)
            if not rest:
                values["o_" + "_".join(str(i + 1) for i in mine)] = c
            else:
                (s, _), _ = rest
                indices = [i for _, i in rest] + mine
                values[f"m_{s + 1}_" + "_".join(str(i + 1) for i in indices)] = c
    relations = linear(2, 3)
    point = [values.get(n, 0) for n in relations[0].ring.names]
    assert sum(1 for x in point if x != 0) >= 12
    assert all(r(*point) == 0 for r in relations)
    point[0] += 1
    assert any(r(*point) != 0 for r in relations)


def test_one_token_families() -> None:
    assert vanishing(low_rank_one_token(4, 1), 4, 1, tokens=1)
    for d, a, rank in ((3, 1, 7), (3, 2, 8)):
        size = lie_minor_size(d, a)
        assert size == rank + 1
        matrix = lie_flattening(d)
        ranks = set()
        images = parametrization(d, a, 1)
        for seed in range(3):
            n = len(images[0].ring.names)
            point = [(7 * seed + 3 * i * i + 5 * i) % 11 - 5 for i in range(n)]
            cubic = [p(*point) for p in images]
            ranks.add(Matrix(QQ, [[x(*cubic) for x in row] for row in matrix]).rank())
        assert max(ranks) == rank
    generic = [QQ(i * i + 3 * i - 7) for i in range(10)]
    full = Matrix(QQ, [[x(*generic) for x in row] for row in lie_flattening(3)]).rank()
    assert full == 9


@pytest.mark.parametrize(
    ("d", "a", "bound", "wanted"),
    [
        (2, 1, 4, {2: 3, 3: 16, 4: 51}),
        (2, 2, 5, {4: 1, 5: 6}),
        (3, 2, 3, {3: 30}),
        (3, 3, 4, {3: 20, 4: 450}),
    ],
)
def test_families_suffice_for_small_widths(
    d: int, a: int, bound: int, wanted: dict[int, int]
) -> None:
    result = compare_families(d, a, bound)
    assert result.value is None
    assert {e: n for e, (n, m) in result.table.items() if n == m and n} == wanted
    assert result.status.name == "PROVED"
    if d == 2:
        assert load(result.to_json()).verify()


def test_each_family_is_needed_for_three() -> None:
    for left_out in ("cross-column", "context syzygies"):
        rest = [n for n in PUBLISHED if n != left_out]
        result = compare_families(3, 3, 3, rest)
        assert result.value == 3
        assert result.table[3] == (20, 10)
        assert set(result.missing) == {"(3|222|3)" if left_out == "cross-column" else "(3|33|111)"}
        assert result.verify()


@pytest.mark.slow
def test_what_is_missing_from_width_four_on() -> None:
    """Stated in no paper: line determinants, the module (3|33|111), are the first to lack."""
    result = compare_families(4, 4, 3)
    assert result.value == 3
    assert result.table[3] == (400, 200)
    ((name, (times, (equation, *_))),) = result.missing.items()
    assert (name, times) == ("(3|33|111)", 1)
    assert vanishing([equation], 4, 4)
    lead = {e for e, _ in equation.terms()}
    assert any({e for e, _ in p.terms()} == lead for p in line_determinants(4))
    both = [*group_span(cross_column(4), 4), *group_span(line_determinants(4), 4)]
    assert len(both) == 400


def test_highest_weights_of_tensor_products() -> None:
    # Sym^2 C^2 (x) C^2 = (3) + (21) on the left, trivial on the right
    character: dict[tuple[int, ...], int] = {}
    for i in range(3):
        for j in range(2):
            w = (2 - i + (1 - j), i + j, 0, 0)
            character[w] = character.get(w, 0) + 1
    assert highest_weights(character, 2) == {(3, 0, 0, 0): 1, (2, 1, 0, 0): 1}


def test_group_span_is_closed() -> None:
    assert len(group_span(line_determinants(3), 3)) == 10
    assert len(group_span(low_rank(3, 1)[:1], 3)) == 45
    assert [len(list(combinations(range(3), 2)))] == [len(line_determinants(3))]


def test_bad_input() -> None:
    with pytest.raises(InputError):
        family("magic", 2, 2, 3)
    with pytest.raises(HypothesisError):
        veronese(2, 3)
    with pytest.raises(InputError):
        linear(2, 1)


def test_bad_numbers_and_one_name() -> None:
    for case in [(2, 0, 2), (0, 1, 2), ("x", 1, 2), (2, 1, 0), (2, True, 2)]:
        with pytest.raises(InputError):
            compare_families(*case)
    assert compare_families(2, 1, 2, "low rank").value is None
