"""Reports: values and claims, and the words and numbers that people see."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from golden_inputs import STRATA, Shape, parts, thin

from algattn import Lightning, Weights

Problem = tuple[str, Callable[[], object]]
SHAPES = (
    *(Shape(2, 1, 1, 2), Shape(2, 2, 1, 2), Shape(2, 2, 2, 1), Shape(3, 2, 1, 2)),
    *(Shape(2, 2, 2, 2), Shape(1, 2, 1, 1), Shape(3, 1, 2, 1)),
)


def visible(page: str) -> list[str]:
    """The words and numbers of a page, without tags."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", page))
    return re.findall(r"[^\W_]+(?:[./^][^\W_]+)*|[-=+]", text)


def _network(shape: Shape) -> Lightning:
    return Lightning((shape.d, shape.e), shape.a, shape.t)


def _weights(shape: Shape, stratum: str) -> Weights:
    K, Q, V = parts(shape, stratum, 1)
    return Weights(K=[K], Q=[Q], V=[V])


def _report(shape: Shape, stratum: str) -> Any:
    return _network(shape).report(_weights(shape, stratum))


def _of_function(shape: Shape, stratum: str) -> Any:
    net = _network(shape)
    return net.report(function=net.function(_weights(shape, stratum)))


def _sections(shape: Shape, stratum: str) -> Iterator[object]:
    for name, result in _report(shape, stratum).sections.items():
        yield [name, result]


def _text(shape: Shape, stratum: str) -> object:
    return _report(shape, stratum).text().split()


def _card(shape: Shape, stratum: str) -> object:
    report = _report(shape, stratum)
    return [visible(report.html()), visible(report._repr_html_())]


def _latex(shape: Shape, stratum: str) -> object:
    return _report(shape, stratum).latex()


def _round_trip(shape: Shape, stratum: str) -> object:
    from algattn import load

    again = load(_report(shape, stratum).to_json())
    return [again.verify(), again.value]


def _part(shape: Shape, stratum: str, name: str, style: str) -> object:
    net, W = _network(shape), _weights(shape, stratum)
    found: Any = getattr(net, name)(W)
    if style == "text":
        return found.text().split()
    return visible(found.html()) if style == "card" else found.latex()


VIEWS: dict[str, Callable[[Shape, str], object]] = {
    "report": _report,
    "function": _of_function,
    "sections": _sections,
    "text": _text,
    "card": _card,
    "latex": _latex,
    "round-trip": _round_trip,
}


def _everything() -> Iterator[Problem]:
    for shape in SHAPES:
        for stratum in STRATA:
            for view, ask in VIEWS.items():
                yield f"reports/{view}/{shape}/{stratum}/{view}", partial(ask, shape, stratum)
            for name in ("fiber", "classify", "canonical", "local_dimension"):
                for style in ("text", "card", "latex"):
                    yield (
                        f"reports/{name}-{style}/{shape}/{stratum}/{style}",
                        partial(_part, shape, stratum, name, style),
                    )


def _deep(widths: tuple[int, ...], ranks: tuple[int, ...], seed: int, style: str) -> object:
    net = Lightning(widths, ranks)
    found: Any = net.report(net.random_weights(seed) if seed else None)
    return found.text().split() if style == "text" else found


KEPT = dict.fromkeys(VIEWS, 25) | {"report": 50, "round-trip": 15}


def problems() -> Iterator[Problem]:
    yield from thin(_everything(), {**dict.fromkeys(_styles(), 30), **KEPT})
    for widths, ranks in (((2, 2, 1), (2, 1)), ((2, 1, 2), (1, 1)), ((3, 2), (2,))):
        for seed in (0, 1, 2):
            for style in ("report", "text"):
                yield (
                    f"reports/deep/d={widths}/a={ranks}/seed={seed}/{style}",
                    partial(_deep, widths, ranks, seed, style),
                )


def _styles() -> list[str]:
    names = ("fiber", "classify", "canonical", "local_dimension")
    return [f"{name}-{style}" for name in names for style in ("text", "card", "latex")]
