"""Do two weight tuples give the same function?  Decided exactly, never by expanding it.

The lemmas are proved in ``algattn/docs/deep.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeVar

from algattn.attention import Architecture, GaugeElement, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import softmax as softmax_kind
from algattn.errors import DisagreementError, FieldError, LimitError, UndecidedError
from algattn.exact import QQ
from algattn.fibers.equivalence_evidence import (
    BallsDiffer,
    Carries,
    Coefficients,
    Differs,
    ElementData,
    Identifiable,
    NormalForms,
    SameVirtual,
    SameWeights,
    same_coefficients,
)
from algattn.fibers.gauge_transport import GAUGE, carry, same_field, swapped
from algattn.fibers.layer_permutations import same_function
from algattn.fibers.normal_form import normal_form, virtual_normal_forms
from algattn.fibers.points import Point, find_difference, find_softmax_difference
from algattn.fibers.results import asks
from algattn.fibers.softmax import SOFTMAX, behind_equal_tokens, softmax_same
from algattn.results import CardRow, Evidence, Grid, Outline, Result, TruthLike, register

_Item = TypeVar("_Item", bound=Evidence)


@dataclass(frozen=True)
class Path:
    """Steps that lead from the first weights to the second.

    ``swap`` says that k and v of the last layer are exchanged first; ``gauge`` acts afterwards.
    Where no group element exists (or none was found), ``gauge`` is None and ``forms`` holds the two
    normal forms, which agree.
    """

    swap: bool
    gauge: GaugeElement | None
    forms: tuple[Any, ...] = ()

    def act(self, weights: Weights) -> Weights:
        """The second weights, from the first."""
        if self.gauge is None:
            raise FieldError("carry weights", "the path has no group element", "compare the forms")
        start = swapped(weights) if self.swap else weights
        assert start is not None
        return self.gauge.act(start)


@register
@dataclass(frozen=True, repr=False)
class EquivalenceResult(TruthLike, Result):
    """Whether two weight tuples have the same function.

    Attributes
    ----------
    value : bool
        The answer.
    witness : GaugeElement, Path or Point
        When equal, the group element that carries the first weights to the second, or a
        :class:`Path`; when different, a :class:`~algattn.fibers.points.Point` (None when a lemma
        alone tells softmax networks apart).
    """

    kind: ClassVar[str] = "equivalence.pair"
    title: ClassVar[str] = "Do these weights give the same function?"
    claim_names: ClassVar[tuple[str, ...]] = ("same",)
    shown: ClassVar[tuple[str, ...]] = ("reason",)

    problem: Problem
    value: bool

    def outline(self) -> tuple[Outline, ...]:
        if not asks(self.problem, "weights", "other"):
            return ()
        one, two = self.problem.pair
        if one.field != two.field or (one.field != QQ and softmax_kind.holds(self.problem.network)):
            return ()
        word = "the same function" if self.value else "different functions"
        return (Outline("same", f"both weight tuples have {word}", self.value),)

    def _found(self, kind: type[_Item]) -> _Item | None:
        return next((item for item in self.evidence if isinstance(item, kind)), None)

    @property
    def reason(self) -> str:
        """How it is known, in a few words: by the evidence that there is."""
        if self._found(Differs) or self._found(BallsDiffer):
            return "they differ at an input"
        if carries := self._found(Carries):
            before = "after exchanging k and v of the last layer " if carries.swap else ""
            return before + "a gauge element carries one to the other"
        if self._found(SameVirtual):
            return f"equal virtual weights{behind_equal_tokens(*self._sides)}"
        if self._found(Identifiable):
            return "their virtual weights differ and are identifiable"
        if self._found(SameWeights):
            return "equal weights"
        if self._found(Coefficients):
            return "all coefficients agree" if self.value else "their coefficients differ"
        if not self.evidence and not (self.value and GAUGE.covers(self.problem.network)):
            return "without evidence"
        return (
            "zero function" if self._stratum == "zero" else f"equal normal forms ({self._stratum})"
        )

    @property
    def _sides(self) -> tuple[Architecture, Weights, Weights]:
        return (self.problem.network, *self.problem.pair)

    @cached_property
    def _stratum(self) -> str:
        (virtual,) = virtual_normal_forms(self.problem.network, self.problem.pair[0])
        return virtual.stratum

    @property
    def witness(self) -> GaugeElement | Path | Point | None:
        if point := self._found(Differs) or self._found(BallsDiffer):
            return point.point()
        if carries := self._found(Carries):
            element = carries.data.element(self.problem.weights.field)
            return Path(True, element) if carries.swap else element
        if not self.value:
            return None
        forms = self._found(NormalForms)
        return Path(False, None, () if forms is None else (forms.form, forms.form))

    def sentence(self) -> str:
        word = "Equal" if self.value else "Different"
        return f"{word}: {self.reason}"

    def card_rows(self) -> Iterator[CardRow]:
        found = self.witness
        if isinstance(found, Point):
            i, j = found.entry
            kind = f" modulo {found.modulus}" if found.modulus else ""
            yield CardRow("X =", Grid(found.X))
            yield CardRow(f"output ({i + 1},{j + 1}):", f"{found.left} and {found.right}{kind}")
        if isinstance(found, GaugeElement):
            yield CardRow("scalings", f"{[str(c) for c in found.scalings]}")


def equivalent(
    network: Architecture, first: Weights, second: Weights, *, seed: int = 0
) -> EquivalenceResult:
    """Decide whether two weight tuples have the same function; see ``Lightning.equivalent``.

    Parameters
    ----------
    first, second : Weights
        Of the network, over one field (QQ embeds in number fields).
    seed : int
        For the search of an input at which they differ.

    Returns
    -------
    EquivalenceResult
        PROVED.

    Raises
    ------
    UndecidedError
        Lightning only: for three and more tokens and features with skew layers that no lemma
        decides; in positive characteristic when the normal forms differ and no input was found.

    Notes
    -----
    Matrix products of the given sizes; the polynomial of degree ``3^l`` is never expanded.  Lemmas
    and proofs: ``algattn/docs/deep.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 2), ranks=2)
    >>> W = net.random_weights(1)
    >>> net.equivalent(W, net.random_gauge(5).act(W))
    <Equal: a gauge element carries one to the other [PROVED]>
    >>> net.equivalent(W, net.random_weights(2)).witness.entry
    (0, 0)
    """
    first, second = same_field(first, second)
    problem = Problem(network, first, None, second)
    if softmax_kind.holds(network) and first.field != QQ:
        raise FieldError("compare softmax networks", f"{first.field} has no exp", "use QQ")
    decide = _softmax if SOFTMAX.covers(network) else _generic
    if GAUGE.covers(network):
        decide = _lightning
    value, evidence = decide(network, first, second, seed)
    return EquivalenceResult.assemble(problem, value, {"same": evidence})


_Answer = tuple[bool, Sequence[Evidence]]


def _lightning(network: Architecture, first: Weights, second: Weights, seed: int) -> _Answer:
    """By the lemmas about virtual weights."""

    def forms() -> tuple[Evidence, ...]:
        try:
            return (NormalForms(normal_form(virtual_normal_forms(network, first)[0])),)
        except (LimitError, UndecidedError):
            return ()

    left, right = (first, second) if first.form == second.form else (first.to_AV(), second.to_AV())
    for swap in (False, True):
        start = swapped(left) if swap else left
        element = carry(network, start, right) if start is not None else None
        if element is not None:
            return True, (Carries(swap, ElementData.of(element)),)
    # a few inputs first: where they differ, that is far cheaper than two normal forms
    point = find_difference(network, first, second, seed=seed, tries=4)
    if point is not None:
        return False, (_differs(point),)
    one, two = virtual_normal_forms(network, first, second)
    try:
        same = same_function(one, two)
    except (LimitError, UndecidedError):
        same = None
    if same:
        return True, forms()
    point = find_difference(network, first, second, seed=seed)
    if point is not None:
        return False, (_differs(point),)
    asked = f"compare two weight tuples of {network!r}"
    if same is False and not first.field.characteristic:
        raise DisagreementError(
            asked,
            "their normal forms differ but no input was found",
            "try another seed",
            (one, two),
        )
    raise UndecidedError(
        asked,
        "they agree at 200 inputs, and no lemma decides this stratum "
        f"({one.stratum}; {two.stratum}; {network.tokens} tokens)",
        "two tokens, where it is decided, or net.function when it is small",
        (one, two),
    )


def _differs(point: Point) -> Differs:
    return Differs(point.X, point.entry, point.left, point.right, point.modulus)


def _softmax(network: Architecture, first: Weights, second: Weights, seed: int) -> _Answer:
    """By lemma *softmax*."""
    if softmax_same(network, first, second):
        return True, (SameVirtual(),)
    point = find_softmax_difference(network, first, second, seed=seed)
    return False, (*([] if point is None else [_separated(point)]), Identifiable())


def _generic(network: Architecture, first: Weights, second: Weights, seed: int) -> _Answer:
    """Where no lemma is known: equal weights, equal coefficients, or an input that separates."""
    if first == second:
        return True, (SameWeights(),)
    if softmax_kind.holds(network):
        if (point := find_softmax_difference(network, first, second, seed=seed)) is not None:
            return False, (_separated(point),)
    elif (point := find_difference(network, first, second, seed=seed)) is not None:
        return False, (_differs(point),)
    elif not first.field.characteristic:
        with suppress(LimitError):
            return same_coefficients(network, first, second), (Coefficients(),)
    raise UndecidedError(
        f"compare two weight tuples of {network!r}",
        "they agree at all inputs that were tried, and no theorem covers such a network: "
        f"{(SOFTMAX if softmax_kind.holds(network) else GAUGE).why_not(network)}",
        "smaller sizes, where all coefficients are compared, or another seed",
    )


def _separated(point: Point) -> BallsDiffer:
    return BallsDiffer(point.X, point.entry, point.left, point.right)
