"""What a search for the saddle returns: order parameters, with their evidence in numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algattn.arguments import checked
from algattn.paths.arrays import Floats
from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import TrainingKernels
from algattn.paths.predictor import Prediction, Predictor, attended
from algattn.paths.shape import PathShape
from algattn.results import Status

#: Two starts found the same point when their actions agree to this relative precision.
SAME_ACTION = 1e-7


@checked
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
    def slack(self) -> float:
        """The smallest eigenvalue of ``N_1 - U_1^{1/2} M U_1^{1/2}``, over ``N_1``.

        When it is positive, no other ``U_1`` has so small an action with the same ``U_2, .., u_a``
        (lemma *lowest* of algattn/docs/paths.md); so it is when ``N_1`` is at least P.
        """
        kernels = TrainingKernels(self.train)
        G = kernels.kernels(self.U[None])[0]
        G[np.diag_indices_from(G)] += self.temperature
        M = kernels.traces(np.linalg.inv(G)[None])[0]
        root = np.linalg.cholesky(self.U)
        return 1.0 - float(np.linalg.eigvalsh(root.T @ M @ root)[-1]) / self.shape.widths[0]

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
        return self.predictor()(attended(X, self.attend))

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
            f"{len(self.actions)} starts{'' if self.unique else ' that disagree'}, "
            f"seed {self.seed} [{self.status.name}]>"
        )
