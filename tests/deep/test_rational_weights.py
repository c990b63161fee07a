"""Weights over the field asked for wherever they exist, and fingerprints that are of functions."""

from __future__ import annotations

import random
from itertools import product

import pytest

from algattn import GF, QQ, Lightning, Weights, load
from algattn.errors import FieldError, LimitError, UndecidedError
from algattn.exact import Matrix, NumberField
from algattn.exact.isotropy import Anisotropic, isotropic_subspace, isotropic_vector
from algattn.exact.quadratic_forms import is_isotropic_at, prime_divisors
from algattn.fibers.attention import low_rank
from algattn.fibers.definition import number_name

SQRT2 = NumberField([-2, 0, 1], 1)


def random_weights(rng: random.Random, widths, ranks, field=QQ, size: int = 3) -> Weights:
    def matrix(rows: int, columns: int) -> list[list[int]]:
        return [[rng.randint(-size, size) for _ in range(columns)] for _ in range(rows)]

    shapes = list(zip(widths, widths[1:], ranks, strict=False))
    return Weights(
        K=[matrix(a, d) for d, _, a in shapes],
        Q=[matrix(a, d) for d, _, a in shapes],
        V=[matrix(e, d) for d, e, _ in shapes],
        field=field,
    )


SHAPES = [(d, a, e) for d in (2, 3, 4, 5) for a in range(1, d + 1) for e in (1, 3)]


@pytest.mark.parametrize("field", [QQ, GF(7), GF(11), GF(101)], ids=str)
def test_one_layer_comes_back_over_its_own_field(field) -> None:
    rng = random.Random(f"rational {field}")
    for d, a, e in SHAPES:
        net = Lightning(widths=(d, e), ranks=a, tokens=1)
        f = net.function(random_weights(rng, (d, e), (a,), field))
        found = net.recover(f, field=field)
        assert any(w.field == field for w in found)
        assert all(net.function(w) == f for w in found if w.field == field)


@pytest.mark.parametrize("field", [QQ, GF(11), GF(101)], ids=str)
def test_two_layers_come_back_over_their_own_field(field) -> None:
    rng = random.Random(f"rational deep {field}")
    for (d, e), tokens in product([(2, 2), (3, 2), (3, 3)], (1, 2)):
        widths, ranks = (d, e, 2), (rng.randint(1, d), rng.randint(1, e))
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        f = net.function(random_weights(rng, widths, ranks, field))
        found = net.recover(f, field=field)
        assert any(w.field == field and net.function(w) == f for w in found)


def test_large_random_form() -> None:
    net = Lightning(widths=(10, 10), ranks=5, tokens=1)
    f = net.function(net.random_weights(1))
    (found,) = net.recover(f)
    assert found.field == QQ
    assert net.function(found) == f


def test_repeats_of_denials() -> None:
    """A denied deep net, a form that was paired over a root, and two tables over GF(7)."""
    net = Lightning(widths=(3, 3, 3), ranks=2, tokens=1)
    W = Weights(
        K=[[[2, 1, 2], [1, -1, -1]], [[2, -2, 0], [-2, 1, -2]]],
        Q=[[[0, 2, 2], [2, -1, 0]], [[2, 1, 1], [1, -1, 1]]],
        V=[[[0, 1, 1], [1, -1, 2], [2, 0, 0]], [[1, 0, 1], [-2, 0, 0], [1, 0, -1]]],
    )
    f = net.function(W)
    assert [net.function(w) == f for w in net.recover(f)] == [True]
    again = net.canonical(W)
    assert net.function(again.weights) == f
    field = GF(7)
    one = Lightning(widths=(3, 1), ranks=2, tokens=1)
    W = Weights(
        K=[[[1, 0, 2], [0, 1, 4]]], Q=[[[1, -1, 1], [1, 1, -2]]], V=[[[1, 0, 0]]], field=field
    )
    f = one.function(W)
    assert any(one.function(w) == f for w in one.recover(f, field=field))
    assert any(one.function(w) == f for w in one.recover(f.__call__, field=field))


def test_reason_why_weights_are_not_rational() -> None:
    """``x^2 + y^2 - 3 z^2`` has no rational zero (modulo 4): A of rank 2 needs a root."""
    wide, net = (Lightning(widths=(3, 3), ranks=a, tokens=1) for a in (3, 2))
    form = [[1, 0, 0], [0, 1, 0], [0, 0, -3]]
    f = wide.function(Weights(A=[form], V=[[[1, 2, 0], [0, 1, 0], [0, 0, 1]]]))
    found = net.recover(f)
    assert found[0].field != QQ
    assert found.remarks[0].startswith("none exist over QQ")
    form[2][2] = -2
    f = wide.function(Weights(A=[form], V=[[[1, 2, 0], [0, 1, 0], [0, 0, 1]]]))
    assert net.recover(f).remarks == (None,)


def test_existence_over_prime_fields_by_counting() -> None:
    """All forms in three variables over GF(3), against all skew parts."""
    field, pairs = GF(3), [(0, 1), (0, 2), (1, 2)]
    for entries in product(range(3), repeat=6):
        a, b, c, d, e, f = entries
        S = Matrix(field, [[a, b, c], [b, d, e], [c, e, f]])
        least = 3
        for values in product(range(3), repeat=3):
            rows = [[0] * 3 for _ in range(3)]
            for (i, j), v in zip(pairs, values, strict=True):
                rows[i][j], rows[j][i] = v, -v
            least = min(least, (S + Matrix(field, rows)).rank())
        for rank in range(1, 4):
            part = low_rank(S, rank)
            assert (part is not None) == (least <= rank)
            if part is not None:
                assert part.known.rank() <= rank
                assert part.known + part.known.T == S * 2


def test_isotropy_against_a_search() -> None:
    """Diagonal forms: a small zero, or none over the reals or some p-adic numbers."""
    for values in product((1, 2, 3, 5, -1, -2, -3, -6), repeat=3):
        S = Matrix(QQ, [[v if i == j else 0 for j in range(3)] for i, v in enumerate(values)])
        places = [0, *prime_divisors(2 * values[0] * values[1] * values[2])]
        local = all(is_isotropic_at(values, p) for p in places)
        small = any(
            any(x) and sum(v * c * c for v, c in zip(values, x, strict=True)) == 0
            for x in product(range(8), repeat=3)
        )
        assert local == small
        try:
            x = isotropic_vector(S)
        except Anisotropic:
            assert not small
        else:
            assert any(x)
            assert sum(v * c * c for v, c in zip(values, x, strict=True)) == 0


def test_subspaces_are_isotropic() -> None:
    rng = random.Random(4)
    for d in range(2, 8):
        rows = [[rng.randint(-9, 9) for _ in range(d)] for _ in range(d)]
        S = Matrix(QQ, rows) + Matrix(QQ, rows).T
        vectors, _ = isotropic_subspace(S, d)
        U = Matrix(QQ, vectors, (len(vectors), d))
        assert U.rank() == len(vectors)
        assert not (U @ S @ U.T)


def test_a_number_that_is_too_long_to_factor_is_undecided() -> None:
    p, q = 10**30 + 57, 10**30 + 99
    with pytest.raises(UndecidedError, match="61-digit"):
        prime_divisors(p * q)


def test_zeros_over_number_fields_are_not_denied() -> None:
    S = Matrix(SQRT2, [[1, 0, 0], [0, 3, 0], [0, 0, -7]])
    with pytest.raises(UndecidedError):
        isotropic_vector(S)


# --- fingerprints --------------------------------------------------------------------------------


def moved(weights: Weights, field) -> Weights:
    return Weights.from_data(weights.to_data() | {"field": field.to_data()})


@pytest.mark.parametrize("tokens", [1, 2])
def test_fingerprint_does_not_depend_on_the_field(tokens: int) -> None:
    rng = random.Random(5)
    for widths, ranks in [((2, 2), (1,)), ((2, 1), (1,)), ((3, 2), (2,)), ((2, 2, 1), (2, 1))]:
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        for _ in range(4):
            W = random_weights(rng, widths, ranks, size=2)
            one = net.canonical(W)
            two = net.canonical(moved(W, SQRT2))
            assert one.fingerprint == two.fingerprint
            assert one.weights == two.weights
            assert load(two.to_json()).verify()


def test_fingerprint_of_conjugate_lines() -> None:
    """``x^2 - 2 y^2`` splits over QQ(sqrt 2) and not over QQ."""
    net = Lightning(widths=(2, 2), ranks=2, tokens=1)
    V = [[1, 1], [0, 1]]
    one = net.canonical(Weights(A=[[[1, 0], [0, -2]]], V=[V]))
    t = SQRT2.theta
    two = net.canonical(Weights(A=[[[1, t], [-t, -2]]], V=[V], field=SQRT2))
    assert one.fingerprint == two.fingerprint
    assert one.weights == two.weights
    # for V = h v^T of the cubic (x - ty)(x + ty) y the other factorisations are not rational
    scalar = Lightning(widths=(2, 1), ranks=2, tokens=1)
    three = scalar.canonical(Weights(A=[[[1, 0], [0, -2]]], V=[[[0, 1]]]))
    half = t / 2
    four = scalar.canonical(Weights(A=[[[0, half], [half, t * t]]], V=[[[1, -t]]], field=SQRT2))
    five = scalar.canonical(Weights(A=[[[0, half], [half, 1]]], V=[[[2, -2 * t]]], field=SQRT2))
    assert scalar.function(Weights(A=[[[0, 1], [0, t]]], V=[[[1, -t]]], field=SQRT2)) == (
        scalar.function(Weights(A=[[[1, 0], [0, -2]]], V=[[[0, 1]]], field=SQRT2))
    )
    six = scalar.canonical(Weights(A=[[[0, 1], [0, t]]], V=[[[1, -t]]], field=SQRT2))
    assert six.fingerprint == three.fingerprint
    assert six.weights == three.weights
    assert three.fingerprint not in (four.fingerprint, five.fingerprint)
    assert load(six.to_json()).verify()


def test_fingerprint_of_an_irrational_function_in_two_presentations() -> None:
    """QQ(sqrt 2) by ``x^2 - 2``, by ``x^2 - 8``, and inside QQ(2^(1/4))."""
    net = Lightning(widths=(2, 2), ranks=2, tokens=1)
    K, L, M = SQRT2, NumberField([-8, 0, 1], 1), NumberField([-2, 0, 0, 0, 1], 1)
    prints = set()
    for field, root in ((K, K.theta), (L, L.theta / 2), (M, M.theta**2)):
        # x^2 - sqrt(2) y^2 splits over M only
        W = Weights(A=[[[1, 3], [-3, -root]]], V=[[[1, root], [0, 1]]], field=field)
        result = net.canonical(W)
        again = net.canonical(result.weights)
        assert (again.fingerprint, again.weights) == (result.fingerprint, result.weights)
        assert load(result.to_json()).verify()
        prints.add(result.fingerprint)
    assert len(prints) == 1
    other = Weights(A=[[[1, 3], [-3, K.theta]]], V=[[[1, -K.theta], [0, 1]]], field=K)
    assert net.canonical(other).fingerprint not in prints  # the conjugate function is another


def test_roots_with_equal_real_parts_have_names() -> None:
    """The roots of ``x^4 + 5 x^2 + 6`` are purely imaginary."""
    fields = [NumberField([2, 0, 1], n) for n in (0, 1)]
    assert number_name(fields[0], fields[0].theta) != number_name(fields[1], fields[1].theta)


def test_canonical_weights_are_canonical() -> None:
    rng = random.Random(7)
    for widths, ranks, tokens in [
        ((3, 2), (2,), 1),
        ((3, 3, 2), (2, 2), 1),
        ((3, 2, 2), (1, 2), 2),
        ((2, 2, 2, 1), (1, 2, 1), 1),
    ]:
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        for _ in range(4):
            one = net.canonical(random_weights(rng, widths, ranks))
            two = net.canonical(one.weights)
            assert one.remark is None
            assert (two.fingerprint, two.weights) == (one.fingerprint, one.weights)


def test_irrational_canonical_weights_say_why() -> None:
    net = Lightning(widths=(3, 2), ranks=2, tokens=1)
    theta = NumberField([-3, 0, 1], 1)
    t = theta.theta  # x^2 + (y - tz)(y + tz)
    A = [[1, 0, 0], [0, 1, -t], [0, t, -3]]
    result = net.canonical(Weights(A=[A], V=[[[1, 0, 1], [0, 1, 0]]], field=theta))
    assert result.virtual.V.field == QQ
    assert result.weights.field != QQ
    assert "2-adic" in result.remark
    again = net.canonical(result.weights)
    assert (again.fingerprint, again.weights) == (result.fingerprint, result.weights)
    assert load(result.to_json()).verify()


# --- limits --------------------------------------------------------------------------------------


def test_time_limit(ticking) -> None:
    net = Lightning(widths=(3, 3, 2), ranks=2, tokens=2)
    f = net.function(net.random_weights(1))
    for given in (f, f.__call__):
        with pytest.raises(LimitError, match="time limit"):
            net.recover(given, time_limit=3)


def test_many_tokens_cost_no_more_than_two(work) -> None:
    """The peeling of a function of three tokens asks for its coefficients at two."""
    net = Lightning(widths=(3, 1, 2), ranks=(1, 2), tokens=3)
    f = net.function(net.random_weights(1))
    found, calls = work(lambda: net.recover(f))
    assert found
    assert calls < 1_500_000


def test_no_weights_is_a_reason() -> None:
    wide, net = (Lightning(widths=(2, e, 1), ranks=2, tokens=2) for e in (2, 1))
    W = wide.random_weights(3)
    with pytest.raises(FieldError, match="above its width 1"):
        net.recover(wide.function(W))


def test_one_layer_over_a_real_number_field() -> None:
    """Skew A and rank V = 1 over QQ(sqrt 2); a ternary form there is undecided, not denied."""
    theta = SQRT2.theta
    skew = Weights(A=[[[0, theta], [-theta, 0]]], V=[[[1, theta]]], field=SQRT2)
    line = Weights(K=[[[1, theta]]], Q=[[[theta, 1]]], V=[[[1, -1]]], field=SQRT2)
    for W, ranks in ((skew, 2), (line, 1)):
        for tokens in (1, 2):
            net = Lightning(widths=(2, 1), ranks=ranks, tokens=tokens)
            f = net.function(W)
            own = [U for U in net.recover(f) if U.field == SQRT2]
            assert own
            assert all(net.function(U) == f for U in own)
    net = Lightning(widths=(3, 2), ranks=2, tokens=1)
    K, Q = [[[1, theta, 2], [3, 1, theta]]], [[[theta, 5, 1], [1, -theta, 7]]]
    W = Weights(K=K, Q=Q, V=[[[1, 0, 0], [0, 1, 1]]], field=SQRT2)
    with pytest.raises(UndecidedError):
        net.recover(net.function(W))
