"""Progress bars and time limits for long work, in one small object.

A limit holds for everything inside of its ``with``: the inner loops of the library call
:func:`tick`, or step monitors of their own, and both look at every limit around them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from math import isnan
from types import TracebackType
from typing import Any, Self

from algattn.errors import InputError, LimitError
from algattn.words import quoted

#: The monitors with a limit whose ``with`` we are in, outermost first.
_AROUND: ContextVar[tuple[Monitor, ...]] = ContextVar("monitors", default=())


def tick() -> None:
    """Stop when a time limit around this place is over.

    Examples
    --------
    >>> with Monitor("wait", time_limit=-1):
    ...     tick()
    Traceback (most recent call last):
    algattn.errors.LimitError: wait: the time limit of -1 s is over after 0 steps. \
Try: raise time_limit.
    """
    for monitor in _AROUND.get():
        monitor.check()


class Monitor:
    """Counts steps, shows a bar when asked to, and stops work that runs over its time.

    Parameters
    ----------
    asked : str
        What is being done; it stands in the bar and in the error.
    total : int, optional
        How many steps there are.
    progress : bool
        Show a bar on standard error (needs ``tqdm``, which algattn installs).
    time_limit : float, optional
        Seconds; :meth:`step` raises :class:`~algattn.errors.LimitError` after that, and so does
        :func:`tick` anywhere inside of the ``with``.
    partial : callable, optional
        Makes what the error holds as ``.partial`` when no step says otherwise.

    Examples
    --------
    >>> with Monitor("count to three", total=3) as monitor:
    ...     for _ in range(3):
    ...         monitor.step()
    >>> monitor.done
    3
    """

    def __init__(
        self,
        asked: str,
        *,
        total: int | None = None,
        progress: bool = False,
        time_limit: float | None = None,
        partial: Callable[[], Any] | None = None,
    ) -> None:
        try:  # a limit below 0 is over already: callers pass on what is left of theirs
            understood = time_limit is None or not isnan(time_limit)
        except TypeError:
            understood = False
        if not understood:
            raise InputError(
                asked, f"the time limit is {quoted(time_limit)}", "a number of seconds"
            )
        self.asked = asked
        self.total = total
        self.done = 0
        self.time_limit = time_limit
        self.partial = partial
        self._progress = progress
        self._bar: Any = None
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        if self._progress:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self.total, desc=self.asked, leave=False)
        if self.time_limit is not None:
            _AROUND.set((*_AROUND.get(), self))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _AROUND.set(tuple(m for m in _AROUND.get() if m is not self))
        if self._bar is not None:
            self._bar.close()

    @property
    def remaining(self) -> float | None:
        """Seconds left, 0 when the time is over, or None without a limit: callers pass it on."""
        left = self._left()
        return None if left is None else max(left, 0)

    def _left(self) -> float | None:
        if self.time_limit is None:
            return None
        return self.time_limit - (time.monotonic() - self._start)

    def step(self, n: int = 1, partial: Callable[[], Any] | None = None) -> None:
        """Note `n` finished steps; stop when the time is over, with ``partial()`` in the error."""
        self.done += n
        if self._bar is not None:
            self._bar.update(n)
        self.partial = partial or self.partial  # also for a tick before the next step
        self.check()
        for monitor in _AROUND.get():
            if monitor is not self:
                monitor.check()

    def check(self) -> None:
        """Stop when the time of this monitor is over."""
        left = self._left()
        if left is None or left >= 0:
            return
        # what is put together for the error has no limit: it is over already
        _AROUND.set(tuple(m for m in _AROUND.get() if m is not self))
        make = self.partial
        held = None if make is None else make()
        raise LimitError(
            self.asked,
            f"the time limit of {self.time_limit:g} s is over after {self.done} steps",
            "raise time_limit"
            + ("" if make is None else ", or use what `.partial` of this error holds"),
            held,
        )
