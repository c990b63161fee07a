"""Shared test settings: fixed examples for hypothesis, the smoke run, a clock for time limits."""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

import algattn

# for helpers such as resealing.py, the corpus and the campaign against independent code
for folder in ("", "campaigns", "maps", "truth"):
    sys.path.insert(0, str(Path(__file__).parent / folder))

# The same examples everywhere; ALGATTN_RANDOM_TESTS=1 looks for new ones.
settings.register_profile("fixed", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("random", deadline=None, derandomize=False, print_blob=True)
settings.load_profile("random" if os.environ.get("ALGATTN_RANDOM_TESTS") == "1" else "fixed")

PACKAGE = str(Path(algattn.__file__).parent)
SLOWER = Path(__file__).parent / "slower.txt"
SMOKE_SECONDS = 0.1
FIRST_LINE = (
    f"# Tests of {SMOKE_SECONDS} s and more, which `pytest --smoke` leaves out"
    " (as it does the slow ones); written by `pytest --write-slower` from one run."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("algattn")
    group.addoption(
        "--smoke",
        action="store_true",
        help="only quick tests: not slow, and not in tests/slower.txt",
    )
    group.addoption("--write-slower", action="store_true", help="write tests/slower.txt")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("write_slower") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(), "algattn-durations")


def as_line(nodeid: str) -> str:
    """A node id as one line of ASCII, whatever the parameters of the test are."""
    return nodeid.encode("unicode_escape").decode("ascii")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("smoke"):
        return
    slower = set(SLOWER.read_text(encoding="ascii").splitlines()[1:])
    kept: list[pytest.Item] = []
    out: list[pytest.Item] = []
    for item in items:
        slow = item.get_closest_marker("slow") or as_line(item.nodeid) in slower
        (out if slow else kept).append(item)
    config.hook.pytest_deselected(items=out)
    items[:] = kept


class Durations:
    """Adds up set-up, call and tear-down of each test and writes down the slower ones."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        found = (as_line(i) for i, seconds in self.seconds.items() if seconds >= SMOKE_SECONDS)
        SLOWER.write_text("\n".join((FIRST_LINE, *sorted(found), "")), encoding="ascii")


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock for time limits that goes on by one second each time that it is read.

    So ``time_limit=n`` is over at the n-th checkpoint, on any machine; ``ticking.seconds()`` tells
    how often it was read.
    """
    ticks = count(1)
    clock = SimpleNamespace(now=0)

    def monotonic() -> int:
        clock.now = next(ticks)
        return clock.now

    monkeypatch.setattr("algattn.progress.time", SimpleNamespace(monotonic=monotonic))
    return SimpleNamespace(seconds=lambda: clock.now)


Work = Callable[[Callable[[], Any]], tuple[Any, int]]


@pytest.fixture
def work() -> Work:
    """``work(act)``: what act() gives, and how many calls of functions of algattn it needed.

    This measures an algorithm where a clock measures the machine.
    """

    def measure(act: Callable[[], Any]) -> tuple[Any, int]:
        calls = 0

        def look(frame: FrameType, event: str, arg: object) -> None:
            nonlocal calls
            calls += event == "call" and frame.f_code.co_filename.startswith(PACKAGE)

        before = sys.getprofile()
        sys.setprofile(look)
        try:
            value = act()
        finally:
            sys.setprofile(before)
        return value, calls

    return measure
