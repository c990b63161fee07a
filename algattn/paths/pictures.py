"""Pictures: accuracy against width, order parameters, overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from algattn.optional import need
from algattn.paths.arrays import Floats
from algattn.paths.graph import Paths
from algattn.paths.strands import INK, LIGHT, PALETTE, axes_of, clean

if TYPE_CHECKING:
    from algattn.paths.experiment import Sweep


def draw_paths(paths: Paths, *, ax: Any = None, weight: Sequence[float] | str | None = None) -> Any:
    """See :meth:`Paths.draw`."""
    return paths.draw(ax, weight=weight)


def draw_sweep(sweep: Sweep, *, ax: Any = None) -> Any:
    """Accuracy against width, with infinite-width baselines as lines named at their ends.

    The band is one standard error of an accuracy measured on that many test inputs.
    """
    ax = axes_of(ax, (6.2, 3.8))
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
    clean(ax)
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
    ax = axes_of(ax, (3.4, 3.2))
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
    ax = axes_of(ax, (6.2, 3.2))
    step = 0.8 / max(len(overlaps), 1)
    for k, (name, values) in enumerate(overlaps.items()):
        x = np.arange(1, len(values) + 1) + (k - (len(overlaps) - 1) / 2) * step
        ax.bar(x, values, width=step * 0.9, color=PALETTE[k % len(PALETTE)], label=name)
    ax.set_xlabel("principal component of the training kernel", color=INK)
    ax.set_ylabel(r"$|v_k \cdot Y| / \sqrt{P}$", color=INK)
    ax.legend(frameon=False, fontsize=9, labelcolor=INK)
    clean(ax)
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
