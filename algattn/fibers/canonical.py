"""One representative for all weights with the same function, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import FieldError, UndecidedError
from algattn.exact import Matrix
from algattn.fibers.classes import VirtualClass, classes, native
from algattn.fibers.normal_form import Anatomy, anatomies, normal_form
from algattn.fibers.points import find_difference
from algattn.fibers.rearrange import same_function
from algattn.networks import Architecture, VirtualWeights, Weights
from algattn.networks.problem import Problem
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    about,
    canonical_json,
    register,
    thaw,
)
from algattn.results.legacy import LegacyResult


@register
@dataclass(frozen=True, repr=False)
class CanonicalResult(LegacyResult):
    """The canonical form of a function, given by weights.

    Attributes
    ----------
    value : str
        The fingerprint: SHA-256 of the canonical form, equal exactly for equal functions of
        networks with the same d, d', t and number of layers.
    form : dict
        The normal form (see ``algattn/docs/deep.md``).
    virtual : VirtualWeights
        The canonical virtual weights: each B_i scaled to first nonzero entry 1.
    weights : Weights or None
        The canonical weights (K, Q, V), by a fixed factorisation; None when they would need
        more square roots at once than are written out.
    """

    kind: ClassVar[str] = "canonical.form"
    title: ClassVar[str] = "Canonical form"
    claim_names: ClassVar[tuple[str, ...]] = (
        "canonical",
        "member",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        return (
            Outline("canonical", f"the canonical form has the fingerprint {value}", detail),
            Outline("member", "the canonical weights have the given function", detail["weights"]),
        )

    @property
    def fingerprint(self) -> str:
        return str(self.value)

    @property
    def form(self) -> Any:
        return thaw(self.detail["form"])

    @property
    def virtual(self) -> VirtualWeights:
        field = Problem.of(self.problem).weights.field
        data = self.detail["virtual"]
        B = tuple(Matrix(field, thaw(b)) for b in data["B"])
        return VirtualWeights(B, Matrix(field, thaw(data["V"])))

    @property
    def weights(self) -> Weights | None:
        data = self.detail["weights"]
        return None if data is None else Weights.from_data(thaw(data))

    def sentence(self) -> str:
        return f"Canonical form ({self.detail['stratum']}), fingerprint {self.value[:16]}"

    def lines(self) -> list[str]:
        virtual = self.virtual
        out = [f"B_{i + 1} = {B.tolist()}" for i, B in enumerate(virtual.B)]
        return [*out, f"V = {virtual.V.tolist()}"]


@register
@dataclass(frozen=True)
class Recanonised(Evidence):
    """The canonical form is computed again from the weights (lemma "deep fiber")."""

    kind: ClassVar[str] = "canonical.recomputed"
    supports = about("canonical.form", "canonical")
    strength: ClassVar[Status] = Status.PROVED

    fingerprint: str

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        require_characteristic_zero(p.weights, "check a canonical form")
        value, detail = canonical_value(p.network, p.weights)
        if value != self.fingerprint or value not in claim.statement:
            raise self.fail("the fingerprint is another one")
        if canonical_json(detail) != canonical_json(claim.value):
            raise self.fail("the canonical form is another one")


@register
@dataclass(frozen=True)
class SameForm(Evidence):
    """The canonical weights have the same function, by their own normal form."""

    kind: ClassVar[str] = "canonical.same-form"
    supports = about("canonical.form", "member")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        if claim.name != "member":
            raise self.fail("it can only prove that weights have the function")
        if claim.value is None:
            return
        weights = Weights.from_data(thaw(claim.value))
        weights.matches(p.network)
        given = p.weights
        if given.field != weights.field:
            given = Weights.from_data(given.to_data() | {"field": weights.field.to_data()})
        one, two = anatomies(p.network, given, weights)
        if same_function(one, two) is not True:
            raise self.fail("the canonical weights have another function")


def require_characteristic_zero(weights: Weights, asked: str) -> None:
    """Raise :class:`FieldError` over finite fields."""
    if weights.field.characteristic:
        raise FieldError(asked, f"the weights live over {weights.field}", "use rational weights")


def class_anatomy(tokens: int, found: VirtualClass) -> Anatomy:
    return Anatomy.of(tokens, found.B, found.V)


def equal_classes(network: Architecture, weights: Weights) -> list[VirtualClass]:
    """All classes of virtual weights with the function of the given weights."""
    (anatomy,) = anatomies(network, weights)
    shape = (network.layers, network.d_in, network.d_out)
    found = classes(normal_form(anatomy), shape, weights.field)
    if anatomy.complete:
        return found
    kept = []
    for c in found:
        other = class_anatomy(network.tokens, c)
        same = same_function(anatomy, other)
        if same is None:
            start = Weights(A=anatomy.B, V=_stack(anatomy), field=weights.field)
            end = Weights(A=c.B, V=_stack(other), field=weights.field)
            if find_difference(network, start, end) is None:
                raise UndecidedError(
                    f"list the weights of {network!r} with one function",
                    "two orders of its skew layers agree at 200 inputs and no lemma decides",
                    "two tokens, where it is decided",
                    (anatomy, other),
                )
        elif same:
            kept.append(c)
    return kept


def _stack(anatomy: Anatomy) -> list[Matrix]:
    """Value matrices of a network of width d with these virtual weights."""
    unit = Matrix.identity(anatomy.V.field, anatomy.V.shape[1])
    return [unit] * (anatomy.layers - 1) + [anatomy.V]


def canonical_value(network: Architecture, weights: Weights) -> tuple[str, dict[str, Any]]:
    """Fingerprint and detail of a :class:`CanonicalResult`."""
    (anatomy,) = anatomies(network, weights)
    found = equal_classes(network, weights)
    pairs = [(c, native(network, c)) for c in found]
    order = [p for p in pairs if p[1] is not None and p[1].field == weights.field]
    order += [p for p in pairs if p[1] is not None and p[1].field != weights.field] + pairs
    chosen, chosen_native = order[0]
    virtual = {"B": [b.to_data() for b in chosen.B], "V": chosen.V.to_data()}
    form = normal_form(anatomy) if anatomy.complete else {"kind": "arranged"} | virtual
    head = {
        "d": network.d_in,
        "d_out": network.d_out,
        "layers": network.layers,
        "tokens": network.tokens,
        "field": weights.field.to_data(),
        "form": form,
    }
    if not anatomy.complete:  # the first class of all, whatever the network can represent
        first = found[0]
        head["form"] = {"kind": "arranged", "spelled": first.spelled()}
    value = hashlib.sha256(canonical_json(head).encode()).hexdigest()
    return value, {
        "form": head["form"],
        "virtual": virtual,
        "weights": None if chosen_native is None else chosen_native.to_data(),
        "stratum": anatomy.stratum,
        "classes": len(found),
    }


def canonical(network: Architecture, weights: Weights) -> CanonicalResult:
    """The canonical representative of the weights' function; see ``Lightning.canonical``.

    Raises
    ------
    FieldError
        In positive characteristic, where equal functions are not known to have equal forms.
    UndecidedError
        When two orders of skew layers cannot be told apart (three and more tokens and features).

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 2), ranks=2)
    >>> W = net.random_weights(1)
    >>> c = net.canonical(W)
    >>> c.fingerprint == net.canonical(net.random_gauge(5).act(W)).fingerprint
    True
    """
    require_characteristic_zero(weights, "find a canonical form")
    value, detail = canonical_value(network, weights)
    return CanonicalResult.assemble(
        Problem.data(network, weights),
        value,
        {"canonical": [Recanonised(value)], "member": [SameForm()]},
        detail=detail,
    )
