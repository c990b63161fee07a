"""The shape of the function space of one layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from algattn.questions import question

if TYPE_CHECKING:
    import networkx

    from algattn.attention import Architecture, FunctionMap, Weights
    from algattn.attention.theorems import Theorem
    from algattn.singularities.degrees import DegreeResult
    from algattn.singularities.ed_degree import EDDegreeResult
    from algattn.singularities.loci import LocusResult
    from algattn.singularities.results import PointResult


def _singular() -> Theorem:
    from algattn.singularities.theorem import SINGULAR

    return SINGULAR


def _locus() -> Theorem:
    from algattn.singularities.loci import LOCUS

    return LOCUS


def _boundary_point() -> Theorem:
    from algattn.singularities.theorem import BOUNDARY_POINT

    return BOUNDARY_POINT


def _order() -> Theorem:
    from algattn.singularities.strata import ORDER

    return ORDER


def _degree() -> Theorem:
    from algattn.singularities.degrees import DEGREE

    return DEGREE


@question(
    "point.one-layer",
    section="kind of point",
    command="classify",
    usage=("examples/one_layer.json",),
    theorem=_singular,
)
def classify(self: Architecture, weights: Weights) -> PointResult:
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
    from algattn.attention.weights import as_weights
    from algattn.singularities.results import classify as find

    return find(self, as_weights(self, weights))


@question(
    "point.one-layer", command="classify", usage=("examples/membership.json",), theorem=_singular
)
def classify_function(self: Architecture, function: FunctionMap) -> PointResult:
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
    from algattn.attention.functions import as_function
    from algattn.singularities.functions import classify_function as find

    return find(self, as_function(function))


@question(
    "point.locus", command="singular-locus", usage=("--widths 2,2 --ranks 2",), theorem=_locus
)
def singular_locus(
    self: Architecture, *, time_limit: float | None = 60.0, progress: bool = False
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


@question(
    "point.locus", command="boundary", usage=("--widths 2,2 --ranks 2",), theorem=_boundary_point
)
def boundary(
    self: Architecture, *, time_limit: float | None = 60.0, progress: bool = False
) -> LocusResult:
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


@question(command="strata", theorem=_order)
def strata(
    self: Architecture, *, time_limit: float | None = 60.0, progress: bool = False
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


@question("point.degree", command="degree", usage=("--widths 2,2 --ranks 2",), theorem=_degree)
def degree(self: Architecture) -> DegreeResult:
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
    from algattn.singularities.degrees import degree as find

    return find(self)


@question(
    "point.ed-degree", command="degree --ed=metric", usage=("--widths 2,1 --ranks 2 --ed unit",)
)
def ed_degree(
    self: Architecture,
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
    from algattn.singularities.ed_degree import ed_degree as find

    return find(
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
