"""Write the result files of version 0.1 into ``v01``; this runs on version 0.1 only.

They are what people have on their disks: every kind of result and of evidence, in several strata,
fields and statuses.  ``v01/verdicts.json`` holds what ``verify`` said about each when it was
written, with all modules imported and (``fresh``) in a process that has imported none.  Later
versions read the files and do not write them again.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# the code of this checkout, not an installed copy of it
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import algattn
from algattn.errors import AlgattnError
from algattn.results import Evidence, Result, load

HERE = Path(__file__).parent
V01 = HERE / "v01"
LARGE = 60_000
FILES = ("layers", "shapes", "geometry", "neighbours")


def import_everything() -> None:
    """All modules, so that every kind is registered."""
    for module in pkgutil.walk_packages(algattn.__path__, "algattn."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def every_specimen() -> Iterator[tuple[str, Callable[[], Result]]]:
    sys.path.insert(0, str(HERE))
    for name in FILES:
        yield from importlib.import_module(f"specimens.{name}").specimens()


def evidence_kinds(data: Any) -> Iterator[str]:
    """The kinds of all evidence, also of that inside sections of reports."""
    if isinstance(data, dict):
        for item in data.get("evidence", ()):
            if isinstance(item, dict):
                yield item["kind"]
        for value in data.values():
            yield from evidence_kinds(value)
    elif isinstance(data, list):
        for value in data:
            yield from evidence_kinds(value)


def verdict(text: str) -> Any:
    """What ``verify`` says: true, false, or the error."""
    try:
        return load(text).verify()
    except AlgattnError as error:
        return type(error).__name__


def read(name: str) -> str:
    path = V01 / name
    return gzip.open(path, "rt").read() if name.endswith(".gz") else path.read_text()


def fresh_verdict(name: str) -> Any:
    """The verdict of a process that starts as this one did, without any room."""
    inside, outside = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(outside, json.dumps(verdict(read(name))).encode())
        os._exit(0)
    os.close(outside)
    os.waitpid(child, 0)
    with os.fdopen(inside) as said:
        return json.load(said)


def write(kind: str, number: int, text: str) -> str:
    """The name of the file that was written; large ones are compressed, without a time stamp."""
    name = f"{kind}--{number}.json"
    if len(text) <= LARGE:
        (V01 / name).write_text(text + "\n")
        return name
    with (V01 / f"{name}.gz").open("wb") as file:
        file.write(gzip.compress((text + "\n").encode(), mtime=0))
    return f"{name}.gz"


def main() -> None:
    if algattn.__version__ != "0.1.0":
        sys.exit("this writes the files of version 0.1 and runs on version 0.1 only")
    import_everything()
    for old in V01.glob("*.json*"):
        old.unlink()
    V01.mkdir(exist_ok=True)
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    verdicts: dict[str, Any] = {}
    for title, make in every_specimen():
        start = time.perf_counter()
        try:
            result = make()
        except Exception as error:  # a specimen less is better than none
            print(f"!! {title}: {type(error).__name__}: {error}")
            continue
        text = result.to_json()
        kinds[result.kind] += 1
        reasons.update(set(evidence_kinds(json.loads(text))))
        name = write(result.kind, kinds[result.kind], text)
        verdicts[name] = {
            "title": title,
            "status": result.status.name,
            "verify": verdict(text),
        }
        seconds = time.perf_counter() - start
        if seconds > 1 or len(text) > LARGE or verdicts[name]["verify"] is not True:
            print(f"{name}: {title}, {len(text)} bytes, {seconds:.1f} s, {verdicts[name]}")
    print("verdicts of fresh processes")
    asked = json.dumps(sorted(verdicts))
    done = subprocess.run(
        [sys.executable, __file__, "--fresh"],
        input=asked,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name, said in json.loads(done.stdout).items():
        verdicts[name]["fresh"] = said
        if said != verdicts[name]["verify"]:
            print(f"{name}: {verdicts[name]}")
    (V01 / "verdicts.json").write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n")
    for word, registry, found in (
        ("results", Result._registry, kinds),
        ("evidence", Evidence._registry, reasons),
    ):
        print(f"{word}:", ", ".join(f"{k} {n}" for k, n in sorted(found.items())))
        print(f"{word} without a specimen:", sorted(set(registry) - set(found)))
    print(len(verdicts), "files", sum(f.stat().st_size for f in V01.iterdir()), "bytes")


if __name__ == "__main__":
    if sys.argv[1:] == ["--fresh"]:
        json.dump({name: fresh_verdict(name) for name in json.load(sys.stdin)}, sys.stdout)
    else:
        main()
