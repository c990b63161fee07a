"""Dimensions of infinite families of shapes, and tables of many networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from algattn import Lightning, Softmax
from algattn.dimension import family
from algattn.dimension.sweep import pending, read_rows, sweep, write_rows

Problem = tuple[str, Callable[[], object]]
KINDS: dict[str, type[Any]] = {"lightning": Lightning, "softmax": Softmax}

BAD: tuple[dict[str, Any], ...] = (
    *({}, {"depth": 0}, {"depth": 2, "kind": "other"}, {"depth": 2, "tokens": 0}),
    *({"depth": 2, "prime": 15}, {"depth": 2, "seed": "one"}, {"depth": True}),
)


def _equal_widths(**options: Any) -> object:
    return family(**options)


def _values(kind: str, depth: int, tokens: int) -> object:
    found: Any = family(depth=depth, kind=kind, tokens=tokens)
    return [found.at(d, a) for d in (1, 2, 3, 7, 64) for a in (1, 2, 5, 64)]


def _around(kind: str, widths: tuple[int, ...], ranks: Any, tokens: int) -> object:
    return family(KINDS[kind](widths, ranks, tokens))


def _grid(kind: str, tokens: int) -> Iterator[Any]:
    for d in (1, 2, 4):
        for e in (1, 3):
            for a in (1, 2, 5):
                yield KINDS[kind]((d, e), a, tokens)
                yield KINDS[kind]((d, e, d), a, tokens)


def _table(kind: str, tokens: int, style: str) -> object:
    text = write_rows(sweep(_grid(kind, tokens)), style)
    return [text, len(read_rows(text, style)), len(pending(_grid(kind, tokens)))]


def _rows(kind: str, tokens: int) -> Iterator[object]:
    yield from sweep(_grid(kind, tokens))


def problems() -> Iterator[Problem]:
    for kind in KINDS:
        for tokens in (1, 2, 3):
            for depth in (1, 2, 3, 4, 6):
                end = f"{kind}/t={tokens}/depth={depth}"
                options = {"kind": kind, "depth": depth, "tokens": tokens}
                yield f"families/equal-widths/{end}", partial(_equal_widths, **options)
                yield f"families/values/{end}", partial(_values, kind, depth, tokens)
            yield f"families/rows/{kind}/t={tokens}", partial(_rows, kind, tokens)
            for style in ("csv", "json", "latex") if tokens == 1 else ():
                name = f"families/table-{style}/{kind}/t={tokens}"
                yield name, partial(_table, kind, tokens, style)
            for widths, ranks in (
                *(((5, 4, 1), 1), ((12, 8, 4), 3), ((8, 8), 4), ((6, 6, 6), (3, 2))),
                *(((16, 4, 16), 2), ((9, 3), 3), ((2, 2), 1), ((20, 30, 10, 5), (5, 5, 2))),
            ):
                yield (
                    f"families/multiplicities/{kind}/d={widths}/a={ranks}/t={tokens}",
                    partial(_around, kind, widths, ranks, tokens),
                )
    for bad in BAD:
        yield f"families/rejected/{bad}", partial(_equal_widths, **bad)
