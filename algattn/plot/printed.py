"""A scene for print, with matplotlib."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import Any

import numpy as np

from algattn.optional import need
from algattn.plot.scene import (
    BOUNDARY,
    FIXED_Q,
    FIXED_S,
    INK,
    MISSING,
    POINT,
    SINGULAR,
    Scene,
)


def draw(scene: Scene, *, elevation: float = 22, azimuth: float = -58) -> Any:
    """The scene as a matplotlib figure."""
    need("matplotlib", "draw a slice")
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch as Swatch

    figure = Figure(figsize=(6.4, 7.0), facecolor="white")
    axes: Any = figure.add_axes((0.0, 0.16, 1.0, 0.80), projection="3d", computed_zorder=False)
    axes.view_init(elev=elevation, azim=azimuth)
    legend: list[Any] = []
    for patch in scene.patches:
        axes.plot_surface(
            patch.x,
            patch.y,
            patch.z,
            color=patch.colour,
            alpha=0.42 if patch.reached else 0.55,
            linewidth=0,
            antialiased=True,
            shade=True,
            rcount=60,
            ccount=60,
            zorder=1,
        )
    for lines, colour, name in (
        (scene.fixed_s, FIXED_S, "ruling: same form s, query q moves"),
        (scene.fixed_q, FIXED_Q, "ruling: same query q, form s moves"),
    ):
        _with_depth(axes, lines, colour, 1.0, (elevation, azimuth), 2)
        if lines:
            legend.append(Line2D([], [], color=colour, lw=1.4, label=name))
    strong = 2.6 if scene.fixed_s else 0.8
    _with_depth(axes, scene.boundary, BOUNDARY, strong, (elevation, azimuth), 3)
    if scene.boundary:
        legend.append(Line2D([], [], color=BOUNDARY, lw=2.4, label="boundary: s = ±(k·x)²"))
    if any(not p.reached for p in scene.patches):
        legend.append(Swatch(color=MISSING, label="in the closure, no real weights"))
    for p in scene.singular:
        axes.scatter(*p, s=60, color=SINGULAR, edgecolor="white", zorder=5, depthshade=False)
        legend.append(
            Line2D([], [], color=SINGULAR, marker="o", ls="", label="singular: the zero function")
        )
    for name, p in scene.weights.items():
        axes.scatter(*p, s=55, color=POINT, edgecolor="white", zorder=6, depthshade=False)
        axes.text(*(p + np.array([0.12, 0.0, 0.12])), name, color=INK, fontsize=9, zorder=7)
    for text, place in scene.notes:
        axes.text(*place, text, color=INK, fontsize=9, ha="center", style="italic", zorder=7)
    _frame(axes, scene)
    if scene.title:
        figure.text(0.5, 0.955, scene.title, ha="center", fontsize=13, color=INK)
    figure.legend(
        handles=legend,
        loc="lower center",
        bbox_to_anchor=(0.5, 0.105),
        ncol=2,
        frameon=False,
        fontsize=8.5,
        handlelength=1.6,
    )
    figure.text(
        0.5,
        0.085,
        "\n".join(textwrap.wrap(scene.caption, 92)),
        ha="center",
        va="top",
        fontsize=8,
        color=INK,
    )
    return figure


def _with_depth(
    axes: Any, lines: list[Any], colour: str, width: float, view: tuple[float, float], order: int
) -> None:
    """Straight lines that fade towards the back."""
    from matplotlib.colors import to_rgb
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    if not lines:
        return
    up, turn = np.radians(view)
    eye = np.array([np.cos(up) * np.cos(turn), np.cos(up) * np.sin(turn), np.sin(up)])
    s = np.linspace(0, 1, 25)[:, None]
    paths = [line[0] + s * (line[-1] - line[0]) for line in lines]
    pieces = [np.stack(pair) for path in paths for pair in pairwise(path)]
    depth = np.array([piece.mean(axis=0) @ eye for piece in pieces])
    near = (depth - depth.min()) / max(float(np.ptp(depth)), 1e-9)
    colours = [(*to_rgb(colour), 0.16 + 0.8 * n) for n in near]
    axes.add_collection3d(
        Line3DCollection(pieces, colors=colours, linewidths=width, zorder=order, capstyle="butt")
    )


def _frame(axes: Any, scene: Scene) -> None:
    points = [np.stack([p.x, p.y, p.z]).reshape(3, -1) for p in scene.patches]
    cloud = np.concatenate(points, axis=1)
    for n, (name, setter) in enumerate(
        zip("xyz", (axes.set_xlim, axes.set_ylim, axes.set_zlim), strict=True)
    ):
        size = float(np.abs(cloud[n]).max())
        setter(-size, size)
        getattr(axes, f"set_{name}label")(name, color=INK, labelpad=-6, style="italic")
    axes.set_box_aspect(tuple(float(np.abs(c).max()) for c in cloud), zoom=1.08)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color((1, 1, 1, 0))
        axis.line.set_color("#9ca3af")
        axis._axinfo["grid"].update(color="#e5e7eb", linewidth=0.6)
        axis.set_major_locator(_ticks())
    axes.tick_params(colors="#6b7280", labelsize=7, pad=-2)


def _ticks() -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(5, integer=True)
