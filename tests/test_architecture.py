"""The direction of imports, and what a cheap import costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import algattn

ROOT = Path(algattn.__file__).parent
#: A room may import only rooms on lines above its own, and itself.
ROOMS = [
    {"errors", "words", "arguments", "questions", "results", "references", "progress", "saving"}
    | {"optional", "docs"},
    {"exact"},
    {"engines"},
    {"export"},
    {"maps"},
    {"attention"},
    {"symbolic"},
    {"formulas"},
    {"dimension"},
    {"fibers"},
    {"groebner"},
    {"singularities"},
    {"tropical", "paths", "bias"},
    {"model", "plot"},
    {"networks"},
    {"cli", "__main__", "__init__"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
#: What every room speaks; its modules may import each other.
SPEECH = {"errors", "words", "arguments", "results", "references", "progress", "saving", "optional"}
#: The faces import every room, lazily.
FACES = {"model", "cli", "__main__", "__init__"}
#: The few imports against the direction, each with its reason.
EXCEPTIONS: dict[tuple[str, str], str] = {}
HEAVY = {"sympy", "numpy", "networkx", "matplotlib", "plotly"}
FILES = sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module, by import statements at any depth and by import_module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            yield node.module, node.lineno
            if node.module == "algattn":
                for alias in node.names:
                    yield f"algattn.{alias.name}", node.lineno
        elif isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            text = node.args[0]
            if name == "import_module" and isinstance(text, ast.Constant):
                yield str(text.value), node.lineno


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in FILES} <= set(LEVEL)
    assert {"exact", "attention", "fibers", "cli"} <= {room_of(path) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_upwards(path: Path) -> None:
    here = room_of(path)
    for module, line in imports(path):
        head, *rest = module.split(".")
        if head != "algattn" or not rest or here in FACES:
            continue
        there = rest[0] if rest[0] in LEVEL else "__init__"
        if there == here or (here in SPEECH and there in SPEECH):
            continue
        if (path.relative_to(ROOT).as_posix(), there) in EXCEPTIONS:
            continue
        where = f"{path.relative_to(ROOT)}:{line}"
        assert LEVEL[there] < LEVEL[here], f"{where}: {here} must not import {there}"


def test_the_exceptions_are_still_needed() -> None:
    for file, there in EXCEPTIONS:
        assert f"algattn.{there}" in {module for module, _ in imports(ROOT / file)}


def test_only_the_bridge_imports_sympy() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(module.split(".")[0] == "sympy" for module, _ in imports(path))
    }
    assert users == {"exact/sympy_bridge.py"}


def test_no_evaluation_of_text_and_no_shell() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            owner = getattr(getattr(node.func, "value", None), "id", "")
            assert name not in {"sympify", "parse_expr", "popen"}, path
            assert (owner, name) != ("os", "system"), path
            assert not (isinstance(node.func, ast.Name) and name in {"eval", "exec"}), path
            for keyword in node.keywords:
                assert keyword.arg != "shell", path


def loaded_after(code: str) -> set[str]:
    show = "import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return {name.split(".")[0] for name in done.stdout.split()}


HELP = """
from algattn.cli import main
try:
    main(["--help"])
except SystemExit as stop:
    assert stop.code == 0
"""


@pytest.mark.parametrize("code", ["import algattn", HELP], ids=["import", "help"])
def test_nothing_heavy_is_loaded(code: str) -> None:
    found = loaded_after(code)
    assert "algattn" in found
    assert not found & (HEAVY | {"flint"})


def test_the_test_above_can_fail() -> None:
    assert "flint" in loaded_after("import algattn; algattn.QQ")


def modules_after(code: str) -> set[str]:
    show = "import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_help_is_quick() -> None:
    """Start-up time is that of the modules: few of our own, and nearly only those of click."""
    more = modules_after(HELP) - modules_after("import click")
    ours = {name for name in more if name.split(".")[0] == "algattn"}
    assert len(ours) < 32  # one for each group of commands, one light one for each room
    assert len(more - ours) < 300
