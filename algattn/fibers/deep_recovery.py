"""Recovering the weights of a deep network from its coefficients or from exact evaluations.

At ``X = (x, eps y)`` column 2 is ``eps (column 1) b_1(x, y) / b_1(x, x) + O(eps^2)``: that gives
B_1.  The symmetric parts of the other layers come from the one-token slice, and their skew parts
one after the other from higher powers of eps, where each first enters linearly.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.theorems import Theorem, lightning, plain
from algattn.errors import FieldError, UndecidedError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.fibers.canonical import equal_classes
from algattn.fibers.classes import Native, VirtualClass, _token, native
from algattn.fibers.normal_form import DEEP, VirtualNormalForm
from algattn.fibers.one_token_restriction import (
    forms_along_lines,
    interpolated_function,
    interpolated_rows,
    no_weights,
    slice_rows,
    token_data,
)
from algattn.fibers.points import evaluate
from algattn.fibers.probes import Probes
from algattn.fibers.recovered import Recovered
from algattn.fibers.skew_recovery import skew_classes
from algattn.fibers.two_token_jets import TwoTokenJet
from algattn.progress import Monitor

RECOVERY = Theorem("Recovery", DEEP, lightning, *plain)


def recover_deep(
    network: Architecture,
    function: FunctionMap | Callable[[Any], Any],
    field: Field = QQ,
    seed: int = 0,
    monitor: Monitor | None = None,
) -> Recovered:
    """Weights with the function, one for each rational class; see ``Lightning.recover``.

    Raises
    ------
    FieldError
        When the function is none of such a network, or has no weights over the field.
    LimitError
        For a black box that needs too many evaluations.
    UndecidedError
        For skew layers over a number field, and rank V = 1 there.
    """
    if isinstance(function, FunctionMap):
        field = function.field
        _check_shape(network, function)
        if function.is_zero:
            return _natives(network, [_zero_class(network, field)])
    if field.characteristic and field.characteristic <= network.map_degree:
        raise FieldError(
            "recover weights",
            f"{field} has not more than {network.map_degree} elements",
            "a larger p",
        )
    value = Probes(network, function, field, monitor)
    for choices in _token_choices(network, function, value, field, seed):
        if choices is None:
            return _recover_skew(network, function, value, field, seed)
        for virtual in _candidates(network, choices, value, field, seed):
            value.monitor.step()
            wide = _wide_weights(network, virtual)
            if _agrees(network, function, value, wide, seed):
                return _natives(network, equal_classes(_wide(network), wide))
    raise no_weights(network, field)


def _natives(network: Architecture, classes: Sequence[VirtualClass]) -> Recovered:
    """Every class that the network has; an error only when there is none, or none was found."""
    found: list[Native] = []
    none, unknown = None, None
    for c in classes:
        try:
            found.append(native(network, c))
        except FieldError as error:
            none = none or error
        except UndecidedError as error:
            unknown = unknown or error
    if found:
        return Recovered.of(found)
    if unknown is not None:
        raise unknown
    wrong = "it has no virtual weights" if none is None else none.wrong
    raise FieldError(
        f"recover weights in {network!r}",
        f"it has virtual weights, but native ones need larger widths or ranks: {wrong}",
        "a larger network, or net.equivalent to compare",
    )


def _recover_skew(
    network: Architecture, function: Any, value: Probes, field: Field, seed: int
) -> Recovered:
    """When the one-token slice is zero: a layer is skew, or the function is zero."""
    found = [_zero_class(network, field)]
    if network.tokens > 1 and network.d_in > 1:
        given = function
        if not isinstance(function, FunctionMap):
            given = interpolated_function(network, value, field)
        if not given.is_zero:
            again = partial(recover_deep, monitor=value.monitor)
            found = list(skew_classes(network, given, again))
    kept = [c for c in found if _agrees(network, function, value, _wide_weights(network, c), seed)]
    if not kept:
        raise no_weights(network, field)
    return _natives(network, kept)


def _zero_class(network: Architecture, field: Field) -> VirtualClass:
    d = network.d_in
    zero, V = Matrix.zeros(field, d, d), Matrix.zeros(field, network.d_out, d)
    return VirtualClass((zero,) * network.layers, V, 0)


def _wide_weights(network: Architecture, virtual: VirtualClass) -> Weights:
    field = virtual.V.field
    unit = Matrix.identity(field, network.d_in)
    return Weights(A=virtual.B, V=[unit] * (network.layers - 1) + [virtual.V], field=field)


def _wide(network: Architecture) -> Architecture:
    """The network of constant width that holds all virtual weights."""
    d = network.d_in
    widths = (*(d,) * network.layers, network.d_out)
    return type(network)(widths, d, network.tokens)


def _check_shape(network: Architecture, function: FunctionMap) -> None:
    from algattn.errors import ShapeError

    found = (function.d_in, function.d_out, function.tokens, function.degree)
    wanted = (network.d_in, network.d_out, network.tokens, network.map_degree)
    if found != wanted:
        raise ShapeError(
            f"look for this function in {network!r}",
            f"(d, d', t, degree) of the function is {found} instead of {wanted}",
            "give a function of the network's shape",
        )


def _agrees(network: Architecture, function: Any, value: Probes, wide: Weights, seed: int) -> bool:
    """Equality of coefficients; for a black box, equality at twelve random inputs."""
    if isinstance(function, FunctionMap):
        return FunctionMap.of(_wide(network), wide) == function
    rng = random.Random(f"algattn recover {seed}")
    for _ in range(12):
        X = [[rng.randint(-9, 9) for _ in range(network.tokens)] for _ in range(network.d_in)]
        if evaluate(_wide(network), wide, X, wide.field) != value(X):
            return False
    return True


def _token_choices(
    network: Architecture, function: Any, value: Probes, field: Field, seed: int
) -> Iterator[list[Any] | None]:
    """``(S_1..S_l, V)`` for every way to read the one-token slice; None when that is zero.

    First quick guesses from lines, which may mislead; then the slice itself.
    """
    rng = random.Random(f"algattn peel {seed}")
    exact_slice = isinstance(function, FunctionMap) and not isinstance(field, NumberField)
    if not exact_slice and network.d_out > 1:
        for _ in range(5):
            found = forms_along_lines(network, value, field, rng)
            if found is not None:
                yield [found]
    if isinstance(function, FunctionMap):
        rows = slice_rows(function)
    else:
        rows = interpolated_rows(network, value, field)
    yield list(_token(token_data(rows, field), network.layers, field)) if any(rows) else None


def _candidates(
    network: Architecture, choices: Sequence[Any], value: Probes, field: Field, seed: int
) -> Iterator[VirtualClass]:
    d, rng = network.d_in, random.Random(f"algattn first layer {seed}")
    if network.tokens == 1 or d == 1:
        for forms, V in choices:
            yield VirtualClass(tuple(forms), V, 0)
        return
    first = _first_layer(network, value, field, rng)
    for forms, V in choices:
        B1 = _with_symmetric_part(first, forms[0], field)
        if B1 is not None:
            yield from _complete(network, value, field, [B1], forms, V, rng)


def _first_layer(network: Architecture, value: Probes, field: Field, rng: random.Random) -> Matrix:
    """The space of matrices B with B^T x parallel to the eps-ratio at x, as columns."""
    d, equations, met = network.d_in, [], 0
    for tries in range(20 * (d + 3)):
        if met == d + 3:
            break
        size = 5 + tries // 4
        x = [rng.randint(-size, size) for _ in range(d)]
        ratios, row, scale = [], 0, None
        for j in range(d):
            y = [int(i == j) for i in range(d)]
            if scale is None:
                starts = ((r, value.at(x, y, r, 0, 0)) for r in range(network.d_out))
                row, scale = next(((r, c) for r, c in starts if c != 0), (0, None))
            if scale is None:
                break
            ratios.append(value.at(x, y, row, 1, 1) / scale)
        if len(ratios) < d:
            continue  # p(x) V x = 0
        met += 1
        for a in range(d):
            for b in range(a + 1, d):
                equation = [field.zero] * (d * d)
                for i in range(d):  # ratio_a (B^T x)_b = ratio_b (B^T x)_a
                    equation[i * d + b] = equation[i * d + b] + ratios[a] * x[i]
                    equation[i * d + a] = equation[i * d + a] - ratios[b] * x[i]
                equations.append(equation)
    return Matrix(field, equations, (len(equations), d * d)).kernel()


def _with_symmetric_part(space: Matrix, S: Matrix, field: Field) -> Matrix | None:
    """The matrix of the space with symmetric part S, or None."""
    d, m = S.shape[0], space.shape[1]
    rows, right = [], []
    for i in range(d):
        for j in range(i, d):
            rows.append([space[i * d + j, n] + space[j * d + i, n] for n in range(m)])
            right.append([2 * S[i, j]])
    solution = Matrix(field, rows, (len(rows), m)).solve(Matrix(field, right))
    if solution is None:
        return None
    flat = (space @ solution).column(0)
    return Matrix(field, [flat[i * d : (i + 1) * d] for i in range(d)])


def _complete(
    network: Architecture,
    value: Probes,
    field: Field,
    known: list[Matrix],
    forms: Sequence[Matrix],
    V: Matrix,
    rng: random.Random,
) -> Iterator[VirtualClass]:
    """Find the skew parts of the layers after the known ones."""
    d = network.d_in
    B = [*known, *forms[len(known) :]]
    collapse = VirtualNormalForm.of(network.tokens, B[: len(known)], V).collapse
    if collapse is None and len(known) < network.layers:
        skew = _skew_part(network, value, field, B, len(known), V, rng)
        if skew is None:
            return
        yield from _complete(network, value, field, [*known, B[len(known)] + skew], forms, V, rng)
        return
    assert d > 1
    yield VirtualClass(tuple(B), V, network.layers if collapse is None else collapse + 1)


def _skew_part(
    network: Architecture,
    value: Probes,
    field: Field,
    B: Sequence[Matrix],
    n: int,
    V: Matrix,
    rng: random.Random,
) -> Matrix | None:
    """The skew part of layer n (0-based), from pairs (x, y) where it enters linearly first."""
    d = network.d_in
    pairs = [(i, j) for i in range(d) for j in range(i + 1, d)]
    rows: list[list[Any]] = []
    right: list[list[Any]] = []
    for _ in range(6 * len(pairs) + 6):
        x, y = ([rng.randint(-3, 3) for _ in range(d)] for _ in range(2))
        row = [field(x[i] * y[j] - x[j] * y[i]) for i, j in pairs]
        if not any(c != 0 for c in row) or Matrix(field, [*rows, row]).rank() == len(rows):
            continue
        twin = TwoTokenJet.of(B, V, x, y, network.map_degree)
        place = twin.entrance(n)
        if place is None:
            continue
        r, c, k = place
        target = value.at(x, y, r, c, k)
        right.append([twin.solve(n, place, target)])
        rows.append(row)
        if len(rows) == len(pairs):
            solution = Matrix(field, rows).solve(Matrix(field, right))
            assert solution is not None
            K = [[field.zero] * d for _ in range(d)]
            for (i, j), v in zip(pairs, solution.column(0), strict=True):
                K[i][j], K[j][i] = v, -v
            return Matrix(field, K)
    return None
