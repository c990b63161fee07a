"""The fiber through weights of a deep network, and what holds for almost all weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, ClassVar

from algattn.exact import QQ
from algattn.fibers.canonical import equal_classes, require_characteristic_zero
from algattn.fibers.classes import VirtualClass, native
from algattn.fibers.complex_classes import ClassShape, class_shapes, shape_of
from algattn.fibers.native_dimension import idle_dimension, zero_dimension
from algattn.fibers.normal_form import Anatomy, anatomies, normal_form
from algattn.fibers.rearrange import same_function
from algattn.fibers.results import FiberResult
from algattn.formulas.one_layer import (
    Section,
    attention_sections,
    key_query_components,
    key_query_sections,
)
from algattn.networks import Architecture, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, canonical_json, register, thaw


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
    title: ClassVar[str] = "Fiber"
    claim_names: ClassVar[tuple[str, ...]] = (
        "members",
        "complete",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        size = "is described by classes only" if value is None else f"has dimension {value}"
        return (
            Outline(
                "members",
                "each listed witness gives the same function",
                [c["witness"] for c in detail["components"] if c["witness"] is not None],
            ),
            Outline(
                "complete",
                f"the fiber in {_where(detail)} {size}; its classes are listed",
                {"dimension": value, "detail": detail},
            ),
        )

    @property
    def dimension(self) -> int:
        if self.value is None:
            from algattn.errors import UndecidedError

            raise UndecidedError(
                "give the dimension of this fiber", self.gap, "the classes are known", self
            )
        return int(self.value)

    @property
    def covered(self) -> bool:
        """Whether the components in the native parameters are known."""
        return self.detail["complex_components"] is not None

    @property
    def gap(self) -> str:
        """Why the components (and perhaps the dimension) are not given, or nothing."""
        return str(self.detail["gap"])

    @property
    def complex_classes(self) -> int | None:
        found: int | None = self.detail["complex_classes"]
        return found

    @property
    def real_classes(self) -> int | None:
        found: int | None = self.detail["real_classes"]
        return found

    def sentence(self) -> str:
        v = self.detail
        if not self.covered:
            n = len(v["components"])
            count = f"{n} class{'es' * (n != 1)} of weights ({v['case']})"
            if self.value is None:
                return f"{count}; no dimension: {self.gap}"
            return (
                f"Dimension {self.value} in {_where(v)}, {count}; "
                f"components not counted: {self.gap}"
            )
        word = "component" if v["complex_components"] == 1 else "components"
        scheme = {True: "reduced", False: "not reduced", None: "reducedness not decided"}
        return (
            f"Dimension {self.value} in {_where(v)}, {v['complex_components']} "
            f"{word} over C, {v['real_components']} over R; case: {v['case']}; "
            f"{scheme[v['reduced']]}"
        )

    def lines(self) -> list[str]:
        out = []
        for c in self.detail["components"]:
            size = "" if c["dimension"] is None else f", dimension {c['dimension']}"
            if c["dimension"] is not None and c["real_dimension"] is None:
                size += ", no real points"
            out.append(f"{c['name']}{size}: {c['family']}")
        return out


def _where(detail: Mapping[str, Any]) -> str:
    return "(A, V)" if detail["params"] == "AV" else "(K, Q, V)"


@register
@dataclass(frozen=True)
class ClassLemma(Evidence):
    """Lemma "deep fiber" of the documentation; the classes are computed again."""

    kind: ClassVar[str] = "deep.lemma"
    supports = about("deep.fiber", "complete")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        require_characteristic_zero(p.weights, "check a fiber")
        again = deep_value(p.network, p.weights, claim.value["detail"]["params"])
        dimension = again.pop("dimension")
        if canonical_json({"dimension": dimension, "detail": again}) != canonical_json(claim.value):
            raise self.fail("the classes are not those of the lemma")


@register
@dataclass(frozen=True)
class SameClass(Evidence):
    """The witnesses have the same normal form as the given weights."""

    kind: ClassVar[str] = "deep.same-form"
    supports = about("deep.fiber", "members")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        if claim.name != "members":
            raise self.fail("it can only prove that listed weights have the function")
        for data in claim.value:
            weights = Weights.from_data(thaw(data))
            weights.matches(p.network)
            given = p.weights
            if given.field != weights.field:
                given = Weights.from_data(given.to_data() | {"field": weights.field.to_data()})
            if same_function(*anatomies(p.network, given, weights)) is not True:
                raise self.fail("a witness gives another function")


def deep_value(network: Architecture, weights: Weights, params: str) -> dict[str, Any]:
    """Everything a :class:`DeepFiberResult` says, as JSON data."""
    (anatomy,) = anatomies(network, weights)
    found = equal_classes(network, weights)
    form = normal_form(anatomy)
    if anatomy.zero:
        return _zero_value(network, anatomy, params, found[0])
    shapes = class_shapes(form, anatomy, found, weights.field)
    listed = shapes if shapes is not None else [shape_of(c, anatomy, reality=False) for c in found]
    gap = _gap(network, shapes, weights)
    parts: list[dict[str, Any]] = []
    connected = 0
    reduced = None if gap else _reduced(anatomy, form)
    base = network.layers + sum(d * d for d in network.widths[1:-1])
    for n, shape in enumerate(listed):
        witness = None if shape.witness is None else native(network, shape.witness)
        name = "orbit" if len(listed) == 1 else f"class {n + 1}"
        if shape.witness is None:
            name += " (irrational)"
        data = None if witness is None else witness.to_data()
        if shapes is None:
            parts.append(_part(name, _family(anatomy), None, None, None, data))
            continue
        size, real = (_size(network, shape, params, real=real) for real in (False, True))
        if size is None:
            continue  # no weights of this network
        if gap:
            parts.append(_part(name, _family(anatomy), size, real, None, data))
            continue
        layers = _layers(network, shape, params)
        options = list(product(*[[p for p in s for _ in range(p.components)] for s in layers]))
        for m, choice in enumerate(options):
            real = None
            if shape.real and all(p.real_dimension is not None for p in choice):
                real = base + sum(p.real_dimension or 0 for p in choice)
            label = name if len(options) == 1 else f"{name}, component {m + 1}"
            size = base + sum(p.dimension for p in choice)
            parts.append(_part(label, _family(anatomy), size, real, reduced, data))
        if shape.real:
            connected += 2 ** (2 * network.layers - 1) * prod(s[0].connected for s in layers)
    sizes = [p["dimension"] for p in parts if p["dimension"] is not None]
    reals = [p["real_dimension"] for p in parts if p["real_dimension"] is not None]
    return {
        "params": params,
        "case": anatomy.stratum,
        "dimension": max(sizes, default=None),
        "real_dimension": max(reals, default=None),
        "complex_components": None if gap else len(parts),
        "real_components": None if gap else len(reals),
        "connected_components": None if gap else connected,
        "complex_classes": None if shapes is None else len(shapes),
        "real_classes": None if shapes is None else sum(s.real for s in shapes),
        "reduced": reduced,
        "gap": gap,
        "components": parts,
    }


def _zero_value(
    network: Architecture, anatomy: Anatomy, params: str, zero: VirtualClass
) -> dict[str, Any]:
    """The same for the zero function (lemma *zero fiber*)."""
    size = zero_dimension(network.widths, network.ranks, params, single=anatomy.collapse == -1)
    witness = native(network, zero)
    data = None if witness is None else witness.to_data()
    return {
        "params": params,
        "case": anatomy.stratum,
        "dimension": size,
        "real_dimension": size,
        "complex_components": None,
        "real_components": None,
        "connected_components": 1,
        "complex_classes": 1,
        "real_classes": 1,
        "reduced": None,
        "gap": "the fiber over the zero function of a deep network is not decomposed",
        "components": [_part("zero", _family(anatomy), size, size, None, data)],
    }


def _size(network: Architecture, shape: ClassShape, params: str, *, real: bool) -> int | None:
    if real and not shape.real:
        return None
    widths, ranks = network.widths, network.ranks
    return idle_dimension(widths, ranks, shape.needs, shape.wanted, params, real=real)


def _part(
    name: str, family: str, size: int | None, real: int | None, reduced: bool | None, data: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "family": family,
        "dimension": size,
        "real_dimension": real,
        "reduced": reduced,
        "witness": data,
    }


def _family(anatomy: Anatomy) -> str:
    if anatomy.zero:
        return "V = 0, or some B_i = 0 (after a collapse sym(B_i) = 0)"
    text = "(c_i g_{i-1}^-T A_i g_{i-1}^-1, c_i^-1 g_i V_i g_{i-1}^-1), c_i != 0, g_i in GL(d_i)"
    if anatomy.cut < anatomy.layers:
        text += f"; A_i + A_i^T fixed up to that for i > {anatomy.cut}"
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


def _layers(network: Architecture, shape: ClassShape, params: str) -> list[list[Section]]:
    """For each layer the components of the set of A (or K, Q) over fixed virtual weights."""
    out = []
    for d, a, want in zip(network.widths, network.ranks, shape.wanted, strict=False):
        if want.symmetric:
            sections = attention_sections if params == "AV" else key_query_sections
            out.append([sections(d, a, want.rank, want.signature)])
        elif params == "QKV":
            sheets = 2 if want.rank == a else 1
            pieces = key_query_components(d, a, want.rank)
            out.append([Section(p.dimension, 1, p.dimension, sheets) for p in pieces])
        else:
            out.append([Section(0, 1, 0, 1)])
    return out


def _reduced(anatomy: Anatomy, form: Mapping[str, Any]) -> bool | None:
    """Lemma *reduced*: only where no collapse comes before the end and no layer is skew."""
    if anatomy.skew or anatomy.cut < anatomy.layers:
        return None
    tail = form["tail"]
    return not ("ends" in tail and tail["ends"][0] == tail["ends"][1])


def deep_fiber(network: Architecture, weights: Weights, params: str | None) -> DeepFiberResult:
    """The fiber through weights of a deep network; see ``Lightning.fiber``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    >>> net.fiber(net.random_weights(3)).complex_components
    2
    """
    require_characteristic_zero(weights, "describe a fiber")
    value = deep_value(network, weights, params or weights.form)
    dimension = value.pop("dimension")
    return DeepFiberResult.assemble(
        Problem.data(network, weights),
        dimension,
        {"members": [SameClass()], "complete": [ClassLemma()]},
        detail=value,
    )
