"""Golden answers: write them, or compare them with what the code says today.

    python tests/golden/make.py                     write all answers
    python tests/golden/make.py --check             compare all answers with the stored ones
    python tests/golden/make.py --check --section NAME --sample 25

The stored answers are those of version 0.1 and stay so: an answer that is meant to differ is
explained by a line in CHANGES.  Sections are the files ``sections/NAME.py``.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two processes are enough for two cores

import argparse
import gzip
import hashlib
import importlib.util
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
# this folder, and the code of this checkout rather than an installed copy of it
for folder in (HERE, HERE.parents[1]):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from golden_compare import Verdict, judge, read_changes  # noqa: E402
from golden_record import canonical, outcome  # noqa: E402

ANSWERS, CHANGES, SECTIONS = HERE / "answers", HERE / "CHANGES", HERE / "sections"
PROCESSES = 2
#: Pieces of a section: more than processes, so that both have work until the end.
PIECES = 4

Answers = dict[str, Any]


def section_names() -> list[str]:
    """All sections, by name; files that start with an underscore are their helpers."""
    return sorted(p.stem for p in SECTIONS.glob("*.py") if not p.stem.startswith("_"))


@lru_cache(maxsize=64)
def section_module(name: str) -> ModuleType:
    """The module of a section, loaded from its file."""
    spec = importlib.util.spec_from_file_location(f"golden_section_{name}", SECTIONS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses in a section look for their module
    spec.loader.exec_module(module)
    return module


def problems(name: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """The problems of a section, with ids that are unique and fit into CHANGES."""
    seen: set[str] = set()
    for problem, thunk in section_module(name).problems():
        if problem in seen or " | " in problem or not problem.isprintable():
            raise ValueError(f"section {name}: the id {problem!r} is not unique or not one line")
        seen.add(problem)
        yield problem, thunk


def stable_hash(problem: str) -> int:
    """A number that depends on the id only, not on its place or the run."""
    return int(hashlib.sha256(problem.encode()).hexdigest()[:12], 16)


def compute(
    name: str, sample: int = 1, piece: int = 0, pieces: int = 1
) -> tuple[Answers, dict[str, float]]:
    """The answers to every `sample`-th problem of one piece of a section, and their seconds."""
    found: Answers = {}
    seconds: dict[str, float] = {}
    for problem, thunk in problems(name):
        number = stable_hash(problem)
        if number % sample or number // sample % pieces != piece:
            continue
        start = time.perf_counter()
        # through JSON, so that what is compared is what is stored
        found[problem] = json.loads(canonical(outcome(thunk)))
        seconds[problem] = time.perf_counter() - start
    return found, seconds


def compute_all(
    names: Sequence[str], sample: int
) -> Iterator[tuple[str, Answers, dict[str, float]]]:
    """The same for whole sections, in two processes."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        tasks = {
            name: [pool.submit(compute, name, sample, n, PIECES) for n in range(PIECES)]
            for name in names
        }
        for name, pieces in tasks.items():
            found: Answers = {}
            seconds: dict[str, float] = {}
            for piece in pieces:
                answers, times = piece.result()
                found |= answers
                seconds |= times
            yield name, found, seconds


def path_of(name: str) -> Path:
    return ANSWERS / f"{name}.jsonl.gz"


def write(path: Path, answers: Answers) -> None:
    """Store answers sorted by id; equal answers give equal bytes."""
    lines = [canonical([problem, answers[problem]]) + "\n" for problem in sorted(answers)]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))


def read(path: Path, sample: int = 1) -> Answers:
    """Stored answers, or every `sample`-th of them; none when the file is not there."""
    if not path.exists():
        return {}
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    pairs = (json.loads(line) for line in lines)
    return {problem: answer for problem, answer in pairs if stable_hash(problem) % sample == 0}


def check_section(name: str, sample: int) -> Verdict:
    """Compare a sample of one section, in this process; what the quick tests do."""
    found, _ = compute(name, sample)
    return judge(read(path_of(name), sample), found, read_changes(CHANGES.read_text()), whole=False)


def show(verdict: Verdict, limit: int) -> None:
    """Print what is not explained."""
    for difference in verdict.unexplained[:limit]:
        print("DIFFERS", difference)
    if len(verdict.unexplained) > limit:
        print(f"... and {len(verdict.unexplained) - limit} more (--limit N shows more)")
    for change in verdict.stale:
        print("STALE", change)
    print(
        f"{verdict.explained} differences explained by CHANGES, "
        f"{len(verdict.unexplained)} not, {len(verdict.stale)} lines of CHANGES without one"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; 0 when everything is as stored or explained."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--section", action="append", help="only this one; may be repeated")
    parser.add_argument("--sample", type=int, default=1, metavar="K", help="every K-th problem")
    parser.add_argument("--slow", type=int, default=0, metavar="N", help="print the N slowest")
    parser.add_argument("--limit", type=int, default=40, metavar="N", help="differences to print")
    options = parser.parse_args(argv)
    names = options.section or section_names()
    if not options.check and options.sample != 1:
        parser.error("a sample can only be compared: add --check")
    if unknown := set(names) - set(section_names()):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")

    stored: Answers = {}
    answers: Answers = {}
    times: dict[str, float] = {}
    for name, found, seconds in compute_all(names, options.sample):
        print(f"{name:16} {len(found):6} problems {sum(seconds.values()):7.1f} s", flush=True)
        times |= seconds
        if options.check:
            if shared := answers.keys() & found.keys():
                raise ValueError(f"two sections have the id {min(shared)!r}")
            stored |= read(path_of(name), options.sample)
            answers |= found
        else:
            write(path_of(name), found)
    for problem in sorted(times, key=lambda p: -times[p])[: options.slow]:
        print(f"{times[problem]:8.2f} s  {problem}")
    if not options.check:
        return 0
    whole = options.section is None and options.sample == 1
    verdict = judge(stored, answers, read_changes(CHANGES.read_text()), whole=whole)
    show(verdict, options.limit)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
