"""The classes that people type.  Each method is one line that imports its room when called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from algattn.attention import FunctionMap, VirtualWeights, Weights
from algattn.attention.architecture import LightningArchitecture, SoftmaxArchitecture
from algattn.attention.forward import lightning, softmax
from algattn.attention.functions import as_function
from algattn.attention.weights import VIRTUAL_WEIGHTS, as_weights
from algattn.exact import QQ, Field
from algattn.model.shared import Attention

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import networkx

    from algattn.fibers.canonical import CanonicalResult
    from algattn.fibers.generic import GenericFiberResult
    from algattn.fibers.membership import MembershipResult
    from algattn.fibers.numeric import NumericRecovery
    from algattn.fibers.recovered import Recovered
    from algattn.fibers.results import FiberResult
    from algattn.groebner.fiber_ideal import FiberIdeal
    from algattn.groebner.results import IdealResult
    from algattn.singularities.degrees import DegreeResult
    from algattn.singularities.ed_degree import EDDegreeResult
    from algattn.singularities.loci import LocusResult
    from algattn.singularities.results import PointResult
    from algattn.symbolic.differential import Jacobian
    from algattn.symbolic.parametrization import Parametrization


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

    def virtual(self, weights: Weights) -> VirtualWeights:
        """``(B_1..B_l, V)``, the weights that the function sees.

        Parameters
        ----------
        weights : Weights
            Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.

        Returns
        -------
        VirtualWeights
            With ``P_i = V_i .. V_1``: ``B_i = P_{i-1}^T A_i P_{i-1}`` (d_0 x d_0) and ``V = P_l``
            (d_l x d_0).

        Complexity
        ----------
        Matrix products of the given sizes.

        References
        ----------
        Lemma "virtual weights" of ``algattn/docs/dimension.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> net.virtual(W)
        VirtualWeights(B=(Matrix(QQ, [[1/2, -1], [1, -2]]),), V=Matrix(QQ, [[1, -1], [3, -3]]))
        """
        VIRTUAL_WEIGHTS.require(self, "find the virtual weights")
        return VirtualWeights.of(as_weights(self, weights))

    def function(self, weights: Weights) -> FunctionMap:
        """The function at the given weights, by its exact coefficients.

        Parameters
        ----------
        weights : Weights
            Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.

        Returns
        -------
        FunctionMap
            d_l x t polynomials of degree ``3^l`` in the d_0 x t entries of X; equal functions are
            equal objects.

        Raises
        ------
        LimitError
            When the expansion would not fit into memory; :meth:`equivalent` and :meth:`dimension`
            do without.

        Complexity
        ----------
        As many terms as there are monomials of degree ``3^l`` in one output column.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> net.function(W)
        <FunctionMap 2x2 -> 2x2, degree 3 over QQ, 12 nonzero coefficients>
        """
        return FunctionMap.of(self, as_weights(self, weights))

    def parametrization(self, params: str | None = None) -> Parametrization:
        """The coefficients of the function as polynomials in the parameters.

        Parameters
        ----------
        params : {"AV", "QKV", "virtual"}, optional
            The entries of ``A_i`` and ``V_i``, all free; of ``K_i``, ``Q_i``, ``V_i``; or of the
            virtual weights ``B_i`` and ``V``, all free.  Unless given: "QKV" where some rank bound
            ``a_i < d_{i-1}`` makes a difference, else "AV", so that it is the map of this network.

        Returns
        -------
        Parametrization
            A lazy mapping from names such as ``c_1_1_2_1`` (1-based) to polynomials.

        Raises
        ------
        InputError
            For another word.
        LimitError
            When the polynomials would not fit into memory; the message has the estimate.

        Complexity
        ----------
        That of the terms asked for.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221.

        Examples
        --------
        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 2), ranks=2).parametrization()["c_1_1_2_1"]
        a_2_1*v_1_1 + a_1_1*v_1_2
        >>> Lightning(widths=(2, 2), ranks=1).parametrization()["c_1_1_2_1"]
        k_1_2*q_1_1*v_1_1 + k_1_1*q_1_1*v_1_2
        """
        from algattn.symbolic.parametrization import parametrize

        return parametrize(self, params)

    def jacobian(self, weights: Weights) -> Jacobian:
        """The derivatives of the function by the weights, exactly.

        Parameters
        ----------
        weights : Weights
            Of this network, over QQ, a prime field or a number field.

        Returns
        -------
        Jacobian
            A :class:`~algattn.exact.Matrix` with a row for each coordinate of the function (named
            in ``.coordinates``, those that are always zero included) and a column for each entry
            of the weights (named in ``.parameters``): layer by layer, in the order of
            ``network.shapes[i].parameters``, with A in place of K and Q for weights ``A_i, V_i``.

        Raises
        ------
        LimitError
            When there are too many coordinates.

        Complexity
        ----------
        That of :meth:`function`, once for each entry of the weights.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 1), ranks=1)
        >>> J = net.jacobian(Weights(K=[[[1, 2]]], Q=[[[1, -2]]], V=[[[1, 3]]]))
        >>> J.shape, J.rank(), J.coordinates[0], J.parameters[0]
        ((6, 6), 4, 'c_1_1_1_1', 'k_1_1')
        """
        from algattn.symbolic.differential import jacobian

        return jacobian(self, as_weights(self, weights))

    def fiber(self, weights: Weights, *, params: str | None = None) -> FiberResult:
        """All weights with the same function as the given ones.

        Parameters
        ----------
        weights : Weights
            Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.
        params : {"AV", "QKV"}, optional
            The form of the unknowns; that of the given weights unless given.

        Returns
        -------
        FiberResult
            ``.dimension``, ``.components`` (over C, each with a witness), ``.connected_components``
            (over R), ``.reduced``, ``.case``.  PROVED; where a deep fiber is not covered it says
            so.

        Raises
        ------
        LimitError
            For a depth whose normal form has too large numbers.
        UndecidedError
            For deep weights that no lemma covers.

        Complexity
        ----------
        Exact ranks of matrices of the size of the weights; no Groebner basis.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221; lemmas "fiber" of
        ``algattn/docs/one_layer.md`` and "deep fiber" of ``algattn/docs/deep.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> F = net.fiber(W)
        >>> F.dimension, F.complex_components, F.connected_components, F.reduced
        (2, 2, 8, True)
        """
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
        """The polynomial equations of the function space of one layer, up to a degree.

        Parameters
        ----------
        max_degree : int
        field : QQ or GF(p)
        seed : int
            For the random layers at which ranks are taken; the result does not depend on it.
        executor : concurrent.futures.Executor, optional
            Where the types of one degree run in parallel.
        time_limit : float, optional
            Seconds.
        progress : bool
            Show a bar on standard error.

        Returns
        -------
        IdealResult
            ``.counts`` (minimal generators by degree), ``.module()`` (their GL-modules),
            ``.completeness()``.  PROVED by substitution from below and ranks from above.

        Raises
        ------
        HypothesisError
            For a deeper network; see :func:`algattn.implicitize`.
        LimitError
            When the time is over; ``.partial`` is the result for the degrees that are finished.

        Complexity
        ----------
        One exact kernel for each highest weight; widths matter only up to the degree.

        References
        ----------
        Lemmas "rows", "stable" and "count" of ``algattn/docs/equations.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> I = Lightning(widths=(2, 1), ranks=2).ideal(4)
        >>> I.counts, [str(row) for row in I.module()], I.status.name
        ({4: 1}, ['(4|44|22)'], 'PROVED')
        """
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
        """The fiber as an ideal, to be decomposed by a computer algebra system.

        Parameters
        ----------
        weights : Weights
            Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``. Rational.
        params : {"AV", "QKV"}
            The unknowns.  In (A, V) the minors of ``A_i`` that its bound on the rank makes zero
            are among the equations: it is the fiber of this network.

        Returns
        -------
        FiberIdeal
            ``.generators``, ``.decompose()``, ``.agrees()`` (does :meth:`fiber` say the same?),
            ``.export(system)``.

        Raises
        ------
        InputError
            For another word.
        FieldError
            For weights over a number field.
        EngineNotFoundError
            By ``decompose``, when no system that can do it is installed.

        Complexity
        ----------
        One equation for each coefficient; the decomposition is that of the engine.

        References
        ----------
        ``algattn/docs/equations.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> net.fiber_ideal(W)
        <ideal of a fiber in (A, V): 13 generators in 8 variables>
        """
        from algattn.groebner.fiber_ideal import fiber_ideal

        return fiber_ideal(self, as_weights(self, weights), params)

    def canonical(self, weights: Weights) -> CanonicalResult:
        """One representative of all weights with the same function, and its fingerprint.

        Parameters
        ----------
        weights : Weights
            Of this network: ``K_i, Q_i, V_i`` or ``A_i, V_i``.

        Returns
        -------
        CanonicalResult
            ``.fingerprint`` is equal for equal functions, over whatever field they are written.

        Raises
        ------
        FieldError
            In positive characteristic, where equal functions are not known to have equal forms.
        UndecidedError
            When two orders of skew layers cannot be told apart (three and more tokens and
            features).

        Complexity
        ----------
        Matrix products and inverses of the given sizes.

        References
        ----------
        "Canonical weights" of ``algattn/docs/deep.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> net.canonical(W).fingerprint == net.canonical(net.random_gauge(5).act(W)).fingerprint
        True
        """
        from algattn.fibers.canonical import canonical

        return canonical(self, as_weights(self, weights))

    def generic_fiber(self, *, seed: int = 0) -> GenericFiberResult:
        """The fiber through almost all weights of this architecture.

        Parameters
        ----------
        seed : int
            For the point at which ranks are taken.

        Returns
        -------
        GenericFiberResult
            ``.dimension``, ``.components`` (how many over C), and ``.exceptions``: why the fiber is
            larger than an orbit, where it is.

        Complexity
        ----------
        That of :meth:`dimension`.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221; lemma "deep fiber" of
        ``algattn/docs/deep.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> fiber = Lightning(widths=(2, 2, 1), ranks=(2, 1)).generic_fiber()
        >>> fiber.dimension, fiber.components
        (11, 2)
        """
        from algattn.fibers.generic import generic_fiber

        return generic_fiber(self, seed=seed)

    def contains(self, function: FunctionMap, *, seed: int = 0) -> MembershipResult:
        """Whether some real weights have this function.

        Parameters
        ----------
        function : FunctionMap
            d_out x t polynomials of degree 3, over QQ or a real number field.
        seed : int

        Returns
        -------
        MembershipResult
            ``.value`` is True or False, ``.weights`` or ``.reason`` tells why; ``.in_closure``
            tells the same for the Zariski closure.  PROVED.  For a function over a number field
            weights that need an extension of it are counted but not written out.

        Raises
        ------
        HypothesisError
            For a network of more than one layer; see :meth:`recover`.
        ShapeError
            When the function has another shape.
        FieldError
            Over a finite field, or a number field that is not real: real weights are asked.

        Complexity
        ----------
        Exact ranks and one factorisation of a quadratic form; no Groebner basis.

        References
        ----------
        Lemma "membership" of ``algattn/docs/one_layer.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> net, large = Lightning(widths=(2, 1), ranks=1), Lightning(widths=(2, 1), ranks=2)
        >>> net.contains(large.function(large.random_weights(1))).reason
        'it needs a matrix A of rank 2, above a = 1'
        """
        from algattn.fibers.membership import membership

        return membership(self, as_function(function), seed)

    def recover(
        self,
        function: Any,
        *,
        field: Field = QQ,
        seed: int = 0,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> Recovered | NumericRecovery:
        """Weights with this function, one for each class.

        Parameters
        ----------
        function : FunctionMap, CoefficientArray or callable
            Coefficients, or a black box that takes a nested list (d x t) of numbers and returns the
            output (d_out x t); exact numbers give exact weights, floats a numeric fit.
        field : Field
            Where the weights are looked for and a black box takes its values.
        seed : int
            For the inputs at which a black box is asked.
        time_limit : float, optional
            Seconds; looked at between evaluations and classes.
        progress : bool
            Show a bar that counts them.

        Returns
        -------
        Recovered (a tuple of Weights), or NumericRecovery
            From coefficients each is checked against all of them; from a black box against further
            inputs.  Over the field of the function where there are weights of the class; else, over
            QQ, over a field with real square roots, and ``.remarks`` says why there are none
            over QQ.

        Raises
        ------
        FieldError
            When there are no weights over the field, and over QQ no real ones.
        InputError, ShapeError
            When it is no function, or one of another shape.
        LimitError
            When a black box needs too many evaluations (deep, rank V = 1 or skew layers), and when
            the time is over.
        UndecidedError
            When weights were not found, but may exist: they would need too many square roots at
            once, or the factors of a number of more than 55 digits, or zeros of a form over a
            number field; and over number fields for skew layers or rank V = 1.

        Complexity
        ----------
        Exact linear algebra in the size of the coefficients, layer by layer.

        References
        ----------
        "Recovery" of ``algattn/docs/deep.md``; lemma "membership" of
        ``algattn/docs/one_layer.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> [net.equivalent(W, U).value for U in net.recover(net.function(W))]
        [True, True]
        """
        from algattn.fibers.recover import recover_any
        from algattn.progress import Monitor

        asked = f"recover weights in {self!r}"
        with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
            return recover_any(self, function, field, seed, monitor)

    def classify(self, weights: Weights) -> PointResult:
        """Whether the function of these weights is singular, and on the boundary, with proofs.

        Parameters
        ----------
        weights : Weights
            Of one layer, over QQ or a real number field (its embedding decides about signs).

        Returns
        -------
        PointResult
            ``.singular``, ``.boundary``, ``.reason``, ``.branches`` (with tangent spaces),
            ``.multiplicity``, ``.stratum``.  PROVED.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.
        FieldError
            Over a finite field, or a number field that is not real: boundaries are real.

        Complexity
        ----------
        Exact ranks of matrices of the size of the weights; no Groebner basis.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221; lemmas "singular" and
        "boundary" of ``algattn/docs/one_layer.md``, "branches" and "multiplicity" of
        ``algattn/docs/singularities.md``.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> point = net.classify(W)
        >>> point.singular, point.boundary, len(point.branches), point.multiplicity
        (True, False, 2, 2)
        >>> net.classify(net.random_weights(1)).smooth
        True
        """
        from algattn.singularities.results import classify

        return classify(self, as_weights(self, weights))

    def classify_function(self, function: FunctionMap) -> PointResult:
        """The kind of point that a function is, whether or not real weights reach it.

        Parameters
        ----------
        function : FunctionMap
            Of one layer, in the closure of the function space or not, over QQ or a real number
            field.

        Returns
        -------
        PointResult
            As :meth:`classify`; ``.position`` tells where the function lies.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.
        ShapeError
            When the function has another shape.

        Complexity
        ----------
        That of :meth:`contains` and :meth:`classify`.

        References
        ----------
        As :meth:`classify`.

        Examples
        --------
        >>> from algattn import Lightning, Weights
        >>> net = Lightning(widths=(2, 2), ranks=1)
        >>> W = Weights(K=[[["1/2", 1]]], Q=[[[1, -2]]], V=[[[1, -1], [3, -3]]])
        >>> net.classify_function(net.function(W)).position
        'reached'
        """
        from algattn.singularities.functions import classify_function

        return classify_function(self, as_function(function))

    def singular_locus(
        self, *, time_limit: float | None = 60.0, progress: bool = False
    ) -> LocusResult:
        """The singular points of the closure: components with dimension and general element.

        Parameters
        ----------
        time_limit : float or None
            Seconds.
        progress : bool
            Show a bar, one step for each stratum.

        Returns
        -------
        LocusResult
            ``.dimension``, ``.components`` (each with the form of its elements and a
            representative), ``.empty``.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.
        LimitError
            When the time is over; it carries the strata that are known.

        Complexity
        ----------
        A handful of ranks, one for each stratum.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221; lemmas "singular" of
        ``algattn/docs/one_layer.md`` and "locus" of ``algattn/docs/singularities.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 2), ranks=2).singular_locus()
        <The singular locus has dimension 5 and 1 component [PROVED]>
        """
        from algattn.singularities.loci import locus

        return locus(self, "singular", time_limit=time_limit, progress=progress)

    def boundary(self, *, time_limit: float | None = 60.0, progress: bool = False) -> LocusResult:
        """The functions near which lie real points of the closure that have no real weights.

        Parameters
        ----------
        time_limit : float or None
            Seconds.
        progress : bool
            Show a bar, one step for each stratum.

        Returns
        -------
        LocusResult
            As :meth:`singular_locus`.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.
        LimitError
            When the time is over; it carries the strata that are known.

        Complexity
        ----------
        A handful of ranks, one for each stratum.

        References
        ----------
        Henry, Marchetti, Kohn, arXiv 2408.17221; lemma "boundary" of
        ``algattn/docs/one_layer.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> [c.form for c in Lightning(widths=(2, 2), ranks=2).boundary().components]
        ['h (k.x)^2 (q.y), any h, k, q']
        """
        from algattn.singularities.loci import locus

        return locus(self, "boundary", time_limit=time_limit, progress=progress)

    def strata(
        self, *, time_limit: float | None = 60.0, progress: bool = False
    ) -> networkx.DiGraph[str]:
        """The strata by ranks, incidence and signature; edges go to what lies in the closure.

        Parameters
        ----------
        time_limit : float or None
            Seconds.
        progress : bool
            Show a bar, one step for each stratum.

        Returns
        -------
        networkx.DiGraph
            Nodes are names such as ``"k, v parallel"`` with the data ``dimension``, ``singular``,
            ``boundary``, ``reached`` (by real weights), ``fiber`` and ``stratum``; edges are the
            covers of the closure order.  ``algattn.plot.hasse`` draws it.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.
        LimitError
            When the time is over; it carries the strata that are known.

        Complexity
        ----------
        Cubic in the number of strata, which grows like rank A times rank V.

        References
        ----------
        Lemma "order" of ``algattn/docs/singularities.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> strata = Lightning(widths=(2, 2), ranks=1).strata()
        >>> list(strata.predecessors("zero")), strata.nodes["k, v parallel"]["dimension"]
        (['k, v parallel'], 4)
        """
        from algattn.singularities.strata import strata_graph

        return strata_graph(self, time_limit=time_limit, progress=progress)

    def degree(self) -> DegreeResult:
        """The degree of the Zariski closure of the function space of one layer.

        Returns
        -------
        DegreeResult
            PROVED, or THEOREM where the degree of a determinantal variety is cited from the
            classical product formula.

        Raises
        ------
        HypothesisError
            For a network of more than one layer.

        Complexity
        ----------
        A closed formula in big integers.

        References
        ----------
        Lemma "degree" of ``algattn/docs/singularities.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 2), ranks=2).degree().value
        20
        """
        from algattn.singularities.degrees import degree

        return degree(self)

    def ed_degree(
        self,
        weights: Weights | None = None,
        *,
        metric: Literal["unit", "generic"] = "unit",
        W: Any = None,
        b: Any = 1,
        seed: int = 0,
        primes: int = 2,
        engine: str | None = None,
        time_limit: float | None = 60.0,
        progress: bool = False,
    ) -> EDDegreeResult:
        """Critical points of the distance to the variety, or to the decision boundary of weights.

        Parameters
        ----------
        weights : Weights, optional
            With them, the decision boundary ``tr(W^T f(X)) + b = 0`` in the space of X (d x t).
        metric : {"unit", "generic"}
            The sum of squares of the coefficients, or a random quadratic form.
        W : matrix d_out x t, optional
            Of the decision boundary; unless given drawn at random from the seed, and named.
        b : rational number
            Of the decision boundary; all but 0 are alike, by scaling the inputs.
        seed, primes : int
            ``primes`` is how many prime fields have to agree.
        engine : str, optional
            See :func:`algattn.engines.available`.
        time_limit : float, optional
            Seconds, for everything.
        progress : bool
            Show a bar, one step for each prime.

        Returns
        -------
        EDDegreeResult
            PROBABLE as a rule (random data, modulo primes); PROVED for linear spaces and
            THEOREM for the Segre cone of ``widths=(2, 1), ranks=1``.

        Raises
        ------
        InputError
            For another metric.
        HypothesisError
            For a deeper network without weights.
        UndecidedError
            When the engine did not finish or the primes disagree.
        EngineNotFoundError
            When no engine can do it.

        Complexity
        ----------
        Groebner bases with saturation: only the smallest networks finish.

        References
        ----------
        "Euclidean distance degrees" of ``algattn/docs/singularities.md``; Draisma, Horobet,
        Ottaviani, Sturmfels, Thomas, "The Euclidean distance degree of an algebraic variety",
        arXiv 1309.0049.

        Examples
        --------
        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 1), ranks=1).ed_degree()
        <The function space has unit ED degree 2 [THEOREM]>
        """
        from algattn.singularities.ed_degree import ed_degree

        return ed_degree(
            self,
            weights,
            metric=metric,
            W=W,
            b=b,
            seed=seed,
            primes=primes,
            engine=engine,
            time_limit=time_limit,
            progress=progress,
        )


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
