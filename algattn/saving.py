"""Pictures and pages into files: one way for all rooms."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from algattn.errors import InputError
from algattn.words import quoted


def save_figure(figure: Any, name: str, **options: Any) -> None:
    """Write a matplotlib figure to a file whose ending says the format.

    Raises
    ------
    InputError
        When the file cannot be written or the format is unknown; then nothing is written.
    """
    hint = "use a path in an existing folder that ends in .png, .pdf or .svg"
    buffer = BytesIO()
    ending = Path(name).suffix.lstrip(".").lower()
    try:
        figure.savefig(buffer, format=ending or "png", **({"dpi": 160} | options))
    except ValueError as error:
        raise InputError(f"save {name}", str(error), hint) from None
    _write(name, buffer.getvalue(), hint)


def write_bytes(name: str | os.PathLike[str], data: bytes) -> None:
    """Write a file whole or not at all; a regular file of that name is replaced.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    target = os.path.realpath(name)
    beside = os.path.join(os.path.dirname(target), f".algattn-{secrets.token_hex(8)}.part")
    try:
        if os.path.exists(target) and not os.path.isfile(target):
            Path(target).write_bytes(data)
            return
        Path(beside).write_bytes(data)
        os.replace(beside, target)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        with suppress(OSError, ValueError):
            os.unlink(beside)
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"write {quoted(name)}", reason, "use another path") from None


def save_text(text: str, name: str) -> None:
    """Write a page; errors as in :func:`save_figure`."""
    _write(name, text.encode(), "use a path in an existing folder")


def _write(name: str, data: bytes, hint: str) -> None:
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise InputError(f"save {name}", error.strerror or str(error), hint) from None
