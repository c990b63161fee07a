"""The ways out of the program: each has its exit code, and none is a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from algattn.errors import (
    AlgattnError,
    CertificateError,
    DisagreementError,
    EngineNotFoundError,
    LimitError,
    UndecidedError,
)
from algattn.words import quoted

OK, FALSE, USAGE, UNDECIDED, NO_ENGINE = 0, 1, 2, 3, 4
#: As in sysexits.h, and as shells report the signals SIGINT and SIGPIPE.
FAULT, INTERRUPTED, READER_GONE = 70, 130, 141

#: For the help text; the character in front keeps its lines apart.
TABLE = """\b
Exit codes:
    0  ok
    1  a verification or comparison is false; never anything else
    2  usage or bad input
    3  undecided, or a limit of time, size or memory reached
    4  an engine or optional package is missing
   70  a fault of algattn itself, or two of its methods disagree
  130  interrupted (Ctrl-C)
  141  the reader of the output has gone, as in `algattn cite | head -1`
"""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}

#: Characters of a message that are shown.
MOST_SHOWN = 900


def exit_code(error: AlgattnError) -> int:
    """The exit code of an error; see :data:`TABLE`."""
    if isinstance(error, CertificateError | DisagreementError):
        return FAULT
    if isinstance(error, UndecidedError | LimitError):
        return UNDECIDED
    if isinstance(error, EngineNotFoundError):
        return NO_ENGINE
    return USAGE


def shown(message: str) -> str:
    r"""A message for a terminal: bounded, and without characters that would steer it.

    >>> shown("a\x1b[2Jb"), len(shown("x" * 100_000))
    ('a\\x1b[2Jb', 923)
    """
    if len(message) > MOST_SHOWN:
        message = f"{message[:MOST_SHOWN]}... ({len(message)} characters)"
    return "".join(
        c if c == "\n" or c.isprintable() else c.encode("unicode_escape").decode() for c in message
    )


def say(message: str) -> None:
    """A message on standard error, if anybody listens there."""
    with suppress(OSError):
        click.echo(shown(message), err=True)


def _leave_standard_output() -> None:
    """Throw away what could not be written, so that it is not tried again at the end."""
    with suppress(OSError, ValueError):  # under a test runner it is no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Group(click.Group):
    """A group of commands whose errors are messages and exit codes."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _ways_out():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _ways_out(debug=ctx.params.get("debug", False)), warnings.catch_warnings():
            warnings.showwarning = _note
            return super().invoke(ctx)


def _note(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    say(f"algattn: {category.__name__}: {message}")


@contextmanager
def _ways_out(*, debug: bool = False) -> Iterator[None]:
    try:
        yield
    except click.exceptions.Exit:
        raise
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        if debug:
            traceback.print_exception(error)
        raise click.exceptions.Exit(_told(error)) from None


def _told(error: BaseException) -> int:
    """Tell what happened, and give the exit code."""
    if isinstance(error, click.ClickException):
        _tell_usage(error)
        return USAGE
    if isinstance(error, AlgattnError):
        say(f"algattn: {error}")
        return exit_code(error)
    if isinstance(error, KeyboardInterrupt | EOFError | click.Abort):
        say("algattn: interrupted; nothing was written")
        return INTERRUPTED
    if isinstance(error, MemoryError):
        say("algattn: out of memory. Try: a smaller network.")
        return UNDECIDED
    if isinstance(error, BrokenPipeError):
        _leave_standard_output()
        return READER_GONE
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        say(f"algattn: write: {error.strerror}. Try: another place, or -o FILE.")
        return USAGE
    *_, place = traceback.extract_tb(error.__traceback__)
    say(
        f"algattn: this is a fault of algattn: {type(error).__name__} in "
        f"{os.path.basename(place.filename)}, line {place.lineno}: {quoted(str(error))}. "
        "Try: report it with the output of `algattn --debug` before the command."
    )
    return FAULT


def _tell_usage(error: click.ClickException) -> None:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # its message is the help text
        with suppress(OSError):
            error.show()
        return
    if isinstance(error, click.UsageError) and error.ctx is not None:
        say(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n")
    say(f"Error: {error.format_message()}")
