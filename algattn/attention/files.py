"""The input file: a JSON object with a network and, if wanted, exact weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from typing import Any

from algattn.arguments import checked
from algattn.attention.architecture import Architecture
from algattn.attention.functions import FunctionMap
from algattn.attention.weights import Weights
from algattn.errors import InputError
from algattn.results import parse_json, text_of
from algattn.words import quoted, quoted_keys

_KEYS = {"schema", "network", "weights", "function", "comment"}
SCHEMA = "algattn/input/1"


@dataclass(frozen=True)
class NetworkFile:
    """What an input file says."""

    network: Architecture
    weights: Weights | None = None
    function: FunctionMap | None = None


def dyadic(data: Any) -> Any:
    """JSON data with every float replaced by the exact dyadic fraction that it is."""
    if isinstance(data, float):
        return str(Fraction(data))
    if isinstance(data, list):
        return [dyadic(x) for x in data]
    if isinstance(data, dict):
        return {k: dyadic(v) for k, v in data.items()}
    return data


@checked
def read_network_file(source: Any, *, floats: bool = False) -> NetworkFile:
    """Read an input file.

    Parameters
    ----------
    source : str, bytes, os.PathLike or open file
        JSON text, or the path of a file with it, as for :func:`~algattn.load`:
        ``{"network": {"widths": [2, 2], "ranks": 2, "tokens": 2}, "weights": {"A": [..], "V":
        [..]}}``; the schema is shipped as ``algattn/attention/input.schema.json``.
    floats : bool
        Take floats for the exact dyadic numbers that they are; otherwise they are refused.

    Raises
    ------
    InputError, ShapeError, FieldError
        With the place and what to write instead.

    Examples
    --------
    >>> from algattn import read_network_file
    >>> text = '{"network": {"widths": [1, 1], "ranks": 1},'
    >>> text += ' "weights": {"A": [[[2]]], "V": [[[3]]]}}'
    >>> given = read_network_file(text)
    >>> given.network
    Lightning(widths=(1, 1), ranks=(1,), tokens=2)
    >>> given.weights
    Weights(A=[[[2]]], V=[[[3]]])
    """
    asked = "read an input file"
    data = parse_json(text_of(source, asked))
    if floats:
        data = dyadic(data)
    if not isinstance(data, Mapping):
        raise InputError(asked, "it is not a JSON object", 'write {"network": {...}}')
    extra = set(data) - _KEYS
    if extra or "network" not in data:
        raise InputError(
            asked,
            f"unknown keys {quoted_keys(extra)}" if extra else "the key 'network' is missing",
            f"use the keys {sorted(_KEYS)}",
        )
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(asked, f"the schema is {quoted(data['schema'])}", f"write {SCHEMA!r}")
    network = Architecture.from_data(data["network"])
    weights = None
    if data.get("weights") is not None:
        weights = Weights.from_data(data["weights"])
        weights.matches(network)
    function = None
    if data.get("function") is not None:
        function = FunctionMap.from_data(data["function"])
    return NetworkFile(network, weights, function)


def schema() -> str:
    """The JSON schema of input files."""
    return files("algattn").joinpath("attention", "input.schema.json").read_text(encoding="utf-8")
