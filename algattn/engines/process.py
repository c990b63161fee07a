"""Another program as a child that really stops: own process group, limits, nothing left behind.

Input and output are files in a private directory, so that what was printed before a kill can still
be read, and no pipe can block.  On Linux the child also dies when algattn itself is killed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.words import quoted

MAX_OUTPUT = 1 << 30


@checked
@dataclass(frozen=True)
class Limits:
    """Seconds of wall time and megabytes of memory for one run; None is no limit.

    >>> Limits(time=5).memory
    4000
    """

    time: float | None = 60.0
    memory: int | None = 4000

    def __post_init__(self) -> None:
        for name in ("time", "memory"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and value > 0):
                raise InputError(
                    "limit an engine",
                    f"{name} is {quoted(value)}",
                    "give a positive number or None",
                )


@dataclass(frozen=True)
class Run:
    """How a child ended: what it printed, its exit status, and what stopped it, if anything."""

    transcript: str
    status: int
    stopped: str | None
    seconds: float


def run_child(
    argv: Sequence[str],
    *,
    stdin: str = "",
    files: Mapping[str, str] | None = None,
    limits: Limits,
    output: str | None = None,
) -> Run:
    """Run a program in a private directory until it ends or a limit stops it.

    Parameters
    ----------
    argv : sequence of str
        Program and arguments; no shell.
    stdin : str
        Its standard input, a file that ends.
    files : mapping
        Files to put into its working directory first.
    output : str, optional
        A file that it writes; its text is appended to the transcript.
    """
    folder = Path(tempfile.mkdtemp(prefix="algattn-engine-"))
    try:
        for name, text in (files or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "stdin.txt").write_text(stdin, encoding="utf-8")
        started = time.monotonic()
        with (folder / "stdin.txt").open("rb") as source, (folder / "out.txt").open("wb") as sink:
            child = subprocess.Popen(
                [*_leash(), *argv],
                stdin=source,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder),
                start_new_session=True,
            )
            try:
                _limit_memory(child.pid, limits.memory)
                stopped = _wait(child, limits, folder / "out.txt", started)
            finally:
                _kill_group(child)
        text = (folder / "out.txt").read_bytes()[:MAX_OUTPUT].decode("utf-8", "replace")
        if output is not None and (folder / output).exists():
            text += (folder / output).read_bytes()[:MAX_OUTPUT].decode("utf-8", "replace")
        seconds = time.monotonic() - started
        if stopped is None and limits.memory is not None and _out_of_memory(text, child.returncode):
            stopped = "memory"
        return Run(text, child.returncode, stopped, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(child: subprocess.Popen[bytes], limits: Limits, out: Path, started: float) -> str | None:
    while True:
        left = None if limits.time is None else limits.time - (time.monotonic() - started)
        if left is not None and left <= 0:
            return "time"
        try:
            child.wait(timeout=0.5 if left is None else min(0.5, left))
        except subprocess.TimeoutExpired:
            if out.stat().st_size > MAX_OUTPUT:
                return "output"
        else:
            return None


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill everything in the child's group, also what it has started itself, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _leash() -> list[str]:
    """A wrapper that has the child killed when this process dies, where the system has one."""
    tool = shutil.which("setpriv") if sys.platform == "linux" else None
    return [tool, "--pdeathsig", "KILL", "--"] if tool else []


def _limit_memory(pid: int, megabytes: int | None) -> None:
    if megabytes is None or sys.platform != "linux":
        return
    import resource

    size = int(megabytes) * 1_000_000
    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(pid, resource.RLIMIT_AS, (size, size))


_MEMORY_WORDS = ("memory", "failed to expand heap", "cannot allocate", "bad_alloc", "malloc")


def _out_of_memory(text: str, status: int) -> bool:
    tail = text[-4000:].lower()
    return status != 0 and any(word in tail for word in _MEMORY_WORDS)


def _environment(folder: Path) -> dict[str, str]:
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")
    env = {name: os.environ[name] for name in kept if name in os.environ}
    package = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    return env | {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": package if not inherited else os.pathsep.join((package, inherited)),
    }
