"""The direction of imports, and what a cheap import costs."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

import algattn

ROOT = Path(algattn.__file__).parent
#: A room imports only rooms on lines above its own, and itself: lazily and for types, too.
ROOMS = [
    {"errors", "questions", "references", "docs"},
    {"words", "optional"},
    {"arguments", "progress", "saving"},
    {"results"},
    {"exact"},
    {"engines"},
    {"export"},
    {"maps"},
    {"attention"},
    {"symbolic"},
    {"formulas"},
    {"dimension"},
    {"groebner"},
    {"fibers"},
    {"singularities"},
    {"paths", "bias", "tropical"},
    {"model"},
    {"networks", "plot"},
    {"__init__"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
HEAVY = {"sympy", "numpy", "networkx", "matplotlib", "plotly"}
FILES = sorted(ROOT.rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every imported module, by import statements at any depth and by names in strings.

    A string that is the full name of a module imports it.  In a file with ``import_module`` of
    an f-string, strings of short names of modules do the same.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prefixes = [""]
    for node in ast.walk(tree):
        called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        if called == "import_module" and isinstance(node.args[0], ast.JoinedStr):
            prefixes = [f"{module_of(path)}.", "", "algattn."]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = full in MODULES or node.module == "algattn"
                yield full if is_module else node.module, node.lineno
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value.split()
            full = [[p + w for p in prefixes] for w in words]
            known = [[m for m in names if m in MODULES and m != "algattn"] for names in full]
            if all(known):
                yield from ((names[0], node.lineno) for names in known)


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_every_room_has_its_place() -> None:
    assert {room_of(path) for path in FILES} == set(LEVEL)


@pytest.mark.parametrize("page", ["README.md", "algattn/docs/architecture.md"])
def test_pages_list_the_rooms_in_this_order(page: str) -> None:
    text = (Path(__file__).parents[1] / page).read_text(encoding="utf-8")
    table = text.split("| room | what it holds |\n|---|---|\n")[1].split("\n\n")[0]
    rows = [re.findall(r"`(\w+)|(?<=[/ ])(\w+)(?=/)", x.split("|")[1]) for x in table.splitlines()]
    rooms = [[a or b for a, b in row] for row in rows]
    levels = [[LEVEL[room] for room in row] for row in rooms]
    assert all(max(a) <= min(b) for a, b in itertools.pairwise(levels))
    assert {room for row in rooms for room in row} == set(LEVEL) - {"docs", "__init__", "__main__"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_upwards(path: Path) -> None:
    here = room_of(path)
    for module, line in imports(path):
        head, *rest = module.split(".")
        if head != "algattn":
            continue
        there = rest[0] if rest and rest[0] in LEVEL else "__init__"
        where = f"{path.relative_to(ROOT)}:{line}"
        right = there == here or LEVEL[there] < LEVEL[here]
        assert right, f"{where}: {here} must not import {there}"


def file_graph() -> nx.DiGraph[str]:
    """Which file imports which: lazily, for types, and by names in strings, too."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for module, path in MODULES.items():
        for name, _ in imports(path):
            found = name if name in MODULES else name.rpartition(".")[0]
            if found in MODULES and found != module:
                graph.add_edge(module, found)
    return graph


def test_no_cycle_of_files() -> None:
    """A file that is imported, however late, does not import back: it can be read by itself."""
    parts = nx.strongly_connected_components(file_graph())
    assert [sorted(part) for part in parts if len(part) > 1] == []


def test_the_graph_sees_lazy_imports_types_and_strings() -> None:
    graph = file_graph()
    for edge in (
        ("algattn.plot.slices", "algattn.plot.scene"),
        ("algattn.tropical.stack", "algattn.tropical.warm_stack"),
        ("algattn.model.catalogue", "algattn.fibers.deep"),
        ("algattn.model.table", "algattn.paths.one_head"),
        ("algattn.tropical", "algattn.tropical.stack"),
        ("algattn.cli", "algattn.cli.commands"),
    ):
        assert graph.has_edge(*edge), edge


def test_workers_do_not_know_who_asks() -> None:
    """The declarations of questions import workers; only the faces import declarations."""
    users = {
        (source, target)
        for source, target in file_graph().edges
        if target.endswith((".questions", ".map_questions")) and target != "algattn.questions"
    }
    assert {source.split(".")[1] for source, _ in users} <= {"model", "cli"}


def test_only_the_bridge_imports_sympy() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in FILES
        if any(module.split(".")[0] == "sympy" for module, _ in imports(path))
    }
    assert users == {"exact/sympy_bridge.py", "exact/to_sympy.py"}


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


def test_a_rank_needs_no_numpy() -> None:
    code = "from algattn import PolynomialMap\nPolynomialMap(['a*b', 'b*c']).dimension()"
    assert not loaded_after(code) & HEAVY


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
    assert len(ours) < 40  # one for each group of commands, one or two light ones for each room
    assert len(more - ours) < 300
