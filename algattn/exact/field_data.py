"""Fields from their JSON data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from algattn.errors import InputError
from algattn.exact.fields import GF, QQ, Field
from algattn.exact.number_fields import NumberField
from algattn.words import quoted

_GF = re.compile(r"GF\(([0-9]{1,19})\)", re.ASCII)


def field_from_data(data: Any) -> Field:
    """The field named by JSON data such as ``"QQ"``, ``"GF(101)"`` or a number field's object."""
    if data == "QQ":
        return QQ
    if isinstance(data, str) and (found := _GF.fullmatch(data)):
        return GF(int(found[1]))
    if isinstance(data, Mapping):
        return NumberField.from_data(data)
    raise InputError("read a field", f"{quoted(data)} is not a field", 'write "QQ" or "GF(101)"')
