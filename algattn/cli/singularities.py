"""The subcommand about strata."""

from __future__ import annotations

import json
from typing import Any

import click

from algattn.cli.common import OUTPUT, drawable, main, method_of, network_only, write_text


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
