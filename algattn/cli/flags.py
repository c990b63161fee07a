"""The flags that describe a network, shared by all commands that take one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import click

from algattn.words import quoted

__all__ = ["network_flags", "network_of", "numbers", "only_with_widths"]


def numbers(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Parse ``2,2`` as a tuple of ints."""
    if value is None:
        return None
    try:
        parts = [int(part) for part in value.split(",")]
    except ValueError:
        raise click.BadParameter(
            f"{quoted(value)} is not a list of whole numbers such as 2,2", ctx=context
        ) from None
    return parts


def _mask(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Parse ``causal``, ``window:3`` or ``0,0;0,1``."""
    if value is None or value == "causal":
        return value
    word, _, n = value.partition(":")
    try:
        if word == "window":
            return {"window": int(n)}
        return [[int(token) for token in pair.split(",")] for pair in value.split(";")]
    except ValueError:
        raise click.BadParameter(
            f"{quoted(value)} is not causal, window:3 or pairs KEY,QUERY from 0 such as 0,0;0,1",
            ctx=context,
        ) from None


_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--widths", {"callback": numbers, "help": "Widths d0,..,dl, for example 2,2."}),
    ("--ranks", {"callback": numbers, "help": "One rank a, or one for each layer."}),
    ("--tokens", {"type": int, "help": "Number of tokens t.  [default: 2]"}),
    ("--heads", {"callback": numbers, "help": "Heads, or one number for each layer."}),
    ("--kv-heads", {"callback": numbers, "help": "Groups of heads with the same keys and values."}),
    ("--value-ranks", {"callback": numbers, "help": "Rows of W, with V = O W in each head."}),
    ("--mask", {"callback": _mask, "help": "causal, window:3, or pairs KEY,QUERY: '0,0;0,1'."}),
    ("--residual", {"is_flag": True, "help": "Layers add their input."}),
    ("--biases", {"help": "Which maps have one: letters of qkvo."}),
)
_NAMES = tuple(flag.lstrip("-").replace("-", "_") for flag, _ in _OPTIONS)


def network_flags(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets what describes a network as one mapping ``flags``, empty without any."""

    @functools.wraps(function)
    def wrapper(**given: Any) -> Any:
        flags = {name: given.pop(name) for name in _NAMES}
        asked = {name: x for name, x in flags.items() if x is not None and x is not False}
        return function(flags=asked, **given)

    for flag, options in reversed(_OPTIONS):
        click.option(flag, **options)(wrapper)
    return wrapper


def only_with_widths(*names: str) -> None:
    """Refuse FILE together with flags that describe a network: the file says all of it."""
    context = click.get_current_context()
    for name in (*_NAMES[1:], *names):
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --widths, not with FILE")


def network_of(flags: Mapping[str, Any], kind: str = "lightning") -> Any:
    """The network that the flags describe."""
    from algattn.model import Lightning, Softmax

    if "ranks" not in flags or "widths" not in flags:
        raise click.UsageError("--widths needs --ranks")
    one_or_each = {
        name: value[0] if name in _EACH and len(value) == 1 else value
        for name, value in flags.items()
    }
    return {"lightning": Lightning, "softmax": Softmax}[kind](**one_or_each)


_EACH = ("ranks", "heads", "kv_heads", "value_ranks")
