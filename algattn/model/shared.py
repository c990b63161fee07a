"""What lightning and softmax networks share: random weights, dimensions, equality, the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.attention import Architecture, FunctionMap, GaugeElement, GaugeWord, Weights
from algattn.attention.functions import as_function
from algattn.attention.gauge import random_gauge
from algattn.attention.weights import as_weights, random_weights
from algattn.progress import Monitor

if TYPE_CHECKING:
    from algattn.dimension.local import LocalDimensionResult
    from algattn.dimension.redundancy import DimensionReport
    from algattn.dimension.results import DimensionResult
    from algattn.fibers.equivalence import EquivalenceResult
    from algattn.model.report import ReportResult


class Attention(Architecture):
    """The questions that make sense for every kind of attention network."""

    def random_weights(self, seed: int = 0, *, form: str = "QKV", size: int = 5) -> Weights:
        """Integer weights, the same for the same seed.

        Parameters
        ----------
        seed : int
        form : {"QKV", "AV"}
            Matrices ``K_i, Q_i`` (a_i x d_{i-1}) and ``V_i`` (d_i x d_{i-1}), or
            ``A_i = K_i^T Q_i`` (d_{i-1} x d_{i-1}, of rank at most a_i) and ``V_i``.
        size : int
            Entries of K, Q and V lie between -size and size.

        Returns
        -------
        Weights

        Raises
        ------
        LimitError
            For more numbers than fit into memory; dimensions do not need weights.

        Examples
        --------
        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 1), ranks=1).random_weights(seed=1)
        Weights(K=[[[-3, -3]]], Q=[[[2, 3]]], V=[[[-1, 2]]])
        """
        return random_weights(self, seed, form=form, size=size)

    def random_gauge(self, seed: int = 0) -> GaugeElement | GaugeWord:
        """A random element of the gauge group of this network.

        Parameters
        ----------
        seed : int

        Returns
        -------
        GaugeElement or GaugeWord
            ``.act(weights)`` moves weights without changing their function; ``*`` and ``.inverse``.

        References
        ----------
        Lemma "scaling" of ``algattn/docs/deep.md``; ``algattn/docs/symmetries.md``.

        Examples
        --------
        >>> from algattn import Lightning
        >>> net = Lightning(widths=(2, 2, 1), ranks=2)
        >>> W, g = net.random_weights(1), net.random_gauge(7)
        >>> net.function(g.act(W)) == net.function(W)
        True
        """
        return random_gauge(self, seed)

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
        >>> list(report.sections)
        ['parametrization', 'dimension', 'fiber', 'kind of point']
        >>> load(report.to_json()).verify()
        True
        """
        from algattn.model.report import report

        return report(
            self,
            None if weights is None else as_weights(self, weights),
            None if function is None else as_function(function),
        )

    def dimension(
        self,
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
        seed, prime : int
            They fix all random choices; another seed and prime are tried when the bounds differ.
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

    def local_dimension(
        self,
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
        from algattn.dimension.limits import watched
        from algattn.dimension.local import local_dimension

        monitor = Monitor("find a local dimension", time_limit=time_limit, progress=progress)
        with monitor, watched(monitor):
            return local_dimension(self, as_weights(self, weights), seed=seed)

    def dimension_report(
        self, *, seed: int = 0, time_limit: float | None = None, progress: bool = False
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
        from algattn.dimension.redundancy import dimension_report

        return dimension_report(self, seed=seed, time_limit=time_limit, progress=progress)

    def equivalent(self, first: Weights, second: Weights, *, seed: int = 0) -> EquivalenceResult:
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
        from algattn.fibers.equivalence import equivalent

        return equivalent(self, as_weights(self, first), as_weights(self, second), seed=seed)
