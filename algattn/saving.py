"""Files that are written: one way for all rooms, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from algattn.errors import InputError
from algattn.words import quoted

__all__ = ["check_writable", "replaces", "save_figure", "save_text", "sole_writer", "write_bytes"]

_HINT = "use another path, in a folder that exists and may be written"


def write_bytes(name: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole or not at all.

    A regular file is replaced in one step, and keeps its mode; of a symbolic link the target is
    replaced.  Devices, pipes and sockets, also ``/dev/stdout`` and ``/dev/fd/N``, get the bytes as
    they are.

    Parameters
    ----------
    name : str or path
    data : bytes

    Raises
    ------
    InputError
        When the file cannot be written; a file that was there before is as it was.
    BrokenPipeError
        When the reader of one of the descriptors of this process has gone.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_bytes(folder + "/a.txt", b"hello")
    ...     Path(folder, "a.txt").read_text()
    'hello'
    >>> write_bytes("/", b"hello")
    Traceback (most recent call last):
    algattn.errors.InputError: write '/': it is a folder. Try: use another path, in a folder that \
exists and may be written.
    """
    with _refusing(name):
        path = os.fspath(name)
        found = _status(path)
        if (descriptor := _own_descriptor(path)) is not None:
            sys.stdout.flush()
            _through(os.dup(descriptor), data)
        elif found is None or stat.S_ISREG(found.st_mode):
            _replace(os.path.realpath(path), data, found)
        elif stat.S_ISSOCK(found.st_mode):
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(path)
                link.sendall(data)
        else:
            try:
                _through(os.open(path, os.O_WRONLY), data)
            except BrokenPipeError as error:
                raise OSError(error.errno, "its reader has gone") from None


def check_writable(name: str | os.PathLike[str]) -> None:
    """Raise, before a computation, the error that :func:`write_bytes` would raise after it.

    Raises
    ------
    InputError
    """
    with _refusing(name):
        path = os.fspath(name)
        found = _status(path)
        if replaces(path):
            target = os.path.realpath(path)
            folder = os.path.dirname(target)
            if not os.path.isdir(folder):
                raise OSError(0, f"there is no folder {quoted(folder)}")
            if not os.access(folder, os.W_OK | os.X_OK):
                raise OSError(0, f"the folder {quoted(folder)} may not be written")
            if found is not None and not os.access(target, os.W_OK):
                raise OSError(0, "it may not be written")


def replaces(name: str | os.PathLike[str]) -> bool:
    """Whether the name is that of a regular file, or of none yet, and not of a device or pipe."""
    path = os.fspath(name)
    plain = os.path.isfile(path) or not os.path.exists(path)
    return plain and _own_descriptor(path) is None


def save_text(text: str, name: str | os.PathLike[str]) -> None:
    """Write a page in UTF-8; errors as in :func:`write_bytes`."""
    write_bytes(name, text.encode("utf-8", "backslashreplace"))


def save_figure(figure: Any, name: str | os.PathLike[str], **options: Any) -> None:
    """Write a matplotlib figure to a file whose ending says the format.

    Raises
    ------
    InputError
        When the file cannot be written or the format is unknown; then nothing is written.
    """
    buffer = BytesIO()
    ending = Path(name).suffix.lstrip(".").lower()
    try:
        figure.savefig(buffer, format=ending or "png", **({"dpi": 160} | options))
    except ValueError as error:
        hint = "use a path that ends in .png, .pdf or .svg"
        raise InputError(f"save {quoted(os.fspath(name))}", str(error), hint) from None
    write_bytes(name, buffer.getvalue())


@contextmanager
def sole_writer(name: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other runs from writing a file that is written again and again.

    The lock is one of the operating system on a hidden file beside it; it ends with the process,
    so that nothing is left of a process that was killed but an empty file.

    Raises
    ------
    InputError
        When another process, or another place in this one, has the file.
    """
    with _refusing(name):
        target = os.path.realpath(name)
        mark = hashlib.sha256(os.path.basename(target).encode("utf-8", "surrogateescape"))
        beside = os.path.join(os.path.dirname(target), f".algattn-{mark.hexdigest()[:16]}.lock")
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        # A file that was deleted by its owner after we opened it locks nobody out.
        if not _lock(descriptor) or _other_file(descriptor, beside):
            raise InputError(
                f"write {quoted(os.fspath(name))}",
                "another run is writing it",
                "wait until that has ended, or use another file",
            )
        try:
            yield
        finally:
            with suppress(OSError):
                os.unlink(beside)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _other_file(descriptor: int, path: str) -> bool:
    found = _status(path)
    return found is None or not os.path.samestat(found, os.fstat(descriptor))


@contextmanager
def _refusing(name: str | os.PathLike[str]) -> Iterator[None]:
    """What the system says about a name, as an error with its three parts."""
    try:
        yield
    except BrokenPipeError:
        raise
    except InputError:
        raise
    except (OSError, TypeError, ValueError) as error:  # a name that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        shown = quoted(os.fspath(name) if isinstance(name, os.PathLike) else name)
        raise InputError(f"write {shown}", reason, _HINT) from None


def _status(path: str) -> os.stat_result | None:
    """What there is at the path, links followed; None for nothing, an error for a folder."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        if not path:
            raise
        found = None
    if path.endswith(os.sep) or (found is not None and stat.S_ISDIR(found.st_mode)):
        raise OSError(0, "it is a folder")
    return found


def _own_descriptor(path: str) -> int | None:
    """N for ``/dev/fd/N`` and links to it, such as ``/dev/stdout``.

    To open such a name would begin a regular file anew where the shell appends to it.
    """
    for _ in range(40):
        folder, last = os.path.split(path)
        real = os.path.realpath(folder)
        if real == "/dev/fd" or re.fullmatch(rf"/proc/{os.getpid()}(/task/\d+)?/fd", real):
            return int(last) if re.fullmatch(r"\d{1,9}", last, re.ASCII) else None
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


def _through(descriptor: int, data: bytes) -> None:
    with os.fdopen(descriptor, "wb", closefd=True) as stream:
        stream.write(data)


def _replace(target: str, data: bytes, found: os.stat_result | None) -> None:
    if found is not None and not os.access(target, os.W_OK):
        raise OSError(0, "it may not be written")
    temporary = os.path.join(os.path.dirname(target), f".algattn-{secrets.token_hex(8)}.part")
    descriptor = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666
    )
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if found is not None:
            with suppress(OSError, AttributeError):  # not the owner, or no owners here
                os.chown(temporary, found.st_uid, found.st_gid)
            os.chmod(temporary, stat.S_IMODE(found.st_mode))
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
