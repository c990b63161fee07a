"""One door for recovery: coefficients, arrays of coefficients, exact or floating black boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from algattn.errors import FieldError, ShapeError
from algattn.exact import QQ, Field, Matrix
from algattn.fibers.arrays import CoefficientArray, generic_pair
from algattn.fibers.numeric import NumericRecovery, recover_numeric
from algattn.networks import Architecture, FunctionMap, Weights


def recover_any(
    network: Architecture,
    function: FunctionMap | CoefficientArray | Callable[[Sequence[Sequence[int]]], Any],
    field: Field,
    seed: int,
) -> tuple[Weights, ...] | NumericRecovery:
    """Weights with the given function; see ``Lightning.recover``.

    Parameters
    ----------
    function : FunctionMap, CoefficientArray or callable
        Coefficients, or a black box that takes a nested list (d x t) of numbers and returns the
        output; exact numbers give exact weights, floats a numeric fit.
    field : Field
        Where a black box takes its values.

    Returns
    -------
    tuple of Weights, or NumericRecovery
        One tuple of weights for each class over the field.  From coefficients each is checked
        against all of them; from a black box against further inputs.

    Raises
    ------
    FieldError
        When there are no weights over the field.
    UndecidedError
        For functions whose one-token slice is zero (skew layers).

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    >>> W = net.random_weights(3)
    >>> found = net.recover(net.function(W))
    >>> [net.equivalent(W, U).value for U in found]
    [True, True]
    """
    if isinstance(function, FunctionMap):
        if network.layers == 1 and function.field == QQ:
            from algattn.fibers.membership import recover
            from algattn.fibers.recovery import check_candidate

            check_candidate(network, function)
            table = CoefficientArray.from_function(function)
            quick = None if table is None else _generic(network, table)
            return recover(network, function) if quick is None else quick
    elif isinstance(function, CoefficientArray):
        return _from_array(network, function)
    elif any(isinstance(x, float) or hasattr(x, "dtype") for x in _sample(network, function)):
        return recover_numeric(network, function, seed=seed)
    from algattn.fibers.peeling import recover_deep

    return recover_deep(network, function, field, seed)


def _sample(network: Architecture, function: Callable[[Any], Any]) -> list[Any]:
    X = [[1 + i + j for j in range(network.tokens)] for i in range(network.d_in)]
    return [x for row in function(X) for x in row]


def _from_array(network: Architecture, function: CoefficientArray) -> tuple[Weights, ...]:
    from algattn.fibers.recovery import factor_pairs
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
    return tuple(as_form(s.A, s.V, a) for s in solutions)


def _generic(network: Architecture, function: CoefficientArray) -> tuple[Weights, ...] | None:
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
    return (Weights(K=[K], Q=[Q], V=[pair[1]]),)
