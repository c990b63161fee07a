"""Balls around real algebraic numbers: their digits, their order, and signatures."""

from __future__ import annotations

from typing import Any

from flint import arb, ctx

from algattn.exact import QQ, Matrix, NumberField
from algattn.exact.numerals import nearest_float
from algattn.fibers.layer_invariants import signature

PRECISION = 2048  # bits of the balls that decide most signs


def real_ball(x: Any) -> arb:
    """A ball around an element of QQ or of a real number field, small relative to it.

    >>> real_ball(QQ("1/3")) < real_ball(QQ("1/2"))
    True
    """
    field: Any = getattr(x, "field", QQ)
    precision = PRECISION
    while True:
        with ctx.workprec(precision):
            ball = field.embed(x, precision).real if isinstance(field, NumberField) else arb(x)
        if x == 0 or ball.rel_accuracy_bits() > PRECISION // 2:
            return ball
        precision *= 2


def significant(ball: arb, count: int) -> str:
    """That many digits of the middle of a ball, in scientific notation beyond the range of floats.

    >>> significant(arb(1) / 7, 12), significant(arb(10) ** 400, 12)
    ('0.142857142857', '1e+400')
    """
    number = float(ball.mid())
    if abs(number) != nearest_float(10**400) and (abs(number) > 1e-300 or ball == 0):
        return f"{number:.{count}g}"
    mantissa, exponent = ball.mid().str(count, radius=False).split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{exponent}"


def ball_signature(table: Matrix) -> tuple[int, int]:
    """The signature, by balls where they decide and exactly where they do not."""
    field, n = table.field, table.shape[0]
    if not isinstance(field, NumberField):
        return signature(table)
    with ctx.workprec(PRECISION):
        rest = [[field.embed(x, PRECISION).real for x in row] for row in table.rows]
        signs = []
        for k in range(n):
            pivot = rest[k][k]
            if not (pivot > 0 or pivot < 0):
                return signature(table)
            signs.append(1 if pivot > 0 else -1)
            for i in range(k + 1, n):
                factor = rest[i][k] / pivot
                rest[i] = [x - factor * y for x, y in zip(rest[i], rest[k], strict=True)]
    return signs.count(1), signs.count(-1)
