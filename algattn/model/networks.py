"""The classes that people type.  Their questions are declared in the rooms that answer them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention import questions as attention
from algattn.attention.architecture import LightningArchitecture, SoftmaxArchitecture
from algattn.attention.forward import lightning, softmax
from algattn.attention.functions import as_function
from algattn.attention.weights import as_weights
from algattn.dimension import questions as dimensions
from algattn.errors import InputError
from algattn.fibers import questions as fibers
from algattn.groebner import questions as equations
from algattn.questions import question
from algattn.singularities import questions as points
from algattn.symbolic import questions as polynomials
from algattn.words import one_of, quoted

if TYPE_CHECKING:
    from algattn.model.maps import PolynomialMap
    from algattn.model.report import ReportResult


class Attention(Architecture):
    """The questions that make sense for every kind of attention network."""

    random_weights = attention.random_weights
    random_gauge = attention.random_gauge
    dimension = dimensions.dimension
    local_dimension = dimensions.local_dimension
    dimension_report = dimensions.dimension_report
    equivalent = fibers.equivalent

    @question("report.network", command="report", usage=("examples/one_layer.json",))
    def report(
        self, weights: Weights | None = None, *, function: FunctionMap | None = None
    ) -> ReportResult:
        """Everything known about the network and, when given, weights or a function.

        Parameters
        ----------
        weights : Weights, optional
            Of a lightning network: adds the fiber and, for one layer, the kind of point.
        function : FunctionMap, optional
            Of one lightning layer: adds whether the network has it, and with which weights.

        Returns
        -------
        ReportResult
            As strong as its weakest section; ``.sections`` holds the results by name.  Sections
            that are too large or not decided are left out, and the text says so.

        Raises
        ------
        ShapeError
            When weights or function do not fit the network.

        Complexity
        ----------
        That of the sections: :meth:`dimension`, ``fiber``, ``classify``, ``contains``.

        Examples
        --------
        >>> from algattn import Lightning, load
        >>> net = Lightning(widths=(2, 1), ranks=1)
        >>> report = net.report(net.random_weights(1))
        >>> report.sections["dimension"].value, "fiber" in report.sections
        (4, True)
        >>> load(report.to_json()).verify()
        True
        """
        from algattn.model.report import report

        return report(
            self,
            None if weights is None else as_weights(self, weights),
            None if function is None else as_function(function),
        )


class Lightning(Attention, LightningArchitecture):
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

    virtual = attention.virtual
    function = attention.function
    parametrization = polynomials.parametrization
    derive = polynomials.derive
    jacobian = polynomials.jacobian
    fiber = fibers.fiber
    generic_fiber = fibers.generic_fiber
    canonical = fibers.canonical
    contains = fibers.contains
    recover = fibers.recover
    ideal = equations.ideal
    hilbert_polynomial = equations.hilbert_polynomial
    fiber_ideal = fibers.fiber_ideal
    classify = points.classify
    classify_function = points.classify_function
    singular_locus = points.singular_locus
    boundary = points.boundary
    strata = points.strata
    degree = points.degree
    ed_degree = points.ed_degree

    @question()
    def map(self, form: str | None = None, *, params: str | None = None) -> PolynomialMap:
        """The network as a map from its parameters to the coefficients of its function.

        Parameters
        ----------
        form : {"AV", "QKV", "virtual"}, optional
            As ``params`` of :meth:`parametrization`.
        params : {"AV", "QKV", "virtual"}, optional
            Another name of `form`.

        Returns
        -------
        PolynomialMap
            With the weight matrices as blocks, and the questions that any map can be asked;
            polynomials are made when asked for, and weights are points.

        Examples
        --------
        >>> from algattn import Lightning
        >>> phi = Lightning(widths=(2, 1), ranks=1).map()
        >>> phi.shapes, phi.dimension().value
        ({'k': (1, 2), 'q': (1, 2), 'v': (1, 2)}, 4)
        """
        from algattn.model.maps import PolynomialMap
        from algattn.symbolic.maps import map_of_parametrization
        from algattn.symbolic.parameters import PARAMS
        from algattn.symbolic.parametrization import parametrize

        asked = "make the map of a network"
        if form is not None and params is not None:
            wrong = f"form={quoted(form)} and params={quoted(params)} are one option"
            raise InputError(asked, wrong, "one of the two")
        params = params if form is None else one_of(form, PARAMS, asked, "form")
        phi = parametrize(self, params)
        found = PolynomialMap(map_of_parametrization(phi))
        found._reads = lambda x: phi.point(x)[0] if isinstance(x, Weights) else x
        return found

    def __call__(self, X: Any, weights: Weights) -> Any:
        """The output (d_l x t) at X (d_0 x t); entries are anything with ``+`` and ``*``.

        Raises :class:`~algattn.errors.ShapeError` when sizes do not fit; costs matrix products.

        Examples
        --------
        >>> from algattn import Lightning
        >>> net = Lightning(widths=(1, 1), ranks=1)
        >>> net([[1, 2]], {"A": [[[1]]], "V": [[["1/2"]]]})
        [[Fraction(5, 2), Fraction(5, 1)]]
        """
        return lightning(self, as_weights(self, weights), X)


class Softmax(Attention, SoftmaxArchitecture):
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
        """The output (d_l x t) at X (d_0 x t), a numpy array in floating point.

        Raises :class:`~algattn.errors.ShapeError` when sizes do not fit; costs matrix products.
        """
        return softmax(self, as_weights(self, weights), X)
