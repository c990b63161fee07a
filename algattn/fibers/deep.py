"""The fiber through weights of a deep network, and what holds for almost all weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import prod
from typing import Any, ClassVar

from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, at_weights, plain_lightning
from algattn.errors import UndecidedError
from algattn.exact import QQ
from algattn.fibers.canonical import equal_classes, require_characteristic_zero
from algattn.fibers.classes import VirtualClass, native_or_none
from algattn.fibers.complex_classes import ClassShape, class_shapes, shape_of
from algattn.fibers.components import FiberComponent
from algattn.fibers.deep_witnesses import Sheet, affordable, on_component, tangent_dimension
from algattn.fibers.layer_permutations import same_function
from algattn.fibers.native_dimension import superfluous_width_dimension, zero_dimension
from algattn.fibers.normal_form import (
    DEEP,
    VirtualNormalForm,
    no_skew,
    normal_form,
    virtual_normal_forms,
)
from algattn.fibers.results import FiberResult, Params
from algattn.formulas.one_layer import (
    Section,
    attention_sections,
    key_query_components,
    key_query_sections,
)
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Status,
    about,
    canonical_json,
    declare,
    register,
    thaw,
)

NATIVE_FIBERS = Theorem("Native fibers", DEEP, *plain_lightning, instead="net.fiber_ideal")
REDUCED = Theorem(
    "Reduced",
    DEEP,
    *plain_lightning,
    no_skew,
    at_weights(
        "no collapse before the end",
        "a layer before the last has rank one",
        no_skew.facts,
        lambda v: v.cut == v.layers,
    ),
)


@register
@dataclass(frozen=True, repr=False)
class DeepFiberResult(FiberResult):
    """All weights of a deep network with the function of the given ones.

    The classes of virtual weights (up to scaling, and up to skew parts after a collapse) are always
    listed, those over the complex numbers included, with the dimension of the native weights over
    each.  Components in the native parameters and reducedness are None when ``covered`` is False;
    :attr:`gap` then says why.

    Attributes
    ----------
    complex_classes, real_classes : int or None
        Classes of virtual weights over the complex and the real numbers; None: not decided.
    """

    kind: ClassVar[str] = "deep.fiber"
    title: ClassVar[str] = "Which weights give this function?"
    claim_names: ClassVar[tuple[str, ...]] = ("members", "complete")

    complex_classes: int | None
    real_classes: int | None
    gap: str

    def _complete(self) -> str:
        size = "is described by classes only"
        if self.value is not None:
            size = f"has dimension {self.value}"
        return f"the fiber in {self.unknowns} {size}; its classes are listed"

    @property
    def dimension(self) -> int:
        if self.value is None:
            raise UndecidedError(
                "give the dimension of this fiber", self.gap, "the classes are known", self
            )
        return self.value

    @property
    def covered(self) -> bool:
        """Whether the components in the native parameters are known."""
        return not self.gap

    @property
    def complex_components(self) -> int | None:
        return len(self.components) if self.covered else None

    @property
    def real_components(self) -> int | None:
        """How many of the components have real points."""
        return sum(c.is_real for c in self.components) if self.covered else None

    def sentence(self) -> str:
        if not self.covered:
            n = len(self.components)
            count = f"{n} class{'es' * (n != 1)} of weights ({self.case})"
            if self.value is None:
                return f"{count}; no dimension: {self.gap}"
            return (
                f"Dimension {self.value} in {self.unknowns}, {count}; "
                f"components not counted: {self.gap}"
            )
        word = "component" if self.complex_components == 1 else "components"
        return (
            f"Dimension {self.value} in {self.unknowns}, {self.complex_components} "
            f"{word} over C, {self.real_components} over R; case: {self.case}; "
            f"{self._scheme}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for c in self.components:
            size = "" if c.dimension is None else f", dimension {c.dimension}"
            if c.dimension is not None and c.real_dimension is None:
                size += ", no real points"
            yield CardRow(f"{c.name}{size}:", c.family)
            yield from c.example()


@declare("deep.lemma", about("deep.fiber", "complete"), Status.PROVED, recomputed=True)
@dataclass(frozen=True)
class ClassLemma(Evidence):
    """Lemma "deep fiber" of the documentation; the classes are computed again."""

    def check(self, problem: Problem, claim: Claim) -> None:
        require_characteristic_zero(problem.weights, "check a fiber")
        params = claim.value["detail"]["params"]
        for general in (True, False):
            (_, complete) = deep_result(problem, params, general=general).outline()
            if canonical_json(claim.value) == canonical_json(complete.value):
                return
        # of version 0.1; only where there is one component any member will do as its witness
        single = len(claim.value["detail"]["components"]) == 1
        if not single or _without_witnesses(claim.value) != _without_witnesses(complete.value):
            raise self.fail("the classes are not those of the lemma")


def _without_witnesses(value: Any) -> str:
    """A claim of version 0.1, whose witnesses are any members of their class."""
    data = thaw(value)
    for part in data["detail"]["components"]:
        del part["witness"]
    return canonical_json(data)


@declare("deep.lemma-at-witnesses", about("deep.fiber", "complete"), Status.PROVED)
@dataclass(frozen=True)
class ClassLemmaAtWitnesses(Evidence):
    """Lemma "deep fiber", and tangent spaces at the witnesses."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.network
        require_characteristic_zero(problem.weights, "check a fiber")
        again = deep_result(problem, claim.value["detail"]["params"])
        (_, complete) = again.outline()
        self.expect(claim.value, complete.value, "the classes are not those of the lemma")
        if not measurable(again):
            raise self.fail("the tangent spaces are too large for this check")
        for part in again.components:
            if part.witness is None or part.dimension is None:
                continue
            found = tangent_dimension(network, part.witness, again.params)
            excess = found - part.dimension
            if excess < 0 or (part.reduced is not None and part.reduced != (excess == 0)):
                raise self.fail(f"another tangent space at the witness of {part.name}")


def measurable(result: DeepFiberResult) -> bool:
    """Whether tangent spaces at witnesses on all components are affordable."""
    witnesses = [c.witness for c in result.components if c.witness is not None]
    return result.covered and affordable(result.problem.network, witnesses)


@declare("deep.same-form", about("deep.fiber", "members"), Status.PROVED)
@dataclass(frozen=True)
class SameClass(Evidence):
    """The witnesses have the same normal form as the given weights."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.network
        for data in claim.value:
            weights = Weights.from_data(thaw(data))
            weights.matches(network)
            given = problem.weights
            if given.field != weights.field:
                given = Weights.from_data(given.to_data() | {"field": weights.field.to_data()})
            if same_function(*virtual_normal_forms(network, given, weights)) is not True:
                raise self.fail("a witness gives another function")


def deep_result(problem: Problem, params: Params, *, general: bool = True) -> DeepFiberResult:
    """What the lemma says; the witnesses are general points (or those of version 0.1)."""
    fields = _fields(problem.network, problem.weights, params, general=general)
    sizes = [c.dimension for c in fields["components"] if c.dimension is not None]
    return DeepFiberResult.assemble(problem, max(sizes, default=None), {}, params=params, **fields)


def _fields(
    network: Architecture, weights: Weights, params: Params, *, general: bool
) -> dict[str, Any]:
    """The fields of a :class:`DeepFiberResult`."""
    written = partial(_written, params if general else "QKV")
    (virtual,) = virtual_normal_forms(network, weights)
    found = equal_classes(network, weights)
    form = normal_form(virtual)
    if virtual.zero:
        return _zero_fields(network, virtual, params, found[0], written)
    shapes = class_shapes(form, virtual, found, weights.field)
    listed = shapes if shapes is not None else [shape_of(c, virtual, reality=False) for c in found]
    gap = _gap(network, shapes, weights)
    parts: list[FiberComponent] = []
    connected = 0
    reduced = None if gap else _reduced(network, virtual, form)
    base = network.layers + sum(d * d for d in network.widths[1:-1])
    for n, shape in enumerate(listed):
        witness = None if shape.witness is None else native_or_none(network, shape.witness)
        name = "orbit" if len(listed) == 1 else f"class {n + 1}"
        if shape.witness is None:
            name += " (irrational)"
        if shapes is None:
            parts.append(FiberComponent(name, _family(virtual), None, None, None, written(witness)))
            continue
        size, real = (_size(network, shape, params, real=real) for real in (False, True))
        if size is None:
            continue  # no weights of this network
        if gap:
            parts.append(FiberComponent(name, _family(virtual), size, real, None, written(witness)))
            continue
        layers = _layers(network, shape, params)
        options = list(product(*layers))
        for m, choice in enumerate(options):
            real = None
            if shape.real and all(s.section.real_dimension is not None for s in choice):
                real = base + sum(s.section.real_dimension or 0 for s in choice)
            label = name if len(options) == 1 else f"{name}, component {m + 1}"
            size = base + sum(s.section.dimension for s in choice)
            point = witness
            if general and witness is not None:
                point = on_component(witness, choice, params)
            point = written(point)
            parts.append(FiberComponent(label, _family(virtual), size, real, reduced, point))
        if shape.real:
            connected += 2 ** (2 * network.layers - 1) * prod(
                s[0].section.connected for s in layers
            )
    return {
        "case": virtual.stratum,
        "connected_components": None if gap else connected,
        "complex_classes": None if shapes is None else len(shapes),
        "real_classes": None if shapes is None else sum(s.real for s in shapes),
        "gap": gap,
        "components": tuple(parts),
    }


def _written(params: str, witness: Weights | None) -> Weights | None:
    """A witness in the form of the unknowns (in version 0.1 always in keys and queries)."""
    return witness if witness is None or params == "QKV" else witness.to_AV()


def _zero_fields(
    network: Architecture,
    virtual: VirtualNormalForm,
    params: str,
    zero: VirtualClass,
    written: Callable[[Weights | None], Weights | None],
) -> dict[str, Any]:
    """The same for the zero function (lemma *zero fiber*)."""
    size = zero_dimension(network.widths, network.ranks, params, single=virtual.collapse == -1)
    witness = written(native_or_none(network, zero))
    return {
        "case": virtual.stratum,
        "connected_components": 1,
        "complex_classes": 1,
        "real_classes": 1,
        "gap": "the fiber over the zero function of a deep network is not decomposed",
        "components": (FiberComponent("zero", _family(virtual), size, size, None, witness),),
    }


def _size(network: Architecture, shape: ClassShape, params: str, *, real: bool) -> int | None:
    if real and not shape.real:
        return None
    widths, ranks = network.widths, network.ranks
    return superfluous_width_dimension(widths, ranks, shape.needs, shape.wanted, params, real=real)


def _family(virtual: VirtualNormalForm) -> str:
    if virtual.zero:
        return "V = 0, or some B_i = 0 (after a collapse sym(B_i) = 0)"
    text = "(c_i g_{i-1}^-T A_i g_{i-1}^-1, c_i^-1 g_i V_i g_{i-1}^-1), c_i != 0, g_i in GL(d_i)"
    if virtual.cut < virtual.layers:
        text += f"; A_i + A_i^T fixed up to that for i > {virtual.cut}"
    return text


def _gap(network: Architecture, shapes: list[ClassShape] | None, weights: Weights) -> str:
    """Why the components of the native fiber are not given; empty when they are."""
    if weights.field != QQ:
        return f"the weights live over {weights.field}"
    if shapes is None:
        return "skew layers may have further complex factors"
    for shape in shapes:
        for i, (need, width) in enumerate(zip(shape.needs, network.widths[1:-1], strict=True), 1):
            if need < width:
                return f"the function uses {need} of the {width} dimensions of hidden layer {i}"
    return ""


def _layers(network: Architecture, shape: ClassShape, params: str) -> list[list[Sheet]]:
    """For each layer the components of the set of A (or K, Q) over fixed virtual weights."""
    out = []
    for d, a, want in zip(network.widths, network.ranks, shape.wanted, strict=False):
        if want.symmetric:
            sections = attention_sections if params == "AV" else key_query_sections
            found = sections(d, a, want.rank, want.signature)
            out.append([Sheet(found, None, True, n == 1) for n in range(found.components)])
        elif params == "QKV":
            connected = 2 if want.rank == a else 1
            pieces = key_query_components(d, a, want.rank)
            out.append([Sheet(Section(p.dimension, 1, p.dimension, connected), p) for p in pieces])
        else:
            out.append([Sheet(Section(0, 1, 0, 1))])
    return out


def _reduced(
    network: Architecture, virtual: VirtualNormalForm, form: Mapping[str, Any]
) -> bool | None:
    if not REDUCED.holds_at(virtual):
        return None
    tail = form["tail"]
    aligned = "ends" in tail and tail["ends"][0] == tail["ends"][1]
    return not aligned or network.widths[-2] == 1


def deep_fiber(network: Architecture, weights: Weights, params: Params) -> DeepFiberResult:
    """The fiber through weights of a deep network; see ``Lightning.fiber``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    >>> net.fiber(net.random_weights(3)).complex_components
    2
    """
    NATIVE_FIBERS.require(network, "describe the fiber")
    require_characteristic_zero(weights, "describe a fiber")
    found = deep_result(Problem(network, weights), params)
    lemma = ClassLemmaAtWitnesses() if measurable(found) else ClassLemma()
    evidence: dict[str, list[Evidence]] = {"members": [SameClass()], "complete": [lemma]}
    return replace(found, claims=tuple(o.claim(evidence[o.name]) for o in found.outline()))
