"""The subcommand about computer algebra systems."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from algattn.cli.common import main
from algattn.cli.exits import NO_ENGINE, OK

if TYPE_CHECKING:
    from algattn.engines import Task

KINDS = (
    "groebner",
    "elimination",
    "saturation",
    "membership",
    "hilbert",
    "dimension",
    "degree",
    "primary",
    "primes",
)


@main.command()
@click.option("--explain", "kind", type=click.Choice(KINDS), help="Who would run such a task?")
@click.option("--weights", is_flag=True, help="With --explain: in a weighted order.")
@click.option("--prime", type=int, default=0, help="With --explain: over GF(prime).")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text")
def engines(kind: str | None, weights: bool, prime: int, style: str) -> None:
    """List computer algebra systems and optional packages, or tell who runs a kind of task.

    \b
    algattn engines
    algattn engines --explain elimination --weights
    """
    if kind is None:
        from algattn import optional
        from algattn.engines import available

        found = available()
        if style == "json":
            packages = {p.name: p.version for p in optional.PACKAGES}
            data = {"available": dict(found), "missing": found.missing, "packages": packages}
            click.echo(json.dumps(data, indent=1))
        else:
            click.echo("\n".join([repr(found), "", "optional packages", *optional.lines()]))
        return
    from algattn.engines import explain

    answer = explain(example(kind, weights, prime))
    if style == "json":
        click.echo(json.dumps({"chosen": answer.chosen, "reasons": dict(answer.reasons)}, indent=1))
    else:
        click.echo(repr(answer))
    sys.exit(OK if answer.chosen else NO_ENGINE)


def example(kind: str, weights: bool = False, prime: int = 0) -> Task:
    """A small task of a kind.

    >>> example("dimension").kind
    'dimension'
    """
    from algattn import engines as e
    from algattn.exact import GF, QQ, PolynomialRing

    x, y, z = PolynomialRing(GF(prime) if prime else QQ, ("x", "y", "z")).gens()
    ideal = (x * x - y, x * y - z) if weights else (x * x - y * z, x * y - z * z)
    w = (1, 2, 3) if weights else (1, 1, 1)
    tasks: dict[str, Callable[[], Task]] = {
        "groebner": lambda: e.GroebnerBasis(ideal, weights=w),
        "elimination": lambda: e.Elimination(ideal, ("x",), weights=w),
        "saturation": lambda: e.Saturation(ideal, z),
        "membership": lambda: e.Membership(ideal, x),
        "hilbert": lambda: e.HilbertSeries(ideal, weights=w),
        "dimension": lambda: e.Dimension(ideal),
        "degree": lambda: e.Degree(ideal),
        "primary": lambda: e.PrimaryDecomposition(ideal),
        "primes": lambda: e.MinimalPrimes(ideal),
    }
    return tasks[kind]()


def doctor_lines() -> tuple[list[str], bool]:
    """One line for each engine, by its golden example, and whether all that are there are well."""
    from algattn.engines import available, golden
    from algattn.errors import AlgattnError

    found, lines, healthy = available(), [], True
    for name, version in found.items():
        try:
            good, why = golden(name), "FAILED"
        except AlgattnError as error:
            good, why = False, f"FAILED: {error}"
        healthy = healthy and good
        lines.append(f"engine {name} {version}: {'golden example agrees' if good else why}")
    lines += [f"engine {name}: {why}" for name, why in found.missing.items()]
    return lines, healthy
