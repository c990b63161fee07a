"""The saddle of the action: the order parameters of the posterior at large width.

L-BFGS in whitened Cholesky coordinates (see :mod:`algattn.paths.chain`) from the infinite-width
point, from random points, and from every valley along the multiples of the first; then Newton steps
with the Hessian by differences of analytic gradients.  The residuals that a solution shows are
computed afresh from the stationarity equations in ``U_l``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from algattn.errors import InputError, UndecidedError
from algattn.optional import need
from algattn.paths.arrays import Floats
from algattn.paths.chain import Action, Chain, DataTerm
from algattn.paths.exact_numbers import singular_kernel
from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import TrainingKernels, read_order_parameter
from algattn.paths.predictor import Predictor, check_temperature
from algattn.paths.solution import Solution
from algattn.paths.stationary import balance_terms, relative_spread, stationarity
from algattn.paths.threads import floating, one_thread
from algattn.progress import Monitor, tick
from algattn.words import quoted


def optimiser() -> Any:
    """``scipy.optimize``, imported when needed.

    Raises
    ------
    EngineNotFoundError
        With the install line, when scipy is absent.
    """
    return need("scipy.optimize", "search for the saddle of the action")


class SaddleProblem:
    """The action of one training set, ready to be minimised.

    Parameters
    ----------
    inputs : PathInputs
    Y : array of P floats
    temperature : float
    packed : bool, optional
        See :class:`algattn.paths.kernels.TrainingKernels`.

    Raises
    ------
    HypothesisError
        At zero temperature, when the kernel of infinite width is singular.
    """

    def __init__(
        self, inputs: PathInputs, Y: Floats, temperature: float, *, packed: bool | None = None
    ) -> None:
        self.inputs, self.shape, self.Y = inputs, inputs.shape, Y
        self.temperature = check_temperature(temperature)
        if self.temperature == 0:
            # U is positive definite, so K(U) has the rank of the kernel at infinite width
            Predictor(inputs, Y, np.eye(self.shape.count) * self.shape.prior_scale(), 0.0)
        self.kernels = TrainingKernels(inputs, packed=packed)
        self.chain = Chain(self.shape)
        self.data = DataTerm(self.kernels, Y, self.temperature)
        self.action = Action(self.chain, self.data)

    def dips(self) -> list[Floats]:
        """Multiples of the infinite-width chain, not near it, at which the action has a valley.

        Strong labels and small prior variances can give two valleys, one where the network gives
        up and one where it fits; random points near the origin then all roll into the same one.
        And where labels are very large, steps from the origin do not get anywhere.
        """
        logs = np.arange(-12.0, 31.0, 1.5)  # of the scale of U_1
        ray = self.chain.coordinates_of_diagonal() / (2 * len(self.chain.dims))
        points = logs[:, None] * ray
        values = self.action(points)[0]
        low = (values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])
        return list(points[1:-1][low & (np.abs(logs[1:-1]) > 1.5)])

    def minimise(
        self, start: Floats, watch: Callable[[float, Floats], None] | None = None
    ) -> tuple[Floats, float]:
        """L-BFGS from one start; coordinates and action.  `watch` sees every point on the way."""

        def target(theta: Floats) -> tuple[float, Floats]:
            value, gradient = self.action(theta[None])
            if watch is not None:
                watch(float(value[0]), theta)
            return float(value[0]), gradient[0]

        found = optimiser().minimize(
            target,
            start,
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 2000, "maxfun": 4000, "maxcor": 30, "ftol": 1e-15, "gtol": 1e-7},
        )
        return np.asarray(found.x), float(found.fun)

    def hessian(self, theta: Floats) -> Floats:
        """The Hessian in coordinates, by differences of gradients (central ones unless large)."""
        D, central = self.chain.size, self.chain.size <= 64
        step = 6e-6 if central else 1e-5
        shifts = np.eye(D) * step
        base = self.action(theta[None])[1]
        rows = np.empty((D, D))
        chunk = max(1, self.kernels.batch)
        for start in range(0, D, chunk):
            tick()
            part = shifts[start : start + chunk]
            up = self.action(theta + part)[1]
            if central:
                rows[start : start + chunk] = (up - self.action(theta - part)[1]) / (2 * step)
            else:
                rows[start : start + chunk] = (up - base) / step
        return (rows + rows.T) / 2

    def polish(self, theta: Floats, hessian: Floats, steps: int = 12) -> Floats:
        """Newton steps with a fixed Hessian, as long as they shrink the gradient."""
        size = float(np.abs(self.action(theta[None])[1]).max())
        for _ in range(steps):
            gradient = self.action(theta[None])[1][0]
            try:
                trial = theta - np.linalg.solve(hessian, gradient)
            except np.linalg.LinAlgError:
                break
            new = float(np.abs(self.action(trial[None])[1]).max())
            if not new < size:
                break
            theta, size = trial, new
        return theta

    def solution(
        self,
        theta: Floats,
        *,
        kind: str,
        actions: Sequence[float],
        seed: int,
        hessian: Floats | None = None,
    ) -> Solution:
        """Package a point with its residuals, computed from the equations in U."""
        U = [u[0] for u in self.chain.levels(theta[None]).U]
        K = self.kernels.kernels(U[0][None])[0]
        logdet, inverse = self.data.inverse(K[None])
        if not np.isfinite(logdet[0]):
            raise singular_kernel(len(K), None)
        r = inverse[0] @ self.Y
        slope = self.kernels.traces((inverse[0] - np.outer(r, r))[None])[0]
        residual = max(float(np.abs(g).max()) for g in stationarity(self.shape, U, slope))
        terms = balance_terms(self.shape, U, K, self.Y, self.temperature)
        action = float(self.action(theta[None])[0][0])
        return Solution(
            shape=self.shape,
            levels=tuple(np.array(u) for u in U),
            temperature=self.temperature,
            residual=residual,
            balance=relative_spread(terms),
            balance_terms=terms,
            action=action,
            hessian=hessian,
            actions=tuple(actions) or (action,),
            evaluations=self.action.evaluations,
            seed=seed,
            kind=kind,
            train=self.inputs,
            Y=self.Y,
        )


def solve(
    inputs: PathInputs,
    Y: Floats,
    temperature: float,
    *,
    starts: int = 3,
    start: Sequence[Any] | None = None,
    seed: int = 0,
    test: bool = True,
    packed: bool | None = None,
    progress: bool = False,
    time_limit: float | None = None,
) -> Solution:
    """The saddle with the smallest action among those found from several starts.

    Parameters
    ----------
    starts : int
        How many starts; the first is the infinite-width point, the others are random.  With two
        or more, the multiples of the infinite-width point are scanned as well, and each valley of
        the action along them that is not near that point gives one start more.
    start : sequence of arrays, optional
        A chain ``(U_1, .., U_L, u_a)`` to begin with, instead of the infinite-width point.
    test : bool
        Compute the Hessian, its eigenvalues, and Newton steps.

    Raises
    ------
    InputError
        For starts or seeds that are no counts.
    UndecidedError
        When the best point found is not stationary (``evidence`` holds it).
    LimitError
        When the time is over; ``partial`` holds the best solution so far.

    Complexity
    ----------
    Per evaluation ``O(P^3 + |Pi|^2 P^2 / 4)``; some hundred evaluations per start, and one for each
    coordinate for the Hessian.
    """
    for name, value, least in (("starts", starts, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
            raise InputError(
                "search for the saddle of the action",
                f"{name} is {quoted(value)}",
                f"give a whole number of at least {least}",
            )
    asked = "search for the saddle of the action"
    with (
        floating(asked),
        one_thread(inputs.size),
        Monitor(asked, progress=progress, time_limit=time_limit) as monitor,
    ):
        return _search(
            SaddleProblem(inputs, Y, temperature, packed=packed),
            monitor,
            starts=starts,
            start=start,
            seed=seed,
            test=test,
        )


def _search(
    problem: SaddleProblem,
    monitor: Monitor,
    *,
    starts: int,
    start: Sequence[Any] | None,
    seed: int,
    test: bool,
) -> Solution:
    chain, rng = problem.chain, np.random.default_rng(seed)
    first = np.zeros(chain.size)
    if start is not None:
        if not isinstance(start, list | tuple):
            raise InputError(
                "start from given order parameters",
                f"they are a {type(start).__name__}",
                "give a list of matrices (U_1, .., U_L, u_a)",
            )
        first = chain.coordinates(
            [read_order_parameter(np.atleast_2d(u), len(np.atleast_2d(u))) for u in start]
        )
    begins = [first] + [0.6 * rng.normal(size=chain.size) for _ in range(max(0, starts - 1))]
    if start is None and starts > 1:
        begins += problem.dips()
    found: list[tuple[float, Floats]] = []

    def finish(final: bool) -> Solution:
        _, theta = min(found, key=lambda pair: pair[0])
        values: Floats | None = None
        if final and test:
            hessian = problem.hessian(theta)
            theta = problem.polish(theta, hessian)
            values = np.asarray(np.linalg.eigvalsh(hessian), dtype=np.float64)
        return problem.solution(
            theta, kind="saddle", actions=[v for v, _ in found], seed=seed, hessian=values
        )

    latest: list[tuple[float, Floats]] = []

    def so_far() -> Solution | None:
        found.extend(latest)
        return finish(False) if found else None

    def watch(value: float, theta: Floats) -> None:
        latest[:] = [(value, theta.copy())]
        tick()

    monitor.partial = so_far
    for begin in begins:
        theta, value = problem.minimise(begin, watch)
        found.append((value, theta))
        latest.clear()
        monitor.step()
    best = finish(True)
    scale = float(max(1.0, *chain.N)) / min(
        1.0, *(float(np.linalg.eigvalsh(u)[0]) for u in best.levels)
    )
    if not best.residual <= 1e-5 * scale:
        raise UndecidedError(
            "search for the saddle of the action",
            f"the best of {len(begins)} starts has the residual {best.residual:.2g}",
            "scale labels to about 1, use more starts, a higher temperature, or start=",
            best,
        )
    return best


def infinite_width(inputs: PathInputs, Y: Floats, temperature: float) -> Solution:
    """The limit of infinite width: every ``U_l`` is the identity times its variances.

    The residual is that of the finite width at hand, so it tells how far the limit is.
    """
    with floating("find the limit of infinite width"):
        problem = SaddleProblem(inputs, Y, check_temperature(temperature), packed=None)
        origin = np.zeros(problem.chain.size)
        return problem.solution(origin, kind="infinite width", actions=(), seed=0)
