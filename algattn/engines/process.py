"""Another program as a child that really stops: own process group, limits, nothing left behind.

Input and output are files in a private directory, so that what was printed before a kill can still
be read, and no pipe can block.  An answer is taken at its end mark, without waiting for the exit.
A watchdog ends the group and removes the directory when algattn itself is killed.
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
from collections.abc import Iterator, Mapping, Sequence
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
    end: str | None = None,
    python: bool = False,
) -> Run:
    """Run a program in a private directory until it has answered, ends, or a limit stops it.

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
    end : str, optional
        The last words of its answer, in its output or in that file; it is stopped there.
    python : bool
        Whether it is a Python that has to find this package; foreign programs get a clean
        environment.
    """
    folder = Path(tempfile.mkdtemp(prefix="algattn-engine-"))
    try:
        for name, text in (files or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        (folder / "stdin.txt").write_text(stdin, encoding="utf-8")
        started = time.monotonic()
        answer = folder / (output or "out.txt")
        with (
            (folder / "stdin.txt").open("rb") as source,
            (folder / "out.txt").open("wb") as sink,
            _watchdog(folder) as launcher,
        ):
            child = subprocess.Popen(
                [*launcher, *argv],
                stdin=source,
                stdout=sink,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder, python),
                start_new_session=True,
            )
            try:
                _limit_memory(child.pid, limits.memory)
                stopped = _wait(child, limits, folder / "out.txt", started, answer, end)
            finally:
                _kill_group(child)
        text = (folder / "out.txt").read_bytes()[:MAX_OUTPUT].decode("utf-8", "replace")
        if output is not None and answer.exists():
            text += answer.read_bytes()[:MAX_OUTPUT].decode("utf-8", "replace")
        seconds = time.monotonic() - started
        if stopped is None and limits.memory is not None and _out_of_memory(text, child.returncode):
            stopped = "memory"
        return Run(text, child.returncode, stopped, seconds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(
    child: subprocess.Popen[bytes],
    limits: Limits,
    out: Path,
    started: float,
    answer: Path,
    end: str | None,
) -> str | None:
    while True:
        left = None if limits.time is None else limits.time - (time.monotonic() - started)
        if left is not None and left <= 0:
            return "time"
        try:
            child.wait(timeout=0.2 if left is None else min(0.2, left))
        except subprocess.TimeoutExpired:
            if end is not None and _tail(answer).endswith(end.encode()):
                return None
            if out.stat().st_size > MAX_OUTPUT:
                return "output"
        else:
            return None


def _tail(path: Path, size: int = 200) -> bytes:
    """The last bytes of a file, without the white space at its end."""
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - size, 0))
            return file.read().rstrip()
    except FileNotFoundError:
        return b""


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill everything in the child's group, also what it has started itself, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


_LAUNCH = 'echo $$ > pid && exec "$@"'
_WATCH = 'read _; read -r pid < "$1/pid" && kill -KILL "-$pid"; rm -rf "$1"'


@contextlib.contextmanager
def _watchdog(folder: Path) -> Iterator[list[str]]:
    """Another process that ends a child's group and removes its folder when this one is gone.

    It waits for the end of a pipe that only this process holds, which comes with every kind of
    death; so no signal handler is needed, and it works on every POSIX system.  It is there before
    the child, which writes down its own number first: the block gets the words that do this.
    """
    shell = shutil.which("sh")
    if shell is None:
        yield []
        return
    with subprocess.Popen(
        [shell, "-c", _WATCH, "sh", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as watchdog:
        yield [shell, "-c", _LAUNCH, "sh"]
        watchdog.kill()  # not after an exception: then it sees the end of the pipe, and works


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


#: What a foreign program may know; libraries and paths of a virtual environment mislead it.
_KEPT = ("PATH", "SYSTEMROOT")
_KEPT_BY_PYTHON = (*_KEPT, "LD_LIBRARY_PATH", "VIRTUAL_ENV")


def _environment(folder: Path, python: bool) -> dict[str, str]:
    kept = _KEPT_BY_PYTHON if python else _KEPT
    env = {name: os.environ[name] for name in kept if name in os.environ}
    env |= {"HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C"}
    env |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    if python:
        package = str(Path(__file__).resolve().parents[2])
        paths = (package, *filter(None, [os.environ.get("PYTHONPATH")]))
        env |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": os.pathsep.join(paths)}
    return env
