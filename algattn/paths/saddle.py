"""The saddle of the action: the order parameters of the posterior at large width.

L-BFGS in whitened Cholesky coordinates (see :mod:`algattn.paths.chain`) from the infinite-width
point and from random points, then Newton steps with the Hessian by differences of analytic
gradients.  The residuals that a solution shows are computed afresh from the stationarity equations
in ``U_l``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algattn.errors import EngineNotFoundError, InputError, UndecidedError
from algattn.paths.arrays import Floats
from algattn.paths.chain import Action, Chain, DataTerm
from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import TrainingKernels, read_order_parameter
from algattn.paths.predictor import Prediction, Predictor, check_temperature
from algattn.paths.rational import singular_kernel
from algattn.paths.shape import PathShape
from algattn.paths.stationary import balance_terms, relative_spread, stationarity
from algattn.paths.threads import one_thread
from algattn.progress import Monitor
from algattn.results import Status

#: Two starts found the same point when their actions agree to this relative precision.
SAME_ACTION = 1e-7


def optimiser() -> Any:
    """``scipy.optimize``, imported when needed.

    Raises
    ------
    EngineNotFoundError
        With the install line, when scipy is absent.
    """
    try:
        import scipy.optimize
    except ImportError:
        raise EngineNotFoundError(
            "search for the saddle of the action",
            "scipy is not installed",
            "python -m pip install 'algattn[optim]'",
        ) from None
    return scipy.optimize


@dataclass(frozen=True, eq=False)
class Solution:
    """Order parameters with their evidence in numbers; status NUMERIC.

    Attributes
    ----------
    levels : tuple of arrays
        ``(U_1, .., U_L, u_a)``, each a square array.
    U : array, paths x paths
        The first level, which enters the kernel.
    u_a : float
        The last level, ``|a|^2 / N_a``.
    residual : float
        The largest entry of the stationarity equations, in the units of the action.
    balance : float
        Relative spread of the sides of the balance law, :attr:`balance_terms`.
    action : float
    hessian : array or None
        Eigenvalues of the Hessian of the action in whitened coordinates, increasing.
    actions : tuple of float
        What each start arrived at.
    """

    shape: PathShape
    levels: tuple[Floats, ...]
    temperature: float
    residual: float
    balance: float
    balance_terms: tuple[float, ...]
    action: float
    hessian: Floats | None
    actions: tuple[float, ...]
    evaluations: int
    seed: int
    kind: str
    train: PathInputs = field(repr=False)
    Y: Floats = field(repr=False)
    attend: Callable[[Any], PathInputs] | None = field(default=None, repr=False, compare=False)

    @property
    def status(self) -> Status:
        """Always NUMERIC: floating point, with residuals shown."""
        return Status.NUMERIC

    @property
    def U(self) -> Floats:
        return self.levels[0]

    @property
    def u_a(self) -> float:
        return float(self.levels[-1][0, 0])

    @property
    def is_minimum(self) -> bool | None:
        """Whether all Hessian eigenvalues are positive; None when it was not computed."""
        return None if self.hessian is None else bool(self.hessian[0] > 0)

    @property
    def unique(self) -> bool:
        """Whether all starts arrived at the same action."""
        spread = max(self.actions) - min(self.actions)
        return spread <= SAME_ACTION * max(1.0, abs(self.action))

    def predictor(self) -> Predictor:
        """The Gaussian predictor of the kernel ``K(U)``."""
        return Predictor(self.train, self.Y, self.U, self.temperature)

    def predict(self, X: Any) -> Prediction:
        """Mean and variance at new inputs (``P x N0 x T``, or PathInputs).

        Raises
        ------
        InputError
            For bare inputs, when the solution was not made by a PathNetwork.
        """
        if not isinstance(X, PathInputs):
            if self.attend is None:
                raise InputError(
                    "predict", "this solution does not know its attention", "give PathInputs"
                )
            X = self.attend(X)
        return self.predictor()(X)

    def head_scores(self) -> tuple[tuple[float, ...], ...]:
        """One score for each head, the largest is 1; see :func:`algattn.paths.head_scores`."""
        from algattn.paths.scores import head_scores

        return head_scores(self.U, self.shape)

    def to_data(self) -> dict[str, Any]:
        """The numbers as JSON data."""
        return {
            "kind": self.kind,
            "status": self.status.name,
            "shape": self.shape.to_data(),
            "temperature": self.temperature,
            "U": self.U.tolist(),
            "levels": [u.tolist() for u in self.levels],
            "u_a": self.u_a,
            "residual": self.residual,
            "balance": self.balance,
            "balance_terms": list(self.balance_terms),
            "action": self.action,
            "actions": list(self.actions),
            "hessian_min": None if self.hessian is None else float(self.hessian[0]),
            "evaluations": self.evaluations,
            "seed": self.seed,
        }

    def __repr__(self) -> str:
        test = {True: "a minimum", False: "NOT a minimum", None: "Hessian not tested"}
        return (
            f"<{self.kind}: {self.shape.count} paths, u_a = {self.u_a:.6g}, residual "
            f"{self.residual:.1e}, balance {self.balance:.1e}, {test[self.is_minimum]}, "
            f"{len(self.actions)} starts, seed {self.seed} [{self.status.name}]>"
        )


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

    def minimise(self, start: Floats) -> tuple[Floats, float]:
        """L-BFGS from one start; coordinates and action."""

        def target(theta: Floats) -> tuple[float, Floats]:
            value, gradient = self.action(theta[None])
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
        U: Sequence[Floats],
        *,
        kind: str,
        actions: Sequence[float],
        seed: int,
        hessian: Floats | None = None,
    ) -> Solution:
        """Package order parameters with their residuals, computed from the equations in U."""
        K = self.kernels.kernels(U[0][None])[0]
        logdet, inverse = self.data.inverse(K[None])
        if not np.isfinite(logdet[0]):
            raise singular_kernel(len(K), None)
        r = inverse[0] @ self.Y
        slope = self.kernels.traces((inverse[0] - np.outer(r, r))[None])[0]
        residual = max(float(np.abs(g).max()) for g in stationarity(self.shape, U, slope))
        terms = balance_terms(self.shape, U, K, self.Y, self.temperature)
        theta = self.chain.coordinates(U)
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
        How many starts; the first is the infinite-width point, the others are random.
    start : sequence of arrays, optional
        A chain ``(U_1, .., U_L, u_a)`` to begin with, instead of the infinite-width point.
    test : bool
        Compute the Hessian, its eigenvalues, and Newton steps.

    Raises
    ------
    UndecidedError
        When the best point found is not stationary (``evidence`` holds it).
    LimitError
        When the time is over; ``partial`` holds the best solution so far.

    Complexity
    ----------
    Per evaluation ``O(P^3 + |Pi|^2 P^2 / 4)``; some hundred evaluations per start, and one for each
    coordinate for the Hessian.
    """
    with one_thread(inputs.size):
        return _search(
            SaddleProblem(inputs, Y, temperature, packed=packed),
            starts=starts,
            start=start,
            seed=seed,
            test=test,
            progress=progress,
            time_limit=time_limit,
        )


def _search(
    problem: SaddleProblem,
    *,
    starts: int,
    start: Sequence[Any] | None,
    seed: int,
    test: bool,
    progress: bool,
    time_limit: float | None,
) -> Solution:
    chain, rng = problem.chain, np.random.default_rng(seed)
    first = np.zeros(chain.size)
    if start is not None:
        first = chain.coordinates(
            [read_order_parameter(np.atleast_2d(u), len(np.atleast_2d(u))) for u in start]
        )
    begins = [first] + [0.6 * rng.normal(size=chain.size) for _ in range(max(0, starts - 1))]
    found: list[tuple[float, Floats]] = []

    def finish(final: bool) -> Solution:
        _, theta = min(found, key=lambda pair: pair[0])
        values: Floats | None = None
        if final and test:
            hessian = problem.hessian(theta)
            theta = problem.polish(theta, hessian)
            values = np.asarray(np.linalg.eigvalsh(hessian), dtype=np.float64)
        levels = [u[0] for u in chain.levels(theta[None]).U]
        return problem.solution(
            levels, kind="saddle", actions=[v for v, _ in found], seed=seed, hessian=values
        )

    with Monitor(
        "search for the saddle", total=len(begins), progress=progress, time_limit=time_limit
    ) as monitor:
        for begin in begins:
            theta, value = problem.minimise(begin)
            found.append((value, theta))
            monitor.step(1, lambda: finish(False))
    best = finish(True)
    scale = float(max(1.0, *chain.N)) / min(
        1.0, *(float(np.linalg.eigvalsh(u)[0]) for u in best.levels)
    )
    if not best.residual <= 1e-5 * scale:
        raise UndecidedError(
            "search for the saddle of the action",
            f"the best of {len(begins)} starts has the residual {best.residual:.2g}",
            "use more starts, a higher temperature, or start= with a guess",
            best,
        )
    return best


def infinite_width(inputs: PathInputs, Y: Floats, temperature: float) -> Solution:
    """The limit of infinite width: every ``U_l`` is the identity times its variances.

    The residual is that of the finite width at hand, so it tells how far the limit is.
    """
    problem = SaddleProblem(inputs, Y, check_temperature(temperature), packed=None)
    levels = [u[0] for u in problem.chain.levels(np.zeros((1, problem.chain.size))).U]
    return problem.solution(levels, kind="infinite width", actions=(), seed=0)
