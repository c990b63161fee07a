"""The subcommands that every room shares: report, verify, doctor, cite, questions."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from algattn.cli.common import FORMAT, OUTPUT, main, network_options, read_text, write_text
from algattn.cli.exits import FALSE, OK


def render(result: Any, style: str) -> str:
    """A result in one of the formats of the command line."""
    if not hasattr(result, "to_json"):  # plain data
        if style == "text":
            return str(result.text() if hasattr(result, "text") else result)
        return json.dumps(result.to_data() if hasattr(result, "to_data") else result, indent=1)
    if style == "json":
        return str(result.to_json(indent=1))
    if style == "latex":
        return str(result.latex())
    if style == "html":
        return str(result.html())
    return str(result.text())


@main.command()
@network_options
@FORMAT
@OUTPUT
def report(given: Any, style: str, output: str | None) -> None:
    """Report on the function space of a network, from FILE (- for standard input) or flags.

    \b
    algattn report examples/one_layer.json
    algattn report --widths 2,2 --ranks 2 --seed 1 --format json -o report.json
    """
    from algattn.model.report import report as make

    write_text(output, render(make(given.network, given.weights, given.function), style))


@main.command()
@click.argument("file")
@click.option("--quiet", is_flag=True, help="Say nothing; the exit code tells.")
def verify(file: str, quiet: bool) -> None:
    """Check all evidence of a stored result again (exit 0: it holds, 1: it does not)."""
    from algattn.errors import CertificateError
    from algattn.model.catalogue import load

    result = load(read_text(file).encode())
    if result.verify():
        if not quiet:
            click.echo(f"holds, {result.status.name}: {result.sentence()}")
        sys.exit(OK)
    if not quiet:
        try:
            result.check()
        except CertificateError as error:
            click.echo(f"does not hold: {error.wrong}")
        except Exception as error:
            click.echo(f"does not hold: {error}")
    sys.exit(FALSE)


@main.command()
def doctor() -> None:
    """Tell what is installed, and compute and verify one small report."""
    import platform
    from importlib.metadata import PackageNotFoundError, version

    click.echo(f"python {platform.python_version()} on {platform.system()} {platform.machine()}")
    needed = ("algattn", "python-flint", "sympy", "networkx", "numpy", "click", "tqdm")
    for name in needed:
        try:
            click.echo(f"  {name} {version(name)}")
        except PackageNotFoundError:
            click.echo(f"  {name}: MISSING")
    from algattn import optional
    from algattn.cli.engines import doctor_lines
    from algattn.model import Lightning
    from algattn.model.catalogue import load
    from algattn.model.report import report as make

    lines, engines_healthy = doctor_lines()
    for line in [*(f"optional {line}" for line in optional.lines()), *lines]:
        click.echo(line)
    network = Lightning(widths=(2, 2), ranks=1)
    result = make(network, network.random_weights(1))
    healthy = load(result.to_json()).verify()
    click.echo(f"report on {network!r}: {'verified' if healthy else 'FAILED'}")
    sys.exit(OK if healthy and engines_healthy else FALSE)


@main.command()
@click.argument("keys", nargs=-1)
@click.option("--bibtex", is_flag=True, help="Print BibTeX entries.")
def cite(keys: tuple[str, ...], bibtex: bool) -> None:
    """Print the literature behind algattn, all of it or the entries named."""
    from algattn.errors import InputError
    from algattn.references import REFERENCES

    for key in keys or REFERENCES:
        if key not in REFERENCES:
            raise InputError(f"cite {key}", "there is no such entry", f"one of {list(REFERENCES)}")
        ref = REFERENCES[key]
        click.echo(ref.bibtex() if bibtex else f"[{key}] {ref}")


@main.command()
@click.option("--format", "style", type=click.Choice(["text", "json", "markdown"]), default="text")
@OUTPUT
def questions(style: str, output: str | None) -> None:
    """List all questions: how to ask them, and in JSON what answers claim and what proves them.

    \b
    algattn questions --format json
    """
    from algattn.model.table import markdown, table

    rows = table()
    if style == "json":
        write_text(output, json.dumps(rows, indent=1))
    elif style == "markdown":
        write_text(output, markdown(rows))
    else:
        blocks = (
            f"{row['question']}\n    {row['call']} -> {row['answer']}"
            + (f"\n    {row['command']}" if row["command"] else "")
            for row in rows
        )
        write_text(output, "\n\n".join(blocks))
