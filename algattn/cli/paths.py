"""``algattn paths``: kernels, saddles and experiments of attention paths."""

from __future__ import annotations

import json
from typing import Any

import click

from algattn.cli.common import OUTPUT, drawable, main, read_text, write_text
from algattn.cli.flags import numbers

SECONDS = click.option("--time-limit", type=float, help="Stop after this many seconds.")
PROGRESS = click.option("--progress", is_flag=True, help="Show a bar.")
STYLE = click.option(
    "--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@main.group()
def paths() -> None:
    """Attention paths: kernels, order parameters, experiments.

    FILE is JSON (- for standard input) with "heads", "widths", "X" (examples x features x tokens)
    and, where needed, "Y", "U", "variances", "attention" (one list of heads for each layer, such as
    {"kind": "uniform"}, {"kind": "fixed", "matrix": ..}, {"kind": "hardmax", "weight": ..}),
    "readout", "temperature", "task". Fractions are written as text, "1/2".
    """


def _read(file: str, *needed: str) -> tuple[Any, dict[str, Any]]:
    """The network and the data of an input file."""
    from algattn.paths.files import read_paths_file

    return read_paths_file(read_text(file), *needed, asked=f"read {file}")


def _dump(data: Any) -> str:
    return json.dumps(data, indent=1, allow_nan=False)


def _table(rows: Any) -> str:
    from algattn.exact.numerals import nearest_float

    return "\n".join("  " + "  ".join(f"{nearest_float(v):10.5f}" for v in row) for row in rows)


@paths.command()
@click.argument("file")
@click.option("--blocks", is_flag=True, help="All path-path kernels instead of K(U).")
@PROGRESS
@SECONDS
@STYLE
@OUTPUT
def kernels(
    file: str,
    blocks: bool,
    progress: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """Path kernels of the inputs in FILE: PROVED over QQ when they are rational.

    The kernel is K(U) with "U" from FILE, or that of infinite width. The JSON of exact kernels is a
    result that `algattn verify` checks again.
    """
    from algattn.progress import Monitor

    network, data = _read(file)
    with Monitor("compute path kernels", progress=progress, time_limit=time_limit):
        text = _kernels(network, data, blocks, style)
    write_text(output, text)


def _kernels(network: Any, data: dict[str, Any], blocks: bool, style: str) -> str:
    from algattn.paths import ExactPathKernels
    from algattn.paths.data import is_exact_parameter

    n, U = network.shape.count, data.get("U")
    needed = [[_scale(network)]] if U is None and not blocks else U
    exact = network.is_exact(data["X"]) and (needed is None or is_exact_parameter(needed))
    found = network.path_kernels(data["X"], exact=exact)
    if isinstance(found, ExactPathKernels):
        if U is None and not blocks:
            K = network.kernel(data["X"]).tolist()
            text = f"K of infinite width, {len(K)} inputs, {n} paths\n{_table(K)}"
            identity = [[int(i == j) for j in range(n)] for i in range(n)]
            scale = _scale(network)
            result = found.result([[scale * v for v in row] for row in identity])
        else:
            result = found.result(None if blocks else U)
            text = result.text()
        return str(result.to_json(indent=1) if style == "json" else text)
    if blocks:
        tensor = found.tensor().tolist()
        if style == "json":
            return _dump({"status": "NUMERIC", "blocks": tensor})
        return "\n\n".join(
            f"C {network.paths().name(i)} {network.paths().name(j)}\n" + _table(tensor[i][j])
            for i in range(n)
            for j in range(n)
        )
    K = network.kernel(data["X"], U, exact=False)
    if style == "json":
        return _dump({"status": "NUMERIC", "kernel": K.tolist()})
    return f"K(U), {len(K)} inputs, {n} paths  [NUMERIC]\n{_table(K)}"


def _scale(network: Any) -> Any:
    """The diagonal of U at infinite width, exactly."""
    scale: Any = 1
    for s in network.shape.chain_variances:
        scale = scale * s
    return scale


@paths.command()
@click.argument("file")
@click.option("--temperature", type=float, help="Noise variance T; else from FILE, else 0.01.")
@click.option("--starts", type=int, default=3, show_default=True, help="Starts of the search.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the starts.")
@click.option("--certify", is_flag=True, help="Prove the critical point (rational data only).")
@click.option("--sample", is_flag=True, help="Also sample the exact finite-width posterior.")
@PROGRESS
@SECONDS
@STYLE
@OUTPUT
def solve(
    file: str,
    temperature: float | None,
    starts: int,
    seed: int,
    certify: bool,
    sample: bool,
    progress: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """Order parameters U at the saddle for the data in FILE ("X" and "Y")."""
    from algattn.progress import Monitor

    network, data = _read(file, "Y")
    X, Y = data["X"], data["Y"]
    given = data.get("temperature", network.temperature)
    if temperature is None:
        from algattn.exact import QQ
        from algattn.exact.numerals import nearest_float
        from algattn.paths.predictor import check_temperature

        temperature = check_temperature(
            nearest_float(QQ(given)) if isinstance(given, str) else given
        )
    elif certify:
        given = repr(temperature)
    clock = Monitor("solve for the order parameters", time_limit=time_limit)
    found = network.solve(
        X,
        Y,
        temperature=temperature,
        starts=starts,
        seed=seed,
        progress=progress,
        time_limit=clock.remaining,
    )
    if certify:
        from fractions import Fraction

        exact = Fraction(given) if isinstance(given, int) else Fraction(str(given))
        result = network.certify(
            X, Y, temperature=exact, solution=found, time_limit=clock.remaining
        )
        write_text(output, result.to_json(indent=1) if style == "json" else result.text())
        return
    answer = found.to_data() | {"head_scores": [list(row) for row in found.head_scores()]}
    drawn = None
    if sample:
        drawn = network.posterior(
            X,
            Y,
            temperature=temperature,
            seed=seed,
            progress=progress,
            time_limit=clock.remaining,
        )
        answer["posterior"] = drawn.to_data()
    if style == "json":
        write_text(output, _dump(answer))
        return
    lines = [repr(found), "U =", _table(found.U)]
    lines.append("balance law: " + ", ".join(f"{v:.8g}" for v in found.balance_terms))
    for layer, row in enumerate(found.head_scores()):
        shown = "  ".join(f"{v:.3f}" for v in row)
        lines.append(f"head scores, layer {layer + 1}: {shown}")
    if drawn is not None:
        lines += [repr(drawn), "posterior mean of U =", _table(drawn.U)]
    write_text(output, "\n".join(lines))


@paths.command()
@click.argument("file")
@click.option("--temperature", help='Noise variance T, such as "1/10"; else from FILE.')
@PROGRESS
@SECONDS
@STYLE
@OUTPUT
def points(
    file: str,
    temperature: str | None,
    progress: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """All stationary points for one head per layer, as algebraic numbers, and the lowest: PROVED.

    FILE holds rational data with "X", "Y" and "temperature".
    """
    network, data = _read(file, "Y")
    given = data.get("temperature", "1/100") if temperature is None else temperature
    result = network.stationary_points(
        data["X"], data["Y"], temperature=given, progress=progress, time_limit=time_limit
    )
    write_text(output, result.to_json(indent=1) if style == "json" else result.text())


@paths.command()
@click.option("--widths", callback=numbers, default="10,30,100,300,1000", show_default=True)
@click.option("--examples", type=int, default=100, show_default=True, help="Training sequences.")
@click.option("--tests", type=int, default=1000, show_default=True, help="Test sequences.")
@click.option("--tokens", type=int, default=30, show_default=True, help="Length of a sequence.")
@click.option("--features", type=int, default=200, show_default=True, help="Features, even.")
@click.option(
    "--noise-perp", type=float, default=1.0, show_default=True, help="Noise off the plane."
)
@click.option("--two-paths", is_flag=True, help="Only the good and the denoising path.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of data and heads.")
@click.option(
    "--picture", callback=drawable, help="Save the plot of accuracy against width to this file."
)
@PROGRESS
@SECONDS
@STYLE
@OUTPUT
def experiment(
    widths: list[int],
    examples: int,
    tests: int,
    tokens: int,
    features: int,
    noise_perp: float,
    two_paths: bool,
    seed: int,
    picture: str | None,
    progress: bool,
    time_limit: float | None,
    style: str,
    output: str | None,
) -> None:
    """The hidden Markov sequence task: accuracy against width, baselines, pruning."""
    from algattn.paths.experiment import hmm_experiment
    from algattn.paths.hmm import HMMTask

    task = HMMTask(
        tokens=tokens, features=features, noise_perp=noise_perp, two_paths=two_paths, seed=seed
    )
    found = hmm_experiment(
        task,
        widths=widths,
        examples=examples,
        tests=tests,
        seed=seed,
        progress=progress,
        time_limit=time_limit,
    )
    if picture is not None:
        from algattn.paths.pictures import sweep_picture
        from algattn.saving import save_figure

        save_figure(sweep_picture(found), picture)
    write_text(output, _dump(found.to_data()) if style == "json" else found.text())
