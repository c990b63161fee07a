"""Forged files: change one leaf of a stored answer, and write all else as an honest machine would.

Statements, sentence, status and digest are made anew from the changed parts, so that only the
evidence stands in the way. Changes of the problem may leave a true answer and are not tried here.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from resealing import resealed

from algattn import load
from algattn.bias import AttentionSVM, diagnose, instances, local_selections
from algattn.errors import AlgattnError
from algattn.paths import PathNetwork, one_head_points
from algattn.results import Result, canonical_json

X = [[[1, 2], [0, 1]], [[2, -1], [1, 1]]]


def network(heads: int) -> PathNetwork:
    return PathNetwork((heads,), (5, 5), attention=[["uniform", [[1, 0], [0, 1]]][:heads]])


RESULTS: dict[str, Callable[[], Result]] = {
    "margin": lambda: AttentionSVM(instances.two_sequences()).solve(),
    "infeasible": lambda: AttentionSVM(instances.middle_token()).solve(),
    "selections": lambda: local_selections(instances.counterexample()),
    "diagnosis": lambda: diagnose(instances.counterexample()),
    "ties": lambda: diagnose([[[1, 0], [1, 0]]], [1], [1, 1]),
    "points": lambda: one_head_points([[1]], [30], widths=(1,) * 3, variances="1/5", temperature=9),
    "box": lambda: network(2).certify(X, [1, -1], temperature="1/10"),
    "kernel": lambda: network(2).path_kernels(X, exact=True).result([[1, 0], [0, 1]]),
    "blocks": lambda: network(1).path_kernels(X, exact=True).result(),
}
#: Claims may be left out: what remains is still true.
WEAKER = [("lowest", None), ("minimum", False), ("lowest", False)]


def changes(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """All places in JSON data with a new value for each."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from changes(value, (*path, key))
        yield path, data | {"colour": 1}
    elif isinstance(data, list):
        for k, value in enumerate(data):
            yield from changes(value, (*path, k))
        yield path, data[:-1] if data else [0]
        yield path, [*data, data[-1]] if data else [1]
    elif isinstance(data, bool):
        yield from ((path, new) for new in (not data, None, int(data)))
    elif isinstance(data, int):
        yield from ((path, new) for new in (data + 1, -data, float(data), str(data), None))
    elif data is None:
        yield from ((path, new) for new in (0, [0], True))
    else:
        yield from ((path, new) for new in ("1" + data, data[1:], None))


def replaced(data: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    data = copy.copy(data)
    data[path[0]] = replaced(data[path[0]], path[1:], new)
    return data


def forged(data: dict[str, Any]) -> bool:
    """Whether changed data verify once everything that follows from them is written anew."""
    try:
        return load(json.dumps(resealed(data))).verify()
    except (AlgattnError, LookupError, TypeError, ValueError, AttributeError):
        return False


@pytest.mark.parametrize("name", RESULTS)
def test_one_changed_leaf_is_enough(name: str) -> None:
    result = RESULTS[name]()
    data = json.loads(result.to_json())
    assert forged(data)
    tried = 0
    for part in ("value", "detail"):
        for path, new in changes(data[part]):
            changed = data | {part: replaced(data[part], path, new)}
            same = canonical_json(changed[part]) == canonical_json(data[part])
            if same or (path and (path[-1], new) in WEAKER):
                continue
            if path == ("radius",) and str(new).startswith("11/"):
                continue  # the operator contracts the larger box as well
            if path and path[0] in result.shown:
                continue  # made anew with the statements
            tried += 1
            assert not forged(changed), (part, path, new)
    assert tried > 3
