"""Reverse derivatives of the layer formula, over any kind of matrices.

A :class:`Tape` notes what :func:`~algattn.attention.layer.attention_layer` does with traced
matrices.  Its reverse pass gives the gradient of a linear functional of the output with respect to
every matrix of weights, in factored form: weights stand on the left of products ``W X`` only, so
the gradient is ``G X^T`` for one pair of matrices, which nobody has to multiply out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from algattn.attention.layer import Key, attention_layer
from algattn.attention.spaces import LayerShape

__all__ = ["Algebra", "Gradient", "Tape", "Traced", "gradients"]

A = TypeVar("A")


class Algebra(Protocol[A]):
    """Matrices (or stacks of them) over some ring."""

    def times(self, a: A, b: A, /) -> A: ...
    def plus(self, a: A, b: A, /) -> A: ...
    def turn(self, a: A, /) -> A: ...


class Gradient(NamedTuple, Generic[A]):
    """The gradient ``left right^T`` with respect to the weights `key` of layer `layer` (from 0)."""

    layer: int
    key: Key
    left: A
    right: A


def _same(g: A) -> A:
    return g


@dataclass(eq=False, slots=True)
class Traced(Generic[A]):
    """A matrix that knows how it depends on others.

    ``parents`` holds, for each matrix it was made from, what takes a gradient back to it;
    ``weights`` names the weights that it is.
    """

    tape: Tape[A]
    value: A
    parents: tuple[tuple[Traced[A], Callable[[A], Any]], ...] = ()
    weights: tuple[int, Key] | None = None

    @property
    def moves(self) -> bool:
        """Whether it depends on weights."""
        return bool(self.parents) or self.weights is not None

    @property
    def T(self) -> Traced[A]:
        turn = self.tape.algebra.turn
        return self.tape.made(turn(self.value), (self, turn))

    def __matmul__(self, other: Traced[A]) -> Traced[A]:
        times, turn = self.tape.algebra.times, self.tape.algebra.turn
        left, right = self.value, other.value

        def first(g: A) -> Any:
            return times(g, turn(right)) if self.weights is None else (g, right)

        def second(g: A) -> A:
            return times(turn(left), g)

        return self.tape.made(times(left, right), (self, first), (other, second))

    def __add__(self, other: Traced[A]) -> Traced[A]:
        total = self.tape.algebra.plus(self.value, other.value)
        return self.tape.made(total, (self, _same), (other, _same))


@dataclass(eq=False)
class Tape(Generic[A]):
    """All matrices that depend on weights, in the order in which they were made."""

    algebra: Algebra[A]
    made_so_far: list[Traced[A]] = field(default_factory=list)

    def made(self, value: A, *parents: tuple[Traced[A], Callable[[A], Any]]) -> Traced[A]:
        """Note a matrix with its derivatives; constants are not noted."""
        found = Traced(self, value, tuple(p for p in parents if p[0].moves))
        if found.parents:
            self.made_so_far.append(found)
        return found

    def reverse(self, output: Traced[A], functional: A) -> Iterator[Gradient[A]]:
        """The gradient of ``sum(functional * output)``, last layer first.

        Weights that are used twice have a part for each use; their sum is the gradient.
        """
        waiting = {id(output): functional}
        for matrix in reversed(self.made_so_far):
            g = waiting.pop(id(matrix), None)
            if g is None:
                continue
            for parent, back in matrix.parents:
                if parent.weights is not None:
                    yield Gradient(*parent.weights, *back(g))
                    continue
                known, more = waiting.get(id(parent)), back(g)
                waiting[id(parent)] = more if known is None else self.algebra.plus(known, more)


def gradients(
    algebra: Algebra[A],
    shapes: Sequence[LayerShape],
    weights: Sequence[Mapping[Key, A]],
    X: A,
    one: A,
    attend: Callable[[Traced[A], LayerShape, int], Traced[A]],
    functional: A | Callable[[], A],
) -> Iterator[Gradient[A]]:
    """Gradients of a functional of the output of a network at X, with respect to all weights.

    Parameters
    ----------
    shapes : sequence of LayerShape
    weights : sequence of mapping
        For each layer the matrices by name and index.
    X, one : matrix d_0 x t and a row of ones
    attend : callable
        From scores to the weights of the values, see :mod:`algattn.attention.layer`.
    functional : matrix d_l x t
        Its coefficients, or a function that gives them after the forward pass.
    """
    tape = Tape(algebra)
    state, ones = Traced(tape, X), Traced(tape, one)
    for i, (shape, layer) in enumerate(zip(shapes, weights, strict=True)):
        named = {key: Traced(tape, w, weights=(i, key)) for key, w in layer.items()}
        state = attention_layer(shape, named, state, attend, ones)
    return tape.reverse(state, functional() if callable(functional) else functional)
