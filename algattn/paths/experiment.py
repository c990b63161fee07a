"""Experiments: accuracy against width, with baselines, scores and pruning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import sqrt
from typing import Any

from algattn.arguments import checked
from algattn.paths.arrays import Floats
from algattn.paths.data import accuracy, is_right
from algattn.paths.hmm import HMMTask
from algattn.paths.inputs import PathInputs
from algattn.paths.network import PathNetwork
from algattn.paths.predictor import Predictor
from algattn.paths.scores import head_scores, kernel_overlap, prune
from algattn.paths.shape import path_name
from algattn.paths.solution import Solution
from algattn.progress import Monitor
from algattn.results import Status


@dataclass(frozen=True)
class Pruned:
    """What happens without one head; 1-based layer and head."""

    layer: int
    head: int
    score: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Sweep:
    """Accuracies on test data over the widths of one network; status NUMERIC.

    Attributes
    ----------
    widths : tuple of int
    accuracies : tuple of float
        At the saddle of each width.
    solutions : tuple of Solution
    baselines : mapping from names to float
        Accuracies of infinite-width predictors: all paths, and chosen subsets.
    pruning : tuple of Pruned
        At the first width, by decreasing score.
    paired : mapping from names to (difference, standard error)
        Accuracy at the first width minus that of each baseline.  Both answer the same test inputs,
        so the error is that of the paired differences, smaller than those of the accuracies.
    tests : int
        The number of test inputs.
    """

    title: str
    seed: int
    widths: tuple[int, ...]
    accuracies: tuple[float, ...]
    baselines: dict[str, float]
    pruning: tuple[Pruned, ...]
    overlaps: dict[str, list[float]] = field(repr=False)
    solutions: tuple[Solution, ...] = field(repr=False)
    paired: dict[str, tuple[float, float]] = field(default_factory=dict)
    tests: int = 1

    @property
    def status(self) -> Status:
        return Status.NUMERIC

    @property
    def errors(self) -> tuple[float, ...]:
        """The standard error of each accuracy, from the number of test inputs."""
        return tuple(sqrt(a * (1 - a) / self.tests) for a in self.accuracies)

    def text(self) -> str:
        """Tables for a terminal."""
        out = [f"{self.title}, seed {self.seed}  [{self.status.name}]", ""]
        out.append("  width   accuracy   residual    balance   U (diagonal)")
        for n, a, s in zip(self.widths, self.accuracies, self.solutions, strict=True):
            diagonal = " ".join(f"{v:7.3f}" for v in s.U.diagonal()[:6])
            out.append(f"  {n:5d}     {a:6.3f}   {s.residual:8.1e}   {s.balance:8.1e}   {diagonal}")
        out += ["", "  infinite width"]
        for name, a in self.baselines.items():
            more, error = self.paired[name]
            gain = f"width {self.widths[0]}: {more:+.4f} +- {error:.4f}"
            out.append(f"    {name:<24} {a:6.3f}   {gain}")
        out += ["", f"  without one head (width {self.widths[0]})", "    head     score   accuracy"]
        out += [
            f"    ({p.layer},{p.head})   {p.score:7.3f}     {p.accuracy:6.3f}" for p in self.pruning
        ]
        return "\n".join(out)

    def to_data(self) -> dict[str, Any]:
        """Everything as JSON data."""
        return {
            "kind": "sweep",
            "status": self.status.name,
            "title": self.title,
            "seed": self.seed,
            "widths": list(self.widths),
            "accuracies": list(self.accuracies),
            "baselines": self.baselines,
            "paired": {name: list(pair) for name, pair in self.paired.items()},
            "tests": self.tests,
            "pruning": [vars(p) for p in self.pruning],
            "overlaps": self.overlaps,
            "solutions": [s.to_data() for s in self.solutions],
        }


def pruning_table(solution: Solution, test: PathInputs, Y: Floats) -> tuple[Pruned, ...]:
    """Accuracy without each head in turn, by decreasing score; temperature and the rest stay.

    Parameters
    ----------
    solution : Solution
    test : PathInputs
    Y : array of labels of the test inputs
    """
    scores = head_scores(solution.U, solution.shape)
    rows = []
    for layer, n in enumerate(solution.shape.heads):
        for head in range(n):
            if n == 1:
                continue  # nothing is left without the only head of a layer
            U = prune(solution.U, solution.shape, layer, head)
            mean = Predictor(solution.train, solution.Y, U, solution.temperature)(test).mean
            rows.append(Pruned(layer + 1, head + 1, scores[layer][head], accuracy(mean, Y)))
    return tuple(sorted(rows, key=lambda row: -row.score))


def paired_gain(one: Floats, other: Floats, Y: Floats) -> tuple[float, float]:
    """How much more often the signs of one set of outputs are right, with its standard error.

    >>> import numpy as np
    >>> Y = np.array([1.0, 1.0, -1.0, -1.0])
    >>> paired_gain(Y, np.ones(4), Y)
    (0.5, 0.25)
    """
    gain = is_right(one, Y).astype(float) - is_right(other, Y)
    return float(gain.mean()), float(gain.std() / sqrt(len(Y)))


@checked
def sweep_widths(
    network: PathNetwork,
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    widths: Sequence[int],
    *,
    baselines: dict[str, Sequence[Any]] | None = None,
    title: str = "accuracy against width",
    starts: int = 2,
    seed: int = 0,
    progress: bool = False,
    time_limit: float | None = None,
) -> Sweep:
    """Solve one network at several widths, and compare on test data.

    Parameters
    ----------
    network : PathNetwork
        Its widths are replaced, all by the same number.
    train, test : (X, Y)
    widths : sequence of int
    baselines : mapping from names to lists of paths, optional
        Subsets of paths for infinite-width predictors.

    Raises
    ------
    LimitError
        When the time is over; ``partial`` holds the solutions so far.
    """
    solutions: list[Solution] = []
    with Monitor(
        "sweep widths",
        total=len(widths),
        progress=progress,
        time_limit=time_limit,
        partial=lambda: tuple(solutions),
    ) as monitor:
        inputs, seen = network.attended(train[0]), network.attended(test[0])
        Y, Y_test = network.labels(train[1], inputs.size), network.labels(test[1], seen.size)
        first = network.gaussian_process(inputs, Y)
        outputs = {"all paths": first(seen).mean}
        for name, paths in (baselines or {}).items():
            outputs[name] = network.gaussian_process(inputs, Y, paths=paths)(seen).mean
        for n in widths:
            wide = PathNetwork(**(network.get_params() | {"widths": (n,) * len(network.widths)}))
            solution = wide.solve(inputs, Y, starts=starts, seed=seed)
            solutions.append(replace(solution, attend=network.attended))
            monitor.step()
        before = kernel_overlap(first.K, Y).overlaps[:30].tolist()
        after = kernel_overlap(solutions[0].predictor().K, Y).overlaps[:30].tolist()
        means = [s.predict(seen).mean for s in solutions]
        pruning = pruning_table(solutions[0], seen, Y_test)
    return Sweep(
        title=title,
        seed=seed,
        widths=tuple(int(n) for n in widths),
        accuracies=tuple(accuracy(mean, Y_test) for mean in means),
        baselines={name: accuracy(mean, Y_test) for name, mean in outputs.items()},
        paired={name: paired_gain(means[0], mean, Y_test) for name, mean in outputs.items()},
        tests=len(Y_test),
        pruning=pruning,
        overlaps={"infinite width": before, f"width {widths[0]}": after},
        solutions=tuple(solutions),
    )


@checked
def hmm_experiment(
    task: HMMTask,
    *,
    widths: Sequence[int] = (10, 30, 50, 100, 300, 500, 1000),
    examples: int = 100,
    tests: int = 1000,
    temperature: float = 0.01,
    seed: int = 0,
    starts: int = 2,
    progress: bool = False,
    time_limit: float | None = None,
) -> Sweep:
    """The hidden Markov task over widths: data, heads, saddles, baselines, pruning.

    Examples
    --------
    >>> task = HMMTask(tokens=6, features=6)
    >>> sweep = hmm_experiment(task, widths=(6,), examples=20, tests=20, starts=1)
    >>> sorted(sweep.baselines), len(sweep.pruning)
    (['all paths', 'path (1,1)', 'paths (1,1) and (2,1)'], 4)

    References
    ----------
    Tiberi, Mignacco, Irie, Sompolinsky, arXiv:2405.15926.
    """
    for count in (examples, tests):  # before anything is drawn
        task.check(count, seed)
    network = task.network(widths[0], temperature=temperature)
    clock = Monitor("sweep widths", time_limit=time_limit)
    with clock:
        train = task.sample(examples, seed=seed)
        clock.step()
        test = task.sample(tests, seed=seed + 1_000_003)
        clock.step()
    good, clean = (0, 0), (1, 0)
    baselines: dict[str, Sequence[Any]] = {f"path {path_name(good)}": [good]}
    if not task.two_paths:
        baselines[f"paths {path_name(good)} and {path_name(clean)}"] = [good, clean]
    return sweep_widths(
        network,
        train,
        test,
        widths,
        baselines=baselines,
        title=f"hidden Markov task, noise outside of the plane {task.noise_perp:g}",
        starts=starts,
        seed=seed,
        progress=progress,
        time_limit=clock.remaining,
    )
