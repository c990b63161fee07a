"""The corpus: a specimen of every kind of result and evidence, each made in one place.

The folder ``specimens`` makes them.  The campaigns forge them in every way that is thought of here.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import algattn
from algattn.model.catalogue import REGISTRY
from algattn.results import Evidence, Result, canonical_json

HERE = Path(__file__).parent
FILES = ("layers", "shapes", "geometry", "identifiability", "neighbours")


def import_everything() -> None:
    """All modules, so that every kind is registered."""
    for module in pkgutil.walk_packages(algattn.__path__, "algattn."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def kinds(base: type) -> set[str]:
    """All kinds of results, or of evidence, that algattn itself defines."""
    import_everything()
    return {
        kind
        for kind, cls in REGISTRY.loaded().items()
        if issubclass(cls, base) and cls.__module__.startswith("algattn.")
    }


@cache
def corpus() -> dict[str, Result]:
    """The specimens by name; the names tell the kind."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    out: dict[str, Result] = {}
    for name in FILES:
        for title, make in importlib.import_module(f"specimens.{name}").specimens():
            result = make()
            out[f"{result.kind}: {title}"] = result
    return out


def sections(result: Result) -> Iterator[Result]:
    """The result itself and the results inside its evidence."""
    yield result
    for item in result.evidence:
        inner = getattr(item, "result", None)
        if isinstance(inner, Result):
            yield from sections(inner)


@cache
def evidence() -> dict[str, tuple[Evidence, ...]]:
    """All evidence of the corpus by kind, each piece once."""
    found: dict[str, dict[str, Evidence]] = {}
    for result in corpus().values():
        for part in sections(result):
            for item in part.evidence:
                found.setdefault(item.kind, {})[json.dumps(item.to_data())] = item
    return {kind: tuple(items.values()) for kind, items in found.items()}


@cache
def _origins() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for result in corpus().values():
        for part in sections(result):
            for claim in part.claims:
                for item in claim.evidence:
                    where = found.setdefault(json.dumps(item.to_data()), set())
                    where.add(canonical_json([part.problem, claim.value]))
    return found


def origins(item: Evidence) -> set[str]:
    """Problem and value of all claims of the corpus under which a piece of evidence stands."""
    return _origins()[json.dumps(item.to_data())]


def small(most: int = 1) -> list[str]:
    """The names of the shortest specimens of every kind, partial answers left out."""
    by_kind: dict[str, list[tuple[int, str]]] = {}
    for name, result in corpus().items():
        if not all(c.evidence for c in result.claims):
            continue
        by_kind.setdefault(result.kind, []).append((len(result.to_json()), name))
    return sorted(name for items in by_kind.values() for _, name in sorted(items)[:most])
