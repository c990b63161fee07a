"""Input files of the paths room: JSON with a network of attention paths and its data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algattn.errors import InputError
from algattn.paths.network import PathNetwork
from algattn.results import parse_json
from algattn.words import quoted

_OPTIONS = ("variances", "attention", "readout", "task")
_KEYS = {"heads", "widths", "X", "Y", "U", "temperature", *_OPTIONS}


def read_paths_file(
    text: str, *needed: str, asked: str = "read a file of attention paths"
) -> tuple[PathNetwork, dict[str, Any]]:
    """Read the JSON text of a network of attention paths.

    Parameters
    ----------
    text : str
        ``{"heads": [2], "widths": [4, 4], "X": [[[1, 2]]]}``, and if wanted ``"Y"``, ``"U"``,
        ``"variances"``, ``"attention"``, ``"readout"``, ``"temperature"``, ``"task"``.
    *needed : str
        Keys that must be there, besides the first three.
    asked : str
        What the caller wanted, for messages.

    Returns
    -------
    PathNetwork, dict
        The network, and all that the file says.

    Raises
    ------
    InputError, ShapeError, FieldError, LimitError
        With what to write instead.

    Examples
    --------
    >>> network, data = read_paths_file('{"heads": [2], "widths": [4, 4], "X": [[[1, 2]]]}')
    >>> network.paths(), data["X"]
    (<2 paths: (1), (2)>, [[[1, 2]]])
    """
    data = parse_json(text)
    if not isinstance(data, Mapping):
        raise InputError(asked, "it is not an object", 'write {"heads": .., "widths": .., "X": ..}')
    if unknown := sorted(set(data) - _KEYS):
        raise InputError(asked, f"there is no key {quoted(unknown[0])}", f"use {sorted(_KEYS)}")
    for key in ("heads", "widths", "X", *needed):
        if key not in data:
            raise InputError(asked, f"the key {key!r} is missing", "add it")
    options = {k: data[k] for k in _OPTIONS if k in data}
    if "temperature" in data and not isinstance(data["temperature"], str):
        options["temperature"] = data["temperature"]
    return PathNetwork(data["heads"], data["widths"], **options), dict(data)
