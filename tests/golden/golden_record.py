"""What is kept of an answer: kind, value, names, values and statuses of claims, never prose.

Answers are kept in a form that does not depend on how results are represented in Python, so that
a rebuilt results layer can be compared with answers that an older one gave.
"""

from __future__ import annotations

import enum
import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

from algattn.errors import AlgattnError

#: Longer values are kept as digests.
LONGEST = 160

_CHANGEABLE = (
    # seconds and memory addresses differ from run to run, paths from machine to machine
    (re.compile(r"\b\d+(?:\.\d+)?(?:e-?\d+)? ?(?:s|sec|seconds?)\b"), "# seconds"),
    (re.compile(r"0x[0-9a-f]{4,}"), "0x#"),
    (re.compile(r"(?<![\w.])/(?:[\w.+-]+/)+[\w.+-]*"), "PATH"),
)


def is_result(obj: Any) -> bool:
    """Whether it is a result: looked for by its attributes, which outlive its class."""
    return all(hasattr(obj, name) for name in ("kind", "value", "claims", "status"))


def plain(obj: Any) -> Any:
    """The JSON data that an object stands for."""
    if obj is None or isinstance(obj, bool | str):
        return str(obj.value) if isinstance(obj, enum.Enum) else obj
    if isinstance(obj, enum.IntEnum):
        return int(obj)
    if isinstance(obj, enum.Enum):
        return plain(obj.value)
    if isinstance(obj, int):
        return int(obj)
    if isinstance(obj, float):
        # the last digits of floating point depend on the machine
        return float(f"{obj:.6g}") if math.isfinite(obj) else str(obj)
    if isinstance(obj, complex | Fraction):
        return str(obj)
    if isinstance(obj, Mapping):
        return {str(k): plain(v) for k, v in obj.items()}
    if is_result(obj):
        return record(obj)
    if callable(getattr(obj, "to_data", None)):
        return plain(obj.to_data())
    if is_dataclass(obj) and not isinstance(obj, type):
        return {f.name: plain(getattr(obj, f.name)) for f in fields(obj) if f.name[0] != "_"}
    if isinstance(obj, set | frozenset):
        return sorted((plain(x) for x in obj), key=canonical)
    if callable(getattr(obj, "tolist", None)):
        return plain(obj.tolist())
    if isinstance(obj, Iterable):
        return [plain(x) for x in obj]
    if type(obj).__module__.startswith(("flint", "sympy", "algattn")):
        return str(obj)
    raise TypeError(f"no plain form of {type(obj).__name__}: write one in golden_record.plain")


def canonical(data: Any) -> str:
    """One spelling for equal data."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)


def short(obj: Any) -> Any:
    """The plain form of an object, as a digest when it is long."""
    data = plain(obj)
    text = canonical(data)
    if len(text) <= LONGEST:
        return data
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:24]}+{len(text)}"


def record(obj: Any) -> list[Any]:
    """What is kept of a result, or of other data."""
    if is_result(obj):
        claims = [[c.name, short(c.value), c.status.name] for c in obj.claims]
        return ["result", obj.kind, short(obj.value), claims]
    return ["data", short(obj)]


def steady(message: str) -> str:
    """A message without what changes from run to run."""
    for pattern, instead in _CHANGEABLE:
        message = pattern.sub(instead, message)
    return message


def outcome(thunk: Callable[[], object]) -> list[Any]:
    """Run a problem and keep its answer, or how it was refused."""
    try:
        found = thunk()
        if isinstance(found, Iterable) and not isinstance(found, Sequence | Mapping | str):
            # an iterator may raise while it runs, which is an answer too
            found = found if is_result(found) or hasattr(found, "to_data") else list(found)
    except AlgattnError as error:
        return ["error", type(error).__name__, steady(str(error))]
    except Exception as error:
        return ["crash", type(error).__name__, steady(str(error))[:200]]
    return record(found)
