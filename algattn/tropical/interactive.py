"""An interactive page: the diagram and the lifted hull side by side, in one offline HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from algattn.errors import EngineNotFoundError
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.cells import box_rows
from algattn.tropical.numbers import show
from algattn.tropical.plots import (
    INK,
    _centroid,
    _planar,
    colours,
    default_box,
    lifted,
    polygon,
    soft_image,
)
from algattn.tropical.stack import read_box


def _css(colour: np.ndarray, alpha: float = 1.0) -> str:
    r, g, b = (round(255 * float(x)) for x in colour)
    return f"rgba({r},{g},{b},{alpha:g})"


def figure(
    attention: TropicalAttention, box: Any = None, temperatures: Any = (4, 2, 1, 0.5, 0.25, 0.1)
) -> Any:
    """A plotly figure: diagram with a slider for the temperature, and the lifted upper hull.

    Raises
    ------
    EngineNotFoundError
        When plotly is not installed.
    """
    _planar(attention)
    try:
        import plotly.graph_objects as go
        from plotly.subplots import make_subplots
    except ImportError:
        raise EngineNotFoundError(
            "make an interactive page", "plotly is not installed", "pip install 'algattn[plot]'"
        ) from None
    box = default_box(attention) if box is None else box
    out = make_subplots(
        rows=1,
        cols=2,
        specs=[[{"type": "xy"}, {"type": "scene"}]],
        subplot_titles=("cells (temperature by the slider)", "lifted keys and their upper hull"),
        horizontal_spacing=0.04,
    )
    images = _soft_images(go, attention, box, temperatures)
    for image in images:
        out.add_trace(image, row=1, col=1)
    palette, walls = colours(attention.size), box_rows(2, read_box(box, 2) or [])
    for row, group in enumerate(attention.functions.groups):
        corners = polygon(attention, row, walls)
        if len(corners) < 3:
            continue
        closed, name = np.vstack([corners, corners[:1]]), "=".join(map(str, group))
        out.add_trace(
            go.Scatter(
                x=closed[:, 0],
                y=closed[:, 1],
                fill="toself",
                fillcolor=_css(palette[group[0]], 0.12),
                line={"color": INK, "width": 1.4},
                mode="lines",
                hoveron="fills",
                name=f"key {name}",
                text=_label(attention, group[0], name),
                hoverinfo="text",
                showlegend=False,
            ),
            row=1,
            col=1,
        )
        x, y = _centroid(corners)
        out.add_annotation(x=x, y=y, text=name, showarrow=False, row=1, col=1)
    _add_hull(go, out, attention)
    steps = [
        {
            "method": "update",
            "label": "0" if i == len(images) else f"{float(temperatures[i]):g}",
            "args": [
                {"visible": [k == i for k in range(len(images))] + [True] * _rest(out, images)}
            ],
        }
        for i in range(len(images) + 1)
    ]
    out.update_layout(
        template="simple_white",
        height=560,
        margin={"l": 20, "r": 20, "t": 50, "b": 20},
        sliders=[{"active": 0, "currentvalue": {"prefix": "temperature "}, "steps": steps}],
        scene={"xaxis_title": "k1", "yaxis_title": "k2", "zaxis_title": "b"},
    )
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    out.update_xaxes(range=[x0, x1], constrain="domain", showticklabels=False, ticks="")
    out.update_yaxes(range=[y0, y1], scaleanchor="x", showticklabels=False, ticks="")
    return out


def _label(attention: TropicalAttention, key: int, name: str) -> str:
    return f"key {name}: k = {show(attention.keys[key])}, b = {attention.biases[key]}"


def _rest(out: Any, images: list[Any]) -> int:
    return len(out.data) - len(images)


def _soft_images(go: Any, attention: TropicalAttention, box: Any, temperatures: Any) -> list[Any]:
    (x0, x1), (y0, y1) = ((float(a), float(b)) for a, b in box)
    pixels = 120
    out = []
    for i, tau in enumerate(temperatures):
        mixed = 0.55 * soft_image(attention, box, float(tau), pixels) + 0.45
        out.append(
            go.Image(
                z=np.round(255 * mixed).astype(np.uint8),
                x0=x0,
                y0=y0,
                dx=(x1 - x0) / (pixels - 1),
                dy=(y1 - y0) / (pixels - 1),
                hoverinfo="skip",
                visible=i == 0,
            )
        )
    return out


def _add_hull(go: Any, out: Any, attention: TropicalAttention) -> None:
    points, cells, _ = lifted(attention)
    palette = colours(len(cells) or 1)
    for number, (colour, cell) in enumerate(zip(palette, cells, strict=False)):
        corners = points[cell]
        fans = len(cell) - 2
        out.add_trace(
            go.Mesh3d(
                x=corners[:, 0],
                y=corners[:, 1],
                z=corners[:, 2],
                i=[0] * fans,
                j=list(range(1, fans + 1)),
                k=list(range(2, fans + 2)),
                color=_css(colour),
                opacity=0.85,
                flatshading=True,
                hoverinfo="text",
                text=f"facet {number}: a vertex of the diagram",
            ),
            row=1,
            col=2,
        )
    out.add_trace(
        go.Scatter3d(
            x=points[:, 0],
            y=points[:, 1],
            z=points[:, 2],
            mode="markers",
            marker={"size": 4, "color": INK},
            hoverinfo="skip",
            showlegend=False,
        ),
        row=1,
        col=2,
    )


def write_html(attention: TropicalAttention, path: str | Path, box: Any = None) -> Path:
    """Write the page as one HTML file that needs no network.

    Returns
    -------
    Path
        Where it is.
    """
    target = Path(path)
    figure(attention, box).write_html(target, include_plotlyjs=True, full_html=True)
    return target
