"""Every public call and its options, by introspection."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_origin

from algattn.model.questions import in_order

ROOMS = (
    *("algattn", "algattn.bias", "algattn.engines", "algattn.exact", "algattn.export"),
    *("algattn.dimension", "algattn.groebner", "algattn.attention", "algattn.maps"),
    *("algattn.paths", "algattn.plot", "algattn.tropical"),
)
#: Results and helpers that people meet without importing them.
MORE = (
    "algattn.bias.regression:Regression",
    "algattn.dimension.sweep:sweep",
    "algattn.fibers.fiber_ideal:FiberIdeal",
    "algattn.groebner.implicit_result:ImplicitIdeal",
    "algattn.groebner.invariant_comparison:compare_families",
    "algattn.groebner.map_fibers:MapFiberIdeal",
    "algattn.singularities.jacobian_criterion:SingularIdeal",
    "algattn.symbolic.parametrization:Parametrization",
    "algattn.symbolic.parametrization:parametrize",
    "algattn.symbolic.results:derive",
)
_STRING = re.compile(r"\bstr\b(?!\s*,)|Literal\[")


def public_calls() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Names such as ``Lightning.fiber`` with functions; a constructor has the name of its class."""
    seen: set[str] = set()
    for room in ROOMS:
        module = importlib.import_module(room)
        names = getattr(module, "__all__", None) or [
            n for n, v in vars(module).items() if getattr(v, "__module__", "") == room
        ]
        for name in names:
            yield from _calls_of(getattr(module, name), seen)
    for found in in_order():  # methods come with their classes
        if not found.subject:
            yield from _calls_of(found.ask, seen)
    for place in MORE:
        home, _, name = place.partition(":")
        yield from _calls_of(getattr(importlib.import_module(home), name), seen)


def _calls_of(value: Any, seen: set[str]) -> Iterator[tuple[str, Callable[..., Any]]]:
    if not getattr(value, "__module__", "").startswith("algattn"):
        return
    if inspect.isfunction(value) and value.__name__ not in seen and value.__name__[0] != "_":
        seen.add(value.__name__)
        yield value.__name__, value
    if not inspect.isclass(value):
        return
    for name in dir(value):
        member = getattr(value, name, None)
        written = getattr(member, "__func__", member)
        if name == "__init__" or not (inspect.isfunction(written) and name[0] != "_"):
            continue
        home = next((c for c in value.__mro__ if name in vars(c)), type(value))  # or a metaclass
        label = f"{home.__name__}.{name}"
        if written.__module__.startswith("algattn") and label not in seen:
            seen.add(label)
            yield label, written
    constructor = value.__init__
    if inspect.isfunction(constructor) and value.__name__ not in seen:
        seen.add(value.__name__)
        yield value.__name__, constructor


def string_options(function: Callable[..., Any]) -> list[str]:
    """The parameters that take a word, by annotation, alias of a Literal, or default."""
    words = getattr(inspect.unwrap(function), "__globals__", {})
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        text = str(parameter.annotation)
        aliases = [words.get(w) for w in re.findall(r"[A-Za-z_]\w*", text)]
        if (
            _STRING.search(text.replace("Sequence[str]", "").replace("tuple[str, ...]", ""))
            or any(get_origin(a) is Literal for a in aliases)
            or isinstance(parameter.default, str)
        ):
            found.append(name)
    return found
