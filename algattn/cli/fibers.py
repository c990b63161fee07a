"""Subcommands about fibers: equivalent, canonical, recover."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from algattn.cli.commands import render
from algattn.cli.common import (
    FORMAT,
    OUTPUT,
    main,
    method_of,
    network_options,
    read_text,
    write_text,
)
from algattn.cli.exits import FALSE, OK


@main.command()
@click.argument("first")
@click.argument("second")
@click.option("--floats", is_flag=True, help="Take floats for the dyadic numbers they are.")
@FORMAT
@OUTPUT
def equivalent(first: str, second: str, floats: bool, style: str, output: str | None) -> None:
    """Do the weights in two files give the same function? (exit 0: yes, 1: no)

    \b
    algattn equivalent A.json B.json
    algattn equivalent A.json B.json --format json -o proof.json
    """
    from algattn.errors import InputError
    from algattn.model import read_network_file

    given = [read_network_file(read_text(name).encode(), floats=floats) for name in (first, second)]
    if given[0].network != given[1].network:
        raise InputError(
            f"compare {first} and {second}",
            f"the networks are {given[0].network!r} and {given[1].network!r}",
            "give weights of one network",
        )
    weights = [_weights(g, name) for g, name in zip(given, (first, second), strict=True)]
    result = method_of(given[0].network, "equivalent")(*weights)
    write_text(output, render(result, style))
    sys.exit(OK if result.value else FALSE)


def _weights(given: Any, name: str) -> Any:
    from algattn.errors import InputError

    if given.weights is None:
        raise InputError(f"read {name}", "it has no weights", "add weights, or --seed")
    return given.weights


@main.command()
@network_options
@click.option("--fingerprint", is_flag=True, help="Print the fingerprint only.")
@FORMAT
@OUTPUT
def canonical(given: Any, fingerprint: bool, style: str, output: str | None) -> None:
    """Print the canonical weights of a function, the same for all weights that give it.

    \b
    algattn canonical examples/deep.json --fingerprint
    """
    result = method_of(given.network, "canonical")(_weights(given, "the input"))
    write_text(output, result.fingerprint if fingerprint else render(result, style))


@main.command()
@click.argument("file")
@click.option("--floats", is_flag=True, help="Take floats for the dyadic numbers they are.")
@OUTPUT
def recover(file: str, floats: bool, output: str | None) -> None:
    """Recover weights from the function in FILE (or from that of the weights in it), as JSON.

    \b
    algattn recover function.json -o weights.json
    """
    from algattn.errors import InputError
    from algattn.model import read_network_file

    given = read_network_file(read_text(file).encode(), floats=floats)
    function = given.function
    if function is None:
        if given.weights is None:
            raise InputError(f"read {file}", "it has no function and no weights", "add one")
        function = method_of(given.network, "function")(given.weights)
    found = method_of(given.network, "recover")(function)
    data = {"network": given.network.to_data(), "solutions": [w.to_data() for w in found]}
    write_text(output, json.dumps(data, indent=1))
