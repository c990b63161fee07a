"""Input files of the tropical room: JSON with a head, several heads, or layers of heads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.results import parse_json, text_of
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.multihead import MultiHead
from algattn.tropical.stack import Stack
from algattn.words import quoted

SCHEMA = "algattn/tropical/1"
_SHAPES = ("keys", "heads", "layers")


@checked
def read_tropical_file(
    source: Any, *, floats: bool = False
) -> TropicalAttention | MultiHead | Stack:
    """Read the JSON text of a head, several heads or a stack.

    Parameters
    ----------
    source : str, bytes, os.PathLike or open file
        JSON text, or the path of a file with it:
        ``{"keys": [[0, 0], [1, "1/2"]], "biases": [0, 1], "values": [[1], [2]]}``, or
        ``{"heads": [head, ..]}``, or ``{"layers": [{"heads": [head, ..], "skip": "identity"}]}``.
    floats : bool
        Take floats for the dyadic numbers that they are; otherwise they are refused.

    Raises
    ------
    InputError, ShapeError, FieldError
        With what to write instead.

    Examples
    --------
    >>> read_tropical_file('{"heads": [{"keys": [[0], [1]]}, {"keys": [[0], [2]]}]}')
    <2 tropical attention heads in QQ^1, keys: 2, 2>
    """
    asked = "read a tropical input file"
    data = parse_json(text_of(source, asked))
    if not isinstance(data, Mapping):
        raise InputError(asked, "it is not a JSON object", 'write {"keys": [[..], ..]}')
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(asked, f"the schema is {quoted(data['schema'])}", f"write {SCHEMA!r}")
    data = {k: v for k, v in data.items() if k not in ("schema", "comment")}
    given = [shape for shape in _SHAPES if shape in data]
    if len(given) != 1:
        raise InputError(asked, f"it has {given or 'none'} of {_SHAPES}", "write exactly one")
    if given == ["keys"]:
        return TropicalAttention.from_data(data, floats=floats)
    if given == ["layers"]:
        return Stack.from_data(data, floats=floats)
    if set(data) != {"heads"} or not isinstance(data["heads"], list):
        raise InputError(asked, "heads is not a list, or there are more keys", "mend the file")
    return MultiHead([TropicalAttention.from_data(h, floats=floats) for h in data["heads"]])
