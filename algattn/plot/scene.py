"""From the exact slice to curves and patches: rulings, squares, marked points."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from algattn.errors import HypothesisError
from algattn.exact import QQ, Matrix
from algattn.exact.numerals import nearest_float
from algattn.plot.sections import Slice

INK, PAPER = "#1f2937", "#ffffff"
REACHED, MISSING, EDGE = "#8fb8de", "#d6d3d1", "#e9a3ac"
FIXED_Q, FIXED_S = "#1d4e89", "#c2570c"
BOUNDARY, SINGULAR, POINT = "#b3122a", "#6d28d9", "#0b0f19"

Array = Any


@dataclass
class Patch:
    """A piece of surface as a grid of points, and whether real weights reach it."""

    x: Array
    y: Array
    z: Array
    reached: bool
    edge: bool = False  # the whole patch is boundary

    @property
    def colour(self) -> str:
        return EDGE if self.edge else REACHED if self.reached else MISSING


@dataclass
class Scene:
    """Everything to draw, in floating point."""

    caption: str
    title: str
    reach: float
    patches: list[Patch] = field(default_factory=list)
    fixed_q: list[Array] = field(default_factory=list)
    fixed_s: list[Array] = field(default_factory=list)
    boundary: list[Array] = field(default_factory=list)
    singular: list[Array] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    notes: list[tuple[str, Array]] = field(default_factory=list)

    @staticmethod
    def of(cut: Slice, reach: float, title: str | None) -> Scene:
        """Curves and patches of a slice.

        Raises
        ------
        HypothesisError
            When the function space meets the slice in less than a surface.
        """
        rows = _coefficients(cut)
        scene = Scene(cut.caption, title or "", reach)
        if not cut.equations:
            _forms(scene, rows)
        else:
            _quadric(scene, rows)
        scene.weights = {
            name: np.array([nearest_float(c) for c in p]) for name, p in cut.points.items()
        }
        _mark_zero(scene, rows)
        return scene


def _coefficients(cut: Slice) -> Array:
    """The 3 x 2 matrix of affine functions: entry (i, k, :) is (x, y, z, 1)-coefficients."""
    out = np.zeros((3, 2, 4))
    place = {(0, 0): 0, (0, 1): 1, (1, 1): 2}
    for (_, i, j, k), p in cut.entries.items():
        for exponents, c in p.terms():
            n = exponents.index(1) if any(exponents) else 3
            out[place[i, j], k, n] = nearest_float(c)
    return out


def _line(equations: Array, reach: float) -> Array | None:
    """The part of the line with two affine equations in the box; None: it misses the box.

    The box is ``|z| <= reach``, ``|x|, |y| <= 1.5 reach``.
    """
    normal, constant = equations[:, :3], equations[:, 3]
    direction = np.cross(normal[0], normal[1])
    length = np.linalg.norm(direction)
    if length < 1e-9:
        return None
    direction = direction / length
    base = np.linalg.lstsq(normal, -constant, rcond=None)[0]
    first, last = -np.inf, np.inf
    for x, step, size in zip(base, direction, reach * np.array([1.5, 1.5, 1]), strict=True):
        if abs(step) > 1e-12:
            low, high = sorted(((-size - x) / step, (size - x) / step))
            first, last = max(first, low), min(last, high)
        elif abs(x) > size:
            return None
    return np.array([base + e * direction for e in (first, last)]) if first < last else None


def _quadric(scene: Scene, rows: Array) -> None:
    flat = Matrix(QQ, [[_exact(c) for c in row.ravel()] for row in rows])
    _, pivots = flat.T.rref()
    if len(pivots) != 2:
        raise HypothesisError(
            "draw a slice",
            "the function space meets it in a curve or less",
            "let the rows of c (x1^2, x1 x2, x2^2) span only two, or fix y1 or y2",
        )
    # rows = B @ chosen, with B 3 x 2
    chosen = rows[pivots]
    table = np.array([r.ravel() for r in chosen]).T
    B = np.linalg.lstsq(table, np.array([r.ravel() for r in rows]).T, rcond=None)[0].T

    def discriminant(angle: float) -> float:
        a, b, c = B @ np.array([np.cos(angle), np.sin(angle)])
        return float(b * b - 4 * a * c)

    def with_form(angle: float) -> Array | None:
        return _line(-np.sin(angle) * chosen[0] + np.cos(angle) * chosen[1], scene.reach)

    def with_query(angle: float) -> Array | None:
        return _line(-np.sin(angle) * chosen[:, 0] + np.cos(angle) * chosen[:, 1], scene.reach)

    edges = _roots(B)
    cuts = sorted({0.0, np.pi, *edges})
    for first, last in pairwise(cuts):
        if last - first < 1e-9:
            continue
        angles = np.linspace(first, last, max(8, int(360 * (last - first) / np.pi)))
        reached = discriminant((first + last) / 2) >= 0
        s = np.linspace(0, 1, 40)
        for met, group in groupby(map(with_form, angles), lambda line: line is not None):
            lines = _aligned([line for line in group if line is not None])
            if met and len(lines) > 1:
                grid = np.array([line[0] + np.outer(s, line[1] - line[0]) for line in lines])
                scene.patches.append(Patch(grid[..., 0], grid[..., 1], grid[..., 2], reached))
    if not scene.patches:
        raise HypothesisError(
            "draw a slice",
            f"the function space misses the box, reach {scene.reach:g}",
            "raise reach",
        )
    count = 18
    for n in range(count):
        for make, family in ((with_form, scene.fixed_s), (with_query, scene.fixed_q)):
            line = make((n + 0.5) * np.pi / count)
            if line is not None:
                family.append(line)
    for angle in edges:
        line = with_form(angle)
        if line is not None:
            scene.boundary.append(line)


def _aligned(lines: list[Array]) -> list[Array]:
    """Lines with their ends in the same order, so that neighbours make a patch."""
    out = lines[:1]
    for line in lines[1:]:
        straight = np.linalg.norm(line - out[-1])
        out.append(line if straight <= np.linalg.norm(line[::-1] - out[-1]) else line[::-1])
    return out


def _exact(c: float) -> Any:
    from fractions import Fraction

    return QQ(Fraction(float(c)).limit_denominator(10**6))


def _roots(B: Array) -> list[float]:
    """Angles in [0, pi) where the form B (cos, sin) is a square."""
    (a, p), (b, q), (c, r) = B
    quadratic = [b * b - 4 * a * c, 2 * b * q - 4 * (a * r + c * p), q * q - 4 * p * r]
    out = []
    if abs(quadratic[2]) < 1e-12:
        out.append(np.pi / 2)
    for t in np.roots(np.trim_zeros(quadratic[::-1], "f")) if any(quadratic) else []:
        if abs(t.imag) < 1e-7:
            out.append(float(np.arctan(t.real) % np.pi))
    return sorted({round(x % np.pi, 9) for x in out})


def _forms(scene: Scene, rows: Array) -> None:
    """Every point is a function: the cone of squares, between indefinite and definite forms."""
    column = 0 if np.any(rows[:, 0]) else 1
    L, c = rows[:, column, :3], rows[:, column, 3]
    if abs(np.linalg.det(L)) < 1e-9:
        raise HypothesisError(
            "draw a slice", "its coordinates do not reach all quadratic forms", "use x, y and z"
        )
    back = np.linalg.inv(L)
    apex = back @ -c
    angles = np.linspace(0, np.pi, 121)
    squares = [back @ np.array([np.cos(t) ** 2, np.sin(2 * t), np.sin(t) ** 2]) for t in angles]
    for sign in (1, -1):
        rays = []
        for v in squares:
            size = scene.reach / max(abs(v[2]), 0.35 * np.linalg.norm(v))
            rays.append(np.outer(np.linspace(0, size, 30), sign * v) + apex)
        grid = np.array(rays)
        scene.patches.append(Patch(grid[..., 0], grid[..., 1], grid[..., 2], True, True))
        scene.boundary += [grid[n][[0, -1]] for n in range(0, 120, 8)]
        middle = np.mean(grid[:, -1], axis=0)
        scene.notes.append(("definite forms:\nno real weights", apex + 1.12 * (middle - apex)))
    side = apex + scene.reach * np.array([0.8, 0.62, 0.0])
    scene.notes.append(("indefinite forms:\nreal weights", side))


def _mark_zero(scene: Scene, rows: Array) -> None:
    """The zero function, the only singular point, if the slice contains it."""
    table = rows.reshape(6, 4)
    point, *_ = np.linalg.lstsq(table[:, :3], -table[:, 3], rcond=None)
    if np.allclose(table[:, :3] @ point, -table[:, 3], atol=1e-9):
        scene.singular.append(point)
