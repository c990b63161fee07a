"""The subcommands about implicit equations: ideal and stable."""

from __future__ import annotations

from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import get_context
from typing import Any

import click

from algattn.cli import FORMAT, OUTPUT, main, network_options, write_text
from algattn.cli.commands import render

_DEGREE = click.option(
    "--max-degree", type=click.IntRange(1, 12), required=True, help="Equations up to this degree."
)
_TIME = click.option("--time-limit", type=float, default=None, help="Seconds.")
_JOBS = click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes."
)


def _pool(jobs: int) -> AbstractContextManager[Executor | None]:
    if jobs == 1:
        return nullcontext()
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


@main.command()
@network_options
@_DEGREE
@click.option("--complete", is_flag=True, help="Also decide whether these are all equations.")
@_TIME
@_JOBS
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
    """Find the equations of the function space of one layer, from FILE or flags.

    \b
    algattn ideal --widths 3,1 --ranks 3 --max-degree 4
    algattn ideal --widths 2,2 --ranks 2 --max-degree 4 --complete --format json
    """
    from algattn.groebner.results import ideal as make

    with _pool(jobs) as executor:
        found = make(given.network, max_degree, executor=executor, time_limit=time_limit)
    result = found.completeness(time_limit=time_limit) if complete else found
    write_text(output, render(result, style))


@main.command()
@_DEGREE
@click.option(
    "--rank", type=click.IntRange(1), default=None, help="The bound a; none unless given."
)
@click.option("--tokens", type=click.IntRange(1), default=2, show_default=True, help="1, or more.")
@_TIME
@_JOBS
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
    from algattn.groebner.stable import stable_module

    with _pool(jobs) as executor:
        found = stable_module(
            max_degree, rank, tokens=tokens, executor=executor, time_limit=time_limit
        )
    write_text(output, render(found, style))
