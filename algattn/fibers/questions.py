"""Which weights have a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.attention import Architecture, FunctionMap, Weights
    from algattn.attention.theorems import Theorem
    from algattn.exact import Field
    from algattn.fibers.canonical import CanonicalResult
    from algattn.fibers.equivalence import EquivalenceResult
    from algattn.fibers.fiber_ideal import FiberIdeal
    from algattn.fibers.generic import GenericFiberResult
    from algattn.fibers.membership import MembershipResult
    from algattn.fibers.numeric import NumericRecovery
    from algattn.fibers.recovered import Recovered
    from algattn.fibers.results import FiberResult


def _native_fibers() -> Theorem:
    from algattn.fibers.deep import NATIVE_FIBERS

    return NATIVE_FIBERS


def _generic_fiber() -> Theorem:
    from algattn.fibers.generic import GENERIC_FIBER

    return GENERIC_FIBER


def _canonical() -> Theorem:
    from algattn.fibers.canonical import CANONICAL

    return CANONICAL


def _membership() -> Theorem:
    from algattn.fibers.factorisation import MEMBERSHIP

    return MEMBERSHIP


def _recovery() -> Theorem:
    from algattn.fibers.deep_recovery import RECOVERY

    return RECOVERY


@question(
    "fiber.one-layer deep.fiber",
    section="fiber",
    command="fiber",
    usage=("examples/one_layer.json",),
    theorem=_native_fibers,
)
def fiber(self: Architecture, weights: Weights, *, params: str | None = None) -> FiberResult:
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
    from algattn.attention.weights import as_weights
    from algattn.fibers.fiber import fiber as find

    return find(self, as_weights(self, weights), params)


@question(
    "generic.fiber",
    command="fiber --generic",
    usage=("--widths 3,3,1 --ranks 2,1 --generic",),
    theorem=_generic_fiber,
)
def generic_fiber(self: Architecture, *, seed: int = 0) -> GenericFiberResult:
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
    Henry, Marchetti, Kohn, arXiv 2408.17221; lemmas "deep fiber" and "generic components" of
    ``algattn/docs/deep.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> fiber = Lightning(widths=(2, 2, 1), ranks=(2, 1)).generic_fiber()
    >>> fiber.dimension, fiber.components
    (11, 2)
    """
    from algattn.fibers.generic import generic_fiber as find

    return find(self, seed=seed)


@question("canonical.form", command="canonical", theorem=_canonical)
def canonical(self: Architecture, weights: Weights) -> CanonicalResult:
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
    from algattn.attention.weights import as_weights
    from algattn.fibers.canonical import canonical as find

    return find(self, as_weights(self, weights))


@question("equivalence.pair", command="equivalent", usage=("A.json B.json",), decides=True)
def equivalent(
    self: Architecture, first: Weights, second: Weights, *, seed: int = 0
) -> EquivalenceResult:
    """Whether both weight tuples have the same function, with a group element or an input.

    Parameters
    ----------
    first, second : Weights
        Of this network, over one field (QQ embeds in number fields).
    seed : int
        For the search of an input at which they differ.

    Returns
    -------
    EquivalenceResult
        ``.value`` is True or False.  PROVED.

    Raises
    ------
    UndecidedError
        Lightning only: for three and more tokens and features with skew layers that no lemma
        decides; in positive characteristic when the normal forms differ and no input was
        found.

    Complexity
    ----------
    Matrix products of the given sizes; the polynomial of degree ``3^l`` is never expanded.

    References
    ----------
    Lemmas "peeling", "skew layers", "plane" and "softmax" of ``algattn/docs/deep.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2, 2), ranks=2)
    >>> W = net.random_weights(1)
    >>> net.equivalent(W, net.random_gauge(5).act(W))
    <Equal: a gauge element carries one to the other [PROVED]>
    >>> net.equivalent(W, net.random_weights(2)).value
    False
    """
    from algattn.attention.weights import as_weights
    from algattn.fibers.equivalence import equivalent as decide

    return decide(self, as_weights(self, first), as_weights(self, second), seed=seed)


@question(
    "membership.one-layer",
    section="membership",
    command="contains",
    usage=("examples/membership.json",),
    decides=True,
    theorem=_membership,
)
def contains(self: Architecture, function: FunctionMap, *, seed: int = 0) -> MembershipResult:
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
    from algattn.attention.functions import as_function
    from algattn.fibers.membership import membership

    return membership(self, as_function(function), seed)


@question(
    "recovery.numeric",
    command="recover",
    usage=("function.json -o weights.json",),
    theorem=_recovery,
)
def recover(
    self: Architecture,
    function: Any,
    *,
    field: Field | None = None,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> Recovered | NumericRecovery:
    """Weights with this function, one for each class.

    Parameters
    ----------
    function : FunctionMap, CoefficientArray or callable
        Coefficients, or a black box that takes a nested list (d x t) of numbers and returns the
        output (d_out x t); exact numbers give exact weights, floats a numeric fit.  Numpy integers
        count as exact: mind that they overflow in silence.
    field : Field, optional
        QQ unless given: where the weights are looked for and a black box takes its values.
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
    from algattn.exact import QQ
    from algattn.fibers.recover import recover_any
    from algattn.progress import Monitor

    asked = f"recover weights in {self!r}"
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        return recover_any(self, function, QQ if field is None else field, seed, monitor)


@question()
def fiber_ideal(self: Architecture, weights: Weights, params: str = "AV") -> FiberIdeal:
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
    from algattn.attention.weights import as_weights
    from algattn.fibers.fiber_ideal import fiber_ideal as write

    return write(self, as_weights(self, weights), params)
