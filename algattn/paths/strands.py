"""Drawing paths: heads as nodes, paths as strands through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from algattn.errors import InputError
from algattn.optional import need
from algattn.paths.shape import PathShape, path_name
from algattn.words import one_of

INK, GREY, LIGHT = "#24292f", "#6e7781", "#d0d7de"
PALETTE = ("#0969da", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#1b7c83", "#57606a")
MAX_STRANDS = 64


def axes_of(ax: Any, size: tuple[float, float]) -> Any:
    plt = need("matplotlib.pyplot", "draw a picture")
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def clean(ax: Any) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(colors=GREY, labelcolor=INK)


def draw_strands(
    shape: PathShape,
    data: Mapping[str, Sequence[Any]],
    *,
    ax: Any = None,
    weight: Sequence[float] | str | None = None,
) -> Any:
    """Heads as nodes, paths as strands from input to readout, as wide as their weight.

    Raises
    ------
    InputError
        For more than 64 paths, or an unknown name of per-path data.
    """
    paths = shape.paths()
    if len(paths) > MAX_STRANDS:
        raise InputError("draw paths", f"{len(paths)} are too many", "draw a smaller network")
    if isinstance(weight, str):
        weight = data[one_of(weight, data, "draw paths", "weight")]
    sizes = np.ones(len(paths)) if weight is None else np.abs(np.asarray(weight, dtype=float))
    widths = (
        1.0 + 7.0 * sizes / max(float(sizes.max()), 1e-300) if weight is not None else 2.4 * sizes
    )
    ax = axes_of(ax, (1.9 * (shape.depth + 2), 0.9 * max((*shape.heads, 2)) + 0.6))
    place: dict[Any, tuple[float, float]] = {"input": (0, 0), "readout": (shape.depth + 1, 0)}
    for layer, n in enumerate(shape.heads):
        for h in range(n):
            place[layer + 1, h] = (layer + 1, (n - 1) / 2 - h)
    t = np.linspace(0, 1, 40)
    bend = t * t * (3 - 2 * t)
    spread = np.linspace(0.14, -0.14, len(paths)) if len(paths) > 1 else np.zeros(1)
    fan = 0.25 + 0.75 * np.sin(np.pi * t)  # strands meet at the heads, and part between them
    for k, path in enumerate(paths):
        stops = ["input", *((layer + 1, h) for layer, h in enumerate(path)), "readout"]
        xs, ys = [], []
        for a, b in pairwise(stops):
            (x0, y0), (x1, y1) = place[a], place[b]
            xs.append(x0 + (x1 - x0) * t)
            ys.append(y0 + (y1 - y0) * bend + spread[k] * fan)
        ax.plot(
            np.concatenate(xs),
            np.concatenate(ys),
            color=PALETTE[k % len(PALETTE)],
            lw=widths[k],
            alpha=0.75,
            solid_capstyle="butt",
            label=path_name(path),
            zorder=1,
        )
    for node, (x, y) in place.items():
        text = node if isinstance(node, str) else f"head {node[1] + 1}"
        ax.text(
            x,
            y,
            text,
            ha="center",
            va="center",
            fontsize=9,
            color=INK,
            zorder=3,
            bbox={"boxstyle": "round,pad=0.45", "fc": "white", "ec": INK, "lw": 1.0},
        )
    ax.set_xlim(-0.45, shape.depth + 1.45)
    top = (max((*shape.heads, 2)) - 1) / 2
    ax.set_ylim(-top - 0.5, top + 0.75)
    for layer in range(shape.depth):
        ax.text(layer + 1, top + 0.5, f"layer {layer + 1}", ha="center", color=GREY, fontsize=9)
    ax.axis("off")
    if 1 < len(paths) <= 8:
        legend = ax.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, 0.05),
            ncols=min(len(paths), 4),
            frameon=False,
            fontsize=9,
            labelcolor=INK,
        )
        for line in legend.get_lines():
            line.set_linewidth(3.0)
    return ax
