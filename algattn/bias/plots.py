"""Pictures of training: rates with predicted slopes, paths of directions, attention over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from algattn.errors import InputError
from algattn.optional import need

#: Colours that stay apart for colour-blind eyes (Okabe and Ito).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.dpi": 110,
    "savefig.dpi": 150,
}


def _figure(rows: int, columns: int, width: float, height: float, **kwargs: Any) -> Any:
    plt = need("matplotlib.pyplot", "draw a picture")
    with plt.rc_context(_STYLE):
        made = plt.subplots(
            rows, columns, figsize=(width, height), layout="constrained", squeeze=False, **kwargs
        )
        shown_at_once = plt.isinteractive()
    # The first figure of a notebook turns on that figures are shown; leaving the context undoes it.
    if shown_at_once:
        plt.ion()
    return made


def _slope_line(axis: Any, t: Any, y: Any, slope: float, label: str) -> None:
    """A dashed line of given slope just above the end of a curve."""
    end = t[-1]
    x = np.array([end / 50, end])
    axis.plot(x, 1.8 * y[-1] * (x / end) ** slope, "--", color="#555555", linewidth=1)
    axis.annotate(
        label,
        (x[0], 1.8 * y[-1] * (x[0] / end) ** slope),
        textcoords="offset points",
        xytext=(2, 4),
        fontsize=9,
        color="#555555",
    )


def rates(runs: Mapping[str, Any]) -> Any:
    """Direction error, norm and attention off the selected token of several runs.

    Parameters
    ----------
    runs : dict from label to TrainingResult or Regression

    Returns
    -------
    matplotlib Figure
        Left: direction error on log-log axes, with the slope -1 of normalised steps, which is
        predicted.  Middle: ``|W|`` over t.  Right: ``-ln(1 - phi)`` over ``|W|``, a straight
        line of slope ``1/|W_mm|`` (for regressions the least margin).
    """
    if not runs:
        raise InputError("draw rates", "there are no runs", "give at least one")
    figure, axes = _figure(1, 3, 12.5, 3.9)
    left, middle, right = axes[0]
    fastest = None
    margin = None
    widths = np.linspace(4.2, 1.4, len(runs)) if len(runs) > 1 else [1.8]
    for (label, run), colour, width in zip(runs.items(), _cycle(), widths, strict=False):
        c = run.curves
        t, good = c["t"], c["t"] > 0
        error = c["direction_error"]
        shown = good & np.isfinite(error) & (error > 0)
        left.plot(t[shown], error[shown], color=colour, label=label, linewidth=width)
        middle.plot(t[good], c["norm"][good], color=colour, label=label, linewidth=width)
        leak = -c["log_leak"] if "log_leak" in c else c["margin"]
        seen = (c["norm"] > 0) & (leak > 0)
        right.plot(c["norm"][seen], leak[seen], color=colour, label=label, linewidth=width)
        if run.prediction is not None:
            margin = 1 / run.prediction.norm
        if shown.any() and (fastest is None or error[shown][-1] < fastest[1][-1]):
            fastest = (t[shown], error[shown])
    if fastest is not None and fastest[1][-1] < 0.05:
        _slope_line(left, *fastest, -1.0, r"heuristic: $t^{-1}$")
    if margin is not None:
        top = max(float(run.curves["norm"].max()) for run in runs.values())
        line = np.array([top / 1000, top])
        right.plot(line, margin * line, "--", color="#555555", linewidth=1)
        right.annotate(
            r"heuristic: $\|W_t\|/\|W_{\mathrm{mm}}\|$",
            (0.97, 0.06),
            xycoords="axes fraction",
            ha="right",
            color="#555555",
            fontsize=9,
        )
    for axis in (left, middle, right):
        axis.set_xscale("log")
        axis.set_yscale("log")
    for axis in (left, middle):
        axis.set_xlabel("step $t$")
    left.set_title("direction error")
    left.set_ylabel(r"$\| W_t/\|W_t\| - W_{\mathrm{mm}}/\|W_{\mathrm{mm}}\| \|$")
    middle.set_title("norm growth")
    middle.set_ylabel(r"$\|W_t\|$")
    right.set_title("sparsification")
    right.set_xlabel(r"$\|W_t\|$")
    right.set_ylabel(r"$-\ln \max_i (1-\phi_{i,o})$")
    left.legend(loc="lower left", frameon=False, fontsize=9)
    return figure


def _cycle() -> Any:
    from itertools import cycle

    return cycle(COLOURS)


def paths(runs: Mapping[str, Any]) -> Any:
    """The way of ``W/|W|`` to its limit, seen in the two main directions of each run.

    Parameters
    ----------
    runs : dict from label to TrainingResult

    Returns
    -------
    matplotlib Figure
        One panel for each run; the hard margin direction is the star at the origin.
    """
    if not runs:
        raise InputError("draw paths", "there are no runs", "give at least one")
    figure, axes = _figure(1, len(runs), 3.9 * len(runs), 3.7)
    mappable = None
    for axis, (label, run) in zip(axes[0], runs.items(), strict=True):
        path = run.path
        t = run.curves["t"][-len(path) :] if len(path) else np.zeros(0)
        if len(path):
            axis.plot(path[:, 0], path[:, 1], color="#bbbbbb", linewidth=1, zorder=1)
            mappable = axis.scatter(
                path[:, 0], path[:, 1], c=np.log10(np.maximum(t, 1)), cmap="viridis", s=16, zorder=2
            )
        axis.plot(0, 0, "*", color="#D55E00", markersize=15, zorder=3)
        axis.set_title(label)
        axis.set_xlabel("first direction of the error")
        axis.margins(0.12)
    axes[0][0].set_ylabel("second direction of the error")
    if mappable is not None:
        figure.colorbar(mappable, ax=axes[0].tolist(), label=r"$\log_{10} t$", shrink=0.85)
    return figure


def attention(run: Any, *, rows: int = 12) -> Any:
    """Attention maps over time: one panel for each kept time, one row for each sequence.

    Parameters
    ----------
    run : TrainingResult
    rows : int
        How many sequences to show.

    Returns
    -------
    matplotlib Figure
        Orange frames mark the selected tokens.
    """
    from matplotlib.patches import Rectangle

    data = run.problem.data
    best = () if data.selection is None and data.ties else data.best()
    maps = run.attention_maps
    n = min(rows, data.n)
    T = max(data.lengths)
    width = min(2.3, max(1.1, 0.42 * T + 0.35))
    figure, axes = _figure(
        1, len(maps), width * len(maps) + 1.2, max(2.2, 0.3 * n + 1.3), sharey=True
    )
    image = None
    for axis, (t, phi) in zip(axes[0], maps, strict=True):
        axis.grid(False)
        image = axis.imshow(phi[:n], cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for i, o in enumerate(best[:n]):
            axis.add_patch(
                Rectangle((o - 0.46, i - 0.46), 0.92, 0.92, fill=False, edgecolor="#E69F00", lw=1.4)
            )
        axis.set_title(f"$t = {t}$")
        axis.set_xticks(range(T), [str(k + 1) for k in range(T)])
        for spine in axis.spines.values():
            spine.set_visible(False)
        axis.tick_params(length=0)
    axes[0][0].set_ylabel("sequence")
    axes[0][0].set_yticks(range(n), [str(k + 1) for k in range(n)])
    figure.supxlabel("token", fontsize=10)
    figure.colorbar(image, ax=axes[0].tolist(), label=r"attention $\phi$", shrink=0.85)
    return figure


def nuclear(runs: Mapping[str, Any], frobenius: float, nuclear_norm: float) -> Any:
    """How near runs come to the best margin, measured in either norm.

    Parameters
    ----------
    runs : dict from label to TrainingResult
    frobenius, nuclear_norm : float
        The least norms with margin one.

    Returns
    -------
    matplotlib Figure
        ``least margin / |W| * least norm`` over time; 1 is optimal in that norm.
    """
    figure, axes = _figure(1, 2, 9.2, 3.8, sharey=True)
    pairs: Sequence[tuple[Any, str, float, str]] = (
        (axes[0][0], "norm", frobenius, "Frobenius norm"),
        (axes[0][1], "nuclear_norm", nuclear_norm, "nuclear norm"),
    )
    for axis, key, best, title in pairs:
        axis.axhline(1, color="#555555", linestyle="--", linewidth=1)
        for (label, run), colour in zip(runs.items(), _cycle(), strict=False):
            c = run.curves
            good = (c["t"] > 0) & (c["margin"] > 0)
            axis.plot(
                c["t"][good],
                c["margin"][good] / c[key][good] * best,
                color=colour,
                label=label,
                linewidth=1.8,
            )
        axis.set_xscale("log")
        axis.set_xlabel("step $t$")
        axis.set_title(f"margin in the {title}")
    axes[0][0].set_ylim(0, 1.06)
    axes[0][0].set_ylabel("margin / best margin")
    axes[0][1].legend(loc="lower right", frameon=False, fontsize=9)
    return figure
