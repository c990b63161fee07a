"""The polynomials of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.attention import Architecture, Weights
    from algattn.symbolic.differential import Jacobian
    from algattn.symbolic.parametrization import Parametrization
    from algattn.symbolic.results import DerivationResult


@question()
def parametrization(self: Architecture, params: str | None = None) -> Parametrization:
    """The coefficients of the function as polynomials in the parameters.

    Parameters
    ----------
    params : {"AV", "QKV", "virtual"}, optional
        "QKV": the matrices of the network, ``K, Q, V`` or ``W, O``, and biases.  "AV": the entries
        of ``A = K^T Q`` in place of K and Q (all of them free: the bound on the rank of A is a
        condition on the point, not on the polynomials), where each head has its own keys and there
        are no biases of queries and keys.  "virtual": of a network with one head and nothing else
        the virtual weights ``B_i`` and ``V`` (:class:`~algattn.attention.VirtualWeights`, as free).
        Unless given: "QKV" where some rank bound
        ``a_i < d_{i-1}`` makes a difference, else "AV", so that it is the map of this network.

    Returns
    -------
    Parametrization
        A lazy mapping from names such as ``c_1_1_2_1`` (1-based) to polynomials.

    Raises
    ------
    InputError
        For another word.
    HypothesisError
        For parameters that the network does not have.
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


def _quickly(network: Architecture) -> dict[str, str] | None:
    """In a report only what takes seconds."""
    from algattn.symbolic.results import quick_params

    params = quick_params(network)
    return None if params is None else {"params": params}


@question(
    "parametrization.derivation",
    section="parametrization",
    brief=_quickly,
    command="derive",
    usage=("--widths 2,2 --ranks 2 --params QKV",),
)
def derive(self: Architecture, params: str | None = None, *, seed: int = 0) -> DerivationResult:
    """The exact polynomial parametrization, checked along a second route.

    Parameters
    ----------
    params : {"AV", "QKV", "virtual"}, optional
        Parameters of the polynomials, as for :meth:`parametrization`: unless given QKV where a
        bound on a rank binds, else AV.
    seed : int
        For the random points, where the second route is an evaluation.

    Returns
    -------
    DerivationResult
        PROVED when the plain matrix product is short (at most 200000 terms and 8 million
        exponents) and was expanded as the second route; PROBABLE when the routes were compared
        at random points modulo a prime.

    Raises
    ------
    LimitError
        When the polynomials do not fit into memory, or one layer on very many tokens has columns
        of more than two million terms, which take minutes to compare.
    InputError
        For another word.
    DisagreementError
        When the two routes differ.

    Complexity
    ----------
    That of the polynomials, twice.

    References
    ----------
    Henry, Marchetti, Kohn, arXiv 2408.17221.

    Examples
    --------
    >>> from algattn import Lightning
    >>> result = Lightning(widths=(2, 1), ranks=2).derive()
    >>> result.value, result.status.name, result.verify()
    (6, 'PROVED', True)
    """
    from algattn.symbolic.results import derive as find

    return find(self, params, seed=seed)


@question()
def jacobian(self: Architecture, weights: Weights) -> Jacobian:
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
    from algattn.attention.weights import as_weights
    from algattn.symbolic.differential import jacobian as find

    return find(self, as_weights(self, weights))
