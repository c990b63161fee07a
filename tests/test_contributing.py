"""The worked examples of CONTRIBUTING.md, carried out on a copy of the package."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import algattn

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)\n```", re.DOTALL)


def run(folder: Path, argv: list[str], given: str = "") -> str:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        argv, cwd=folder, env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the commands of the page print, after all of its blocks have been carried out."""
    folder, printed = tmp_path_factory.mktemp("clone"), {}
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(algattn.__file__).parent, folder / "algattn", ignore=unwanted)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=unwanted)
    for language, block in BLOCK.findall(TEXT.partition("\n## A question\n")[2]):
        first, _, rest = block.partition("\n")
        if language == "diff":
            run(folder, ["git", "apply", "-"], f"{block}\n")
        elif language == "python" and (file := re.fullmatch(r"# (algattn/\S+\.py)", first)):
            with (folder / file[1]).open("a", encoding="utf-8") as out:
                out.write(f"\n\n{rest}\n" if out.tell() else f"{rest}\n")
        elif language == "python":
            run(folder, [sys.executable, "-c", block])
        else:
            for line in block.splitlines():
                command = [sys.executable, "-m", *shlex.split(line)]
                printed[line] = run(folder, command)
    return printed


def test_the_examples_run(examples: dict[str, str]) -> None:
    assert "ranks ((1, 1, 1),)" in examples["algattn ranks examples/one_layer.json"]
    table = examples["algattn questions"]
    assert "network.rank_profile(weights)" in table
    assert "algattn ranks" in table
    tied = examples["algattn dimension --widths 3,2 --ranks 2 --tied"]
    assert "dimension 10 (12 parameters)" in tied


def test_the_variant_has_the_size_that_the_page_says() -> None:
    (said,) = re.findall(r"It touches (\d+) files with (\d+) added lines", TEXT)
    *_, diff = (block for language, block in BLOCK.findall(TEXT) if language == "diff")
    files = re.findall(r"^\+\+\+ ", diff, re.MULTILINE)
    lines = re.findall(r"^\+(?!\+\+ )", diff, re.MULTILINE)
    assert (len(files), len(lines)) == tuple(map(int, said))
    assert len(files) <= 12


def test_the_walk_names_files_that_exist_and_gives_what_it_says() -> None:
    package = Path(algattn.__file__).parent
    page = (package / "docs" / "architecture.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", page)):
        assert (package / name).exists() or (ROOT / name).exists(), name
    found = algattn.Lightning((2, 2), 1, heads=2, mask="causal").dimension()
    assert f"dimension {found.value} ({found.parameters} parameters)" in page
    assert [e.kind for e in found.evidence] == ["dimension.rank-at-least", "dimension.orbit-bound"]
