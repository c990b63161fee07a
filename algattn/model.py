"""The classes that people type.  Each method is one line that imports its room when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from algattn.networks import Architecture, FunctionMap, GaugeElement, VirtualWeights, Weights
from algattn.networks.forward import lightning, softmax
from algattn.networks.weights import as_weights, random_weights

if TYPE_CHECKING:
    from algattn.dimension.local import LocalDimensionResult
    from algattn.dimension.redundancy import DimensionReport
    from algattn.dimension.results import DimensionResult
    from algattn.fibers.membership import MembershipResult
    from algattn.fibers.results import FiberResult
    from algattn.report import ReportResult
    from algattn.singularities.results import PointResult
    from algattn.symbolic.parametrization import Parametrization


class Lightning(Architecture):
    """A lightning self-attention network, ``X -> V_l Y Y^T A_l Y`` over the layers.

    Parameters
    ----------
    widths : sequence of int
        ``(d_0, .., d_l)``: input width, then the width after each layer.
    ranks : int or sequence of int
        ``a_i``, the number of rows of ``K_i`` and ``Q_i``; ``A_i = K_i^T Q_i``.
    tokens : int
        Columns of X, 2 unless given.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2), ranks=2)
    >>> W = net.random_weights(seed=1)
    >>> net.function(W)
    <FunctionMap 2x2 -> 2x2, degree 3 over QQ, 12 nonzero coefficients>
    """

    kind: ClassVar[str] = "lightning"

    def __call__(self, X: Any, weights: Weights) -> Any:
        """The output at X; entries are anything with ``+`` and ``*``."""
        return lightning(self, weights, X)

    def random_weights(self, seed: int = 0, *, form: str = "QKV", size: int = 5) -> Weights:
        """Integer weights between -size and size, the same for the same seed."""
        return random_weights(self, seed, form=form, size=size)

    def random_gauge(self, seed: int = 0) -> GaugeElement:
        """A random element of the gauge group of this network."""
        return GaugeElement.random(self, seed)

    def virtual(self, weights: Weights) -> VirtualWeights:
        """``(B_1..B_l, V)``, the weights that the function sees."""
        return VirtualWeights.of(as_weights(self, weights))

    def function(self, weights: Weights) -> FunctionMap:
        """The function at the given weights, by its exact coefficients."""
        return FunctionMap.of(self, as_weights(self, weights))

    def parametrization(self, params: str = "AV") -> Parametrization:
        """The coefficients of the function as polynomials in the parameters (AV, QKV, virtual)."""
        from algattn.symbolic.parametrization import parametrize

        return parametrize(self, params)

    def report(
        self, weights: Weights | None = None, *, function: FunctionMap | None = None
    ) -> ReportResult:
        """Everything known about the network and, when given, weights or a function."""
        from algattn.report import report

        return report(self, None if weights is None else as_weights(self, weights), function)

    def dimension(
        self,
        *,
        method: str = "auto",
        seed: int = 0,
        prime: int | None = None,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> DimensionResult:
        """The dimension of the function space, proved by ranks from both sides."""
        from algattn.dimension.results import dimension as find

        return find(
            self, method=method, seed=seed, prime=prime, time_limit=time_limit, progress=progress
        )

    def local_dimension(self, weights: Weights, *, seed: int = 0) -> LocalDimensionResult:
        """The rank of the Jacobian at the weights, and the fiber through them to first order."""
        from algattn.dimension.local import local_dimension

        return local_dimension(self, as_weights(self, weights), seed=seed)

    def dimension_report(self, *, seed: int = 0) -> DimensionReport:
        """The dimension, and where all other parameters go, by kind of symmetry."""
        from algattn.dimension.redundancy import dimension_report

        return dimension_report(self, seed=seed)

    def fiber(self, weights: Weights, *, params: str | None = None) -> FiberResult:
        """All weights with the same function, in the form of the given ones or of `params`."""
        from algattn.fibers.results import fiber

        return fiber(self, as_weights(self, weights), params)

    def contains(self, function: FunctionMap, *, seed: int = 0) -> MembershipResult:
        """Whether some real weights have this function, with weights or with a reason."""
        from algattn.fibers.membership import membership

        return membership(self, function, seed)

    def recover(self, function: FunctionMap) -> tuple[Weights, ...]:
        """Real weights with this function, one for each class, over QQ or a number field."""
        from algattn.fibers.membership import recover

        return recover(self, function)

    def classify(self, weights: Weights) -> PointResult:
        """Whether the function of these weights is singular, and on the boundary, with proofs."""
        from algattn.singularities.results import classify

        return classify(self, as_weights(self, weights))


class Softmax(Architecture):
    """A softmax self-attention network; same shapes as :class:`Lightning`.

    Column i of a layer is ``sum_j p_ji V x_j``, where ``p_ji`` is the softmax over the key index j
    of the scores ``x_j^T A x_i``.  Its values are transcendental, so only its dimension and
    identifiability are exact questions.

    Examples
    --------
    >>> from algattn import Softmax
    >>> net = Softmax(widths=(2, 2), ranks=1)
    >>> net([[0, 0], [1, 1]], net.random_weights(1)).shape
    (2, 2)
    """

    kind: ClassVar[str] = "softmax"

    def __call__(self, X: Any, weights: Weights) -> Any:
        """The output at X, in floating point."""
        return softmax(self, weights, X)

    def random_weights(self, seed: int = 0, *, form: str = "QKV", size: int = 5) -> Weights:
        """Integer weights between -size and size, the same for the same seed."""
        return random_weights(self, seed, form=form, size=size)

    def dimension(
        self,
        *,
        method: str = "auto",
        seed: int = 0,
        prime: int | None = None,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> DimensionResult:
        """The dimension of the function space, proved by ranks from both sides."""
        from algattn.dimension.results import dimension as find

        return find(
            self, method=method, seed=seed, prime=prime, time_limit=time_limit, progress=progress
        )

    def local_dimension(self, weights: Weights, *, seed: int = 0) -> LocalDimensionResult:
        """The rank of the Jacobian at the weights, and the fiber through them to first order."""
        from algattn.dimension.local import local_dimension

        return local_dimension(self, as_weights(self, weights), seed=seed)

    def dimension_report(self, *, seed: int = 0) -> DimensionReport:
        """The dimension, and where all other parameters go, by kind of symmetry."""
        from algattn.dimension.redundancy import dimension_report

        return dimension_report(self, seed=seed)
