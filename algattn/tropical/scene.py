"""What pictures of heads are made of: colours, boxes, corners of cells, places for labels.

Cells are cut exactly; then everything becomes floats, for the eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from algattn.errors import HypothesisError, InputError
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.cells import box_rows
from algattn.tropical.diagram import PowerDiagram
from algattn.tropical.head import Head
from algattn.tropical.multihead import MultiHead
from algattn.tropical.numbers import to_float
from algattn.tropical.polyhedra import Polyhedron
from algattn.tropical.stack import read_box
from algattn.words import quoted

#: Calm colours that stay apart, also for most colour-blind readers.
PALETTE = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948",
    "#b07aa1", "#9c755f", "#ff9da7", "#86bcb6", "#8cd17d", "#d4a6c8",
)  # fmt: skip
INK = "#24292f"
SOFT = "#8c959f"
#: How much of a colour stays on the white of the page.
TINT = 0.6
#: Pictures are drawn in floats; beyond this nothing would be seen.
_LARGE = 10**100


def colours(count: int) -> np.ndarray:
    """One colour for each key, as rows of red, green, blue.

    Beyond the palette: hues by the golden angle in OKLCH, with three degrees of lightness.
    """
    if count <= len(PALETTE):
        table = [[int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)] for c in PALETTE[:count]]
        return np.array(table).reshape(count, 3)
    i = np.arange(count)
    hue, light, chroma = np.radians(230 + 137.508 * i), 0.66 + 0.08 * (i % 3), 0.115
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    cone = np.stack(
        [
            light + 0.3963377774 * a + 0.2158037573 * b,
            light - 0.1055613458 * a - 0.0638541728 * b,
            light - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_linear = [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
    linear = np.clip(np.array(to_linear) @ cone**3, 0, 1).T
    gamma = 1.055 * linear ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear < 0.0031308, 12.92 * linear, gamma))


def tinted(colour: Any) -> np.ndarray:
    """A colour on paper: lighter by the share :data:`TINT`."""
    return np.clip(TINT * np.asarray(colour) + 1 - TINT, 0, 1)


def planar(attention: Head) -> None:
    """Refuse what is not in the plane."""
    if attention.dimension != 2:
        raise HypothesisError(
            "draw a planar picture",
            f"the queries have dimension {attention.dimension}",
            "restrict to a plane: attention.restrict(point, [u, v])",
        )


def default_box(attention: Head) -> list[tuple[int, int]]:
    """A square with integer corners around most vertices of the diagram."""
    vertices = PowerDiagram(attention).vertices
    points = [[float(x) for x in v] for v in vertices] or [[0.0] * attention.dimension]
    table = np.array(points)
    center = np.median(table, axis=0)
    spread = np.abs(table - center).max(axis=1)
    far = 1e-3 * float(np.abs(center).max(initial=0))
    half = max(1.0, far, 1.6 * float(np.quantile(spread, 0.75)))
    return [(int(np.floor(x - half)), int(np.ceil(x + half))) for x in center.tolist()]


@dataclass(frozen=True)
class Drawn:
    """A cell in the picture: its row among the scores, name, colour and corners in order."""

    row: int
    name: str
    colour: np.ndarray
    corners: np.ndarray


class Scene:
    """A head, or several heads together, in a box of the plane.

    Parameters
    ----------
    system : TropicalAttention, MultiHead or PowerDiagram
        In dimension 2.  Cells of several heads are named by tuples of keys.  A diagram counts as
        the one head of its sites.
    box : pair of (low, high), optional
        Around most vertices by default.
    """

    def __init__(self, system: Any, box: Any = None) -> None:
        names: Sequence[Any]
        if isinstance(system, MultiHead):
            if system.dimension != 2:
                planar(system.heads[0])
            diagram = system.diagram()
            self.attention, names, self.heads = diagram.attention, diagram.names, system.heads
        elif isinstance(system, PowerDiagram):
            self.attention, names, self.heads = system.attention, system.names, ()
        elif isinstance(system, TropicalAttention):
            self.attention, names, self.heads = system, range(system.size), ()
        else:
            raise InputError(
                "draw a planar picture", f"{quoted(system)} is no head", "give a head, or heads"
            )
        planar(self.attention)
        head = self.attention
        if any(abs(x) > _LARGE for row in (*head.keys, head.biases) for x in row):
            raise InputError(
                "draw a planar picture", f"a key or bias is above {_LARGE}", "use smaller units"
            )
        self.indices: tuple[Any, ...] = tuple(names)
        self.box = [(float(a), float(b)) for a, b in self._read(box)]
        self.groups = self.attention.functions.groups
        self.palette = colours(self.attention.size)

    def _read(self, box: Any) -> list[tuple[Any, Any]]:
        chosen = default_box(self.attention) if box is None else box
        if box is not None and any(isinstance(x, float) for side in box for x in side):
            chosen = [tuple(map(str, side)) for side in box]
        pairs = read_box(chosen, 2) or []
        self._rows = box_rows(2, pairs)
        return [(to_float(a), to_float(b)) for a, b in pairs]

    @property
    def size(self) -> float:
        """The longer side of the box."""
        return max(high - low for low, high in self.box)

    @cached_property
    def points(self) -> np.ndarray:
        """The keys as floats."""
        return np.array([[to_float(x) for x in k] for k in self.attention.keys])

    def name(self, row: int) -> str:
        """What a cell is called: the key, equal keys joined by =, or one key for each head."""
        found = (self.indices[j] for j in self.groups[row])
        return "=".join(",".join(map(str, i)) if isinstance(i, tuple) else str(i) for i in found)

    def colour(self, row: int) -> np.ndarray:
        """The colour of the first key that wins there."""
        return np.asarray(self.palette[self.groups[row][0]])

    @cached_property
    def cells(self) -> list[Drawn]:
        """The cells that show, cut by the box exactly."""
        out = []
        for row in range(len(self.groups)):
            rows = self.attention.functions.differences[row][0]
            corners = Polyhedron(2, (*self._rows, *rows)).vertices
            if len(corners) < 3:
                continue
            points = in_order(np.array([[to_float(x) for x in v] for v in corners]))
            out.append(Drawn(row, self.name(row), self.colour(row), points))
        return out

    def label(self, cell: Drawn, *, sites: bool) -> tuple[float, float, float]:
        """A place for the name of a cell, and how much room there is around it (share of the box).

        The centroid; where sites are shown, of points around it the one farthest from walls and
        sites.
        """
        center = centroid(cell.corners)
        if not sites:
            return float(center[0]), float(center[1]), _room(center, cell.corners) / self.size
        tries = [center, *(center + 0.35 * (corner - center) for corner in cell.corners)]
        rooms = [_room(p, cell.corners) for p in tries]
        away = [float(np.abs(self.points - p).max(axis=1).min()) for p in tries]
        best = int(np.argmax([min(r, a) for r, a in zip(rooms, away, strict=True)]))
        x, y = tries[best]
        return float(x), float(y), rooms[best] / self.size

    def temperatures(self) -> tuple[float, ...]:
        """Three temperatures from soft to nearly hard, by the gaps between scores in the box."""
        scores = np.sort(self._scores(self.attention, 40).reshape(-1, self.attention.size))
        if self.attention.size < 2:
            return (1.0, 0.25, 0.05)
        middle = float(np.median(scores[:, -1] - scores[:, -2])) or 1.0
        return tuple(float(f"{middle * share:.1g}") for share in (1.5, 0.4, 0.1))

    def _scores(self, head: Head, pixels: int) -> np.ndarray:
        (x0, x1), (y0, y1) = self.box
        x, y = np.meshgrid(np.linspace(x0, x1, pixels), np.linspace(y0, y1, pixels))
        keys = np.array([[to_float(x) for x in k] for k in head.keys])
        biases = np.array([to_float(b) for b in head.biases])
        return np.asarray(np.stack([x, y], axis=-1) @ keys.T + biases)

    def _weights(self, head: Head, temperature: float, pixels: int) -> np.ndarray:
        """Softmax weights on a grid, equal keys added up: one layer for each different score."""
        scores = self._scores(head, pixels)
        weights = np.exp((scores - scores.max(axis=-1, keepdims=True)) / temperature)
        weights /= weights.sum(axis=-1, keepdims=True)
        groups = head.functions.groups
        return np.stack([weights[..., list(g)].sum(axis=-1) for g in groups], axis=-1)

    def soft_image(self, temperature: float, pixels: int = 360) -> np.ndarray:
        """The mean colour under softmax, on a grid (floating point, for the eye).

        For several heads the weight of a tuple of keys is the product of its weights; tuples
        without a cell are grey.
        """
        shades = np.array([self.colour(row) for row in range(len(self.groups))])
        if not self.heads:
            return tinted(self._weights(self.attention, temperature, pixels) @ shades)
        parts = [self._weights(h, temperature, pixels) for h in self.heads]
        places = [{g[0]: i for i, g in enumerate(h.functions.groups)} for h in self.heads]
        mixed, left = np.zeros((pixels, pixels, 3)), np.ones((pixels, pixels, 1))
        for index, shade in zip(self.indices, self.palette, strict=True):
            weight = np.ones((pixels, pixels, 1))
            for part, place, key in zip(parts, places, index, strict=True):
                weight = weight * part[..., place[key], None]
            mixed, left = mixed + weight * shade, left - weight
        return tinted(mixed + left * 0.6)


def in_order(points: np.ndarray) -> np.ndarray:
    """The corners of a convex polygon, counterclockwise."""
    angles = np.arctan2(*(points - points.mean(axis=0)).T[1::-1])
    return np.asarray(points[np.argsort(angles)])


def centroid(corners: np.ndarray) -> np.ndarray:
    """The centre of mass of a polygon."""
    middle = corners.mean(axis=0)
    size = np.abs(corners - middle).max() or 1.0
    x, y = ((corners - middle) / size).T
    nx, ny = np.roll(x, -1), np.roll(y, -1)
    cross = x * ny - nx * y
    area = cross.sum()
    if abs(area) < 1e-12:
        return np.asarray(middle)
    moments = np.array([((x + nx) * cross).sum(), ((y + ny) * cross).sum()])
    return np.asarray(middle + size * moments / (3 * area))


def _room(point: np.ndarray, corners: np.ndarray) -> float:
    """The distance of a point inside a convex polygon from its sides."""
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.hypot(*sides.T)
    keep = lengths > 0
    away = sides[:, 0] * (point[1] - corners[:, 1]) - sides[:, 1] * (point[0] - corners[:, 0])
    return float(np.abs(away[keep] / lengths[keep]).min())


@dataclass(frozen=True)
class Hull:
    """Lifted keys as floats, and their upper hull.

    ``facets`` lists the corners of each upper facet in order, ``corners`` the vertex of the diagram
    that belongs to it; ``edges`` are the pairs beside a wall, ``unused`` the keys below the hull.
    ``keys`` names the key (its first number) of each point.
    """

    points: np.ndarray
    facets: list[list[int]]
    corners: list[tuple[Any, ...]]
    edges: np.ndarray
    unused: tuple[int, ...]
    keys: tuple[int, ...]

    @property
    def used(self) -> list[int]:
        return [i for i in range(len(self.points)) if i not in self.unused]


def lifted_hull(attention: Head) -> Hull:
    """The upper hull of the lifted keys ``(k_j, b_j)``."""
    polynomial = attention.polynomial()
    subdivision, terms = polynomial.subdivision(), list(polynomial.terms.items())
    points = np.array([[*map(to_float, k), to_float(b)] for k, b in terms])
    first: dict[Any, int] = {}
    for j, pair in enumerate(zip(attention.keys, attention.biases, strict=True)):
        first.setdefault(pair, j)
    facets, corners = [], []
    for cell, vertex in zip(subdivision.cells, polynomial.envelope.vertices, strict=True):
        members = np.array(sorted(cell - set(subdivision.unused)), dtype=int)
        if len(members) < 3:
            continue
        flat = points[members][:, :2]
        order = np.argsort(np.arctan2(*(flat - flat.mean(axis=0)).T[::-1]))
        facets.append(members[order].tolist())
        corners.append(vertex)
    return Hull(
        points,
        facets,
        corners,
        np.array(subdivision.edges, dtype=int).reshape(-1, 2),
        subdivision.unused,
        tuple(first[term] for term in terms),
    )


def facet_shades(hull: Hull) -> np.ndarray:
    """Grey-blue for each facet, lighter when it looks up."""
    out, scale = [], np.ptp(hull.points, axis=0)
    scale[scale == 0] = 1
    for facet in hull.facets:
        a, b, c = (hull.points[facet[i]] / scale for i in (0, 1, 2))
        normal = np.cross(b - a, c - a)
        size = np.linalg.norm(normal) or 1.0
        normal = normal * (np.sign(normal[2]) or 1.0) / size
        light = float(normal @ np.array([-0.35, -0.45, 0.82]))
        out.append(np.array([0.60, 0.68, 0.79]) + max(0.0, light) * np.array([0.33, 0.26, 0.18]))
    return np.array(out).reshape(len(out), 3)
