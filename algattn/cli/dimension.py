"""The subcommand about many dimensions: sweep."""

from __future__ import annotations

import sys
import time
from itertools import product
from pathlib import Path
from typing import Any

import click

from algattn.cli.common import OUTPUT, main, read_text, write_text
from algattn.cli.exits import INTERRUPTED
from algattn.cli.flags import KINDS, network_of
from algattn.words import quoted

MOST_ROWS = 100_000


def ranges(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Parse ``1:4,8`` as the numbers 1, 2, 3, 4, 8."""
    if value is None:
        return None
    out: list[int] = []
    try:
        for part in value.split(","):
            first, _, last = part.partition(":")
            numbers = range(int(first), int(last or first) + 1)
            if not numbers or numbers[0] < 1:
                raise click.BadParameter(
                    f"{part[:60]!r} is no range of numbers from 1 on, such as 1:4", ctx=context
                )
            if len(out) + len(numbers) > MOST_ROWS:
                raise click.BadParameter(f"more than {MOST_ROWS} numbers", ctx=context)
            out += numbers
    except ValueError:
        raise click.BadParameter(
            f"{value[:60]!r} is not a list of numbers and ranges such as 1:4,8", ctx=context
        ) from None
    return out


def _grid(
    widths: list[int] | None,
    shapes: str | None,
    *,
    ranks: list[int],
    layers: list[int],
    tokens: list[int],
    kinds: list[str],
) -> list[Any]:
    """All networks of the grid; of ranks from the width on, which are alike, the least only."""
    if (widths is None) == (shapes is None):
        raise click.UsageError("give either --widths or --shapes")
    if shapes is not None:
        try:
            many = [tuple(int(d) for d in s.split(",")) for s in shapes.split(";")]
        except ValueError:
            raise click.UsageError("--shapes are widths such as '5,4,1;4,4,4'") from None
    else:
        assert widths is not None
        if len(layers) * len(widths) > MOST_ROWS or max(layers) > 1000:
            raise click.UsageError(f"more than {MOST_ROWS} shapes, or 1000 layers")
        many = [(d,) * (n + 1) for n, d in product(layers, widths)]
    if (rows := len(kinds) * len(tokens) * len(many) * len(ranks)) > MOST_ROWS:
        raise click.UsageError(f"the grid has {rows} networks, more than {MOST_ROWS}")
    tops = [min((a for a in ranks if a >= max(shape)), default=max(shape)) for shape in many]
    return [
        network_of({"widths": shape, "ranks": [a], "tokens": t, "kind": kind})
        for kind, t, (shape, top) in product(kinds, tokens, zip(many, tops, strict=True))
        for a in ranks
        if a <= top
    ]


@main.command()
@click.option("--widths", callback=ranges, help="Widths of equal-width networks: 2:8,16.")
@click.option("--shapes", help="Or the widths themselves: '5,4,1;4,4,4'.")
@click.option("--layers", callback=ranges, default="2", show_default=True, help="Depths: 1:3.")
@click.option("--ranks", callback=ranges, required=True, help="Ranks, the same in all layers: 1:4.")
@click.option("--tokens", callback=ranges, default="2", show_default=True)
@click.option("--kind", type=click.Choice([*KINDS, "both"]), default="lightning", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--time-limit", type=float, default=None, help="Seconds for each network.")
@click.option("--format", "style", type=click.Choice(["csv", "json", "latex"]), default="csv")
@click.option("--progress/--no-progress", default=None, help="Show a bar (default: on terminals).")
@OUTPUT
def sweep(
    *,
    widths: list[int] | None,
    shapes: str | None,
    layers: list[int],
    ranks: list[int],
    tokens: list[int],
    kind: str,
    seed: int,
    time_limit: float | None,
    style: str,
    progress: bool | None,
    output: str | None,
) -> None:
    """Tabulate the dimensions of a grid of networks.

    An output file that exists is continued: what it lacks is computed first; then its rows are
    computed again, as nothing in a table proves what it says, and are UNCHECKED until then.

    \b
    algattn sweep --widths 2:6 --ranks 1:3 --layers 1:3 -o table.csv
    algattn sweep --shapes '5,4,1;4,4,4' --ranks 1 --kind both --format latex
    """
    from algattn.saving import replaces, sole_writer

    networks = _grid(
        widths,
        shapes,
        ranks=ranks,
        layers=layers,
        tokens=tokens,
        kinds=list(KINDS) if kind == "both" else [kind],
    )
    show = sys.stderr.isatty() if progress is None else progress
    options = {"seed": seed, "time_limit": time_limit}
    if output is None or output == "-" or not replaces(output):
        _tabulate(networks, output, style, show, kept=False, **options)
    else:
        with sole_writer(output):
            _tabulate(networks, output, style, show, kept=True, **options)


def _tabulate(
    networks: list[Any], output: str | None, style: str, show: bool, *, kept: bool, **options: Any
) -> None:
    """Compute the table, first what the file does not have; keep it in the file on the way."""
    from tqdm import tqdm

    from algattn.dimension.sweep import doubted, pending, read_rows, sweep, write_rows

    said = []
    if kept and output is not None and Path(output).exists():
        said = read_rows(read_text(output), style)
    rows = {row.key: row for row in doubted(said)}
    old = [row.network for row in rows.values()]
    todo = pending([*(n for n in networks if n not in old), *old])
    saved = time.monotonic()
    stopped, done = False, 0
    try:
        with tqdm(total=len(todo), disable=not show, leave=False) as bar:
            for row in sweep(todo, **options):
                rows[row.key] = row
                done += 1
                bar.update()
                if kept and time.monotonic() - saved > 1:
                    write_text(output, write_rows(rows.values(), style))
                    saved = time.monotonic()
    except KeyboardInterrupt:
        stopped = True
    write_text(output, write_rows(rows.values(), style))
    proved = [(row, rows[row.key]) for row in said if row.status == "PROVED"]
    lies = [row for row, found in proved if found not in (row, *doubted([row]))]
    if lies:
        click.echo(
            f"algattn: rows of {quoted(output)} that said other numbers than were found now: "
            f"{len(lies)}",
            err=True,
        )
    if stopped:
        click.echo(
            f"algattn: interrupted after {done} rows" + "; the same command goes on" * kept,
            err=True,
        )
        sys.exit(INTERRUPTED)
