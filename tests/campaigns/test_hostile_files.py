"""Files with strange parts are refused, or read; nothing else comes out of `load`."""

from __future__ import annotations

import copy
import json
import pickle
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from corpus import corpus
from mutations import at, changed, leaves, mutations

from algattn import load
from algattn.errors import AlgattnError, InputError
from algattn.results import seal

V01 = Path(__file__).parents[1] / "golden" / "v01"
OLD = sorted(f.name for f in V01.glob("*.json") if f.name != "verdicts.json")

#: What no writer would put there.
STRANGE: list[Any] = [None, True, 0, -1, 1.5, 10**400, "", "1", "2/4", "1/0", " 1", "+1", "\u0663"]
STRANGE += ["t^2-2", "1e5", [], {}, [[]], [None], [[1, 2], [3]], {"kind": []}, {"kind": "x"}]


def old(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((V01 / name).read_text())
    return data


def strange(data: dict[str, Any], tries: int) -> None:
    """Read the file with strange things at random places."""
    rng = random.Random(json.dumps(data))
    places = list(leaves(data))
    for _ in range(tries):
        other = changed(data, rng.choice(places), rng.choice(STRANGE))
        with suppress(AlgattnError):
            load(json.dumps(seal(other)))


def test_strange_files_are_refused() -> None:
    for result in corpus().values():
        strange(json.loads(result.to_json()), 20)


def test_strange_files_of_the_first_version_are_refused() -> None:
    for name in OLD:
        strange(old(name), 20)


@pytest.mark.parametrize(
    ("name", "path", "new"),
    [
        ("dimension.equal-widths--4.json", ("detail", "terms", "d >= a", 2, 2), "1e5"),
        ("canonical.form--4.json", ("detail", "virtual"), [None]),
        ("canonical.form--2.json", ("detail", "virtual"), "t^2-2"),
        ("dimension.multiplicities--2.json", ("detail",), {"kind": []}),
    ],
)
def test_parts_that_the_first_version_never_wrote(name: str, path: Any, new: Any) -> None:
    data = old(name)
    assert at(data, path) != new
    with pytest.raises(InputError, match=r"Try: "):
        load(json.dumps(changed(data, path, new)))


def test_a_variance_beyond_all_floats_is_refused() -> None:
    data = next(r for r in corpus().values() if r.kind == "path_one_head.points").to_data()
    path = ("problem", "shape", "variances", 0)
    with pytest.raises(InputError, match="variance"):
        load(json.dumps(changed(data, path, "1" + "0" * 400)))


def test_notes_repeat_little_of_a_file() -> None:
    data = old("dimension.network--1.json")
    lie = "the dimension of the function space is 1000000, proved"
    data["detail"][lie] = 1
    data["claims"].append(data["claims"][0] | {"name": lie, "evidence": []})
    data["claims"][0]["evidence"].append({"kind": lie})
    found = load(json.dumps(data))
    assert len(found.notes) == 3
    assert not any("1000000" in note for note in found.notes)


def test_results_can_be_pickled_and_copied() -> None:
    for result in corpus().values():
        for other in (result, load(result.to_json())):
            copies = (pickle.loads(pickle.dumps(other)), copy.copy(other), copy.deepcopy(other))
            for again in copies:
                assert again == other
                assert hash(again) == hash(other)
                assert again.to_json() == other.to_json()


def test_results_have_all_their_faces() -> None:
    for result in corpus().values():
        for other in (result, load(result.to_json())):
            assert other.text()
            assert other.html()
            assert other.latex()
            assert repr(other)


def test_files_that_make_no_sense_are_shown_as_such() -> None:
    """A file is not checked when it is read, and showing it must not fail."""
    unfit = 0
    for name, result in corpus().items():
        data = json.loads(result.to_json())
        wrong = list(mutations(data, ("value",), ("detail",), ("claims",), ("problem",)))
        for _, _, other in random.Random(name).sample(wrong, min(len(wrong), 8)):
            try:
                found = load(json.dumps(other))
            except InputError:
                continue
            faces = found.text(), found.html(), found.latex(), repr(found)
            assert all(faces)
            unfit += "do not fit together" in faces[0]
    assert unfit > 5
