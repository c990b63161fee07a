"""A scene as an interactive page, with plotly; the page needs no network."""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from algattn.optional import need
from algattn.plot.scene import (
    BOUNDARY,
    FIXED_Q,
    FIXED_S,
    INK,
    POINT,
    SINGULAR,
    Scene,
)


def draw(scene: Scene) -> Any:
    """The scene as a plotly figure."""
    go = need("plotly.graph_objects", "draw an interactive picture")
    figure = go.Figure()
    for patch in scene.patches:
        colour = patch.colour
        figure.add_surface(
            x=patch.x,
            y=patch.y,
            z=patch.z,
            colorscale=[[0, colour], [1, colour]],
            showscale=False,
            opacity=0.75,
            name="function space" if patch.reached else "in the closure, no real weights",
            showlegend=not patch.reached,
            hovertemplate="(%{x:.2f}, %{y:.2f}, %{z:.2f})",
        )

    def lines(many: list[Any], colour: str, width: float, name: str) -> None:
        x: list[Any] = []
        y: list[Any] = []
        z: list[Any] = []
        for line in many:
            for values, n in ((x, 0), (y, 1), (z, 2)):
                values += [*map(float, line[:, n]), None]
        if many:
            figure.add_scatter3d(
                x=x, y=y, z=z, mode="lines", line={"color": colour, "width": width}, name=name
            )

    lines(scene.fixed_s, FIXED_S, 3, "ruling: same form s")
    lines(scene.fixed_q, FIXED_Q, 3, "ruling: same query q")
    lines(scene.boundary, BOUNDARY, 7 if scene.fixed_s else 3, "boundary: s = ±(k·x)²")

    def marks(many: dict[str, Any], colour: str, name: str) -> None:
        if many:
            x, y, z = zip(*many.values(), strict=True)
            figure.add_scatter3d(
                x=x,
                y=y,
                z=z,
                text=list(many),
                mode="markers+text",
                textposition="top center",
                marker={"size": 5, "color": colour},
                name=name,
            )

    marks(scene.weights, POINT, "weights")
    marks(
        {f"0{chr(8203) * n}": p for n, p in enumerate(scene.singular)},
        SINGULAR,
        "singular: the zero function",
    )
    for text, place in scene.notes:
        figure.add_scatter3d(
            x=[place[0]],
            y=[place[1]],
            z=[place[2]],
            text=[text.replace("\n", "<br>")],
            mode="text",
            showlegend=False,
        )
    axis = {"backgroundcolor": "white", "gridcolor": "#e5e7eb", "zerolinecolor": "#9ca3af"}
    figure.update_layout(
        title={"text": scene.title, "x": 0.5},
        font={"color": INK},
        paper_bgcolor="white",
        margin={"l": 0, "r": 0, "t": 50, "b": 90},
        legend={"orientation": "h", "y": 0.01, "yanchor": "bottom", "x": 0.5, "xanchor": "center"},
        scene={
            "xaxis": axis,
            "yaxis": axis,
            "zaxis": axis,
            "aspectmode": "data",
            "camera": {"eye": {"x": 1.05, "y": -1.8, "z": 0.95}},  # the view of the printed picture
        },
        annotations=[
            {
                "text": "<br>".join(wrap(scene.caption, 110)),
                "xref": "paper",
                "yref": "paper",
                "x": 0.5,
                "y": -0.01,
                "yanchor": "top",
                "showarrow": False,
                "font": {"size": 12},
            }
        ],
    )
    return figure
