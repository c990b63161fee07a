"""What all subcommands share: the group, input and output, options that describe a network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from algattn import __version__
from algattn.cli.exits import (
    TABLE,
    Group,
)
from algattn.cli.flags import network_flags, network_of, only_with_widths
from algattn.saving import check_writable, save_text
from algattn.words import quoted

#: Parameters up to which weights are drawn for a network given without weights and seed.
MOST_UNASKED = 100_000
MAX_INPUT = 64 * 1024 * 1024


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=TABLE,
)
@click.version_option(__version__, prog_name="algattn")
@click.option(
    "--debug", is_flag=True, envvar="ALGATTN_DEBUG", help="Show tracebacks with the errors."
)
def main(debug: bool) -> None:
    """The exact algebraic geometry of attention.

    Answers come with a status (PROVED, THEOREM, PROBABLE, NUMERIC) and with evidence that
    `algattn verify` checks again.
    """
    if isinstance(sys.stdout, TextIOWrapper):  # names that its encoding lacks are no fault
        sys.stdout.reconfigure(errors="backslashreplace")


def read_text(name: str) -> str:
    """The text of a file, or of standard input for ``-``; size bounded, UTF-8 only."""
    from algattn.errors import InputError

    asked = f"read {name}"
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MAX_INPUT + 1)
        else:
            with open(name, "rb") as stream:
                raw = stream.read(MAX_INPUT + 1)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(asked, reason, "check the path") from None
    if len(raw) > MAX_INPUT:
        raise InputError(asked, f"it is larger than {MAX_INPUT} bytes", "split it")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(asked, f"byte {error.start} is not UTF-8", "save it as UTF-8") from None


def write_text(name: str | None, text: str) -> None:
    """Print, or write a file as :mod:`algattn.saving` does."""
    if name is None or name == "-":
        click.echo(text)
    else:
        save_text(text + "\n", name)


def method_of(network: Any, name: str) -> Any:
    """The method, or an error for kinds of networks that do not have it."""
    from algattn.errors import HypothesisError

    if not hasattr(network, name):
        raise HypothesisError(
            f"answer {name!r} for {network!r}",
            f"{network.kind} networks have no such answer",
            'a lightning network, or "algattn equivalent" and "algattn dimension"',
        )
    return getattr(network, name)


def network_options(
    function: Callable[..., Any], *, draw: bool | Callable[[dict[str, Any]], bool] = True
) -> Callable[..., Any]:
    """FILE or flags that describe a network; the command gets a NetworkFile.

    Without weights random ones are drawn, unless the command (with these options) needs none.
    """
    import functools

    @click.argument("file", required=False)
    @network_flags
    @click.option("--seed", type=int, default=None, help="Draw random weights from this seed.")
    @click.option(
        "--floats", is_flag=True, help="Take floats in FILE for the dyadic numbers they are."
    )
    @functools.wraps(function)
    def wrapper(
        *,
        file: str | None,
        flags: dict[str, Any],
        seed: int | None,
        floats: bool,
        **rest: Any,
    ) -> Any:
        from algattn.attention import NetworkFile
        from algattn.attention.weights import MAX_ENTRIES
        from algattn.model import read_network_file

        if (file is None) == ("widths" not in flags):
            raise click.UsageError("give either FILE or --widths and --ranks")
        needs = draw(rest) if callable(draw) else draw
        if file is not None:
            only_with_widths()
            given = read_network_file(read_text(file).encode(), floats=floats)
            if needs and seed is not None and given.weights is not None:
                raise click.UsageError("FILE has weights, and --seed would draw others")
        else:
            given = NetworkFile(network_of(flags))
        # Between "soon answered" and "refused" a network without a seed goes without weights.
        large = MOST_UNASKED < given.network.parameters <= MAX_ENTRIES
        wanted = needs and (seed is not None or (file is None and not large))
        if given.weights is None and wanted:
            weights = given.network.random_weights(seed or 0)  # type: ignore[attr-defined]
            given = NetworkFile(given.network, weights, given.function)
        return function(given, **rest)

    return wrapper


#: The same for commands about the network alone.
network_only = partial(network_options, draw=False)

FORMAT = click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "latex", "html"]),
    default="text",
    show_default=True,
)

#: For answers that are plain data.
PLAIN = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def writable(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Refuse a file that cannot be written before the computation, not after it."""
    if value is not None and value != "-":
        check_writable(value)
    return value


def drawable(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """As :func:`writable`, and matplotlib is there to draw in the format that the name asks for."""
    if value is not None:
        from algattn.optional import need

        canvas = need("matplotlib.backend_bases", f"draw {quoted(value)}").FigureCanvasBase
        known = sorted(canvas.get_supported_filetypes())
        if Path(value).suffix.lstrip(".").lower() not in {*known, ""}:
            raise click.BadParameter(
                f"{quoted(value)} has an unknown format; known are {', '.join(known)}", ctx=context
            )
    return writable(context, parameter, value)


OUTPUT = click.option(
    "-o", "--output", callback=writable, help="Write to this file instead of standard output."
)
