"""One door for recovery: coefficients, arrays of coefficients, exact or floating black boxes."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement
from typing import Any

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.errors import FieldError, InputError, ShapeError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.fibers.arrays import CoefficientArray, generic_pair
from algattn.fibers.deep_recovery import RECOVERY, recover_deep
from algattn.fibers.factorisation import MEMBERSHIP, check_candidate, factor_pairs
from algattn.fibers.numeric import NumericRecovery, recover_numeric
from algattn.fibers.one_token_restriction import NOT_A_NETWORK, interpolated_rows, token
from algattn.fibers.recovered import Recovered
from algattn.progress import Monitor


def recover_any(
    network: Architecture,
    function: FunctionMap | CoefficientArray | Callable[[Sequence[Sequence[int]]], Any],
    field: Field,
    seed: int,
    monitor: Monitor | None = None,
) -> Recovered | NumericRecovery:
    """See ``Lightning.recover``; a monitor counts evaluations and classes."""
    RECOVERY.require(network, "recover weights")
    monitor = Monitor(f"recover weights in {network!r}") if monitor is None else monitor
    if isinstance(function, FunctionMap):
        if MEMBERSHIP.covers(network) and (function.field == QQ or _is_real(function.field)):
            return _one_layer(network, function, monitor)
    elif isinstance(function, CoefficientArray):
        return _from_array(network, function)
    else:
        if not callable(function):
            raise InputError(
                f"recover weights in {network!r}",
                f"a {type(function).__name__} is neither coefficients nor a black box",
                "net.function(weights), or a function of X",
            )
        function = _counted(function, monitor)
        sample = _sample(network, function)
        if any(_is_float(x) for x in sample):
            return recover_numeric(network, function, seed=seed)
        if any(hasattr(x, "dtype") for x in sample):
            function = _plain(function)
        if MEMBERSHIP.covers(network) and field == QQ:
            return _one_layer(network, _expand(network, function, seed), monitor)
    return recover_deep(network, function, field, seed, monitor)


def _is_real(field: Field) -> bool:
    return isinstance(field, NumberField) and field.is_real


def _one_layer(network: Architecture, function: FunctionMap, monitor: Monitor) -> Recovered:
    from algattn.fibers.membership import recover

    check_candidate(network, function, real_fields=True)
    table = CoefficientArray.from_function(function)
    quick = None if table is None else _generic(network, table)
    monitor.step()
    return recover(network, function, monitor) if quick is None else quick


def _expand(network: Architecture, function: Callable[[Any], Any], seed: int) -> FunctionMap:
    """The coefficients of one layer given as an exact black box, checked at further inputs."""
    d, d_out, t = network.d_in, network.d_out, network.tokens
    found: dict[Any, Any] = {}

    def value(X: Sequence[Sequence[Any]]) -> Matrix:
        return Matrix(QQ, [list(row) for row in function(X)], (d_out, t))

    if t == 1:
        for r, row in enumerate(interpolated_rows(network, value, QQ)):
            for exponents, c in row.terms():
                found[r, *(i for i, e in enumerate(exponents) for _ in range(e))] = c
    else:
        # column 1 at (y, x) is F(y, y) + F(x, y), and F(x, y) is quadratic in x, linear in y
        unit = [[int(i == j) for j in range(d)] for i in range(d)]
        for k in range(d):
            alone = value(token(unit[k], t)).column(0)
            squares: list[list[Any]] = []
            for x in unit:
                both = value(token(unit[k], t, x)).column(0)
                squares.append([b - a for a, b in zip(alone, both, strict=True)])
            for i, j in combinations_with_replacement(range(d), 2):
                x = [a + b for a, b in zip(unit[i], unit[j], strict=True)]
                both = value(token(unit[k], t, x)).column(0) if i < j else []
                for r in range(d_out):
                    if i == j:
                        found[r, i, i, k] = squares[i][r]
                    else:
                        found[r, i, j, k] = both[r] - alone[r] - squares[i][r] - squares[j][r]
    f = FunctionMap(d, d_out, t, found)
    rng = random.Random(f"algattn recover {seed}")
    for _ in range(12):
        X = [[rng.randint(-9, 9) for _ in range(t)] for _ in range(d)]
        if Matrix(QQ, f(X)) != value(X):
            raise FieldError(f"recover weights in {network!r}", NOT_A_NETWORK, "check the function")
    return f


def _is_float(x: Any) -> bool:
    kind = getattr(getattr(x, "dtype", None), "kind", None)
    return isinstance(x, float) or (hasattr(x, "dtype") and kind not in ("i", "u", "O"))


def _plain(function: Callable[[Any], Any]) -> Callable[[Any], list[list[Any]]]:
    """The same black box with Python numbers instead of numpy integers."""

    def plain(X: Any) -> list[list[Any]]:
        return [[int(x) if hasattr(x, "dtype") else x for x in row] for row in function(X)]

    return plain


def _counted(function: Callable[[Any], Any], monitor: Monitor) -> Callable[[Any], Any]:
    """The same black box, each value a step of the work."""

    def counted(X: Any) -> Any:
        monitor.step()
        return function(X)

    return counted


def _sample(network: Architecture, function: Callable[[Any], Any]) -> list[Any]:
    X = [[1 + i + j for j in range(network.tokens)] for i in range(network.d_in)]
    return [x for row in function(X) for x in row]


def _from_array(network: Architecture, function: CoefficientArray) -> Recovered:
    from algattn.fibers.witnesses import as_form

    asked = f"recover weights in {network!r}"
    found = (function.d_in, function.d_out, min(function.tokens, 2), 1)
    if found != (network.d_in, network.d_out, min(network.tokens, 2), network.layers):
        raise ShapeError(asked, f"the array is for {found}", "one layer of this shape, t >= 2")
    if function.is_zero:
        return recover_any(network, function.to_function(), QQ, 0)  # type: ignore[return-value]
    quick = _generic(network, function)
    if quick is not None:
        return quick
    a = network.ranks[0]
    solutions = [s for s in factor_pairs(function) if s.real and s.A.rank() <= a]
    if not solutions:
        raise FieldError(asked, "no real weights have these coefficients", "net.contains")
    return Recovered.of((as_form(s.A, s.V, a), None) for s in solutions)


def _generic(network: Architecture, function: CoefficientArray) -> Recovered | None:
    """The only class, by vectorised arithmetic, when rank A >= 2 and a >= d; else None."""
    d, a = network.d_in, network.ranks[0]
    if a < d or d < 2:
        return None
    pair = generic_pair(function)
    if pair is None or pair[0].rank() < 2:
        return None
    empty = [[0] * d for _ in range(a - d)]
    K = [[int(i == j) for j in range(d)] for i in range(d)] + empty
    Q = Matrix(QQ, [*pair[0].rows, *empty])
    return Recovered.of([(Weights(K=[K], Q=[Q], V=[pair[1]]), None)])
