"""The hard-margin problem of attention, solved exactly, with a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import Any, ClassVar

import numpy as np

from algattn.bias.certificates import KKT, Farkas, Stratum, problem_data, spell, spell_rows, stratum
from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import TokenData, fraction
from algattn.bias.minnorm import MinNorm, min_norm_point
from algattn.errors import InputError
from algattn.exact import QQ, Matrix
from algattn.results import Evidence, Outline, canonical_json, register
from algattn.results.legacy import LegacyResult


@register
@dataclass(frozen=True, repr=False)
class SVMResult(LegacyResult):
    """The shortest W whose margins are at least one, or the proof that there is none.

    Attributes
    ----------
    value : int, str or None
        ``|W|^2``; None when infeasible.
    """

    kind: ClassVar[str] = "bias.svm"
    title: ClassVar[str] = "Hard margin of attention"
    claim_names: ClassVar[tuple[str, ...]] = (
        "optimal",
        "stratum",
        "feasible",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        data = problem_data(problem)
        if set(problem) != {"data"} or set(detail) != {"selection", "W", "stratum"}:
            return ()
        if canonical_json(detail["selection"]) != canonical_json(data.best()):
            return ()
        chosen = ", ".join(str(t + 1) for t in detail["selection"])
        if value is None:
            if detail["W"] is not None or detail["stratum"] is not None:
                return ()
            return (
                Outline("feasible", f"no W separates the tokens {chosen} from the rest", False),
            )
        place = detail["stratum"]
        if set(place) != set(stratum(0, 0)):
            return ()
        return (
            Outline(
                "optimal",
                f"W is the only matrix of least norm that separates the tokens {chosen} from the "
                "rest with margin 1",
                {"W": detail["W"], "norm_squared": value},
            ),
            Outline(
                "stratum",
                f"W has rank {place['rank']}: it is a key-query matrix exactly for head sizes "
                f"a >= {place['least_a']}",
                {"W": detail["W"], **place},
            ),
        )

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
        rows = self.detail["W"]
        return None if rows is None else [[fraction(QQ(x)) for x in row] for row in rows]

    @cached_property
    def multipliers(self) -> list[Fraction]:
        """One for each of :attr:`constraints`: the dual solution, or the Farkas certificate."""
        evidence: Any = self.claims[0].evidence[0]
        return [fraction(QQ(x)) for x in evidence.multipliers]

    @property
    def constraints(self) -> tuple[tuple[int, int], ...]:
        """The pairs (sequence, token), 0-based, that the multipliers belong to."""
        return Constraints.of(problem_data(self.problem)).index

    @property
    def selection(self) -> tuple[int, ...]:
        """The selected tokens, 0-based."""
        return tuple(self.detail["selection"])

    @property
    def margins(self) -> list[Fraction] | None:
        """``<W, D>`` for each constraint; None when infeasible."""
        rows = self.rows
        if rows is None:
            return None
        found = Constraints.of(problem_data(self.problem)).margins(rows)
        return [fraction(x) for x in found]

    @property
    def rows(self) -> Rows | None:
        """W as FLINT rationals."""
        rows = self.detail["W"]
        return None if rows is None else [[QQ(x) for x in row] for row in rows]

    @property
    def rank(self) -> int | None:
        """The rank of W."""
        return None if self.value is None else int(self.detail["stratum"]["rank"])

    def array(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """W as floats; an error when infeasible."""
        if self.W is None:
            raise InputError("read W", "the problem is infeasible", "see .multipliers")
        return np.array([[float(x) for x in row] for row in self.W])

    def sentence(self) -> str:
        data = problem_data(self.problem)
        many, support = len(self.multipliers), sum(x != 0 for x in self.multipliers)
        if self.value is None:
            return (
                f"The {many} constraints in dimension {data.d} x {data.d} are infeasible: "
                f"{support} of the features have a convex combination that is zero"
            )
        digits = max(len(str(x)) for row in self.detail["W"] for x in row)
        size = f"= {self.value}" if len(str(self.value)) < 40 else f"~ {float(QQ(self.value)):.6g}"
        return (
            f"W has |W|^2 {size} and rank {self.rank} (of {data.d}); {support} of {many} "
            f"multipliers are positive"
            + (f"; its entries have up to {digits} characters" if digits > 40 else "")
        )

    def lines(self) -> list[str]:
        if self.W is None or len(self.W) > 8:
            return []
        return ["W = " + str([[str(x) for x in row] for row in self.W]).replace("'", "")]

    def formula(self) -> str:
        if self.value is None:
            return r"\nexists W"
        return rf"\|W_{{\mathrm{{mm}}}}\|_F^2 = {QQ(self.value)}"


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
                "round data", f"the denominator is {denominator!r}", "give a positive whole number"
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
        return min_norm_point(self.constraints.gram(), time_limit=time_limit, progress=progress)

    def solve(self, *, time_limit: float | None = None, progress: bool = False) -> SVMResult:
        """Solve exactly.

        Returns
        -------
        SVMResult
            PROVED: W with its multipliers (evidence KKT), or a Farkas certificate that there is
            no W.  W is unique; the multipliers are unique only when the support is independent.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.

        Complexity
        ----------
        A float quadratic program with N = sum (T_i - 1) unknowns, and usually one rational solve
        of the size of the support.
        """
        constraints = self.constraints
        problem = {"data": self.data.to_data()}
        detail: dict[str, Any] = {"selection": self.selection}
        if constraints.index:
            found = self.min_norm(time_limit=time_limit, progress=progress)
            square = found.norm_squared
            if square == 0:
                multipliers = spell(found.weights)
                evidence: dict[str, list[Evidence]] = {"feasible": [Farkas(multipliers)]}
                detail |= {"W": None, "stratum": None}
                return SVMResult.assemble(problem, None, evidence, detail)
            weights = [w / square for w in found.weights]
            value = QQ.format(1 / square)
        else:
            weights, value = [], 0
        W = constraints.combine(weights)
        multipliers = spell(weights)
        detail |= {
            "W": spell_rows(W),
            "stratum": stratum(self.data.d, Matrix(QQ, W).rank()),
        }
        evidence = {"optimal": [KKT(multipliers)], "stratum": [Stratum()]}
        return SVMResult.assemble(problem, value, evidence, detail)
