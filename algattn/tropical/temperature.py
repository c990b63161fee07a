"""Positive temperature: how far attention is from its limit, with every number a proved ball.

Scores and gaps are exact rationals; exponentials and logarithms are balls of python-flint (arb),
so an inequality that holds between balls holds between the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb, ctx, fmpq

from algattn.arguments import checked
from algattn.errors import FieldError, InputError
from algattn.tropical.numbers import Vector, dot
from algattn.words import quoted

if TYPE_CHECKING:
    from algattn.tropical.head import Head

#: More digits than this help nobody, and take long.
MAX_BITS = 1_000_000


@dataclass(frozen=True)
class Inequality:
    """``left <= right``, with a lower bound of ``right - left`` that is free of cancellation.

    Both sides can agree to more digits than anyone computes, so ``slack`` is written as a sum of
    terms that are not negative (docs/tropical.md, lemma temperature).
    """

    name: str
    left: arb
    right: arb
    slack: arb

    @property
    def holds(self) -> bool:
        """Whether the slack is certainly not negative, and the balls do not contradict it."""
        return bool(self.slack >= 0) and not self.left > self.right


def check_temperature(temperature: fmpq, bits: int) -> None:
    """Refuse temperatures that are not positive, and senseless precisions."""
    asked = "evaluate attention"
    if temperature <= 0:
        raise FieldError(asked, f"the temperature is {temperature}", "use a positive number")
    if type(bits) is not int or not 1 <= bits <= MAX_BITS:
        raise InputError(asked, f"the precision is {quoted(bits)}", f"use 1 to {MAX_BITS} bits")


@checked
class Warm:
    """One head at one query and a positive temperature; made by ``TropicalAttention.at``.

    Examples
    --------
    >>> from algattn.tropical import TropicalAttention
    >>> head = TropicalAttention(keys=[[0], [1]], values=[0, 1])
    >>> warm = head.at([1], "1/10")
    >>> warm.gap, all(i.holds for i in warm.inequalities())
    (Fraction(1, 1), True)
    >>> abs(float(warm.output[0].mid()) - 0.9999546) < 1e-6
    True
    """

    def __init__(self, attention: Head, query: Vector, temperature: fmpq, bits: int = 128) -> None:
        check_temperature(temperature, bits)
        self.attention = attention
        self.query = query
        self.temperature = temperature
        self.bits = bits

    @cached_property
    def _scores(self) -> list[fmpq]:
        head = self.attention
        pairs = zip(head.keys, head.biases, strict=True)
        return [fmpq(dot(k, self.query)) + b for k, b in pairs]

    @cached_property
    def winners(self) -> tuple[int, ...]:
        """The keys of the winning function (the first one, on a wall)."""
        functions = self.attention.functions
        best = max(self._scores)
        return next(g for g in functions.groups if self._scores[g[0]] == best)

    @property
    def gap(self) -> Fraction | None:
        """Largest score minus the largest score of another function, exactly."""
        return self.attention.gap(self.query)

    def _decay(self, value: fmpq) -> arb:
        """``exp(-value / temperature)``."""
        return _ball(-value / self.temperature, self.bits, exponential=True)

    @cached_property
    def _relative(self) -> list[arb]:
        """``exp((s_j - max s) / temperature)`` for all keys."""
        best = max(self._scores)
        return [self._decay(best - s) for s in self._scores]

    @cached_property
    def weights(self) -> tuple[arb, ...]:
        """The softmax weights."""
        with _precision(self.bits):
            total = sum(self._relative, arb(0))
            return tuple(x / total for x in self._relative)

    @cached_property
    def output(self) -> tuple[arb, ...]:
        """The output ``sum_j p_j v_j``."""
        values = self._values()
        with _precision(self.bits):
            return tuple(
                sum((p * _arb(x) for p, x in zip(self.weights, column, strict=True)), arb(0))
                for column in zip(*values, strict=True)
            )

    def _values(self) -> tuple[Vector, ...]:
        return self.attention.require_values()

    @cached_property
    def missing_mass(self) -> arb:
        """One minus the softmax mass of the winning keys, without cancellation."""
        with _precision(self.bits):
            lost = [x for j, x in enumerate(self._relative) if j not in self.winners]
            rest = sum(lost, arb(0))
            return rest / (rest + len(self.winners))

    @cached_property
    def epsilon(self) -> arb:
        """``(N - m) / m * exp(-gap / temperature)`` with `m` winning keys; it bounds the above."""
        gap, m = self.gap, len(self.winners)
        if gap is None:
            return arb(0)
        with _precision(self.bits):
            share = _arb(fmpq(self.attention.size - m, m))
            return share * self._decay(fmpq(gap.numerator, gap.denominator))

    @cached_property
    def error(self) -> arb:
        """The distance of the output from the limit inside the winner's cell."""
        values = self._values()
        limit = self.attention.mean(self.winners)
        with _precision(self.bits):
            offsets = [
                sum(
                    (
                        p * _arb(v[c] - limit[c])
                        for j, (p, v) in enumerate(zip(self.weights, values, strict=True))
                        if j not in self.winners
                    ),
                    arb(0),
                )
                for c in range(len(limit))
            ]
            return _norm(offsets)

    @cached_property
    def jacobian(self) -> tuple[tuple[arb, ...], ...]:
        """The derivative of the output: ``Cov_p(v, k) / temperature``, as d_v x d."""
        values, keys, p = self._values(), self.attention.keys, self.weights
        j = self.winners[0]
        with _precision(self.bits):
            v = [[_arb(x - y) for x, y in zip(row, values[j], strict=True)] for row in values]
            k = [[_arb(x - y) for x, y in zip(row, keys[j], strict=True)] for row in keys]
            mean_v = [_weighted(p, column) for column in zip(*v, strict=True)]
            mean_k = [_weighted(p, column) for column in zip(*k, strict=True)]
            tau = _arb(self.temperature)
            return tuple(
                tuple(
                    (
                        _weighted(p, [row[a] * key[b] for row, key in zip(v, k, strict=True)])
                        - mean_v[a] * mean_k[b]
                    )
                    / tau
                    for b in range(len(mean_k))
                )
                for a in range(len(mean_v))
            )

    @cached_property
    def jacobian_norm(self) -> arb:
        """The Frobenius norm of the Jacobian; it bounds the operator norm."""
        with _precision(self.bits):
            return _norm([x for row in self.jacobian for x in row])

    @cached_property
    def lse_excess(self) -> arb:
        """``temperature * log sum exp(s / temperature) - max s``."""
        with _precision(self.bits):
            lost = [x for j, x in enumerate(self._relative) if j not in self.winners]
            m = len(self.winners)
            rest = sum(lost, arb(0)) / m
            log = rest.log1p() + (arb(m).log() if m > 1 else arb(0))
            return _arb(self.temperature) * log

    def _late(self) -> tuple[arb, arb]:
        """``epsilon - missing mass`` and ``sum (1 - exp(-lead / tau))``, without cancellation."""
        gap, m, tau = self.gap, len(self.winners), self.temperature
        if gap is None:
            return arb(0), arb(0)
        first, best = fmpq(gap.numerator, gap.denominator), max(self._scores)
        behind = [best - s for j, s in enumerate(self._scores) if j not in self.winners]
        later = [-_arb(-(lead - first) / tau).expm1() for lead in behind]
        rest = sum((self._decay(lead) for lead in behind), arb(0))
        missed = self._decay(first) * sum(later, arb(0)) / m + rest * rest / (m * (rest + m))
        return missed, sum((-_arb(-lead / tau).expm1() for lead in behind), arb(0))

    def inequalities(self) -> tuple[Inequality, ...]:
        """The estimates of docs/tropical.md, each with both of its sides as balls."""
        with _precision(self.bits):
            n, tau = self.attention.size, _arb(self.temperature)
            missed, below = self._late()
            out = [
                Inequality("0 <= LSE - max", arb(0), self.lse_excess, self.lse_excess),
                Inequality(
                    "LSE - max <= tau log N",
                    self.lse_excess,
                    tau * arb(n).log(),
                    -tau * (-below / n).log1p(),
                ),
                Inequality("missing mass <= epsilon", self.missing_mass, self.epsilon, missed),
            ]
            if self.attention.values is None:
                return tuple(out)
            dv, dk = diameter(self.attention.values), diameter(self.attention.keys)
            right = dv * self.epsilon
            out.append(Inequality("error <= D_V epsilon", self.error, right, dv * missed))
            if len(self.winners) == 1:
                lost = [p for j, p in enumerate(self.weights) if j not in self.winners]
                squares = self.missing_mass**2 + sum((p * p for p in lost), arb(0))
                out.append(
                    Inequality(
                        "|Jacobian| <= D_V D_K epsilon / tau",
                        self.jacobian_norm,
                        dv * dk * self.epsilon / tau,
                        dv * dk * (missed + squares / 2) / tau,
                    )
                )
            return tuple(out)


def _precision(bits: int) -> AbstractContextManager[Any]:
    """At least that of floats."""
    precision: AbstractContextManager[Any] = ctx.workprec(max(bits, 53))
    return precision


def _arb(x: fmpq) -> arb:
    return arb(x.p) / arb(x.q)


def _ball(x: fmpq, bits: int, *, exponential: bool = False) -> arb:
    with _precision(bits):
        value = _arb(x)
        return value.exp() if exponential else value


def _weighted(p: Sequence[arb], values: Sequence[arb]) -> arb:
    return sum((a * b for a, b in zip(p, values, strict=True)), arb(0))


def _norm(entries: Sequence[arb]) -> arb:
    total = sum((x * x for x in entries), arb(0))
    return total.nonnegative_part().sqrt()


def squared_diameter(vectors: Sequence[Vector]) -> fmpq:
    """The largest squared distance of two vectors, exactly."""
    best = fmpq(0)
    for i, a in enumerate(vectors):
        for b in vectors[:i]:
            best = max(best, sum(((x - y) ** 2 for x, y in zip(a, b, strict=True)), fmpq(0)))
    return best


def diameter(vectors: Sequence[Vector]) -> arb:
    """The largest distance of two vectors, as a ball at the current precision."""
    return _arb(squared_diameter(vectors)).sqrt()
