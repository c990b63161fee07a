"""Progress bars and time limits for long work, in one small object."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import isnan
from types import TracebackType
from typing import Any, Self

from algattn.errors import InputError, LimitError
from algattn.words import quoted


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
        Seconds; :meth:`step` raises :class:`~algattn.errors.LimitError` after that.

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
        self._progress = progress
        self._bar: Any = None
        self._start = time.monotonic()

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        if self._progress:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self.total, desc=self.asked, leave=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    @property
    def remaining(self) -> float | None:
        """Seconds left, or None without a limit."""
        if self.time_limit is None:
            return None
        return self.time_limit - (time.monotonic() - self._start)

    def step(self, n: int = 1, partial: Callable[[], Any] | None = None) -> None:
        """Note `n` finished steps; stop when the time is over, with ``partial()`` in the error."""
        self.done += n
        if self._bar is not None:
            self._bar.update(n)
        left = self.remaining
        if left is not None and left < 0:
            raise LimitError(
                self.asked,
                f"the time limit of {self.time_limit:g} s is over after {self.done} steps",
                "raise time_limit, or use what `.partial` of this error holds",
                partial() if partial is not None else None,
            )
