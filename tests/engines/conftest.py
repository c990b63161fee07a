"""Engines that have to be there: skip without them, fail under ALGATTN_REQUIRE_ENGINES=1."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from algattn.engines import available, clear_cache


@pytest.fixture
def need() -> Callable[[str], str]:
    """``need("singular")``: the name, when the engine is there."""

    def check(name: str) -> str:
        found = available()
        if name not in found:
            if os.environ.get("ALGATTN_REQUIRE_ENGINES") == "1":
                pytest.fail(f"{name} is required: {found.missing[name]}")
            pytest.skip(found.missing[name])
        return name

    return check


@pytest.fixture
def private_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which all temporary folders of this test are made."""
    import tempfile

    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], Path]]:
    """``fake("SINGULAR", script)``: a shell script that stands for an engine."""

    def make(engine: str, body: str) -> Path:
        program = tmp_path / f"fake-{engine.lower()}"
        program.write_text(
            '#!/bin/sh\nif [ "$1" = --version ] || [ "$1" = -V ]; then\n'
            f"  echo 'Singular version 9.9.9'; exit 0\nfi\n{body}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv(f"ALGATTN_{engine}", str(program))
        clear_cache()
        return program

    yield make
    clear_cache()
