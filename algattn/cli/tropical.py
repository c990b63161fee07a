"""The subcommands of the tropical room: regions, diagram, bounds, stability."""

from __future__ import annotations

from typing import Any

import click

from algattn.cli.commands import render
from algattn.cli.common import FORMAT, OUTPUT, drawable, main, read_text, writable, write_text
from algattn.saving import save_figure

SECONDS = click.option("--time-limit", type=float, help="Stop after this many seconds.")
PROGRESS = click.option("--progress", is_flag=True, help="Show a bar.")
FLOATS = click.option(
    "--floats", is_flag=True, help="Take floats in FILE for the dyadic numbers they are."
)


def _box(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    if value is None:
        return None
    sides = [tuple(part.strip() for part in side.split(",")) for side in value.split(";")]
    if any(len(side) != 2 for side in sides):
        raise click.BadParameter(f"{value[:60]!r} is not a box such as 0,1;0,1/2", ctx=context)
    return sides


BOX = click.option("--box", callback=_box, help="low,high for each axis, for example 0,1;0,1/2.")


@main.group()
def tropical() -> None:
    """Attention at temperature zero: cells, power diagrams, bounds, stability.

    FILE is JSON (- for standard input): {"keys": [[0, 0], [1, "1/2"]], "biases": [0, 1],
    "values": [[1], [2]]} for one head, {"heads": [head, ..]} for several,
    {"layers": [{"heads": [head, ..]}, ..]} for a stack with residual connections.
    """


@tropical.command()
@click.argument("file")
@BOX
@FLOATS
@PROGRESS
@SECONDS
@click.option(
    "--picture", callback=drawable, help="Draw the cells in the box to this file (png, svg, pdf)."
)
@FORMAT
@OUTPUT
def regions(
    file: str,
    box: Any,
    floats: bool,
    progress: bool,
    time_limit: float | None,
    picture: str | None,
    style: str,
    output: str | None,
) -> None:
    """Count routing cells, linear regions, connected components and affine maps."""
    from algattn.tropical import read_tropical_file
    from algattn.tropical.regions import as_stack
    from algattn.tropical.regions import regions as count

    system = read_tropical_file(read_text(file).encode(), floats=floats)
    found = count(system, box=box, time_limit=time_limit, progress=progress)
    if picture is not None:
        _draw_cells(as_stack(system), picture, box)
    write_text(output, render(found, style))


@tropical.command()
@click.argument("file")
@FLOATS
@click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--picture", callback=drawable, help="Draw soft and hard diagrams to this file (png, svg, pdf)."
)
@click.option(
    "--page",
    callback=writable,
    help="Write an interactive page to this file (html, works offline).",
)
@BOX
@PROGRESS
@SECONDS
@OUTPUT
def diagram(
    file: str,
    floats: bool,
    style: str,
    picture: str | None,
    page: str | None,
    box: Any,
    progress: bool,
    time_limit: float | None,
    output: str | None,
) -> None:
    """Compute the power diagram of one head, or of several heads together."""
    from algattn.errors import HypothesisError
    from algattn.tropical import Stack, read_tropical_file

    system = read_tropical_file(read_text(file).encode(), floats=floats)
    if isinstance(system, Stack):
        raise HypothesisError(
            "compute a diagram",
            "FILE is a stack, whose cells are no power diagram",
            "algattn tropical regions",
        )
    found = system.diagram(time_limit=time_limit, progress=progress)
    if picture is not None:
        _draw(system, picture, box)
    if page is not None:
        from algattn.tropical.interactive import write_html

        write_html(system, page, box)
    write_text(output, _diagram_json(found) if style == "json" else _diagram_text(found))


def _draw(system: Any, picture: str, box: Any) -> None:
    from algattn.tropical.plots import plot_temperatures, pyplot

    pyplot().switch_backend("agg")
    save_figure(plot_temperatures(system, box=box), picture)


def _draw_cells(stack: Any, picture: str, box: Any) -> None:
    from algattn.errors import InputError
    from algattn.tropical.plots import draw_stack, pyplot

    if box is None:
        raise InputError("draw the cells", "there is no box", "give --box")
    plt = pyplot()
    plt.switch_backend("agg")
    drawn, axes = plt.subplots(figsize=(5.4, 5.6), layout="constrained")
    draw_stack(axes, stack, box)
    save_figure(drawn, picture)


def _diagram_text(found: Any) -> str:
    from algattn.tropical.numbers import show

    lines = [repr(found)[1:-1]]
    for cell in found.cells:
        beside = ", ".join(str(i) for i in cell.neighbours) or "none"
        point = show(cell.interior_point)
        lines.append(f"  cell {cell.index}: contains {point}, beside {beside}")
    for vertex, winners in zip(found.vertices, found.winners, strict=True):
        names = ", ".join(map(str, sorted(winners)))
        lines.append(f"  vertex {show(vertex)}: cells {names}")
    return "\n".join(lines)


def _diagram_json(found: Any) -> str:
    import json

    from algattn.tropical.numbers import vector_data

    data = {
        "schema": "algattn/power-diagram/1",
        "sites": [vector_data(s) for s in found.sites],
        "weights": vector_data(found.weights),
        "cells": [
            {
                "index": cell.index,
                "interior_point": vector_data(cell.interior_point),
                "inequalities": [
                    {"normal": vector_data(a), "constant": vector_data([c])[0]}
                    for a, c in cell.inequalities
                ],
                "neighbours": cell.neighbours,
                "vertices": [vector_data(v) for v in cell.vertices],
                "rays": [vector_data(r) for r in cell.rays],
            }
            for cell in found.cells
        ],
        "lines": [vector_data(line) for line in found.lines],
    }
    return json.dumps(data, indent=1)


@tropical.command()
@click.option("--heads", type=int, required=True)
@click.option("--keys", type=int, required=True)
@click.option("--dimension", type=int, required=True)
@click.option("--depth", type=int, default=1, show_default=True)
@FORMAT
@OUTPUT
def bounds(
    heads: int, keys: int, dimension: int, depth: int, style: str, output: str | None
) -> None:
    """Bound the number of routing cells, and tell how it grows with the number of keys."""
    from algattn.tropical.counts import bounds as compute

    result = compute(heads=heads, keys=keys, dimension=dimension, depth=depth)
    write_text(output, render(result, style))


@tropical.command()
@click.argument("file")
@click.option("--error", required=True, help="The error that is allowed, for example 1/100.")
@BOX
@click.option("--cell", type=int, help="Instead of a box: the key of a cell, with --gap.")
@click.option("--gap", help="The part of the cell where the winner leads by this much.")
@FLOATS
@FORMAT
@OUTPUT
def stability(
    file: str,
    error: str,
    box: Any,
    cell: int | None,
    gap: str | None,
    floats: bool,
    style: str,
    output: str | None,
) -> None:
    """Certify up to which temperature the output in a region is near its limit."""
    from algattn.tropical import read_tropical_file
    from algattn.tropical.stability import stability as certify

    system = read_tropical_file(read_text(file).encode(), floats=floats)
    result = certify(system, error=error, box=box, cell=cell, gap=gap)
    write_text(output, render(result, style))
