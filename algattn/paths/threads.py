"""How floating point work runs: one BLAS thread for many small products, and typed failures.

Threads that wait for each other cost more than they save on matrices of a few hundred rows, and
very much more when other programs use the machine.  Only the OpenBLAS that numpy ships is known
here; with any other the settings stay as they are.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import numpy as np

from algattn.errors import UndecidedError

#: Matrices up to this size are worked on by one thread.
SMALL = 640


@lru_cache(maxsize=1)
def _controls() -> tuple[Callable[[], int], Callable[[int], None]] | None:
    """``(get, set)`` for the number of threads, when they can be found."""
    for path in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        try:
            library = ctypes.CDLL(str(path))
        except OSError:
            continue
        for name in ("scipy_openblas_{}_num_threads64_", "scipy_openblas_{}_num_threads"):
            get = getattr(library, name.format("get"), None)
            change = getattr(library, name.format("set"), None)
            if get is not None and change is not None:
                return get, change
    return None


@contextmanager
def floating(asked: str) -> Iterator[None]:
    """Matrices that floats cannot invert or diagonalise are an answer that was not found.

    >>> with floating("solve"):
    ...     np.linalg.inv(np.zeros((2, 2)))
    Traceback (most recent call last):
    algattn.errors.UndecidedError: solve: floats do not suffice (Singular matrix). Try: a higher \
temperature, labels and inputs of size one, or stationary_points() for one head per layer.
    """
    try:
        yield
    except np.linalg.LinAlgError as error:
        raise UndecidedError(
            asked,
            f"floats do not suffice ({error})",
            "a higher temperature, labels and inputs of size one, or stationary_points() for one "
            "head per layer",
        ) from None


@contextmanager
def one_thread(size: int = 0) -> Iterator[None]:
    """One BLAS thread inside of the block, for matrices of at most 640 rows.

    >>> with one_thread(100):
    ...     float(np.trace(np.eye(3) @ np.eye(3)))
    3.0
    """
    controls = _controls() if size <= SMALL else None
    if controls is None:
        yield
        return
    get, change = controls
    before = int(get())
    change(1)
    try:
        yield
    finally:
        change(before)
