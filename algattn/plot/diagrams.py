"""The Hasse diagram of the strata: higher means larger dimension, edges go down to the closure."""

from __future__ import annotations

import random
from typing import Any

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.optional import need
from algattn.saving import save_figure

SMOOTH, SINGULAR, MISSING = "#cfe5ff", "#d3bdfb", "#f5f5f4"
INK, EDGE, BOUNDARY = "#1f2937", "#9ca3af", "#b3122a"


def layout(graph: Any, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Places in inches: one row for each dimension, found by a short seeded search.

    No two boxes of a row touch; edges are kept off boxes that they do not belong to, then short.

    >>> from algattn import Lightning
    >>> places = layout(Lightning(widths=(2, 1), ranks=1).strata())
    >>> places["k, v independent"][1] > places["zero"][1]
    True
    """
    rows: dict[int, list[str]] = {}
    for name, data in graph.nodes(data=True):
        rows.setdefault(data["dimension"], []).append(name)
    order = sorted(rows, reverse=True)
    height = {name: -0.86 * n for n, k in enumerate(order) for name in rows[k]}
    half = {name: 0.12 + 0.038 * len(name) for name in graph}
    row_of = {name: rows[k] for k in order for name in rows[k]}
    x = {name: _lean(graph.nodes[name]["stratum"]) for name in graph}
    for names in rows.values():
        names.sort(key=lambda n: x[n])
        middle, at = sum(x[n] for n in names) / len(names), 0.0
        for n in names:  # as far right as the lean asks, and never over the left neighbour
            at = max(at + half[n] + 0.11, x[n])
            x[n] = at
            at += half[n] + 0.11
        shift = middle - sum(x[n] for n in names) / len(names)
        for n in names:
            x[n] += shift
    edges = list(graph.edges)

    def cost(name: str) -> float:
        """The cost of everything that involves the node."""
        total = 0.02 * abs(x[name])
        for other in row_of[name]:
            if other != name:
                total += 60 * max(0.0, half[name] + half[other] + 0.22 - abs(x[name] - x[other]))
        for upper, lower in edges:
            mine = name in (upper, lower)
            if mine:
                total += 0.25 * abs(x[upper] - x[lower])
            if not mine and not height[lower] < height[name] < height[upper]:
                continue
            for box in graph if mine else (name,):
                if height[lower] < height[box] < height[upper]:
                    slope = (x[lower] - x[upper]) / (height[lower] - height[upper])
                    at = x[upper] + slope * (height[box] - height[upper])
                    total += 12 * max(0.0, half[box] + 0.1 - abs(at - x[box]))
        return total

    rng = random.Random(f"algattn layout {seed}")
    names = sorted(graph)
    for step in range(2500):
        name = rng.choice(names)
        before, old = cost(name), x[name]
        x[name] = old + rng.gauss(0, 0.8 if step < 1200 else 0.3)
        if cost(name) > before:
            x[name] = old
    middle = (max(x.values()) + min(x.values())) / 2
    return {name: (x[name] - middle, height[name]) for name in graph}


def _lean(stratum: Any) -> float:
    """Where a stratum wants to be: strata that differ in the same way lie in the same direction."""
    r, m = stratum.rank_A, stratum.rank_V
    if stratum.signature is None:
        return 0.85 * float(m - r)
    p, n = stratum.signature
    wanted = 2.1 * p - 0.9 * n - 1.2 * m if stratum.family == "ranks" else 0.9 * (p - 2 * n)
    return float(wanted)


@checked
def hasse(network: Architecture, *, to: str | None = None, title: str | None = None) -> Any:
    """Draw the strata of a network of one layer as a Hasse diagram.

    Parameters
    ----------
    network : Lightning
    to : str, optional
        A file to write (png, pdf, svg).
    title : str, optional
        Above the picture; the network unless given.

    Returns
    -------
    matplotlib Figure
        Filled: blue smooth, violet singular, grey not reached by real weights; red frame: boundary.
    """
    need("matplotlib", "draw the strata")
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    graph: Any = network.strata()  # type: ignore[attr-defined]
    places = layout(graph)
    xs, ys = [p[0] for p in places.values()], [p[1] for p in places.values()]
    left, right = min(xs) - 1.45, max(xs) + 1.25
    low, high = min(ys) - 0.45, max(ys) + 0.5
    wide, tall = max(right - left, 5.4), high - low
    figure = Figure(figsize=(wide, tall + 0.85), facecolor="white")
    axes = figure.add_axes((0, 0.38 / (tall + 0.85), 1, tall / (tall + 0.85)))
    spare = (wide - (right - left)) / 2
    axes.set_xlim(left - spare, right + spare)
    axes.set_ylim(low, high)
    axes.axis("off")
    for upper, lower in graph.edges:
        (x1, y1), (x2, y2) = places[upper], places[lower]
        axes.plot([x1, x2], [y1, y2], color=EDGE, lw=1.1, zorder=1, solid_capstyle="round")
    for name, (x, y) in places.items():
        data = graph.nodes[name]
        fill = MISSING if not data["reached"] else SINGULAR if data["singular"] else SMOOTH
        axes.text(
            x,
            y,
            name,
            ha="center",
            va="center",
            fontsize=9.5,
            color=INK if data["reached"] else "#78716c",
            style="normal" if data["reached"] else "italic",
            zorder=3,
            bbox={
                "boxstyle": "round,pad=0.42",
                "facecolor": fill,
                "edgecolor": BOUNDARY if data["boundary"] else EDGE,
                "linewidth": 1.7 if data["boundary"] else 0.9,
                "linestyle": "-" if data["reached"] else "--",
            },
        )
    for y, dimension in {(places[n][1], graph.nodes[n]["dimension"]) for n in graph}:
        axes.text(left + 0.3, y, f"{dimension}", ha="right", va="center", fontsize=9, color=EDGE)
    axes.text(left + 0.3, high - 0.12, "dim", ha="right", va="center", fontsize=8, color=EDGE)
    handles = [
        Patch(facecolor=SMOOTH, edgecolor=EDGE, label="smooth"),
        Patch(facecolor=SINGULAR, edgecolor=EDGE, label="singular"),
        Patch(facecolor="white", edgecolor=BOUNDARY, linewidth=1.7, label="boundary"),
        Patch(facecolor=MISSING, edgecolor=EDGE, linestyle="--", label="no real weights"),
    ]
    figure.legend(
        handles=handles, loc="lower center", ncol=4, frameon=False, fontsize=8.5, handlelength=1.3
    )
    heading = title if title is not None else _heading(network)
    figure.text(0.5, 0.985, heading, ha="center", va="top", fontsize=11, color=INK)
    if to is not None:
        save_figure(figure, to, dpi=200, bbox_inches="tight")
    return figure


def _heading(network: Architecture) -> str:
    many = "" if network.tokens > 1 else ", one token"
    return f"d = {network.d_in}, d′ = {network.d_out}, a = {network.ranks[0]}{many}"
