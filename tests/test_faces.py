"""How results are shown, saved and read: headings, statuses, texts and files."""

from __future__ import annotations

import io
import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import algattn
from algattn import Lightning, Status, Weights, load, read_network_file, verify
from algattn.errors import InputError
from algattn.model.catalogue import HOMES
from algattn.references import REFERENCES
from algattn.results import Registry, Result
from algattn.results import sources as sources_module

NET = Lightning(widths=(2, 1), ranks=1)
NO_TEXT: list[Any] = [None, 3, 1.5, True, [], {}, ["{}"], Ellipsis, io.StringIO]


@pytest.fixture(scope="module")
def result() -> Result:
    return NET.dimension()


def test_a_status_prints_as_its_name(result: Result) -> None:
    assert [str(s) for s in Status] == ["NUMERIC", "PROBABLE", "THEOREM", "PROVED"]
    assert f"{result.status} {Status.NUMERIC:>8} {Status.THEOREM!s}" == "PROVED  NUMERIC THEOREM"
    assert Status.NUMERIC < Status.PROBABLE < Status.THEOREM < Status.PROVED
    assert json.dumps([Status.PROVED]) == "[4]"
    assert json.loads(result.to_json())["status"] == "PROVED"


def test_every_heading_is_a_question() -> None:
    """So that no heading says what its answer denies, whatever the answer is."""
    for modules in HOMES.values():
        for module in modules.split():
            import_module(f"algattn.{module}")
    kinds = [c for c in Registry.loaded().values() if issubclass(c, Result)]
    assert len(kinds) > 30
    for kind in kinds:
        assert re.fullmatch(r"(Are|Do|Does|How|Is|Up|What|Where|Which)\b[^?]*\?", kind.title), kind


def test_the_answer_no_stands_under_a_question() -> None:
    A, B = (Weights(A=[[[1, 0], [0, n]]], V=[[[1, 1]]]) for n in (2, 3))
    text = Lightning(widths=(2, 1), ranks=2).equivalent(A, B).text()
    assert text.startswith("Do these weights give the same function?  [PROVED]\n  Different: ")


@pytest.mark.parametrize("position", ["file.json", Path("x"), 2])
def test_to_json_takes_no_position(result: Result, position: Any) -> None:
    with pytest.raises(InputError, match=r"save\(path\)"):
        result.to_json(position)


def test_save_and_load(result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    path.write_text("old")
    result.save(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["result.json"]
    text = path.read_text()
    with path.open() as words, path.open("rb") as raw:
        for source in (text, " \n" + text, "\ufeff" + text, text.encode(), path, str(path)):
            assert load(source) == result
            assert verify(source)
        assert load(words) == result
        assert verify(raw)
    assert verify(result)
    monkeypatch.chdir(tmp_path)
    assert load("result.json") == result
    with pytest.raises(InputError, match=r"write .*: No such file"):
        result.save(tmp_path / "no" / "such" / "x.json")
    for bad in NO_TEXT:
        with pytest.raises(InputError):
            result.save(bad)


@pytest.mark.parametrize("source", NO_TEXT, ids=repr)
@pytest.mark.parametrize("read", [load, verify, read_network_file])
def test_what_is_no_text_is_refused(read: Any, source: Any) -> None:
    with pytest.raises(InputError, match=r"is no text|cannot be read"):
        read(source)


@pytest.mark.parametrize(
    "source",
    ["", "[]", "no/such/file", "x" * 5000, "a\0b", "\ud800", b"\xff{}", b"[]", b"", "/", Path("/")],
    ids=lambda s: repr(s)[:12],
)
@pytest.mark.parametrize("read", [load, verify, read_network_file])
def test_what_cannot_be_read_is_refused_in_a_line(read: Any, source: Any) -> None:
    with pytest.raises(InputError) as refused:
        read(source)
    assert len(str(refused.value)) < 300


def test_networks_are_read_from_files(tmp_path: Path) -> None:
    text = '{"network": {"widths": [2, 1], "ranks": 1}}'
    path = tmp_path / "net.json"
    path.write_text(text)
    for source in (text, path, str(path), text.encode(), io.StringIO(text), io.BytesIO(b"")):
        if isinstance(source, io.BytesIO):
            with pytest.raises(InputError):
                read_network_file(source)
        else:
            assert read_network_file(source).network == NET


def test_large_files_are_refused_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as stream:
        stream.truncate(sources_module.MAX_SOURCE_BYTES + 1)
    monkeypatch.setattr(sources_module, "_read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(InputError, match=r"more than 134217728 bytes \(134217729\)"):
        load(path)
    monkeypatch.undo()
    monkeypatch.setattr(sources_module, "MAX_SOURCE_BYTES", 10)
    for source in (io.StringIO("{" * 50), io.BytesIO(b"{" * 50), b"{" * 50, Path("/dev/zero")):
        with pytest.raises(InputError, match="more than 10 bytes"):
            load(source)


def test_every_cited_number_is_in_the_table() -> None:
    known = {ref.arxiv for ref in REFERENCES.values()}
    root = Path(algattn.__file__).parent
    cited = set()
    for path in (*root.rglob("*.py"), *root.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        cited |= set(re.findall(r"arXiv[:\s]\s*(\d{4}\.\d{5}(?:v\d)?)", text))
    assert cited
    assert cited <= known
    tropical = REFERENCES["SuLiu"]
    assert (tropical.title, tropical.arxiv) == (
        "Geometric Capacity of Transformers",
        "2604.14727v2",
    )
