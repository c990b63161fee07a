"""The part of a network of paths that scikit-learn knows: parameters, fit, predict, score."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.paths.arrays import Floats
from algattn.paths.data import accuracy
from algattn.paths.predictor import Prediction
from algattn.paths.solution import Solution
from algattn.words import quoted

PARAMETERS = (
    "heads",
    "widths",
    "variances",
    "attention",
    "readout",
    "temperature",
    "task",
    "starts",
    "seed",
)


@checked
class Estimator(ABC):
    """Conventions of scikit-learn for a network; every constructor argument is an attribute."""

    task: str
    solution_: Solution | None

    @abstractmethod
    def solve(self, X: Any, Y: Any) -> Solution:
        """The saddle for training data, kept as ``solution_``."""

    @abstractmethod
    def attended(self, X: Any) -> Any:
        """Path-attended inputs."""

    @abstractmethod
    def labels(self, Y: Any, size: int) -> Floats:
        """Labels, checked."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **parameters: Any) -> Self:
        """Change arguments of the constructor; the network is not fitted afterwards."""
        unknown = sorted(set(parameters) - set(PARAMETERS))
        if unknown:
            raise InputError(
                "set parameters", f"there is no {quoted(unknown[0])}", f"one of {list(PARAMETERS)}"
            )
        fresh = type(self)(**(self.get_params() | parameters))  # checks all of them together
        self.__dict__ = fresh.__dict__
        return self

    def fit(self, X: Any, Y: Any) -> Self:
        """Solve for the order parameters and remember them as ``solution_``."""
        self.solve(X, Y)
        return self

    def predict(self, X: Any, *, return_variance: bool = False) -> Any:
        """The mean output at new inputs, or :class:`Prediction` (mean, variance).

        Raises
        ------
        InputError
            Before :meth:`fit` or :meth:`solve`.
        """
        if self.solution_ is None:
            raise InputError(
                "predict", "the network is not fitted", "call fit(X, Y) or solve first"
            )
        found: Prediction = self.solution_.predict(self.attended(X))
        return found if return_variance else found.mean

    def score(self, X: Any, Y: Any) -> float:
        """The share of labels -1, +1 whose sign is predicted; for regression, R squared."""
        mean = self.predict(X)
        labels = self.labels(Y, len(mean))
        if self.task == "regression":
            spread = float(((labels - labels.mean()) ** 2).sum())
            return 1.0 - float(((labels - mean) ** 2).sum()) / (spread or 1.0)
        return accuracy(mean, labels)

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn wants to know before it splits data: outputs are real numbers."""
        from sklearn.utils import (  # type: ignore[import-untyped]
            InputTags,
            RegressorTags,
            Tags,
            TargetTags,
        )

        return Tags(
            estimator_type="regressor",
            target_tags=TargetTags(required=True),
            regressor_tags=RegressorTags(),
            input_tags=InputTags(two_d_array=False, three_d_array=True),
        )
