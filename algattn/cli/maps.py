"""The command group ``map``: questions about any polynomial or rational map, from its file."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import click

from algattn.cli.common import OUTPUT, PLAIN, main, read_text, write_text
from algattn.cli.ideal import read_degree
from algattn.cli.questions import READERS, by_command, command
from algattn.words import quoted


class MapGroup(click.Group):
    """The group; ``algattn map fiber --help`` needs no file."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        import_module("algattn.maps.map_questions")  # only here: its room loads flint
        add_map_commands()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        self.list_commands(ctx)
        return super().get_command(ctx, name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if len(args) > 1 and args[0] in self.list_commands(ctx) and args[1] in ("-h", "--help"):
            args = ["-", *args]
        return super().parse_args(ctx, args)


@main.group("map", cls=MapGroup)
@click.argument("file")
@click.option("--form", help="For the file of a network: its parameters, such as AV or QKV.")
def group(file: str, form: str | None) -> None:
    """Ask about the polynomial or rational map in FILE (- for standard input).

    FILE is JSON such as {"polynomials": ["a*b", "(a+b)/(1+a^2)"]}; optional are "parameters",
    "coordinates", "denominators", "field" ("QQ", "GF(7)", {"modulus": [-2, 0, 1], "root": 1}),
    "assume_nonzero" and "symmetries".  The file of a network stands for its map.

    \b
    algattn map examples/map_jukes_cantor.json dimension
    algattn map examples/map_jukes_cantor.json implicitize --max-degree 3
    algattn map examples/map_jukes_cantor.json fiber --point 1/2,1/3,1/5 --format json
    """


def read_map(file: str, form: str | None) -> Any:
    """The map in a file, of its own or of a network."""
    from algattn.errors import InputError
    from algattn.model import read_network_file
    from algattn.model.maps import PolynomialMap
    from algattn.results import parse_json

    text = read_text(file)
    data = parse_json(text)
    if not isinstance(data, dict) or "network" not in data:
        if form is not None:
            wrong = "it is not the file of a network"
            raise InputError(f"read {file}", wrong, "no --form")
        return PolynomialMap.from_file(text.encode())
    network = read_network_file(text.encode(), floats=True).network
    if not hasattr(network, "map"):
        wrong = f"{network.kind} networks are no polynomial maps"
        raise InputError(f"read {file}", wrong, "a lightning network")
    return network.map(form)


def of_map(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a subcommand the map that the group names."""

    @functools.wraps(function)
    def wrapper(**options: Any) -> Any:
        parent = click.get_current_context().parent
        assert parent is not None
        return function(read_map(**parent.params), **options)

    return wrapper


@group.command("show")
@OUTPUT
@of_map
def show(given: Any, output: str | None) -> None:
    """Show the map: its parameters in blocks, coordinates and poles."""
    from algattn.maps.texts import spell

    lines = [repr(given)]
    names = (f"{b}{list(shape)}" if shape else b for b, shape in given.shapes.items())
    lines.append(f"parameters: {', '.join(names)}")
    tops, bottoms = spell(given.numerators), spell(given.denominators)
    for label, p, q in zip(given.coordinates, tops, bottoms, strict=True):
        lines.append(f"{label} = " + (p if q == "1" else f"({p})/({q})"))
    lines += [f"not zero: {x}" for x in spell(given.avoided)]
    write_text(output, "\n".join(lines))


@group.command("gradings")
@PLAIN
@OUTPUT
@of_map
def gradings(given: Any, style: str, output: str | None) -> None:
    """All gradings, and the scalings of the parameters that leave the map as it is."""
    found = given.gradings()
    k, names = len(given.parameters), (*given.parameters, *given.coordinates)
    if style == "json":
        data = {
            "parameters": given.parameters,
            "coordinates": given.coordinates,
            "rows": found.rows,
            "fiber_rows": found.fiber_rows,
            "torsion": found.torsion,
            "index": found.index,
        }
        return write_text(output, json.dumps(data, indent=1))

    def weights(row: Sequence[int]) -> str:
        return ", ".join(f"{x}: {w}" for x, w in zip(names, row, strict=False) if w) or "all 0"

    lines = ["weights for which the map is homogeneous:"]
    lines += [f"  {weights(row[:k])} -> {weights((0,) * k + row[k:])}" for row in found.rows]
    lines.append("weights that leave the map as it is:")
    lines += [f"  {weights(row)}" for row in found.fiber_rows] or ["  none"]
    lines.append(f"components of the group of diagonal matrices that do so: {found.index}")
    return write_text(output, "\n".join(lines))


@group.command("base-locus")
@PLAIN
@OUTPUT
@of_map
def base_locus(given: Any, style: str, output: str | None) -> None:
    """Where the map is not defined: the zeros of these polynomials, its poles."""
    from algattn.maps.texts import spell

    found = spell(given.base_locus())
    if style == "json":
        write_text(output, json.dumps(list(found)))
    else:
        write_text(output, "\n".join(found) or "there are no poles")


def read_point(text: str) -> Any:
    """Numbers with commas, or JSON: a list, or values by the names of parameters or blocks.

    >>> read_point("1,0,3/2"), read_point('{"v": [[1, "2/3"]]}')
    (['1', '0', '3/2'], {'v': [[1, '2/3']]})
    """
    from algattn.results import parse_json

    if text.lstrip()[:1] in ("{", "["):
        return parse_json(text)
    return [part.strip() for part in text.split(",")]


def read_declared(text: str) -> tuple[int, str]:
    """A dimension and its source, with a colon or a comma between.

    >>> read_declared("5: Harris 1992"), read_declared("5, Harris 1992")
    ((5, 'Harris 1992'), (5, 'Harris 1992'))
    """
    number, source = [*re.split("[:,]", text, maxsplit=1), ""][:2]
    if not (number.strip().isascii() and number.strip().isdigit() and len(number) < 10):
        raise click.BadParameter(
            f"{quoted(text)} is no dimension with its source, as in '5: Harris 1992'"
        )
    return int(number), source.strip()


READERS |= {"point": read_point, "at": read_point}
READERS |= {"degree": read_degree, "declared": read_declared}
#: Polynomials; where several are possible, the option is given several times.
READERS |= dict.fromkeys(("h", "equations", "polynomial"), str)


def add_map_commands() -> None:
    """Every declared question of maps gets its command."""
    for name, questions in by_command(group.commands, "map ").items():
        group.add_command(command(f"map FILE {name}", questions, of_map))
