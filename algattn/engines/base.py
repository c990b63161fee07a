"""The protocol of an engine, and what all engines share: finding, probing, running, checking."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sysconfig
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Protocol

from algattn.engines.capacity import Capacity
from algattn.engines.process import Limits, Run, run_child
from algattn.engines.reduction import as_basis
from algattn.engines.tasks import Task
from algattn.engines.transcript import Facts, Reading, last_words, read_answer, read_facts
from algattn.errors import (
    AlgattnError,
    EngineCrashError,
    EngineError,
    EngineNotFoundError,
    LimitError,
)

#: Seconds for a program to tell its version.
PROBE = 10.0


class Engine(Protocol):
    """A computer algebra system.

    ``can_run`` returns True, or the reason why not: what the engine has no algorithm for, numbers
    beyond its capacity, or that it is not there.  ``run`` returns what the engine says about
    :func:`algattn.engines.reduction.as_basis` of the task, read from the end-marked output of a
    child process and nothing else.
    """

    name: str

    def version(self) -> str: ...

    def can_run(self, task: Task) -> bool | str: ...

    def run(self, task: Task, limits: Limits) -> Reading: ...


class ChildEngine(ABC):
    """An engine that runs as a child process and prints marked lines."""

    name: str = ""
    capacity: Capacity = Capacity()

    @abstractmethod
    def version(self) -> str:
        """The version; raises EngineNotFoundError when the system is not there."""

    @abstractmethod
    def supports(self, task: Task) -> bool | str:
        """Whether the system could do the task if it were installed."""

    @abstractmethod
    def start(self, task: Task, nonce: str, limits: Limits) -> Run:
        """Run the child."""

    def facts(self, task: Task, run: Run, nonce: str) -> Facts:
        """The marked lines; engines with a format of their own translate it here."""
        return read_facts(run.transcript, nonce)

    def able(self, task: Task) -> bool | str:
        """Whether it supports the task and can hold its numbers, installed or not."""
        able = self.supports(task)
        return (self.capacity.exceeded(as_basis(task)) or True) if able is True else able

    def can_run(self, task: Task) -> bool | str:
        able = self.able(task)
        if able is not True:
            return able
        try:
            self.version()
        except EngineError as error:
            return error.wrong
        return True

    def run(self, task: Task, limits: Limits | None = None) -> Reading:
        """What it says; see :func:`algattn.engines.solve` for the errors."""
        limits = limits or Limits()
        self.require(task)
        nonce = secrets.token_hex(8)
        run = self.start(task, nonce, limits)
        facts = self.facts(task, run, nonce)
        given_up = facts.every("limit")
        if not facts.finished and (run.stopped or given_up):
            self._stopped(task, run.stopped or given_up[0], limits, facts)
        return read_answer(task, facts, self.name)

    def require(self, task: Task) -> None:
        """Raise an error unless it is there and can run the task."""
        self.version()
        able = self.able(task)
        if able is not True:
            raise EngineError(
                f"{task.asked} with {self.name}", str(able), "let algattn choose the engine"
            )

    def _stopped(self, task: Task, why: str, limits: Limits, facts: Facts) -> None:
        size = {
            "time": f"the time limit of {limits.time:.3g} s is over",
            "memory": f"the memory limit of {limits.memory} MB is reached",
            "output": "it printed more than a gigabyte",
        }.get(why, why)
        raise LimitError(
            f"{task.asked} with {self.name}",
            f"{size}; the process and its children were stopped",
            "raise time_limit, ask for lower degrees, or take another engine",
            {"lines": facts.lines, "transcript": facts.transcript},
        )


class ProgramEngine(ChildEngine):
    """An engine that is a program of its own, found on this machine."""

    program: str = ""
    install: str = ""
    probe: tuple[str, ...] = ("--version",)
    pattern: str = r"([0-9]+(?:\.[0-9]+)+)"

    @property
    def variable(self) -> str:
        """The environment variable that names the program."""
        return f"ALGATTN_{self.name.upper()}"

    def path(self) -> str:
        """Where the program is: the environment variable, PATH, or a wheel that ships it."""
        return _find(self.program, self.variable, os.environ.get(self.variable), self.install)

    def version(self) -> str:
        path = self.path()
        found = _probe(self.name, path, self.probe, self.pattern, self.install)
        if isinstance(found, str):
            return found
        raise found()


@lru_cache(maxsize=64)
def _find(program: str, variable: str, override: str | None, install: str) -> str:
    asked = f"find {program}"
    if override:
        found = shutil.which(override)
        if found is None:
            raise EngineNotFoundError(
                asked, f"{variable}={override} is not a program", f"unset {variable} or mend it"
            )
        return found
    found = shutil.which(program)
    if found is not None:
        return found
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        candidate = Path(folder) / "sage_wheels" / "bin" / program
        if os.access(candidate, os.X_OK):
            return str(candidate)
    raise EngineNotFoundError(asked, f"{program} is not installed", install)


@lru_cache(maxsize=64)
def _probe(
    name: str, path: str, arguments: tuple[str, ...], pattern: str, install: str
) -> str | Callable[[], EngineError]:
    """The version, or how to make the error; both are remembered, so no program hangs us twice."""
    asked = f"ask {name} for its version"
    try:
        run = run_child([path, *arguments], limits=Limits(time=PROBE, memory=None))
    except OSError as error:
        return partial(EngineNotFoundError, asked, f"{path}: {error.strerror}", install)
    except AlgattnError as error:
        return partial(EngineCrashError, asked, error.wrong, install)
    found = re.search(pattern, run.transcript)
    if found is not None:
        return found[1]
    late = f"gave no answer in {PROBE} s" if run.stopped else ""
    return partial(
        EngineCrashError,
        asked,
        f"{path} {late or f'answered {last_words(run.transcript)!r}'}",
        f"name another program in ALGATTN_{name.upper()}, or install it: {install}",
        run.transcript,
    )


def clear_cache() -> None:
    """Forget which programs were found, for example after installing one."""
    _find.cache_clear()
    _probe.cache_clear()
