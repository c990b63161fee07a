"""Do two weight tuples give the same function?  Decided exactly, never by expanding it.

The lemmas are proved in ``algattn/docs/deep.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import DisagreementError, FieldError, LimitError, UndecidedError
from algattn.exact import QQ
from algattn.fibers.carry import carry, same_field, swapped
from algattn.fibers.equivalence_evidence import (
    BallsDiffer,
    Carries,
    Differs,
    Identifiable,
    NormalForms,
    SameVirtual,
    read_pair,
)
from algattn.fibers.normal_form import anatomies, normal_form
from algattn.fibers.points import Point, find_difference
from algattn.fibers.rearrange import same_function
from algattn.fibers.softmax import identifiable, softmax_same
from algattn.networks import Architecture, GaugeElement, Weights
from algattn.networks.problem import Problem
from algattn.results import Evidence, Outline, register
from algattn.results.legacy import LegacyResult


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
class EquivalenceResult(LegacyResult):
    """Whether two weight tuples have the same function.

    Attributes
    ----------
    value : bool
        The answer.
    witness : GaugeElement, Path or Point
        When equal, the group element that carries the first weights to the second, or a
        :class:`Path`; when different, a :class:`~algattn.fibers.points.Point` (None when a theorem
        alone tells softmax networks apart).
    """

    kind: ClassVar[str] = "equivalence.pair"
    title: ClassVar[str] = "Same function"
    claim_names: ClassVar[tuple[str, ...]] = ("same",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        word = "the same function" if value else "different functions"
        return (Outline("same", f"both weight tuples have {word}: {detail['reason']}", value),)

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def reason(self) -> str:
        return str(self.detail["reason"])

    @property
    def witness(self) -> GaugeElement | Path | Point | None:
        forms: tuple[Any, ...] = ()
        path: GaugeElement | Path | None = None
        for item in self.claims[0].evidence:
            if isinstance(item, Differs | BallsDiffer):
                return item.point()
            if isinstance(item, Carries):
                element = item.element(read_pair(self.problem)[1].field)
                path = Path(True, element) if item.swap else element
            if isinstance(item, NormalForms):
                forms = (item.form, item.form)
        return path or (Path(False, None, forms) if self.value else None)

    def sentence(self) -> str:
        word = "Equal" if self.value else "Different"
        return f"{word}: {self.reason}"

    def lines(self) -> list[str]:
        found = self.witness
        if isinstance(found, Point):
            i, j = found.entry
            kind = f" modulo {found.modulus}" if found.modulus else ""
            return [
                f"X = {[list(row) for row in found.X]}",
                f"output ({i + 1},{j + 1}): {found.left} and {found.right}{kind}",
            ]
        if isinstance(found, GaugeElement):
            return [f"scalings {[str(c) for c in found.scalings]}"]
        return []


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
        PROVED; for softmax networks possibly THEOREM.

    Raises
    ------
    UndecidedError
        For three and more tokens and features with skew layers that no lemma decides; in positive
        characteristic when the normal forms differ and no input was found.

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
    problem = Problem.data(network, first) | {"other": second.to_data()}
    if network.kind == "softmax":
        return _softmax(network, first, second, problem, seed)

    def answer(value: bool, reason: str, *evidence: Evidence) -> EquivalenceResult:
        return EquivalenceResult.assemble(
            problem, value, {"same": evidence}, detail={"reason": reason}
        )

    def forms() -> tuple[Evidence, ...]:
        try:
            return (NormalForms(normal_form(anatomies(network, first)[0])),)
        except (LimitError, UndecidedError):
            return ()

    left, right = (first, second) if first.form == second.form else (first.to_AV(), second.to_AV())
    for swap in (False, True):
        start = swapped(left) if swap else left
        element = carry(network, start, right) if start is not None else None
        if element is not None:
            reason = "a gauge element carries one to the other"
            if swap:
                reason = "after exchanging k and v of the last layer " + reason
            return answer(True, reason, Carries(swap, element.to_data()))
    # a few inputs first: where they differ, that is far cheaper than two normal forms
    point = find_difference(network, first, second, seed=seed, tries=4)
    if point is not None:
        return answer(False, "they differ at an input", _differs(point))
    one, two = anatomies(network, first, second)
    try:
        same = same_function(one, two)
    except (LimitError, UndecidedError):
        same = None
    if same:
        reason = "zero function" if one.zero else f"equal normal forms ({one.stratum})"
        return answer(True, reason, *forms())
    point = find_difference(network, first, second, seed=seed)
    if point is not None:
        return answer(False, "they differ at an input", _differs(point))
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


def _softmax(
    network: Architecture, first: Weights, second: Weights, problem: Any, seed: int
) -> EquivalenceResult:
    from algattn.fibers.points import find_softmax_difference

    if first.field != QQ:
        raise FieldError("compare softmax networks", f"{first.field} has no exp", "use QQ")

    def answer(value: bool, reason: str, *evidence: Evidence) -> EquivalenceResult:
        return EquivalenceResult.assemble(
            problem, value, {"same": evidence}, detail={"reason": reason}
        )

    if softmax_same(network, first, second):
        return answer(True, "equal virtual weights", SameVirtual())
    theorem = [Identifiable()] if any(identifiable(network, w) for w in (first, second)) else []
    point = find_softmax_difference(network, first, second, seed=seed)
    if point is not None:
        found = BallsDiffer(point.X, point.entry, point.left, point.right)
        return answer(False, "they differ at an input", found, *theorem)
    if theorem:
        return answer(False, "their virtual weights differ and are identifiable", *theorem)
    raise UndecidedError(
        f"compare two weight tuples of {network!r}",
        "their virtual weights differ, no input separates them, and the hypotheses of the "
        "identifiability theorem (V and every sym(B_i), i < l, nonzero) fail",
        "weights that satisfy them",
    )
