"""One representative for all weights with the same function, and its fingerprint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_lightning
from algattn.errors import FieldError, UndecidedError
from algattn.exact import Field, Matrix
from algattn.exact.numerals import grid
from algattn.fibers.classes import VirtualClass, classes, native
from algattn.fibers.definition import described, form_and_field, lowered
from algattn.fibers.layer_permutations import same_function
from algattn.fibers.normal_form import (
    DEEP,
    VirtualNormalForm,
    normal_form,
    virtual_normal_forms,
)
from algattn.fibers.points import find_difference
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    FrozenMap,
    Outline,
    Result,
    Status,
    about,
    declare,
    fingerprint,
    register,
    thaw,
)

CANONICAL = Theorem("Canonical weights", DEEP, *plain_lightning)


@register
@dataclass(frozen=True, repr=False)
class CanonicalResult(Result):
    """The canonical form of a function, given by weights.

    Attributes
    ----------
    value : str
        The fingerprint: SHA-256 of the canonical form, equal exactly for equal functions of
        networks with the same d, d', t and number of layers, over whatever field they are written.
    form : mapping
        The normal form (see ``algattn/docs/deep.md``), over QQ where the function is rational.
    stratum : str
        A name for it.
    classes : int
        How many classes of virtual weights have the function, over QQ where there are some, else
        over the field of the weights.
    virtual : VirtualWeights
        The canonical virtual weights: each B_i scaled to first nonzero entry 1.
    weights : Weights or None
        The canonical weights (K, Q, V), by a fixed factorisation.
    remark : str or None
        Why there are no weights ("none exist .." or "not found: .."), or why they are not over QQ.
    """

    kind: ClassVar[str] = "canonical.form"
    title: ClassVar[str] = "What is the canonical form of this function?"
    claim_names: ClassVar[tuple[str, ...]] = ("canonical", "member")
    shown: ClassVar[tuple[str, ...]] = ("stratum",)

    problem: Problem
    value: str
    form: FrozenMap  # its entries are others in every stratum
    virtual: VirtualWeights
    weights: Weights | None
    remark: str | None
    classes: int

    def outline(self) -> tuple[Outline, ...]:
        problem = self.problem
        if not problem.asks("weights"):
            return ()
        field = self.virtual.V.field
        if self.value != fingerprint_of(
            problem.network, {"field": _name(field), "form": self.form}
        ):
            return ()
        B, V = ([m.to_data() for m in self.virtual.B], self.virtual.V.to_data())
        whole = {
            "form": self.form,
            "virtual": {"B": B, "V": V},
            "weights": self.weights,
            "remark": self.remark,
            "stratum": self.stratum,
            "classes": self.classes,
        }
        return (
            Outline("canonical", f"the canonical form has the fingerprint {self.value}", whole),
            Outline("member", "the canonical weights have the given function", self.weights),
        )

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        detail = dict(parts["detail"])
        weights = Problem.from_data(thaw(parts["problem"])).weights
        detail["virtual"] = dict(detail["virtual"]) | {"field": weights.field.to_data()}
        detail["remark"] = None
        return parts | {"detail": detail}, evidence

    @property
    def fingerprint(self) -> str:
        return self.value

    @cached_property
    def stratum(self) -> str:
        (virtual,) = virtual_normal_forms(self.problem.network, self.problem.weights)
        return virtual.stratum

    def sentence(self) -> str:
        return f"Canonical form ({self.stratum}), fingerprint {self.value[:16]}"

    def card_rows(self) -> Iterator[CardRow]:
        if self.remark is not None:
            yield CardRow("weights:", self.remark)
        for i, B in enumerate(self.virtual.B):
            yield CardRow(f"B_{i + 1} =", grid(B.tolist()))
        yield CardRow("V =", grid(self.virtual.V.tolist()))


@declare(
    "canonical.recomputed", about("canonical.form", "canonical"), Status.PROVED, recomputed=True
)
@dataclass(frozen=True)
class Recanonised(Evidence):
    """The canonical form is computed again from the weights (lemma "deep fiber")."""

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in data.items() if k != "fingerprint"}

    def check(self, problem: Problem, claim: Claim) -> None:
        require_characteristic_zero(problem.weights, "check a canonical form")
        again = canonical_result(problem, {}).outline()[0]
        self.expect(claim.statement, again.statement, "the fingerprint is another one")
        self.expect(claim.value, again.value, "the canonical form is another one")


@declare("canonical.same-form", about("canonical.form", "member"), Status.PROVED)
@dataclass(frozen=True)
class SameForm(Evidence):
    """The canonical weights have the same function, by their own normal form."""

    def check(self, problem: Problem, claim: Claim) -> None:
        if claim.value is None:
            return
        weights = Weights.from_data(thaw(claim.value))
        weights.matches(problem.network)
        one, two = map(lowered, virtual_normal_forms(problem.network, problem.weights, weights))
        if one.V.field == two.V.field:
            same = same_function(one, two)
        else:
            same = described(*form_and_field(one)) == described(*form_and_field(two))
        if same is not True:
            raise self.fail("the canonical weights have another function")


def require_characteristic_zero(weights: Weights, asked: str) -> None:
    """Raise :class:`FieldError` over finite fields."""
    if weights.field.characteristic:
        raise FieldError(asked, f"the weights live over {weights.field}", "use rational weights")


def _name(field: Field) -> Any:
    return described({"kind": "zero"}, field)["field"]


def class_normal_form(tokens: int, found: VirtualClass) -> VirtualNormalForm:
    return VirtualNormalForm.of(tokens, found.B, found.V)


def equal_classes(network: Architecture, weights: Weights) -> list[VirtualClass]:
    """All classes of virtual weights with the function of the given weights."""
    (virtual,) = virtual_normal_forms(network, weights)
    return _same_classes(network, virtual, normal_form(virtual), weights.field)


def _same_classes(
    network: Architecture, virtual: VirtualNormalForm, form: Any, field: Field
) -> list[VirtualClass]:
    shape = (network.layers, network.d_in, network.d_out)
    found = classes(form, shape, field)
    if virtual.complete:
        return found
    kept = []
    for c in found:
        other = class_normal_form(network.tokens, c)
        same = same_function(virtual, other)
        if same is None:
            start = Weights(A=virtual.B, V=_stack(virtual), field=field)
            end = Weights(A=c.B, V=_stack(other), field=field)
            if find_difference(network, start, end) is None:
                raise UndecidedError(
                    f"list the weights of {network!r} with one function",
                    "two orders of its skew layers agree at 200 inputs and no lemma decides",
                    "two tokens, where it is decided",
                    (virtual, other),
                )
        elif same:
            kept.append(c)
    return kept


def _stack(virtual: VirtualNormalForm) -> list[Matrix]:
    """Value matrices of a network of width d with these virtual weights."""
    unit = Matrix.identity(virtual.V.field, virtual.V.shape[1])
    return [unit] * (virtual.layers - 1) + [virtual.V]


def fingerprint_of(network: Architecture, description: Any) -> str:
    """The digest of a description by :func:`~algattn.fibers.definition.described`, and of sizes."""
    sizes = {
        "d": network.d_in,
        "d_out": network.d_out,
        "layers": network.layers,
        "tokens": network.tokens,
    }
    return fingerprint(sizes | dict(description))


def canonical_result(problem: Problem, evidence: dict[str, Any]) -> CanonicalResult:
    """The canonical form of the weights of the problem, with the evidence given."""
    network = problem.network
    virtual = lowered(virtual_normal_forms(network, problem.weights)[0])
    form, field = form_and_field(virtual)
    found = _same_classes(network, virtual, form, field)
    if not virtual.complete:  # the first class of all, whatever the network can represent
        form = {"kind": "arranged", "spelled": found[0].spelled()}
    description = described(form, field)
    chosen, weights, remark = _written(network, found)
    return CanonicalResult.assemble(
        problem,
        fingerprint_of(network, description),
        evidence,
        form=description["form"],
        virtual=VirtualWeights(chosen.B, chosen.V),
        weights=weights,
        remark=remark,
        classes=len(found),
    )


def _written(
    network: Architecture, found: Sequence[VirtualClass]
) -> tuple[VirtualClass, Weights | None, str | None]:
    """The first class with native weights over its field, else with any; and a remark."""
    other: tuple[VirtualClass, Weights, str | None] | None = None
    none, unknown = None, None
    for c in found:
        try:
            weights, remark = native(network, c)
        except FieldError as error:
            none = none or f"none exist: {error.wrong}"
        except UndecidedError as error:
            unknown = unknown or f"not found: {error.wrong}"
        else:
            if remark is None:
                return c, weights, None
            other = other or (c, weights, remark)
    return other or (found[0], None, unknown or none)


def canonical(network: Architecture, weights: Weights) -> CanonicalResult:
    """See ``Lightning.canonical``."""
    CANONICAL.require(network, "find a canonical form")
    require_characteristic_zero(weights, "find a canonical form")
    evidence = {"canonical": [Recanonised()], "member": [SameForm()]}
    return canonical_result(Problem(network, weights), evidence)
