"""The input file of a map: a JSON object that people write."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from algattn.errors import InputError
from algattn.exact.field_data import field_from_data
from algattn.maps.symmetries import VectorField
from algattn.words import quoted, quoted_keys

SCHEMA = "algattn/map/1"
ASKED = "read a map"
#: Parts of the file, each with a word for what it has to be.
_PARTS: dict[str, tuple[str, Any]] = {
    "polynomials": ("a list of texts, or texts by the names of the coordinates", (list, Mapping)),
    "denominators": ("a list of texts", list),
    "parameters": ("a list of names, or shapes by the names of blocks", (list, Mapping)),
    "coordinates": ("a list of names", list),
    "field": ('"QQ", "GF(7)" or {"modulus": [-2, 0, 1], "root": 1}', (str, Mapping)),
    "assume_nonzero": ("a list of texts", list),
    "symmetries": ("velocities by the names of symmetries and of parameters", Mapping),
    "schema": (f'"{SCHEMA}"', str),
    "comment": ("a text", str),
}
_HINT = 'write {"polynomials": ["s^2", "s*t", "t^2"]}'


def arguments(data: Any) -> dict[str, Any]:
    """The arguments of :class:`~algattn.maps.PolynomialMap` from the JSON data of a file.

    Raises
    ------
    InputError, FieldError
        With the part that is wrong, and what to write instead.

    Examples
    --------
    >>> arguments({"polynomials": {"x": "a*b", "y": "b"}, "field": "GF(7)"})
    {'coordinates': ['x', 'y'], 'field': GF(7), 'numerators': ['a*b', 'b']}
    """
    if not isinstance(data, Mapping):
        raise InputError(ASKED, "it is not a JSON object", _HINT)
    if "polynomials" not in data:
        raise InputError(ASKED, "the key 'polynomials' is missing", _HINT)
    if extra := set(data) - set(_PARTS):
        known = ", ".join(_PARTS)
        raise InputError(ASKED, f"unknown keys {quoted_keys(extra)}", f"use the keys {known}")
    for key, part in data.items():
        words, kind = _PARTS[key]
        if not isinstance(part, kind):
            raise InputError(ASKED, f"{key!r} is {quoted(part)}", f"write {words}")
    if data.get("schema", SCHEMA) != SCHEMA:
        raise InputError(ASKED, f"the schema is {quoted(data['schema'])}", f"write {SCHEMA!r}")
    found = {k: data[k] for k in ("denominators", "parameters", "coordinates") if k in data}
    given = data["polynomials"]
    if isinstance(given, Mapping):
        if "coordinates" in data:
            wrong = "the coordinates have names in two places"
            raise InputError(ASKED, wrong, "a list of polynomials, or no 'coordinates'")
        found["coordinates"], given = list(given), list(given.values())
    if "field" in data:
        found["field"] = field_from_data(data["field"])
    texts = {"polynomials": given} | {
        k: data[k] for k in ("denominators", "assume_nonzero") if k in data
    }
    for key, part in texts.items():
        wrong_one = next((x for x in part if not isinstance(x, str) and type(x) is not int), None)
        if wrong_one is not None:
            hint = 'write texts such as "1/2*a*b"'
            raise InputError(ASKED, f"{quoted(wrong_one)} in {key!r} is no polynomial", hint)
    if "assume_nonzero" in data:
        found["assume_nonzero"] = data["assume_nonzero"]
    if "symmetries" in data:
        found["symmetries"] = [VectorField(n, x) for n, x in data["symmetries"].items()]
    return found | {"numerators": given}


def schema() -> str:
    """The JSON schema of the input files of maps."""
    return files("algattn").joinpath("maps", "map.schema.json").read_text(encoding="utf-8")
