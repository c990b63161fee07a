"""The subcommands about implicit equations: ideal, stable and implicitize."""

from __future__ import annotations

from typing import Any

import click

from algattn.cli.commands import render
from algattn.cli.common import FORMAT, OUTPUT, main, network_options, write_text
from algattn.cli.questions import JOBS, pool

_DEGREE = click.option(
    "--max-degree", type=click.IntRange(1, 12), required=True, help="Equations up to this degree."
)
_TIME = click.option("--time-limit", type=float, default=None, help="Seconds.")


@main.command()
@network_options
@_DEGREE
@click.option("--complete", is_flag=True, help="Also decide whether these are all equations.")
@_TIME
@JOBS
@FORMAT
@OUTPUT
def ideal(
    given: Any,
    max_degree: int,
    complete: bool,
    time_limit: float | None,
    jobs: int,
    style: str,
    output: str | None,
) -> None:
    """Find the equations of the function space, from FILE or flags.

    Of one layer with one head: with --complete the answer is the proof that these are all
    equations, or one that is missing (the format "text" shows the equations as well).

    \b
    algattn ideal --widths 3,1 --ranks 3 --max-degree 4
    algattn ideal --widths 2,2 --ranks 2 --max-degree 4 --complete --format json
    """
    from algattn.groebner.evidence import ROWS
    from algattn.groebner.questions import ideal as make

    if complete:
        ROWS.require(given.network, "decide whether these are all equations")
    with pool(jobs) as executor:
        found = make(given.network, max_degree, executor=executor, time_limit=time_limit)
        if complete and style == "text" and output is None:
            write_text(None, render(found, style))  # not lost if the rest takes too long
        result: Any = found
        if complete:
            result = result.completeness(time_limit=time_limit, executor=executor)
    write_text(output, render(result, style))


@main.command()
@_DEGREE
@click.option(
    "--rank", type=click.IntRange(1), default=None, help="The bound a; none unless given."
)
@click.option("--tokens", type=click.IntRange(1), default=2, show_default=True, help="1, or more.")
@_TIME
@JOBS
@FORMAT
@OUTPUT
def stable(
    max_degree: int,
    rank: int | None,
    tokens: int,
    time_limit: float | None,
    jobs: int,
    style: str,
    output: str | None,
) -> None:
    """Find the equations of one layer for all widths at once.

    \b
    algattn stable --max-degree 3 --rank 2
    """
    from algattn.groebner.width_uniform import stable_module

    with pool(jobs) as executor:
        found = stable_module(
            max_degree, rank, tokens=tokens, executor=executor, time_limit=time_limit
        )
    write_text(output, render(found, style))


@main.command()
@click.argument("polynomials", nargs=-1, required=True)
@click.option("--max-degree", type=click.IntRange(1), help="All equations up to this degree.")
@click.option("--names", help="Names of the coordinates, with commas; y_1,y_2,.. unless given.")
@click.option("--method", type=click.Choice(["graded", "elimination"]), default=None)
@click.option(
    "--degree",
    default="ordinary",
    show_default=True,
    help="What is meant by degree: ordinary, weighted, or weights with commas.",
)
@click.option("--engine", default=None, help="For the elimination; see `algattn engines`.")
@click.option("--prime", type=int, default=0, help="Over GF(prime) instead of QQ.")
@_TIME
@FORMAT
@OUTPUT
def implicitize(
    polynomials: tuple[str, ...],
    max_degree: int | None,
    names: str | None,
    method: str | None,
    degree: str,
    engine: str | None,
    prime: int,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """Find the relations among POLYNOMIALS, each a sum of terms such as 2/3*s^2*t.

    \b
    algattn implicitize 's^2' 's*t' 't^2' --max-degree 2
    algattn implicitize --names x,y -- 's^2-1' 's^3-s'
    """
    from algattn.groebner.implicitize import implicitize as make
    from algattn.maps.texts import read_texts

    found = make(
        read_texts(polynomials, prime),
        names.split(",") if names else None,
        method=method,
        max_degree=max_degree,
        degree=read_degree(degree),
        engine=engine,
        time_limit=time_limit,
    )
    write_text(output, render(found, style))


def read_degree(text: str) -> str | tuple[int, ...]:
    """A word, or whole numbers with commas.

    >>> read_degree("weighted"), read_degree("2,3")
    ('weighted', (2, 3))
    """
    parts = [part.strip() for part in text.split(",")]
    if all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
        return tuple(map(int, parts))
    return text
