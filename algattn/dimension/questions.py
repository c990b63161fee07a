"""Dimensions of function spaces, at almost all weights and at given ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.attention import Architecture, Weights
    from algattn.dimension.local import LocalDimensionResult
    from algattn.dimension.redundancy import DimensionReport
    from algattn.dimension.results import DimensionResult


@question(
    "dimension.network",
    section="dimension",
    command="dimension",
    usage=(
        "--widths 5,4,1 --ranks 1",
        "--widths 4096,4096,4096 --ranks 128 --kind softmax --format json",
    ),
)
def dimension(
    self: Architecture,
    *,
    method: str = "auto",
    seed: int = 0,
    prime: int | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> DimensionResult:
    """The dimension of the function space, proved by ranks from both sides.

    Parameters
    ----------
    method : {"auto", "dense", "symmetric", "balls"}
        Where the ranks are computed: at a random point, at points with orthogonal symmetry, or
        (softmax on at least two tokens) at a rational point in ball arithmetic.
    seed : int
        With `prime` it fixes all random choices; others are tried when the bounds differ.
    prime : int, optional
        Modulus, between 2^20 and 2^23.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    DimensionResult
        PROVED when both bounds meet, else PROBABLE with proved bounds.

    Raises
    ------
    FieldError
        When the modulus is composite or not of the size that is carried exactly.
    LimitError
        When time is over; ``.partial`` is a DimensionResult with the bounds found so far.
    UndecidedError
        When no symmetric layout fits and the shape is too large for a dense rank.

    Complexity
    ----------
    At symmetric points independent of the widths; dense ranks cost ``rank**2 * parameters``.

    References
    ----------
    Henry, Marchetti, Kohn, "Geometry of Lightning Self-Attention", arXiv 2408.17221;
    lemmas "reduction", "orbit", "symmetry" and "scores" of ``algattn/docs/dimension.md``.

    Examples
    --------
    >>> from algattn import Lightning, Softmax
    >>> Lightning(widths=(5, 4, 1), ranks=1).dimension()
    <The function space has dimension 21 (42 parameters), as the formula says [PROVED]>
    >>> Softmax(widths=(256, 256, 256), ranks=128).dimension().value
    163840
    """
    from algattn.dimension.results import dimension as find

    return find(
        self, method=method, seed=seed, prime=prime, time_limit=time_limit, progress=progress
    )


@question("dimension.local", command="dimension --local")
def local_dimension(
    self: Architecture,
    weights: Weights,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> LocalDimensionResult:
    """The rank of the Jacobian at the weights, and the fiber through them to first order.

    Parameters
    ----------
    weights : Weights
        Rational.  Given as (A, V) they are factored; A needs rank a where a < d.
    seed : int
        Draws the inputs.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    LocalDimensionResult
        PROVED when the bounds meet: below a rank modulo a prime (balls for softmax), above
        exact ranks over QQ.  Where they do not, small lightning networks are expanded, and
        for softmax the exact rank is the rank; otherwise PROBABLE with proved bounds.

    Raises
    ------
    FieldError
        For weights over a number field.
    HypothesisError
        For A of deficient rank, where (A, V) has no Jacobian.
    LimitError
        For more parameters than a dense rank carries, and when time is over.

    Complexity
    ----------
    One dense rank, ``rank**2 * parameters``.

    References
    ----------
    Lemmas "orbit" and "virtual weights" of ``algattn/docs/dimension.md``, and "softmax" of
    ``algattn/docs/deep.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2), ranks=2)
    >>> net.local_dimension(net.random_weights(1)).value
    7
    >>> zero = [[[0, 0], [0, 0]]]
    >>> net.local_dimension({"K": zero, "Q": zero, "V": [[[1, 0], [0, 1]]]}).value
    0
    """
    from algattn.attention.weights import as_weights
    from algattn.dimension.limits import watched
    from algattn.dimension.local import local_dimension as find
    from algattn.progress import Monitor

    monitor = Monitor("find a local dimension", time_limit=time_limit, progress=progress)
    with monitor, watched(monitor):
        return find(self, as_weights(self, weights), seed=seed)


@question("dimension.report", command="dimension --report")
def dimension_report(
    self: Architecture, *, seed: int = 0, time_limit: float | None = None, progress: bool = False
) -> DimensionReport:
    """The dimension, and where all other parameters go, by kind of symmetry.

    Parameters
    ----------
    seed, time_limit, progress
        As for :meth:`dimension`.

    Returns
    -------
    DimensionReport
        As strong as :meth:`dimension`; where formula and rank differ there is no account by
        kinds.  Raises and costs what :meth:`dimension` does.

    Examples
    --------
    >>> from algattn import Lightning
    >>> report = Lightning(widths=(5, 4, 1), ranks=1).dimension_report()
    >>> report.value, report.redundancy, report.table["idle"]
    (21, 21, (8,))
    """
    from algattn.dimension.redundancy import dimension_report as find

    return find(self, seed=seed, time_limit=time_limit, progress=progress)
