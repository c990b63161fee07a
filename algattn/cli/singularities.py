"""The subcommands about the shape of the function space: classify, strata, degree."""

from __future__ import annotations

import json
from typing import Any

import click

from algattn.cli import (
    FORMAT,
    OUTPUT,
    drawable,
    main,
    method_of,
    network_only,
    network_options,
    write_text,
)
from algattn.cli.commands import render


@main.command()
@network_options
@FORMAT
@OUTPUT
def classify(given: Any, style: str, output: str | None) -> None:
    """Tell whether a point is singular or on the boundary: weights, or a function, in FILE.

    \b
    algattn classify examples/one_layer.json
    algattn classify --widths 2,1 --ranks 1 --seed 3 --format json
    """
    if given.function is not None and given.weights is None:
        result = method_of(given.network, "classify_function")(given.function)
    else:
        weights = given.weights or given.network.random_weights(0)
        result = method_of(given.network, "classify")(weights)
    write_text(output, render(result, style))


@main.command()
@network_only
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
@click.option(
    "--picture",
    callback=drawable,
    help="Also draw the Hasse diagram into this file (png, pdf, svg).",
)
@OUTPUT
def strata(given: Any, style: str, picture: str | None, output: str | None) -> None:
    """List the strata of one layer: dimension, smooth or singular, boundary, what lies below.

    \b
    algattn strata --widths 3,2 --ranks 2 --picture strata.pdf
    """
    graph = method_of(given.network, "strata")()
    if picture is not None:
        from algattn.plot.diagrams import hasse

        hasse(given.network, to=picture)
    rows = []
    for name, data in graph.nodes(data=True):
        labels = ["singular" if data["singular"] else "smooth"]
        labels += ["boundary"] * data["boundary"] + ["no real weights"] * (not data["reached"])
        rows.append(
            {
                "name": name,
                "dimension": data["dimension"],
                "labels": labels,
                "fiber": data["fiber"],
                "below": sorted(graph.successors(name)),  # next in its closure
                "above": sorted(graph.predecessors(name)),  # in whose closures it is next
            }
        )
    if style == "json":
        write_text(output, json.dumps(rows, indent=1))
        return
    width = max(len(row["name"]) for row in rows)
    lines = [
        f"{row['name']:<{width}}  {row['dimension']:>4}  {', '.join(row['labels'])}; {row['fiber']}"
        + (f"; above {', '.join(row['below'])}" if row["below"] else "")
        for row in rows
    ]
    write_text(output, "\n".join(lines))


@main.command()
@network_only
@click.option("--ed", type=click.Choice(["unit", "generic"]), help="The ED degree instead.")
@click.option("--time-limit", type=float, help="With --ed: stop after this many seconds.")
@FORMAT
@OUTPUT
def degree(
    given: Any, ed: str | None, time_limit: float | None, style: str, output: str | None
) -> None:
    """Give the degree of the function space of one layer, or its Euclidean distance degree.

    \b
    algattn degree --widths 2,2 --ranks 2
    algattn degree --widths 2,1 --ranks 2 --ed unit
    """
    if ed is None and time_limit is not None:
        raise click.UsageError("--time-limit goes with --ed")
    if ed is None:
        result = method_of(given.network, "degree")()
    else:
        limit = {} if time_limit is None else {"time_limit": time_limit}
        result = method_of(given.network, "ed_degree")(metric=ed, **limit)
    write_text(output, render(result, style))
