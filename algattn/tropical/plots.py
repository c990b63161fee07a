"""Pictures with matplotlib: diagrams from soft to hard, Newton polytopes, lifted hulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from algattn.errors import HypothesisError, InputError
from algattn.optional import need
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.numbers import to_float
from algattn.tropical.polyhedra import Polyhedron
from algattn.tropical.scene import (
    INK,
    PALETTE,
    SOFT,
    Scene,
    colours,
    facet_shades,
    in_order,
    lifted_hull,
    planar,
    tinted,
)
from algattn.tropical.stack import Piece, Stack, read_box

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "INK",
    "PALETTE",
    "SOFT",
    "colours",
    "draw_diagram",
    "draw_stack",
    "plot_lifted",
    "plot_newton",
    "plot_temperatures",
    "pyplot",
]


def pyplot() -> Any:
    """matplotlib, or a clear error."""
    return need("matplotlib.pyplot", "draw a picture")


def _halo() -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2.2, foreground="white", alpha=0.75)]


def _frame(axes: Any, scene: Scene, title: str) -> None:
    axes.set(xlim=scene.box[0], ylim=scene.box[1], aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=SOFT, linewidth=0.8)
    axes.set_title(title, fontsize=11, color=INK)


def _walls(axes: Any, scene: Scene, colour: str, width: float) -> None:
    """The outlines of the cells; on the border of the box the frame covers them."""
    for cell in scene.cells:
        closed = np.vstack([cell.corners, cell.corners[:1]])
        axes.plot(*closed.T, color=colour, lw=width, solid_joinstyle="round", zorder=3)


def draw_diagram(axes: Any, system: Any, box: Any = None, *, sites: bool = True) -> None:
    """The power diagram in given axes: cells, walls, sites and the name of each cell.

    Parameters
    ----------
    axes : matplotlib Axes
    system : TropicalAttention, MultiHead or PowerDiagram
        In dimension 2.
    box : pair of (low, high), optional
    sites : bool
        Show the keys that are in the box (never for several heads).
    """
    scene = Scene(system, box)
    sites = sites and not scene.heads
    for cell in scene.cells:
        axes.fill(*cell.corners.T, color=tinted(cell.colour), linewidth=0, zorder=1)
    _walls(axes, scene, INK, 1.0)
    for cell in scene.cells:
        x, y, room = scene.label(cell, sites=sites)
        axes.text(
            x, y, cell.name, ha="center", va="center", color=INK, zorder=5, path_effects=_halo(),
            fontsize=9 if room > max(0.024, 0.014 * len(cell.name)) else 6.5,
        )  # fmt: skip
    if sites:
        (x0, x1), (y0, y1) = scene.box
        x, y = scene.points.T
        inside = (x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)
        axes.scatter(
            *scene.points[inside].T, s=22, color=scene.palette[inside], edgecolor=INK,
            linewidth=0.8, zorder=4,
        )  # fmt: skip
    _frame(axes, scene, "temperature 0")


def plot_temperatures(
    system: Any, temperatures: Sequence[float] | None = None, box: Any = None
) -> Figure:
    """From soft to hard: the softmax mixture of colours, then the exact diagram.

    Parameters
    ----------
    system : TropicalAttention, MultiHead or PowerDiagram
        In dimension 2.
    temperatures : sequence of positive numbers, optional
        By default three that suit the gaps between the scores.
    box : pair of (low, high), optional

    Returns
    -------
    matplotlib Figure
    """
    scene = Scene(system, box)
    steps = scene.temperatures() if temperatures is None else [float(t) for t in temperatures]
    if not all(t > 0 for t in steps):
        raise InputError("draw temperatures", f"they are {steps}", "use positive numbers")
    plt = pyplot()
    count = len(steps) + 1
    figure, axes = plt.subplots(
        1, count, figsize=(3.1 * count, 3.4), layout="constrained", squeeze=False
    )
    for panel, tau in zip(axes[0], steps, strict=False):
        panel.imshow(
            scene.soft_image(tau), origin="lower", extent=(*scene.box[0], *scene.box[1]),
            interpolation="bilinear",
        )  # fmt: skip
        _walls(panel, scene, "white", 0.6)
        _frame(panel, scene, f"temperature {tau:g}")
    draw_diagram(axes[0][-1], system, box)
    return figure  # type: ignore[no-any-return]


def draw_stack(axes: Any, stack: Stack, box: Any) -> None:
    """The cells of a stack in given axes: colours are affine maps, later layers have finer lines.

    Parameters
    ----------
    axes : matplotlib Axes
    stack : Stack
        In dimension 2; restrict a larger one to a plane.
    box : pair of (low, high)
    """
    if stack.dimension != 2:
        raise HypothesisError(
            "draw the cells of a stack",
            f"the input has dimension {stack.dimension}",
            "restrict to a plane: stack.restrict(point, [u, v])",
        )
    depth = len(stack.layers)
    pieces = stack.cells(box=box)
    places = {shape: i for i, shape in enumerate(dict.fromkeys(p.map for p in pieces))}
    palette = tinted(colours(len(places)))
    for piece in pieces:
        axes.fill(*_outline(piece).T, color=palette[places[piece.map]], linewidth=0, zorder=1)
    for level in range(1, depth + 1):
        found = (
            pieces if level == depth else Stack(stack.layers[:level], stack.entry).cells(box=box)
        )
        width = 1.8 * 0.45 ** (level - 1)
        for piece in found:
            corners = _outline(piece)
            closed = np.vstack([corners, corners[:1]])
            axes.plot(*closed.T, color=INK, lw=width, solid_joinstyle="round", zorder=3)
    (x0, x1), (y0, y1) = [(to_float(a), to_float(b)) for a, b in read_box(box, 2) or []]
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=SOFT, linewidth=0.8)
    layers = "1 layer" if depth == 1 else f"{depth} layers"
    axes.set_title(f"{layers}: {len(pieces)} cells, {len(places)} maps", fontsize=11, color=INK)


def _outline(piece: Piece) -> np.ndarray:
    """The corners of a cell in the plane, in order."""
    rows = tuple(piece.region.program.rows) if piece.region is not None else ()
    return in_order(np.array([[to_float(x) for x in v] for v in Polyhedron(2, rows).vertices]))


def plot_newton(attention: TropicalAttention, box: Any = None) -> Figure:
    """The tropical curve beside the dual subdivision of the Newton polytope.

    Every region of the plane is a vertex on the right, every wall an edge perpendicular to it,
    every vertex a cell.
    """
    planar(attention)
    scene, hull = Scene(attention, box), lifted_hull(attention)
    plt = pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
    draw_diagram(left, attention, box, sites=False)
    diagram = attention.diagram()
    if not diagram.lines:
        corners = np.array([[float(x) for x in v] for v in diagram.vertices])
        left.scatter(*corners.T, s=14, color=INK, zorder=4)
    left.set_title("tropical curve and its regions", fontsize=11, color=INK)
    flat = hull.points[:, :2]
    for facet in hull.facets:
        right.fill(*in_order(flat[facet]).T, color="#eef1f5", linewidth=0, zorder=1)
    for pair in hull.edges:
        right.plot(*flat[pair].T, color=INK, lw=1.0, zorder=2)
    used, crowded = hull.used, len(hull.points) > 14
    shades = tinted(scene.palette[[hull.keys[i] for i in used]])
    right.scatter(
        *flat[used].T, s=120 if crowded else 190, color=shades, edgecolor=INK, linewidth=0.9,
        zorder=3,
    )  # fmt: skip
    if hull.unused:
        right.scatter(*flat[list(hull.unused)].T, s=26, facecolor="white", edgecolor=SOFT, zorder=3)
    for i in used:
        size = 6.5 if crowded else 8.5
        right.text(*flat[i], str(hull.keys[i]), ha="center", va="center", fontsize=size, zorder=4)
    right.set(aspect="equal", xticks=[], yticks=[])
    right.margins(0.12)
    for spine in right.spines.values():
        spine.set_visible(False)
    right.set_title("Newton polytope and its subdivision", fontsize=11, color=INK)
    return figure  # type: ignore[no-any-return]


def plot_lifted(attention: TropicalAttention) -> Figure:
    """The lifted keys ``(k_j, b_j)`` and their upper hull in space, with its shadow below."""
    planar(attention)
    plt = pyplot()
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    hull, palette = lifted_hull(attention), colours(attention.size)
    points, used = hull.points, hull.used
    height = float(np.ptp(points[:, 2])) or 1.0
    floor = float(points[:, 2].min()) - 0.45 * height
    flat = points.copy()
    flat[:, 2] = floor
    figure = plt.figure(figsize=(6.4, 5.2))
    axes = figure.add_axes((0.02, 0.0, 0.93, 0.95), projection="3d", computed_zorder=False)
    if hull.facets:
        shadow = [flat[facet] for facet in hull.facets]
        axes.add_collection3d(Poly3DCollection(shadow, facecolor="#eef1f5", edgecolor=SOFT, lw=0.7))
    if len(used) <= 16:
        drops = np.stack([points[used], flat[used]], axis=1)
        _segments(axes, drops, colors=SOFT, lw=0.6, ls=":", zorder=1)
    if hull.facets:
        upper, shades = [points[facet] for facet in hull.facets], facet_shades(hull)
        axes.add_collection3d(
            Poly3DCollection(upper, facecolor=shades, edgecolor=INK, lw=0.9, zorder=2)
        )
    else:
        _segments(axes, points[hull.edges], colors=INK, lw=0.9, zorder=2)
    axes.scatter(
        *points[used].T,
        color=palette[[hull.keys[i] for i in used]],
        edgecolor=INK,
        s=34,
        depthshade=False,
        zorder=4,
    )
    if hull.unused:
        low = points[list(hull.unused)]
        axes.scatter(*low.T, color="white", edgecolor=SOFT, s=16, depthshade=False, zorder=1)
    for i in used:
        x, y, z = points[i]
        axes.text(
            x, y, z + 0.06 * height, str(hull.keys[i]), fontsize=8, color=INK, ha="center",
            va="bottom", path_effects=_halo(), zorder=5,
        )  # fmt: skip
    _space(axes, points, floor, height)
    figure.suptitle("upper hull of the lifted keys, and its shadow", fontsize=11, color=INK)
    return figure  # type: ignore[no-any-return]


def _segments(axes: Any, pairs: np.ndarray, **style: Any) -> None:
    from mpl_toolkits.mplot3d.art3d import Line3DCollection

    if len(pairs):
        axes.add_collection3d(Line3DCollection(pairs, **style))


def _space(axes: Any, points: np.ndarray, floor: float, height: float) -> None:
    """Quiet axes around a picture in space."""
    from matplotlib.ticker import MaxNLocator

    for limit, column in ((axes.set_xlim, points[:, 0]), (axes.set_ylim, points[:, 1])):
        room = 0.05 * (float(np.ptp(column)) or 1.0)
        limit(float(column.min()) - room, float(column.max()) + room)
    axes.set_zlim(floor, float(points[:, 2].max()) + 0.1 * height)
    for axis, name in ((axes.xaxis, "$k_1$"), (axes.yaxis, "$k_2$"), (axes.zaxis, "$b$")):
        axis.set_label_text(name, color=INK)
        axis.set_major_locator(MaxNLocator(4, integer=True))
        axis.pane.set_facecolor("white")
        axis.pane.set_edgecolor("#e6eaef")
        axis.line.set_color("#c7ced6")
    axes.grid(False)
    axes.tick_params(labelsize=7, colors=SOFT)
    axes.set_box_aspect((1, 1, 0.8), zoom=0.95)
    axes.view_init(elev=44, azim=-58)
