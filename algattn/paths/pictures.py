"""Pictures: paths through the heads, accuracy against width, order parameters, overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from algattn.errors import InputError
from algattn.optional import need
from algattn.paths.arrays import Floats
from algattn.paths.shape import path_name
from algattn.words import one_of

if TYPE_CHECKING:
    from algattn.paths.experiment import Sweep
    from algattn.paths.graph import Paths

INK, GREY, LIGHT = "#24292f", "#6e7781", "#d0d7de"
PALETTE = ("#0969da", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#bf3989", "#1b7c83", "#57606a")
MAX_STRANDS = 64


def _axes(ax: Any, size: tuple[float, float]) -> Any:
    plt = need("matplotlib.pyplot", "draw a picture")
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def _clean(ax: Any) -> None:
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(GREY)
    ax.tick_params(colors=GREY, labelcolor=INK)


def draw_paths(paths: Paths, *, ax: Any = None, weight: Sequence[float] | str | None = None) -> Any:
    """Heads as nodes, paths as strands from input to readout, as wide as their weight.

    Raises
    ------
    InputError
        For more than 64 paths, or an unknown name of per-path data.
    """
    shape = paths.shape
    if len(paths) > MAX_STRANDS:
        raise InputError("draw paths", f"{len(paths)} are too many", "draw a smaller network")
    if isinstance(weight, str):
        weight = paths.data[one_of(weight, paths.data, "draw paths", "weight")]
    sizes = np.ones(len(paths)) if weight is None else np.abs(np.asarray(weight, dtype=float))
    widths = (
        1.0 + 7.0 * sizes / max(float(sizes.max()), 1e-300) if weight is not None else 2.4 * sizes
    )
    ax = _axes(ax, (1.9 * (shape.depth + 2), 0.9 * max((*shape.heads, 2)) + 0.6))
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


def draw_sweep(sweep: Sweep, *, ax: Any = None) -> Any:
    """Accuracy against width, with infinite-width baselines as lines named at their ends.

    The band is one standard error of an accuracy measured on that many test inputs.
    """
    ax = _axes(ax, (6.2, 3.8))
    ax.plot(
        sweep.widths, sweep.accuracies, "o-", color=INK, lw=2, ms=6, zorder=3, label="finite width"
    )
    accuracies, errors = np.array(sweep.accuracies), np.array(sweep.errors)
    ax.fill_between(
        sweep.widths, accuracies - errors, accuracies + errors, color=LIGHT, lw=0, zorder=0
    )
    left, right = min(sweep.widths), max(sweep.widths)
    heights = _apart(list(sweep.baselines.values()), 0.011)
    for k, ((name, value), y) in enumerate(zip(sweep.baselines.items(), heights, strict=True)):
        colour = PALETTE[k % len(PALETTE)]
        ax.axhline(value, color=colour, lw=1.4, ls=(0, (5, 3)), zorder=1)
        ax.annotate(
            rf"$N=\infty$, {name}",
            (1.0, y),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            color=colour,
            fontsize=9,
            va="center",
        )
    ax.set_xscale("log")
    ax.set_xlim(left / 1.3, right * 1.3)
    ax.set_xticks(sweep.widths, [str(n) for n in sweep.widths])
    ax.minorticks_off()
    ax.set_xlabel("width $N$", color=INK)
    ax.set_ylabel("test accuracy", color=INK)
    ax.set_title(sweep.title, fontsize=10, color=INK, loc="left")
    _clean(ax)
    return ax


def _apart(values: list[float], gap: float) -> list[float]:
    """The same heights, moved apart just enough to be read."""
    order = sorted(range(len(values)), key=lambda k: values[k])
    out = list(values)
    for below, above in pairwise(order):
        out[above] = max(out[above], out[below] + gap)
    return out


def draw_order_parameter(
    U: Floats, paths: Paths, *, ax: Any = None, title: str = "", limit: float | None = None
) -> Any:
    """U as a matrix of colours: red positive, blue negative, with its numbers when small."""
    ax = _axes(ax, (3.4, 3.2))
    top = 1.25 * float(np.abs(U).max()) if limit is None else limit
    ax.imshow(U, cmap="RdBu_r", vmin=-top, vmax=top)
    names = [paths.name(k) for k in range(len(paths))]
    if len(paths) <= 8:
        ax.set_xticks(range(len(names)), names, fontsize=8)
        ax.set_yticks(range(len(names)), names, fontsize=8)
        for i in range(len(U)):
            for j in range(len(U)):
                dark = abs(U[i, j]) > 0.55 * top
                ax.text(
                    j,
                    i,
                    f"{U[i, j]:z.2f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else INK,
                )
    else:
        ax.set_xticks([])
        ax.set_yticks([])
    ax.tick_params(length=0, labelcolor=INK)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title(title, fontsize=10, color=INK)
    return ax


def draw_overlaps(overlaps: Mapping[str, Sequence[float]], *, ax: Any = None) -> Any:
    """Kernel-task overlap of the leading components, one stem for each kernel."""
    ax = _axes(ax, (6.2, 3.2))
    step = 0.8 / max(len(overlaps), 1)
    for k, (name, values) in enumerate(overlaps.items()):
        x = np.arange(1, len(values) + 1) + (k - (len(overlaps) - 1) / 2) * step
        ax.bar(x, values, width=step * 0.9, color=PALETTE[k % len(PALETTE)], label=name)
    ax.set_xlabel("principal component of the training kernel", color=INK)
    ax.set_ylabel(r"$|v_k \cdot Y| / \sqrt{P}$", color=INK)
    ax.legend(frameon=False, fontsize=9, labelcolor=INK)
    _clean(ax)
    return ax


def sweep_picture(sweep: Sweep) -> Any:
    """The figure of :func:`draw_sweep`, made without a window."""
    need("matplotlib", "draw a picture")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.4, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    draw_sweep(sweep, ax=figure.add_subplot())
    return figure
