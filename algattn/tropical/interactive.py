"""An interactive page: the diagram and the lifted hull side by side, in one offline HTML file."""

from __future__ import annotations

from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from algattn.errors import InputError
from algattn.optional import need
from algattn.saving import save_text
from algattn.tropical.diagram import PowerDiagram
from algattn.tropical.head import Head
from algattn.tropical.multihead import MultiHead
from algattn.tropical.numbers import show
from algattn.tropical.scene import INK, SOFT, Hull, Scene, facet_shades, lifted_hull

FONT = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
_PIXELS = 160


def _css(colour: np.ndarray) -> str:
    r, g, b = (round(255 * float(x)) for x in colour)
    return f"rgb({r},{g},{b})"


def _plotly() -> tuple[Any, Any]:
    asked = "make an interactive page"
    return need("plotly.graph_objects", asked), need("plotly.subplots", asked).make_subplots


def figure(system: Any, box: Any = None, temperatures: Any = None) -> Any:
    """A plotly figure: diagram with a slider for the temperature, and the lifted upper hull.

    Parameters
    ----------
    system : TropicalAttention, MultiHead or PowerDiagram
        In dimension 2.  Cells of several heads are named by tuples of keys; their hull is that of
        the Minkowski sum.
    box : pair of (low, high), optional
    temperatures : sequence of positive numbers, optional
        By default six that suit the gaps between the scores.

    Raises
    ------
    EngineNotFoundError
        When plotly is not installed.
    """
    scene = Scene(system, box)
    go, make_subplots = _plotly()
    if temperatures is None:
        top = scene.temperatures()[0]
        temperatures = [float(f"{top * share:.2g}") for share in (4, 1.5, 0.6, 0.25, 0.1, 0.04)]
    steps = [float(t) for t in temperatures]
    if not all(t > 0 for t in steps):
        raise InputError("draw temperatures", f"they are {steps}", "use positive numbers")
    start = len(steps) // 2
    out = make_subplots(
        rows=1,
        cols=2,
        specs=[[{"type": "xy"}, {"type": "scene"}]],
        subplot_titles=("cells of the queries", "upper hull of the lifted keys"),
        horizontal_spacing=0.03,
        column_widths=[0.48, 0.52],
    )
    for i, tau in enumerate([*steps, None]):
        out.add_trace(_image(go, scene, tau, visible=i == start), row=1, col=1)
    _add_cells(go, out, scene)
    _add_hull(go, out, scene, lifted_hull(scene.attention))
    rest = [True] * (len(out.data) - len(steps) - 1)
    slider = [
        {
            "method": "restyle",
            "label": "0" if i == len(steps) else f"{steps[i]:g}",
            "args": [{"visible": [k == i for k in range(len(steps) + 1)] + rest}],
        }
        for i in range(len(steps) + 1)
    ]
    _arrange(out, scene, slider, start)
    return out


def _image(go: Any, scene: Scene, temperature: float | None, *, visible: bool) -> Any:
    """The soft picture at one temperature, or the hard one."""
    (x0, x1), (y0, y1) = scene.box
    tau = 1e-9 * (scene.temperatures()[-1]) if temperature is None else temperature
    return go.Image(
        z=np.round(255 * scene.soft_image(tau, _PIXELS)).astype(np.uint8),
        x0=x0,
        y0=y0,
        dx=(x1 - x0) / (_PIXELS - 1),
        dy=(y1 - y0) / (_PIXELS - 1),
        hoverinfo="skip",
        visible=visible,
    )


def _describe(attention: Head, key: int, name: str) -> str:
    lines = [
        f"<b>key {name}</b>",
        f"k = {show(attention.keys[key])}",
        f"b = {attention.biases[key]}",
        f"weight |k|² + 2b = {attention.weights[key]}",
    ]
    if attention.values is not None:
        lines.append(f"v = {show(attention.values[key])}")
    return "<br>".join(lines)


def _add_cells(go: Any, out: Any, scene: Scene) -> None:
    """Outlines that answer to the pointer, and a name in each cell."""
    for cell in scene.cells:
        closed, key = np.vstack([cell.corners, cell.corners[:1]]), scene.groups[cell.row][0]
        trace = go.Scatter(
            x=closed[:, 0],
            y=closed[:, 1],
            fill="toself",
            fillcolor="rgba(255,255,255,0)",
            line={"color": INK, "width": 1.3},
            mode="lines",
            hoveron="fills",
            name=f"key {cell.name}",
            text=_describe(scene.attention, key, cell.name),
            hoverinfo="text",
            hoverlabel={"bgcolor": "white", "bordercolor": _css(cell.colour)},
            meta=key,
            showlegend=False,
        )
        out.add_trace(trace, row=1, col=1)
        x, y, _ = scene.label(cell, sites=False)
        out.add_annotation(x=x, y=y, text=cell.name, showarrow=False, row=1, col=1)


def _add_hull(go: Any, out: Any, scene: Scene, hull: Hull) -> None:
    points, used = hull.points, hull.used
    height = float(np.ptp(points[:, 2])) or 1.0
    flat = points.copy()
    flat[:, 2] = points[:, 2].min() - 0.45 * height
    out.add_trace(_lines(go, flat, hull.edges, SOFT, 1.5), row=1, col=2)
    triangles, shades, texts = [], [], []
    names = {g[0]: scene.name(row) for row, g in enumerate(scene.groups)}
    for facet, corner, shade in zip(hull.facets, hull.corners, facet_shades(hull), strict=True):
        around = ", ".join(names[hull.keys[i]] for i in sorted(facet))
        for a, b in pairwise(facet[1:]):
            triangles.append((facet[0], a, b))
            shades.append(_css(shade))
            texts.append(f"vertex {show(corner)}<br>keys {around} tie")
    if triangles:
        i, j, k = np.array(triangles).T
        mesh = go.Mesh3d(
            x=points[:, 0], y=points[:, 1], z=points[:, 2], i=i, j=j, k=k, facecolor=shades,
            flatshading=True, hoverinfo="skip",
            lighting={"ambient": 1, "diffuse": 0, "specular": 0, "fresnel": 0},
        )  # fmt: skip
        out.add_trace(mesh, row=1, col=2)
        centers = np.array([points[list(t)].mean(axis=0) for t in triangles])
        touch = go.Scatter3d(
            x=centers[:, 0], y=centers[:, 1], z=centers[:, 2], mode="markers", text=texts,
            hoverinfo="text", marker={"size": 10, "opacity": 0}, showlegend=False,
            hoverlabel={"bgcolor": "white", "bordercolor": SOFT},
        )  # fmt: skip
        out.add_trace(touch, row=1, col=2)
    out.add_trace(_lines(go, points, hull.edges, INK, 3), row=1, col=2)
    keys = [hull.keys[i] for i in used]
    vertices = go.Scatter3d(
        x=points[used, 0], y=points[used, 1], z=points[used, 2], mode="markers+text",
        marker={
            "size": [7] * len(used),
            "color": [_css(scene.palette[k]) for k in keys],
            "line": {"color": INK, "width": 1.5},
            "opacity": 1,
        },
        text=[names.get(k, str(k)) for k in keys], textposition="top center",
        textfont={"color": INK, "size": 13}, customdata=keys, name="keys",
        hovertext=[_describe(scene.attention, k, names.get(k, str(k))) for k in keys],
        hoverinfo="text", hoverlabel={"bgcolor": "white", "bordercolor": SOFT}, showlegend=False,
    )  # fmt: skip
    out.add_trace(vertices, row=1, col=2)
    if hull.unused:
        low = points[list(hull.unused)]
        below = go.Scatter3d(
            x=low[:, 0], y=low[:, 1], z=low[:, 2], mode="markers", showlegend=False,
            marker={"size": 4, "color": "white", "line": {"color": SOFT, "width": 1}},
            hovertext=[f"key {hull.keys[i]} is below the hull: no cell" for i in hull.unused],
            hoverinfo="text",
        )  # fmt: skip
        out.add_trace(below, row=1, col=2)


def _lines(go: Any, points: np.ndarray, edges: np.ndarray, colour: str, width: float) -> Any:
    """Segments as one trace, with gaps between them."""
    gap = np.full((len(edges), 1, 3), np.nan)
    x, y, z = np.concatenate([points[edges], gap], axis=1).reshape(-1, 3).T
    return go.Scatter3d(
        x=x, y=y, z=z, mode="lines", line={"color": colour, "width": width}, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _arrange(out: Any, scene: Scene, slider: list[dict[str, Any]], start: int) -> None:
    quiet = {
        "showbackground": False, "gridcolor": "#e6eaef", "zeroline": False, "nticks": 5,
        "tickfont": {"size": 10, "color": SOFT},
    }  # fmt: skip
    out.update_layout(
        template="simple_white",
        font={"family": FONT, "size": 13, "color": INK},
        autosize=True,
        height=620,
        margin={"l": 16, "r": 16, "t": 44, "b": 16},
        sliders=[
            {
                "active": start,
                "currentvalue": {"prefix": "temperature ", "font": {"size": 14}},
                "steps": slider,
                "x": 0.0,
                "len": 0.47,
                "pad": {"t": 14, "b": 4},
                "bgcolor": "#d0d7de",
                "bordercolor": "#d0d7de",
            }
        ],
        scene={
            "xaxis": {"title": {"text": "k₁"}, **quiet},
            "yaxis": {"title": {"text": "k₂"}, **quiet},
            "zaxis": {"title": {"text": "b"}, **quiet},
            "aspectmode": "manual",
            "aspectratio": {"x": 1.15, "y": 1.15, "z": 0.85},
            "camera": {"eye": {"x": 0.9, "y": -1.75, "z": 1.3}, "center": {"z": -0.16}},
        },
    )
    (x0, x1), (y0, y1) = scene.box
    for axis, low, high in ((out.update_xaxes, x0, x1), (out.update_yaxes, y0, y1)):
        axis(range=[low, high], constrain="domain", showticklabels=False, ticks="", showline=False)
    out.update_yaxes(scaleanchor="x", autorange=False)


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: {font}; color: {ink}; margin: 0 auto; max-width: 1240px; padding: 20px 24px; }}
h1 {{ font-size: 20px; font-weight: 600; margin: 0 0 6px; }}
p {{ margin: 0 0 6px; line-height: 1.5; font-size: 14px; max-width: 100ch; color: #57606a; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Left: every query has the colour of the keys that softmax mixes; at temperature 0 one key takes
all, and the lines, the same at every temperature, are the walls of the power diagram.
Right: {keys}, lifted to the height of their bias. A cell on the left is a corner on the right
(point at one), a wall is an edge, and a vertex is a facet. Points below the hull have no cell.</p>
{figure}
</body>
</html>
"""

# Pointing at a cell makes the corner of the hull that belongs to it larger.
_LINK = """
var page = document.getElementById('{plot_id}');
var corners = page.data.findIndex(function (t) { return t.name === 'keys'; });
function mark(key) {
  var sizes = page.data[corners].customdata.map(function (k) { return k === key ? 15 : 7; });
  Plotly.restyle(page, {'marker.size': [sizes]}, [corners]);
}
page.on('plotly_hover', function (event) {
  var trace = event.points[0].data;
  if (trace.hoveron === 'fills') { mark(trace.meta); }
});
page.on('plotly_unhover', function () { mark(null); });
"""


def _title(system: Any) -> str:
    sizes = [head.size for head in getattr(system, "heads", ())]
    cells = f"{len(system.cells if isinstance(system, PowerDiagram) else system.cells())} cells"
    if sizes:
        return f"{len(sizes)} heads with {', '.join(map(str, sizes))} keys: {cells}"
    attention = system.attention if isinstance(system, PowerDiagram) else system
    return f"{attention.size} keys: {cells}"


def write_html(system: Any, path: str | Path, box: Any = None) -> Path:
    """Write the page as one HTML file that needs no network; the system is that of :func:`figure`.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    body = figure(system, box).to_html(
        full_html=False,
        include_plotlyjs=True,
        post_script=_LINK,
        config={"displaylogo": False, "responsive": True},
    )
    title = _title(system)
    keys = "the sums of one key of each head" if isinstance(system, MultiHead) else "the keys"
    page = _PAGE.format(title=escape(title), font=FONT, ink=INK, figure=body, keys=keys)
    target = Path(path)
    save_text(page, target)
    return target
