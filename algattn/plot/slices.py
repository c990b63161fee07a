"""Drawing a real slice of the function space, for print or as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from algattn.arguments import checked
from algattn.attention import Architecture, Weights
from algattn.attention.weights import as_weights
from algattn.errors import InputError
from algattn.plot.sections import SLICES, Slice, make_slice
from algattn.saving import save_figure, save_text

__all__ = ["SLICES", "Slice", "make_slice", "slice"]


@checked
def slice(  # noqa: A001 - the name of the picture
    network: Architecture,
    coordinates: str | Mapping[str, str] = "segre",
    *,
    weights: Weights | Sequence[Weights] = (),
    to: str | None = None,
    reach: float = 2.2,
    title: str | None = None,
) -> Any:
    """Draw a real slice of the function space (d = 2, d' = 1, a = 1).

    Parameters
    ----------
    network : Lightning
    coordinates : str or dict
        ``segre``: the quadric with its two rulings; ``segre-boundary``: a quadric of which real
        weights reach one part; ``boundary``: all quadratic forms, with the cone of squares
        between functions with and without real weights; or your own hyperplanes: affine
        functions of x, y, z for some coefficients (the others are zero).
    weights : Weights or several
        Drawn as points when their functions lie on the slice; an error when they do not.
    to : str, optional
        A file: ``.html`` for an interactive page without network access (plotly), anything else
        for print (matplotlib).  Without it a matplotlib figure is returned.
    reach : float
        The box: ``|z| <= reach`` and ``|x|, |y| <= 1.5 reach``.

    Returns
    -------
    matplotlib or plotly Figure
        Its ``slice`` attribute (matplotlib) is the exact :class:`Slice`.
    """
    cut = make_slice(network, coordinates)
    if not reach > 0:
        raise InputError("draw a slice", f"reach is {reach}", "give a positive number")
    many = list(weights) if isinstance(weights, Sequence) else [as_weights(network, weights)]
    places: dict[str, tuple[Any, Any, Any]] = {}
    for n, W in enumerate(many):
        place = cut.place(W)
        if place is None:
            raise InputError(
                "mark weights on a slice", f"function {n + 1} is not on it", "choose others"
            )
        places["weights" if len(many) == 1 else f"weights {n + 1}"] = place
    cut = Slice(network, cut.entries, cut.equations, cut.boundary_equations, places)
    from algattn.plot.scene import Scene  # numpy, only when something is drawn

    scene = Scene.of(cut, reach, title)
    if to is not None and Path(to).suffix == ".html":
        from algattn.plot.interactive import draw

        figure = draw(scene)
        save_text(figure.to_html(include_plotlyjs=True, full_html=True), to)
        return figure
    from algattn.plot.printed import draw as draw_print

    figure = draw_print(scene)
    figure.slice = cut
    if to is not None:
        save_figure(figure, to, dpi=200, bbox_inches="tight")
    return figure
