"""The command line.  Subcommands import what they need when they run."""

from __future__ import annotations

from importlib import import_module

from algattn.cli.common import (
    drawable,
    main,
    method_of,
    network_options,
    read_text,
    writable,
    write_text,
)
from algattn.cli.exits import (
    FALSE,
    FAULT,
    INTERRUPTED,
    NO_ENGINE,
    OK,
    READER_GONE,
    UNDECIDED,
    USAGE,
    Group,
    exit_code,
)
from algattn.cli.flags import network_flags, network_of, numbers, only_with_widths

__all__ = [
    "FALSE",
    "FAULT",
    "INTERRUPTED",
    "NO_ENGINE",
    "OK",
    "READER_GONE",
    "UNDECIDED",
    "USAGE",
    "Group",
    "drawable",
    "exit_code",
    "main",
    "method_of",
    "network_flags",
    "network_of",
    "network_options",
    "numbers",
    "only_with_widths",
    "read_text",
    "writable",
    "write_text",
]


def _register() -> None:
    """Import the modules of subcommands; each puts its own on ``main``."""
    for name in (
        *("commands", "dimension", "fibers", "engines", "ideal", "singularities"),
        *("paths", "bias", "tropical", "maps"),
    ):
        import_module(f"algattn.cli.{name}")
    for room in ("symbolic", "dimension", "fibers", "singularities", "groebner"):
        import_module(f"algattn.{room}.questions")
    for room in ("dimension", "fibers", "singularities", "groebner"):
        import_module(f"algattn.{room}.map_questions")
    import_module("algattn.cli.questions").add_commands()
    import_module("algattn.cli.maps").add_map_commands()


_register()
