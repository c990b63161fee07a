"""Pictures with matplotlib: diagrams from soft to hard, Newton polytopes, lifted hulls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from algattn.errors import EngineNotFoundError, HypothesisError
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.cells import box_rows
from algattn.tropical.envelope import Envelope
from algattn.tropical.numbers import Row, to_float
from algattn.tropical.polyhedra import Polyhedron
from algattn.tropical.stack import read_box

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Calm colours that stay apart, also for most colour-blind readers.
PALETTE = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948",
    "#b07aa1", "#9c755f", "#ff9da7", "#86bcb6", "#8cd17d", "#d4a6c8",
)  # fmt: skip
INK = "#24292f"
SOFT = "#8c959f"


def pyplot() -> Any:
    """matplotlib, or a clear error."""
    try:
        import matplotlib.pyplot
    except ImportError:
        raise EngineNotFoundError(
            "draw a picture", "matplotlib is not installed", "pip install 'algattn[plot]'"
        ) from None
    return matplotlib.pyplot


def _planar(attention: TropicalAttention) -> None:
    if attention.dimension != 2:
        raise HypothesisError(
            "draw a planar picture",
            f"the queries have dimension {attention.dimension}",
            "restrict to a plane: attention.restrict(point, [u, v])",
        )


def colours(count: int) -> np.ndarray:
    """One colour for each key, as rows of red, green, blue."""
    table = []
    for i in range(count):
        code, turn = PALETTE[i % len(PALETTE)], i // len(PALETTE)
        rgb = np.array([int(code[k : k + 2], 16) / 255 for k in (1, 3, 5)])
        if turn:  # further rounds: paler, darker, paler, ...
            rgb = 0.5 * rgb + 0.5 if turn % 2 else rgb * 0.75
        table.append(rgb)
    return np.array(table)


def default_box(attention: TropicalAttention) -> list[tuple[int, int]]:
    """A square with integer corners around most vertices of the diagram."""
    envelope = Envelope(attention.dimension, attention.functions.rows)
    points = [[to_float(x) for x in v] for v in envelope.vertices] or [[0.0] * attention.dimension]
    table = np.array(points)
    center = np.median(table, axis=0)
    spread = np.abs(table - center).max(axis=1)
    half = max(1.0, 1.6 * float(np.quantile(spread, 0.75)))
    return [(int(np.floor(x - half)), int(np.ceil(x + half))) for x in center.tolist()]


def polygon(attention: TropicalAttention, row: int, walls: Sequence[Row]) -> np.ndarray:
    """The corners of a cell inside a box, in order; the cell is cut exactly."""
    rows = attention.functions.differences[row][0]
    corners = Polyhedron(2, (*walls, *rows)).vertices
    points = np.array([[to_float(x) for x in v] for v in corners]).reshape(len(corners), 2)
    if len(points) < 3:
        return points
    angles = np.arctan2(*(points - points.mean(axis=0)).T[::-1])
    return np.asarray(points[np.argsort(angles)])


def soft_image(
    attention: TropicalAttention, box: Sequence[Any], temperature: float, pixels: int = 360
) -> np.ndarray:
    """The mean colour of the keys under softmax, on a grid (floating point, for the eye)."""
    keys = np.array([[to_float(x) for x in k] for k in attention.keys])
    biases = np.array([to_float(b) for b in attention.biases])
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    x, y = np.meshgrid(np.linspace(x0, x1, pixels), np.linspace(y0, y1, pixels))
    scores = np.stack([x, y], axis=-1) @ keys.T + biases
    scores -= scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores / temperature)
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.asarray(weights @ colours(attention.size))


def _frame(axes: Any, box: Sequence[Any], title: str) -> None:
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    axes.set(xlim=(x0, x1), ylim=(y0, y1), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=SOFT, linewidth=0.8)
    axes.set_title(title, fontsize=11, color=INK)


def draw_diagram(
    axes: Any, attention: TropicalAttention, box: Any = None, *, sites: bool = True
) -> None:
    """The power diagram in given axes: cells, walls, sites and the number of each key."""
    _planar(attention)
    box = default_box(attention) if box is None else box
    walls = box_rows(2, read_box(box, 2) or [])
    palette, groups = colours(attention.size), attention.functions.groups
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    shown = np.array([[to_float(x) for x in k] for k in attention.keys])
    for row, group in enumerate(groups):
        corners = polygon(attention, row, walls)
        if len(corners) < 3:
            continue
        axes.fill(*corners.T, color=palette[group[0]], alpha=0.55, linewidth=0)
        axes.plot(*np.vstack([corners, corners[:1]]).T, color=INK, lw=1.1, solid_joinstyle="round")
        name, (x, y) = "=".join(map(str, group)), _centroid(corners)
        near = np.abs(shown - (x, y)).max(axis=1) < 0.04 * (x1 - x0)
        if sites and near.any():
            y += 0.07 * (y1 - y0)  # beside the dot, not on it
        axes.text(x, y, name, ha="center", va="center", fontsize=9, color=INK, zorder=5)
    if sites:
        inside = [(x0 <= x <= x1) and (y0 <= y <= y1) for x, y in shown]
        axes.scatter(
            *shown[inside].T, s=26, color=palette[inside], edgecolor=INK, linewidth=0.8, zorder=4
        )
    _frame(axes, box, "temperature 0: power diagram")


def _centroid(corners: np.ndarray) -> tuple[float, float]:
    x, y = corners.T
    nx, ny = np.roll(x, -1), np.roll(y, -1)
    cross = x * ny - nx * y
    area = cross.sum()
    if abs(area) < 1e-12:
        return float(x.mean()), float(y.mean())
    return float(((x + nx) * cross).sum() / (3 * area)), float(
        ((y + ny) * cross).sum() / (3 * area)
    )


def plot_temperatures(
    attention: TropicalAttention, temperatures: Sequence[float] = (4, 1, 0.25), box: Any = None
) -> Figure:
    """One head from soft to hard: the softmax mixture of colours, then the exact diagram.

    Parameters
    ----------
    attention : TropicalAttention
        In dimension 2.
    temperatures : sequence of positive numbers
    box : pair of (low, high), optional

    Returns
    -------
    matplotlib Figure
    """
    _planar(attention)
    box = default_box(attention) if box is None else box
    plt = pyplot()
    count = len(temperatures) + 1
    figure, axes = plt.subplots(1, count, figsize=(3.1 * count, 3.3), layout="constrained")
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    for panel, tau in zip(axes, temperatures, strict=False):
        image = 0.55 * soft_image(attention, box, float(tau)) + 0.45
        panel.imshow(image, origin="lower", extent=(x0, x1, y0, y1), interpolation="bilinear")
        _frame(panel, box, f"temperature {float(tau):g}")
    draw_diagram(axes[-1], attention, box)
    return figure  # type: ignore[no-any-return]


def plot_newton(attention: TropicalAttention, box: Any = None) -> Figure:
    """The tropical curve beside the dual subdivision of the Newton polytope.

    Every region of the plane is a vertex on the right, every wall an edge perpendicular to it,
    every vertex a cell.
    """
    _planar(attention)
    box = default_box(attention) if box is None else box
    plt = pyplot()
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
    draw_diagram(left, attention, box, sites=False)
    left.set_title("tropical curve and its regions", fontsize=11, color=INK)
    polynomial = attention.polynomial()
    subdivision = polynomial.subdivision()
    exponents = list(polynomial.terms)
    points = np.array([[to_float(x) for x in k] for k in exponents])
    first = {k: j for j, k in reversed(list(enumerate(attention.keys)))}
    number = [first[k] for k in exponents]
    palette = colours(attention.size)
    for cell in subdivision.cells:
        corners = points[sorted(cell)]
        if len(corners) < 3:
            continue
        hull = corners[np.argsort(np.arctan2(*(corners - corners.mean(axis=0)).T[::-1]))]
        right.fill(*hull.T, color="#eaeef2", linewidth=0, zorder=1)
    for i, j in subdivision.edges:
        right.plot(*points[[i, j]].T, color=INK, lw=1.1, zorder=2)
    used = [i for i in range(len(points)) if i not in subdivision.unused]
    unused = list(subdivision.unused)
    right.scatter(
        *points[used].T, s=150, color=palette[[number[i] for i in used]], edgecolor=INK,
        linewidth=0.9, zorder=3,
    )  # fmt: skip
    if unused:
        right.scatter(*points[unused].T, s=30, facecolor="white", edgecolor=SOFT, zorder=3)
    for i in used:
        right.text(*points[i], str(number[i]), ha="center", va="center", fontsize=8, zorder=4)
    right.set(aspect="equal", xticks=[], yticks=[])
    right.margins(0.12)
    for spine in right.spines.values():
        spine.set_visible(False)
    right.set_title("Newton polytope and its subdivision", fontsize=11, color=INK)
    return figure  # type: ignore[no-any-return]


def plot_lifted(attention: TropicalAttention) -> Figure:
    """The lifted keys ``(k_j, b_j)`` and their upper hull in space, with its shadow below."""
    _planar(attention)
    plt = pyplot()
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    points, cells, unused = lifted(attention)
    figure = plt.figure(figsize=(6.4, 5.4), layout="constrained")
    axes = figure.add_subplot(projection="3d")
    palette = colours(len(cells) or 1)
    floor = points[:, 2].min() - 0.35 * (np.ptp(points[:, 2]) or 1)
    for colour, cell in zip(palette, cells, strict=False):
        hull = points[cell]
        shadow = hull.copy()
        shadow[:, 2] = floor
        axes.add_collection3d(
            Poly3DCollection([hull], facecolor=(*colour, 0.75), edgecolor=INK, linewidth=0.8)
        )
        axes.add_collection3d(
            Poly3DCollection([shadow], facecolor=(*colour, 0.22), edgecolor=SOFT, linewidth=0.6)
        )
    used = [i for i in range(len(points)) if i not in unused]
    axes.scatter(*points[used].T, color=INK, s=18, depthshade=False)
    if unused:
        axes.scatter(*points[unused].T, color="white", edgecolor=SOFT, s=18, depthshade=False)
    axes.set(xlabel="$k_1$", ylabel="$k_2$", zlabel="$b$", zlim=(floor, points[:, 2].max()))
    axes.set_title("upper hull of the lifted keys, and its shadow", fontsize=11, color=INK)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.pane.set_facecolor("white")
        axis.pane.set_edgecolor("#d0d7de")
    axes.grid(False)
    axes.tick_params(labelsize=7, colors=SOFT)
    axes.view_init(elev=42, azim=-52)
    return figure  # type: ignore[no-any-return]


def lifted(attention: TropicalAttention) -> tuple[np.ndarray, list[list[int]], list[int]]:
    """Lifted keys as floats, the corners of each upper facet in order, and the unused keys."""
    polynomial = attention.polynomial()
    subdivision = polynomial.subdivision()
    points = np.array([[*map(to_float, k), to_float(b)] for k, b in polynomial.terms.items()])
    cells = []
    for cell in subdivision.cells:
        members = np.array(sorted(cell - set(subdivision.unused)))
        flat = points[members][:, :2]
        if len(members) < 3:
            continue
        order = np.argsort(np.arctan2(*(flat - flat.mean(axis=0)).T[::-1]))
        cells.append(members[order].tolist())
    return points, cells, list(subdivision.unused)
