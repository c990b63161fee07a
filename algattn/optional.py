"""The packages that algattn can use but does not need: what they are for, and how to get them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, NamedTuple

from algattn.errors import EngineNotFoundError


class Package(NamedTuple):
    """A package by the name under which it is installed, with the extra that brings it."""

    name: str
    purpose: str
    extra: str

    @property
    def version(self) -> str | None:
        """The installed version, or None."""
        try:
            return version(self.name)
        except PackageNotFoundError:
            return None

    @property
    def install(self) -> str:
        """The line that installs it."""
        return f"pip install {self.name}"


PACKAGES = (
    Package("matplotlib", "pictures", "plot"),
    Package("plotly", "interactive pictures", "plot"),
    Package("scipy", "saddles of the action, faster hard margins", "optim"),
    Package("clarabel", "nuclear norms, faster hard margins", "optim"),
    Package("qpsolvers", "faster hard margins", "optim"),
    Package("pplpy", "faster exact polyhedra (GPL-3)", "polyhedra"),
    Package("notebook", "the notebooks", "notebook"),
    Package("scikit-learn", "the estimator of attention paths, data of notebooks", "notebook"),
    Package("torch", "comparisons in examples/", "compare"),
)


def lines() -> Iterator[str]:
    """One line for each package: its version, or how to install it.

    >>> len(list(lines())) == len(PACKAGES)
    True
    """
    for package in PACKAGES:
        found = package.version or f"not installed. Try: {package.install}"
        yield f"{package.name} ({package.purpose}): {found}"


def need(module: str, asked: str) -> Any:
    """Import a module of one of these packages.

    Parameters
    ----------
    module : str
        For example ``matplotlib.figure``; its package has the same name as its first part.
    asked : str
        What it is needed for, for the message.

    Raises
    ------
    EngineNotFoundError
        With the install line, when the package is not installed.

    Examples
    --------
    >>> need("json", "read a file").loads("[1]")
    [1]
    >>> need("nothing.at.all", "draw")
    Traceback (most recent call last):
    algattn.errors.EngineNotFoundError: draw: nothing is not installed. Try: pip install nothing.
    """
    name = module.partition(".")[0]
    try:
        import_module(name)  # first, because a part of it may be left from an earlier import
        return import_module(module)
    except ImportError:
        known = {p.name: p.install for p in PACKAGES}
        install = known.get(name, f"pip install {name}")
        raise EngineNotFoundError(asked, f"{name} is not installed", install) from None
