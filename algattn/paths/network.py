"""The face of this room: a network of attention paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from algattn.arguments import checked
from algattn.errors import HypothesisError, ShapeError
from algattn.exact.fields import QQ, parse_rational
from algattn.paths.arrays import Floats, float_array, is_exact
from algattn.paths.attention import Head, random_heads
from algattn.paths.data import is_exact_parameter, read_attention, read_labels
from algattn.paths.estimator import Estimator
from algattn.paths.exact_numbers import exact_mean
from algattn.paths.graph import Paths
from algattn.paths.inputs import (
    PathInputs,
    attend,
    attend_exactly,
    exact_input,
    exact_labels,
    input_array,
    readout_weights,
)
from algattn.paths.kernels import PathKernels, cross_kernel, read_order_parameter
from algattn.paths.predictor import Predictor
from algattn.paths.rational import ExactPathKernels
from algattn.paths.saddle import infinite_width, solve
from algattn.paths.shape import PathShape
from algattn.paths.solution import Solution
from algattn.progress import Monitor
from algattn.words import one_of

TASKS = ("auto", "classification", "regression")

if TYPE_CHECKING:
    from algattn.paths.critical import CriticalPointResult
    from algattn.paths.one_head import OneHeadResult
    from algattn.paths.posterior import Posterior


@checked
class PathNetwork(Estimator):
    """A deep attention network with linear values, as a sum over attention paths.

    Parameters
    ----------
    heads : sequence of L int
        ``(H_1, .., H_L)``; empty for a two-layer linear network.
    widths : sequence of L + 1 int
        ``(N_1, .., N_L, N_a)``.
    variances : number or sequence of L + 2 numbers
        Prior variances ``(s_0, s_1, .., s_L, s_a)``, or one number for all.
    attention : word, or one list of heads for each layer
        A head is a ``T x T`` matrix (keys x queries), ``"uniform"``, or a
        :class:`~algattn.paths.QueryKeyHead`.  The words ``"softmax"``, ``"hardmax"``, ``"uniform"``
        stand for random query-key heads drawn from `seed`, or uniform ones.
    readout : {"last", "first", "average"} or int
        Which token is read, or the average.
    temperature : float
        The noise variance T, where a method is not given one.
    task : {"auto", "classification", "regression"}
        What labels may be: -1 and +1 only for classification, any numbers for regression;
        ``"auto"`` refuses whole numbers other than -1 and +1.
    starts, seed : int
        How many starts the saddle is searched from, and the seed of all random choices.

    Examples
    --------
    >>> net = PathNetwork(heads=(2,), widths=(6, 6), attention=[[[[1, 0], [0, 1]], "uniform"]])
    >>> net.paths()
    <2 paths: (1), (2)>
    >>> X = [[[1, 0]], [[2, 2]]]  # two examples, one feature, two tokens
    >>> net.kernel(X, [[1, 0], [0, 1]]).tolist()
    [[Fraction(1, 8), Fraction(1, 2)], [Fraction(1, 2), 4]]

    References
    ----------
    Tiberi, Mignacco, Irie, Sompolinsky, arXiv:2405.15926.
    """

    def __init__(
        self,
        heads: Sequence[int],
        widths: Sequence[int],
        variances: Any = 1,
        *,
        attention: Any = "softmax",
        readout: Any = "last",
        temperature: float = 0.01,
        task: str = "auto",
        starts: int = 3,
        seed: int = 0,
    ) -> None:
        self.heads, self.widths, self.variances = heads, widths, variances
        self.attention, self.readout, self.temperature = attention, readout, temperature
        self.task, self.starts, self.seed = task, starts, seed
        self.shape = PathShape(heads, widths, variances)
        one_of(task, TASKS, "make a network of attention paths", "task")
        readout_weights(readout if isinstance(readout, str) else 0, 1)
        self._heads = read_attention(attention, self.shape)
        self.solution_: Solution | None = None

    # -- paths and inputs ----------------------------------------------------------------------

    def paths(self) -> Paths:
        """All paths, with their graph; see :class:`~algattn.paths.Paths`."""
        return Paths(self.shape)

    def head_list(self, features: int) -> list[list[Head]]:
        """The heads layer by layer, drawn from the seed where a word stands for them."""
        if self._heads is not None:
            return self._heads
        return random_heads(self.shape.heads, features, str(self.attention), self.seed)

    def attended(self, X: Any, attention: Any = None) -> PathInputs:
        """Path-attended inputs ``xi^pi(x)`` in floating point.

        Parameters
        ----------
        X : P x N0 x T numbers, or PathInputs
        attention : one list for each layer of arrays P x T x T, optional
            Attention matrices of these very inputs, instead of the network's heads.
        """
        if isinstance(X, PathInputs):
            return X.bound_to(self.shape)
        array = input_array(X, self.shape.depth)
        heads: Sequence[Sequence[Head | Floats]] = (
            self.head_list(array.shape[1])
            if attention is None
            else [
                [float_array(a, 3, "read given attention", "P x T x T") for a in layer]
                for layer in attention
            ]
        )
        if [len(layer) for layer in heads] != list(self.shape.heads):
            raise ShapeError(
                "read given attention",
                f"it has {[len(layer) for layer in heads]} heads",
                f"give {list(self.shape.heads)}",
            )
        return attend(self.shape, heads, array, self.readout)

    def is_exact(self, X: Any) -> bool:
        """Whether kernels of these inputs are rational: no floats, no softmax."""
        if isinstance(X, PathInputs) or not is_exact(X):
            return False
        if isinstance(self.shape.input_variance, float):
            return False
        if self._heads is None:
            return self.attention != "softmax" or self.shape.depth == 0
        return all(head.exact for layer in self._heads for head in layer)

    # -- kernels -------------------------------------------------------------------------------

    def path_kernels(
        self, X: Any, other: Any = None, *, exact: bool | None = None
    ) -> PathKernels | ExactPathKernels:
        """Path-path kernels of inputs, exact over QQ where attention and inputs are rational.

        Parameters
        ----------
        X, other : P x N0 x T numbers
            One set of inputs, or two.
        exact : bool, optional
            By default, exact when there are no floats and no softmax.

        Returns
        -------
        PathKernels or ExactPathKernels
            Floating point (NUMERIC), or rational with ``.result()`` (PROVED).

        Raises
        ------
        FieldError
            When exactness is demanded of floats or softmax.
        """
        given = [X] if other is None else [X, other]
        if exact is None:
            exact = all(self.is_exact(x) for x in given)
        if not exact:
            return PathKernels(*[self.attended(x) for x in given])
        features = exact_input(X, self.shape.depth)[0].nrows()
        heads = self.head_list(features)
        parts = [attend_exactly(self.shape, heads, x, self.readout) for x in given]
        problem = None
        if other is None:
            from algattn.paths.problems import kernel_problem

            problem = kernel_problem(self.shape, heads, self.readout, X)
        right = parts[1] if other is not None else None
        return ExactPathKernels(self.shape, parts[0], right, problem)

    def kernel(self, X: Any, U: Any = None, other: Any = None, *, exact: bool | None = None) -> Any:
        """``K(U)``: a float array, or an exact :class:`~algattn.exact.Matrix`.

        Parameters
        ----------
        U : paths x paths numbers, optional
            The order parameter; by default that of infinite width.
        """
        if U is None:
            scale: Any = 1
            for s in self.shape.chain_variances:
                scale = scale * s
            n = self.shape.count
            U = [[scale if i == j else 0 for j in range(n)] for i in range(n)]
        given = [X] if other is None else [X, other]
        if exact is None:
            exact = is_exact_parameter(U) and all(self.is_exact(x) for x in given)
        if exact:
            return self.path_kernels(X, other, exact=True).kernel(U)
        left = self.attended(X)
        right = left if other is None else self.attended(other)
        return cross_kernel(left, right, read_order_parameter(U, self.shape.count))

    # -- theory --------------------------------------------------------------------------------

    def labels(self, Y: Any, size: int) -> Floats:
        """Labels as floats, checked against the task."""
        return read_labels(Y, size, self.task)

    def _prepare(self, X: Any, Y: Any, temperature: float | None) -> tuple[Any, Floats, float]:
        inputs = self.attended(X)
        T = self.temperature if temperature is None else temperature
        return inputs, self.labels(Y, inputs.size), T

    def solve(
        self,
        X: Any,
        Y: Any,
        *,
        temperature: float | None = None,
        starts: int | None = None,
        start: Sequence[Any] | None = None,
        seed: int | None = None,
        test: bool = True,
        progress: bool = False,
        time_limit: float | None = None,
    ) -> Solution:
        """The saddle of the action for training data; see :func:`algattn.paths.saddle.solve`.

        Returns
        -------
        Solution
            With ``U``, ``u_a``, ``residual``, ``balance``; NUMERIC.

        Raises
        ------
        HypothesisError
            At zero temperature with a singular kernel.
        """
        clock = Monitor("search for the saddle of the action", time_limit=time_limit)
        with clock:
            inputs, labels, T = self._prepare(X, Y, temperature)
        found = solve(
            inputs,
            labels,
            T,
            starts=self.starts if starts is None else starts,
            start=start,
            seed=self.seed if seed is None else seed,
            test=test,
            progress=progress,
            time_limit=clock.remaining,
        )
        self.solution_ = replace(found, attend=self.attended)
        return self.solution_

    def infinite_width(self, X: Any, Y: Any, *, temperature: float | None = None) -> Solution:
        """The limit of infinite width, where all paths count alike and do not interact."""
        found = infinite_width(*self._prepare(X, Y, temperature))
        return replace(found, attend=self.attended)

    def gaussian_process(
        self,
        X: Any,
        Y: Any,
        *,
        paths: Sequence[Any] | None = None,
        temperature: float | None = None,
    ) -> Predictor:
        """The predictor of infinite width on some paths only (numbers, or tuples of heads)."""
        inputs, labels, T = self._prepare(X, Y, temperature)
        chosen = range(self.shape.count) if paths is None else paths
        rows = [self.shape.row(p) for p in chosen]
        U = np.zeros((self.shape.count, self.shape.count))
        U[rows, rows] = self.shape.prior_scale()
        return Predictor(inputs, labels, U, T)

    def posterior(
        self,
        X: Any,
        Y: Any,
        *,
        temperature: float | None = None,
        chains: int = 16,
        draws: int = 400,
        warmup: int = 400,
        seed: int | None = None,
        progress: bool = False,
        time_limit: float | None = None,
    ) -> Posterior:
        """The exact finite-width posterior; see :func:`algattn.paths.posterior.sample`."""
        from algattn.paths.posterior import sample

        with Monitor("sample the exact posterior", time_limit=time_limit) as monitor:
            inputs, labels, T = self._prepare(X, Y, temperature)
            drawn = sample(
                inputs,
                labels,
                T,
                chains=chains,
                draws=draws,
                warmup=warmup,
                seed=self.seed if seed is None else seed,
                progress=progress,
                time_limit=monitor.remaining,
            )
        return replace(drawn, attend=self.attended)

    def certify(
        self,
        X: Any,
        Y: Any,
        *,
        temperature: Any,
        solution: Solution | None = None,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> CriticalPointResult:
        """Prove a critical point of the action next to the saddle; rational data, small networks.

        Returns
        -------
        CriticalPointResult
            PROVED: one critical point in a tiny box, an algebraic one, and that it is a minimum.

        Raises
        ------
        FieldError
            For floats and softmax.
        UndecidedError, LimitError
            When the interval test does not go through, or the problem is large.
        """
        from algattn.paths.critical import certify_critical_point

        with Monitor("certify a critical point", time_limit=time_limit, progress=progress):
            kernels = self.path_kernels(X, exact=True)
            assert isinstance(kernels, ExactPathKernels)
            T = parse_rational(temperature, "read an exact temperature")
            if solution is None:
                solution = self.solve(X, Y, temperature=float(QQ.to_python(T)))
            return certify_critical_point(kernels, Y, solution.levels, temperature=T)

    def stationary_points(
        self,
        X: Any,
        Y: Any,
        *,
        temperature: Any,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> OneHeadResult:
        """All stationary points as algebraic numbers, for one head per layer; PROVED.

        Raises
        ------
        HypothesisError
            For networks with more than one path.
        LimitError
            When the polynomial has a degree above 64, or the time is over.
        """
        from algattn.paths.one_head import one_head_points

        if self.shape.count != 1:
            raise HypothesisError(
                "find all stationary points",
                f"there are {self.shape.count} paths",
                "use one head per layer, or certify() for a single point",
            )
        with Monitor("find all stationary points", time_limit=time_limit, progress=progress):
            C = self.path_kernels(X, exact=True).block(0, 0)
            return one_head_points(
                C, Y, widths=self.widths, variances=self.variances, temperature=temperature
            )

    def exact_mean(self, X: Any, Y: Any, new: Any, U: Any, *, temperature: Any) -> list[Any]:
        """The mean output ``k (K(U) + T I)^{-1} Y`` at new inputs, over QQ.

        Raises
        ------
        FieldError
            For anything that is not rational.
        HypothesisError
            When the shifted kernel is singular.
        """
        train = self.kernel(X, U, exact=True)
        cross = self.kernel(new, U, X, exact=True)
        T = parse_rational(temperature, "read an exact temperature")
        mean = exact_mean(train.flint, cross.flint, exact_labels(Y, train.shape[0]), T)
        return [QQ.to_python(row[0]) for row in mean.tolist()]

    def __repr__(self) -> str:
        return (
            f"PathNetwork(heads={self.shape.heads}, widths={self.shape.widths}, "
            f"readout={self.readout!r})"
        )
