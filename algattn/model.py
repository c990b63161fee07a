"""The classes that people type.  Each method is one line that imports its room when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from algattn.exact import QQ, Field
from algattn.networks import Architecture, FunctionMap, GaugeElement, VirtualWeights, Weights
from algattn.networks.forward import lightning, softmax
from algattn.networks.weights import as_weights, random_weights

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import networkx

    from algattn.dimension.local import LocalDimensionResult
    from algattn.dimension.redundancy import DimensionReport
    from algattn.dimension.results import DimensionResult
    from algattn.fibers.canonical import CanonicalResult
    from algattn.fibers.equivalence import EquivalenceResult
    from algattn.fibers.generic import GenericFiberResult
    from algattn.fibers.membership import MembershipResult
    from algattn.fibers.numeric import NumericRecovery
    from algattn.fibers.results import FiberResult
    from algattn.groebner.fiber_ideal import FiberIdeal
    from algattn.groebner.results import IdealResult
    from algattn.report import ReportResult
    from algattn.singularities.degrees import DegreeResult
    from algattn.singularities.ed_degree import EDDegreeResult
    from algattn.singularities.loci import LocusResult
    from algattn.singularities.results import PointResult
    from algattn.symbolic.parametrization import Parametrization


class _Network(Architecture):
    """What can be asked of lightning and softmax networks alike."""

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

    def report(
        self, weights: Weights | None = None, *, function: FunctionMap | None = None
    ) -> ReportResult:
        """Everything known about the network and, when given, weights or a function."""
        from algattn.report import report

        return report(self, None if weights is None else as_weights(self, weights), function)

    def equivalent(self, first: Weights, second: Weights, *, seed: int = 0) -> EquivalenceResult:
        """Whether both weight tuples have the same function, with a group element or an input."""
        from algattn.fibers.equivalence import equivalent

        return equivalent(self, as_weights(self, first), as_weights(self, second), seed=seed)


class Lightning(_Network):
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

    def fiber(self, weights: Weights, *, params: str | None = None) -> FiberResult:
        """All weights with the same function, in the form of the given ones or of `params`."""
        from algattn.fibers.results import fiber

        return fiber(self, as_weights(self, weights), params)

    def ideal(
        self,
        max_degree: int,
        *,
        field: Field = QQ,
        seed: int = 0,
        executor: Executor | None = None,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> IdealResult:
        """The polynomial equations of the function space of one layer, up to a degree, proved."""
        from algattn.groebner.results import ideal

        return ideal(
            self,
            max_degree,
            field=field,
            seed=seed,
            executor=executor,
            time_limit=time_limit,
            progress=progress,
        )

    def fiber_ideal(self, weights: Weights, params: str = "AV") -> FiberIdeal:
        """The fiber as an ideal in A, V (or K, Q, V), to be decomposed by an engine."""
        from algattn.groebner.fiber_ideal import fiber_ideal

        return fiber_ideal(self, as_weights(self, weights), params)

    def canonical(self, weights: Weights) -> CanonicalResult:
        """One representative of all weights with the same function, and its fingerprint."""
        from algattn.fibers.canonical import canonical

        return canonical(self, as_weights(self, weights))

    def generic_fiber(self, *, seed: int = 0) -> GenericFiberResult:
        """The fiber through almost all weights of this architecture."""
        from algattn.fibers.generic import generic_fiber

        return generic_fiber(self, seed=seed)

    def contains(self, function: FunctionMap, *, seed: int = 0) -> MembershipResult:
        """Whether some real weights have this function, with weights or with a reason."""
        from algattn.fibers.membership import membership

        return membership(self, function, seed)

    def recover(
        self, function: Any, *, field: Field = QQ, seed: int = 0
    ) -> tuple[Weights, ...] | NumericRecovery:
        """Weights with this function (coefficients or a black box), one for each class."""
        from algattn.fibers.recover import recover_any

        return recover_any(self, function, field, seed)

    def classify(self, weights: Weights) -> PointResult:
        """Whether the function of these weights is singular, and on the boundary, with proofs."""
        from algattn.singularities.results import classify

        return classify(self, as_weights(self, weights))

    def classify_function(self, function: FunctionMap) -> PointResult:
        """The kind of point that a function is, whether or not real weights reach it."""
        from algattn.singularities.functions import classify_function

        return classify_function(self, function)

    def singular_locus(self) -> LocusResult:
        """The singular points of the closure: components with dimension and general element."""
        from algattn.singularities.loci import locus

        return locus(self, "singular")

    def boundary(self) -> LocusResult:
        """The functions near which lie real points of the closure that have no real weights."""
        from algattn.singularities.loci import locus

        return locus(self, "boundary")

    def strata(self) -> networkx.DiGraph[str]:
        """The strata by ranks, incidence and signature; edges go to what lies in the closure."""
        from algattn.singularities.strata import strata_graph

        return strata_graph(self)

    def degree(self) -> DegreeResult:
        """The degree of the Zariski closure of the function space of one layer."""
        from algattn.singularities.degrees import degree

        return degree(self)

    def ed_degree(self, weights: Weights | None = None, **options: Any) -> EDDegreeResult:
        """Critical points of the distance to the variety, or to the decision boundary of weights.

        Options: ``metric`` ("unit" or "generic"), ``W`` and ``b`` of the decision boundary
        ``tr(W^T f(X)) + b = 0``, ``seed``, ``primes`` (how many), ``engine``, ``time_limit``.
        """
        from algattn.singularities.ed_degree import ed_degree

        return ed_degree(self, weights, **options)


class Softmax(_Network):
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
