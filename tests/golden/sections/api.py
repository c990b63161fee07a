"""What people type: public names, their kinds, signatures, members; the commands and options."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import click

from algattn import cli

Problem = tuple[str, Callable[[], object]]
#: Modules with ``__all__``, and those whose public names are the classes and functions they define.
ROOMS = (
    "algattn", "algattn.bias", "algattn.dimension", "algattn.engines", "algattn.exact",
    "algattn.groebner", "algattn.attention", "algattn.paths", "algattn.plot", "algattn.results",
    "algattn.tropical",
)  # fmt: skip
MODULES = (
    "algattn.bias.data", "algattn.bias.instances", "algattn.bias.plots",
    "algattn.bias.rates", "algattn.claims", "algattn.cli", "algattn.dimension.family_results",
    "algattn.dimension.local", "algattn.dimension.redundancy", "algattn.dimension.results",
    "algattn.dimension.sweep", "algattn.errors", "algattn.export", "algattn.fibers.canonical",
    "algattn.fibers.deep", "algattn.fibers.equivalence", "algattn.fibers.generic",
    "algattn.fibers.membership", "algattn.fibers.numeric", "algattn.fibers.results",
    "algattn.formulas.degree", "algattn.formulas.one_layer", "algattn.groebner.complete",
    "algattn.fibers.fiber_ideal", "algattn.groebner.implicit_result",
    "algattn.groebner.implicitize", "algattn.groebner.invariant_comparison",
    "algattn.groebner.invariants", "algattn.groebner.equations_test", "algattn.groebner.results",
    "algattn.groebner.width_uniform", "algattn.model", "algattn.model.networks",
    "algattn.attention.architecture",
    "algattn.attention.files", "algattn.attention.functions", "algattn.attention.gauge",
    "algattn.attention.weights", "algattn.optional", "algattn.paths.estimator",
    "algattn.paths.one_head", "algattn.paths.critical", "algattn.paths.results",
    "algattn.paths.pictures", "algattn.plot.diagrams", "algattn.plot.interactive",
    "algattn.plot.slices", "algattn.progress", "algattn.references", "algattn.model.report",
    "algattn.saving", "algattn.singularities.components", "algattn.singularities.critical",
    "algattn.singularities.degrees", "algattn.singularities.ed_degree",
    "algattn.singularities.loci", "algattn.singularities.results",
    "algattn.singularities.strata", "algattn.symbolic.parametrization",
    "algattn.symbolic.results", "algattn.tropical.interactive", "algattn.tropical.plots",
)  # fmt: skip


def kind_of(value: Any) -> str:
    if inspect.isclass(value):
        return "class"
    if inspect.ismodule(value):
        return "module"
    return "function" if inspect.isroutine(value) else f"a {type(value).__name__}"


def signature(value: Any) -> str:
    try:
        text = str(inspect.signature(value)).replace("'", "")
    except (TypeError, ValueError):
        return "no signature"
    text = text.replace("(self: Architecture", "(self")  # a question, written outside its class
    return re.sub(r" at 0x[0-9a-f]+", "", text)  # of default values without a spelling


def members(cls: type) -> Iterator[tuple[str, str]]:
    """Public members that a class of algattn has, also those of its bases in algattn."""
    for name in sorted(dir(cls)):
        home = next((c for c in cls.__mro__ if name in vars(c)), None)
        special = name in {"__call__", "__add__", "__mul__", "__pow__", "__bool__", "__iter__"}
        if home is None or not home.__module__.startswith("algattn"):
            continue
        if name.startswith("_") and not special:
            continue
        value = vars(home)[name]
        if isinstance(value, classmethod | staticmethod):
            yield name, f"{type(value).__name__} {signature(value.__func__)}"
        elif inspect.isfunction(value):
            yield name, f"method {signature(value)}"
        elif isinstance(value, property) or type(value).__name__ == "cached_property":
            yield name, "property"
        else:
            yield name, "attribute"


def public(module: Any) -> list[str]:
    """The names in ``__all__``, or all that the module itself defines."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return sorted(listed)
    return sorted(
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    )


def names() -> Iterator[Problem]:
    for room in (*ROOMS, *MODULES):
        if importlib.util.find_spec(room) is None:  # a room of version 0.1 that is gone
            continue
        module = importlib.import_module(room)
        yield f"api: {room} names", lambda m=module: public(m)
        for name in public(module):
            where = f"{room}.{name}"
            yield f"api: {where} kind", lambda m=module, n=name: kind_of(getattr(m, n))
            value = getattr(module, name)
            if inspect.isroutine(value):
                yield f"api: {where} signature", lambda v=value: signature(v)
            if inspect.isclass(value):
                yield f"api: {where} makes", lambda v=value: signature(v)
                yield f"api: {where} bases", lambda v=value: [c.__name__ for c in v.__mro__]
                for member, text in members(value):
                    yield f"api: {where}.{member}", lambda t=text: t
    package = importlib.import_module("algattn")
    yield "api: dir", lambda: dir(package)
    yield "api: no such name", lambda: package.nothing
    for room in ("bias", "paths", "plot", "tropical", "groebner"):
        yield f"api: no such name in {room}", lambda r=room: getattr(package, r).nothing


def exit_codes() -> Iterator[Problem]:
    words = ("OK", "FALSE", "USAGE", "UNDECIDED", "NO_ENGINE", "INTERRUPTED")
    yield "api: exit codes", lambda: {word: getattr(cli, word) for word in words}
    errors = importlib.import_module("algattn.errors")
    for name in public(errors):
        yield (
            f"api: exit code of {name}",
            lambda n=name: cli.exit_code(getattr(errors, n)("a", "b", "c")),
        )
        yield f"api: message of {name}", lambda n=name: str(getattr(errors, n)("a", "b", "c"))


def commands(
    group: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(("algattn", *path)), group
    if isinstance(group, click.Group):
        for name in sorted(group.commands):
            yield from commands(group.commands[name], (*path, name))


def option(parameter: click.Parameter) -> list[Any]:
    """What a parameter is called, takes and is by default."""
    default = parameter.default
    plain = default if isinstance(default, int | float | str | bool | list | tuple) else None
    choices = getattr(parameter.type, "choices", None)
    return [
        parameter.param_type_name,
        [*parameter.opts, *parameter.secondary_opts],
        parameter.type.name,
        plain,
        None if choices is None else [str(c) for c in choices],
        [parameter.required, parameter.multiple, parameter.nargs],
        bool(getattr(parameter, "is_flag", False)),
    ]


def help_of(command: click.Command, name: str) -> str:
    """Without line ends, and with one spelling of --help: click keeps that of the first caller."""
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    return " ".join(command.get_help(context).replace("-h, --help", "--help").split())


def lines() -> Iterator[Problem]:
    for name, command in commands(cli.main):
        yield f"api: {name}", lambda c=command: type(c).__name__ != "Command"
        yield (
            f"api: {name} parameters",
            lambda c=command: [(p.opts or [p.name])[0] for p in c.params],
        )
        for parameter in command.params:
            called = "/".join(parameter.opts)
            yield f"api: {name} {called}", lambda p=parameter: option(p)
        yield f"api: {name} help", lambda c=command, n=name: help_of(c, n)
        yield f"api: {name} short help", lambda c=command: c.get_short_help_str(200)


def problems() -> Iterator[Problem]:
    yield from names()
    yield from exit_codes()
    yield from lines()
