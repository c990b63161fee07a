"""Where text comes from: itself, bytes, a path or an open file."""

from __future__ import annotations

import os
from typing import Any

from algattn.errors import InputError
from algattn.words import quoted

__all__ = ["MAX_SOURCE_BYTES", "text_of"]

#: More is refused before it is read.
MAX_SOURCE_BYTES = 128 * 1024 * 1024


def text_of(source: Any, asked: str) -> str:
    """The JSON text that a caller gives or names.

    Parameters
    ----------
    source : str, bytes, os.PathLike or open file
        Text whose first character but blanks is ``{`` is JSON; any other is the path of a file.
        Bytes are always JSON.
    asked : str
        What the caller wanted, for messages.

    Raises
    ------
    InputError
        For anything else, for files that cannot be read, are not UTF-8 or have more than
        :data:`MAX_SOURCE_BYTES`.

    Complexity
    ----------
    At most :data:`MAX_SOURCE_BYTES` + 1 bytes are read.

    Examples
    --------
    >>> text_of(' {"a": 1}', "read"), text_of(b"{}", "read")
    (' {"a": 1}', '{}')
    >>> text_of(3, "read a result")
    Traceback (most recent call last):
    algattn.errors.InputError: read a result: 3 is no text. Try: give JSON text, the path of a \
file, or an open file.
    """
    if isinstance(source, str):
        text = source.removeprefix("\ufeff")
        if text.lstrip().startswith("{"):
            return text
        return _decoded(_file(source, asked), asked)
    if isinstance(source, bytes | bytearray):
        return _decoded(bytes(source), asked)
    if isinstance(source, os.PathLike):
        return _decoded(_file(source, asked), asked)
    if callable(getattr(source, "read", None)):
        return _decoded(_read(source, asked), asked)
    raise InputError(
        asked, f"{quoted(source)} is no text", "give JSON text, the path of a file, or an open file"
    )


def _file(path: str | os.PathLike[Any], asked: str) -> str | bytes:
    try:
        with open(path, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            _bounded(size, asked)
            return _read(stream, asked)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            asked,
            f"{quoted(os.fspath(path))} cannot be read ({reason})",
            'check the path; JSON text starts with "{"',
        ) from None


def _read(stream: Any, asked: str) -> str | bytes:
    try:
        found = stream.read(MAX_SOURCE_BYTES + 1)
    except InputError:
        raise
    except (OSError, TypeError, ValueError) as error:
        raise InputError(asked, f"the file cannot be read ({error})", "open it anew") from None
    if not isinstance(found, str | bytes):
        raise InputError(asked, f"reading gives {quoted(found)}", "give an open file")
    _bounded(len(found), asked)
    return found


def _bounded(size: int, asked: str) -> None:
    if size > MAX_SOURCE_BYTES:
        raise InputError(
            asked, f"more than {MAX_SOURCE_BYTES} bytes ({size})", "split it, or ask for less"
        )


def _decoded(raw: str | bytes, asked: str) -> str:
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    _bounded(len(raw), asked)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(asked, f"byte {error.start} is not UTF-8", "save it as UTF-8") from None
