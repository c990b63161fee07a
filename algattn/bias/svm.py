"""The hard-margin problem of attention, solved exactly, with a certificate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar

import numpy as np

from algattn.arguments import checked
from algattn.bias.certificates import (
    Multiplied,
    Place,
    ShortestOnSupport,
    Stratum,
    ZeroOnSupport,
    separated,
    shortest,
    spell_rows,
)
from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import TokenData, fraction
from algattn.bias.guess import guess_support, pivot
from algattn.bias.minnorm import MinNorm, min_norm_point
from algattn.bias.supports import Support, TokenProblem, positive
from algattn.errors import CertificateError, InputError
from algattn.exact import QQ
from algattn.exact.numerals import grid, rounded
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Evidence,
    Outline,
    Result,
    canonical_json,
    decode,
    register,
)
from algattn.words import quoted


@register
@dataclass(frozen=True, repr=False)
class SVMResult(Result):
    """The shortest W whose margins are at least one, or the proof that there is none.

    Attributes
    ----------
    value : int, str or None
        ``|W|^2``; None when infeasible.
    support : tuple of int
        The places in :attr:`constraints` of the positive multipliers.  W and all multipliers
        follow from it, so they are computed when asked for and not stored.
    stratum : Place or None
        The rank of W and where that puts it; None when infeasible.
    """

    kind: ClassVar[str] = "bias.svm"
    title: ClassVar[str] = "Does some W separate the selected tokens?"
    claim_names: ClassVar[tuple[str, ...]] = ("optimal", "stratum", "feasible")
    shown: ClassVar[tuple[str, ...]] = ("selection",)

    problem: TokenProblem
    value: int | str | None
    support: tuple[int, ...]
    stratum: Place | None

    def outline(self) -> tuple[Outline, ...]:
        if (self.value is None) != (self.stratum is None):
            return ()
        chosen = ", ".join(str(t + 1) for t in self.selection)
        if self.value is None or self.stratum is None:
            says = f"no W separates the tokens {chosen} from the rest"
            return (Outline("feasible", says, separated(self.support)),)
        place = self.stratum
        return (
            Outline(
                "optimal",
                f"W is the only matrix of least norm that separates the tokens {chosen} from the "
                "rest with margin 1",
                shortest(self.support, self.value),
            ),
            Outline(
                "stratum",
                f"W has rank {place.rank}: it is a key-query matrix exactly for head sizes "
                f"a >= {place.least_a}",
                place.says(self.support),
            ),
        )

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Multipliers of version 0.1 become their support, where it determines them."""
        detail, problem = dict(parts["detail"]), decode(TokenProblem, parts["problem"])
        name = "feasible" if parts["value"] is None else "optimal"
        old = [e.multipliers for e in evidence.get(name, ()) if isinstance(e, Multiplied)]
        detail["support"] = list(positive(old[0])) if old else []
        W = detail.pop("W", None)
        with suppress(CertificateError):
            support = problem.support(detail["support"])
            if W is not None and canonical_json(W) != canonical_json(spell_rows(support.W)):
                evidence = {}  # the file says something else than it proves
            elif name == "feasible" and old and support.convex_zero == old[0]:
                evidence = evidence | {name: [ZeroOnSupport()]}
            elif name == "optimal" and old and support.determines(old[0]):
                evidence = evidence | {name: [ShortestOnSupport()]}
        return parts | {"detail": detail}, evidence

    @property
    def feasible(self) -> bool:
        return self.value is not None

    @property
    def norm_squared(self) -> Fraction | None:
        """``|W|_F^2``, which is also the sum of the multipliers."""
        return None if self.value is None else fraction(QQ(self.value))

    @cached_property
    def W(self) -> list[list[Fraction]] | None:
        """The solution as nested lists of fractions; None when infeasible."""
        rows = self.rows
        return None if rows is None else [[fraction(x) for x in row] for row in rows]

    @cached_property
    def multipliers(self) -> list[Fraction]:
        """One for each of :attr:`constraints`: the dual solution, or the Farkas certificate."""
        for item in self.claims[0].evidence:
            if isinstance(item, Multiplied):  # of an older file, where they are not unique
                return [fraction(x) for x in item.multipliers]
        support = self.problem.support(self.support)
        found = support.multipliers if self.feasible else support.convex_zero
        return [fraction(x) for x in found or ()]

    @property
    def constraints(self) -> tuple[tuple[int, int], ...]:
        """The pairs (sequence, token), 0-based, that the multipliers belong to."""
        return self.problem.constraints.index

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected tokens, 0-based."""
        return self.problem.data.best()

    @property
    def margins(self) -> list[Fraction] | None:
        """``<W, D>`` for each constraint; None when infeasible."""
        if self.value is None:
            return None
        return [fraction(x) for x in self.problem.support(self.support).margins]

    @property
    def rows(self) -> Rows | None:
        """W as FLINT rationals."""
        return None if self.value is None else self.problem.support(self.support).W

    @property
    def rank(self) -> int | None:
        """The rank of W."""
        return None if self.stratum is None else self.stratum.rank

    def array(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """W as floats; an error when infeasible."""
        if self.W is None:
            raise InputError("read W", "the problem is infeasible", "see .multipliers")
        return np.array([[float(x) for x in row] for row in self.W])

    def sentence(self) -> str:
        data = self.problem.data
        many, support = len(self.constraints), len(self.support)
        if self.value is None:
            return (
                f"The {many} constraints in dimension {data.d} x {data.d} are infeasible: "
                f"{support} of the features have a convex combination that is zero"
            )
        size = rounded(QQ(self.value))
        return (
            f"W has |W|^2 {size} and rank {self.rank} (of {data.d}); {support} of {many} "
            "multipliers are positive"
        )

    def card_rows(self) -> Iterator[CardRow]:
        if self.problem.data.d <= 8 and self.W is not None:
            yield CardRow("W =", grid(self.W))

    def formula(self) -> str:
        if self.value is None:
            return r"\nexists W"
        return rf"\|W_{{\mathrm{{mm}}}}\|_F^2 = {QQ(self.value)}"


@checked
@dataclass(frozen=True, init=False)
class AttentionSVM:
    """``min |W|_F`` subject to ``<W, (x_{i,o_i} - x_{i,t}) z_i^T> >= 1`` for all i and t != o_i.

    Gradient descent on one attention layer drives the key-query matrix to infinity in the
    direction of the solution, for the tokens ``o_i`` of best score or for locally best ones.

    Parameters
    ----------
    sequences : n sequences of T_i tokens of d rationals
        Rows are tokens; the T_i may differ.
    labels : n numbers 1 or -1
    decoder : d rationals
        The vector u; scores are ``y_i <u, x_{i,t}>``.
    query : d rationals, or n of them, optional
        The first token of each sequence by default.
    selection : n ints, optional
        The tokens ``o_i``, 0-based; those of best score by default.

    Raises
    ------
    ShapeError, FieldError, InputError
        For data that cannot be read; floats are refused, see :meth:`rounded`.
    HypothesisError
        When a best score is attained twice (also when u = 0) and no selection is given.

    References
    ----------
    Tarzanagh, Li, Thrampoulidis, Oymak 2023; Vasudeva, Deora, Thrampoulidis 2025
    (``algattn cite TLTO VDT``).

    Examples
    --------
    >>> X1, X2 = [[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]
    >>> found = AttentionSVM([X1, X2], [1, -1], [1, 2]).solve()
    >>> found.norm_squared, found.W[0]
    (Fraction(50, 9), [Fraction(1, 1), Fraction(-4, 3)])
    >>> found.status.name, found.verify()
    ('PROVED', True)
    """

    data: TokenData

    def __init__(
        self,
        sequences: Any,
        labels: Any = None,
        decoder: Any = None,
        query: Any = None,
        *,
        selection: Any = None,
    ) -> None:
        data = TokenData.of(sequences, labels, decoder, query)
        data = data if selection is None else data.select(selection)
        data.best()
        object.__setattr__(self, "data", data)

    @classmethod
    def rounded(
        cls,
        sequences: Any,
        labels: Any,
        decoder: Any,
        query: Any = None,
        *,
        denominator: int = 1024,
        selection: Any = None,
    ) -> AttentionSVM:
        """The problem of float data rounded to multiples of ``1/denominator``.

        Doubles taken at face value have 53-bit numerators, and the exact solution thousands of
        digits; rounding first keeps both small, and the rounded data are what is solved exactly.
        """

        if type(denominator) is not int or denominator < 1:
            raise InputError(
                "round data",
                f"the denominator is {quoted(denominator)}",
                "give a positive whole number",
            )

        def near(values: Any) -> Any:
            values = values.tolist() if hasattr(values, "tolist") else values
            if isinstance(values, list | tuple):
                return [near(x) for x in values]
            if isinstance(values, float) and isfinite(values):
                return Fraction(round(values * denominator), denominator)
            return values

        return cls(near(sequences), labels, near(decoder), near(query), selection=selection)

    @cached_property
    def constraints(self) -> Constraints:
        return Constraints.of(self.data)

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected tokens, 0-based."""
        return self.constraints.selection

    def min_norm(self, *, time_limit: float | None = None, progress: bool = False) -> MinNorm:
        """The point of least norm in the convex hull of the features (N >= 1 constraints)."""
        with Monitor("find the hard margin exactly", time_limit=time_limit, progress=progress):
            return min_norm_point(self.constraints.gram())

    def solve(self, *, time_limit: float | None = None, progress: bool = False) -> SVMResult:
        """Solve exactly.

        Returns
        -------
        SVMResult
            PROVED: the support of the multipliers, from which W follows, or that of a convex
            combination that is zero, so that there is no W.  W is unique; another solver may find
            another support.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.

        Complexity
        ----------
        A float quadratic program with N = sum (T_i - 1) unknowns, and usually one rational solve
        of the size of the support.  W itself is computed when it is asked for.
        """
        with Monitor("find the hard margin exactly", time_limit=time_limit, progress=progress):
            return self._solve()

    def _solve(self) -> SVMResult:
        problem = TokenProblem(self.data)
        support, guess = self._guessed(problem)
        if support is None:
            found = min_norm_point(problem.constraints.gram(), guess=guess)
            support = problem.support(positive(found.weights))
            if found.norm_squared == 0:
                none: dict[str, list[Evidence]] = {"feasible": [ZeroOnSupport()]}
                return SVMResult.assemble(problem, None, none, support=support.places, stratum=None)
            # These features are affinely independent and, since the point of least norm is not
            # zero, even linearly: their multipliers are the only ones.
        return SVMResult.assemble(
            problem,
            QQ.format(support.norm_squared),
            {"optimal": [ShortestOnSupport()], "stratum": [Stratum()]},
            support=support.places,
            stratum=Place.of(self.data.d, support.rank),
        )

    def _guessed(self, problem: TokenProblem) -> tuple[Support | None, Sequence[float] | bool]:
        """The support of a float solution, when it proves itself, as it nearly always does.

        Otherwise a guess for the exact iteration to start from.
        """
        every = range(len(problem.constraints.index))
        gram = [[int(x) for x in row] for row in problem.constraints.block(every, every)]
        weights = pivot(gram) if gram else []
        if weights is None:
            return None, True
        places = guess_support(weights)
        try:
            problem.support(places).prove_shortest()
        except CertificateError:
            return None, weights
        return problem.support(places), weights
