"""A place where long loops look whether their time is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from algattn.progress import Monitor

__all__ = ["checkpoint", "watched"]

_MONITOR: ContextVar[Monitor | None] = ContextVar("monitor", default=None)


def checkpoint() -> None:
    """Count one step of the running computation.

    Raises
    ------
    LimitError
        When the monitor of the surrounding :func:`watched` has run out of time.
    """
    monitor = _MONITOR.get()
    if monitor is not None:
        monitor.step()


@contextmanager
def watched(monitor: Monitor) -> Iterator[Monitor]:
    """Let every :func:`checkpoint` inside the block report to `monitor`.

    Examples
    --------
    >>> with Monitor("look twice") as monitor, watched(monitor):
    ...     checkpoint()
    ...     checkpoint()
    >>> monitor.done
    2
    """
    token = _MONITOR.set(monitor)
    try:
        yield monitor
    finally:
        _MONITOR.reset(token)
