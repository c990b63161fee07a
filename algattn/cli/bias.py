"""``algattn bias``: the hard margin of attention, training, and which theory applies."""

from __future__ import annotations

from typing import Any

import click

from algattn.cli.commands import render
from algattn.cli.common import FORMAT, OUTPUT, drawable, main, read_text, write_text


@main.group()
def bias() -> None:
    """Implicit bias of training: exact hard margins, training runs, hypotheses.

    FILE (- for standard input) is a JSON object such as
    {"sequences": [[[1, 0], [0, 1]]], "labels": [1], "decoder": [1, 2]}, if wanted with "queries"
    (the first tokens by default) and "selection" (0-based tokens; those of best score by default).
    """


def _read(file: str, floats: bool) -> Any:
    from algattn.bias.data import TokenData
    from algattn.results import parse_json

    return TokenData.from_data(parse_json(read_text(file)), floats=floats)


FLOATS = click.option("--floats", is_flag=True, help="Take floats for the dyadic numbers they are.")
SECONDS = click.option("--time-limit", type=float, help="Stop after this many seconds.")


@bias.command()
@click.argument("file")
@click.option("--all", "every", is_flag=True, help="Every selection of tokens, and which attract.")
@FLOATS
@SECONDS
@FORMAT
@OUTPUT
def solve(
    *,
    file: str,
    every: bool,
    floats: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """Solve the hard margin problem exactly, with a certificate.

    \b
    algattn bias solve data.json --format json -o margin.json && algattn verify margin.json
    """
    data = _read(file, floats)
    result: Any
    if every:
        from algattn.bias.selections import local_selections

        result = local_selections(data, time_limit=time_limit)
    else:
        from algattn.bias.svm import AttentionSVM

        result = AttentionSVM(data).solve(time_limit=time_limit)
    write_text(output, render(result, style))


@bias.command()
@click.argument("file")
@click.option(
    "--method", type=click.Choice(["gd", "ngd", "polyak"]), default="ngd", show_default=True
)
@click.option(
    "--loss",
    type=click.Choice(["exponential", "logistic"]),
    default="exponential",
    show_default=True,
)
@click.option("--steps", type=int, default=10_000, show_default=True)
@click.option("--rate", type=float, default=0.1, show_default=True, help="Step size.")
@click.option("--batch", type=int, help="Sequences for each step (default: all).")
@click.option("--joint", is_flag=True, help="Train the decoder too, from zero.")
@click.option("--rank", type=int, help="Train K and Q with this many rows instead of W.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--plot", callback=drawable, help="Draw the rates to this file (needs matplotlib).")
@click.option("--progress", is_flag=True, help="Show a bar.")
@SECONDS
@FORMAT
@OUTPUT
def train(
    *,
    file: str,
    plot: str | None,
    progress: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
    **options: Any,
) -> None:
    """Train the layer and compare rates and constants with those of a heuristic.

    \b
    algattn bias train data.json --method polyak --steps 2000 --plot rates.png
    """
    from algattn.bias.training import train as run

    result = run(_read(file, True), progress=progress, time_limit=time_limit, **options)
    if plot is not None:
        from algattn.bias.plots import rates
        from algattn.saving import save_figure

        save_figure(rates({result.options.method: result}), plot)
    write_text(output, render(result, style))


@bias.command()
@click.argument("file")
@click.option(
    "--examine", type=int, default=300, show_default=True, help="Selections to test at most."
)
@FLOATS
@SECONDS
@FORMAT
@OUTPUT
def diagnose(
    *,
    file: str,
    examine: int,
    floats: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """Tell which statements about training apply, and which hypothesis fails where."""
    from algattn.bias.diagnosis import diagnose as check

    write_text(
        output, render(check(_read(file, floats), examine=examine, time_limit=time_limit), style)
    )
