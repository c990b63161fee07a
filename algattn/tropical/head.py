"""One head with fixed keys at temperature zero: its scores, winners, limits and cells over QQ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import InputError, ShapeError
from algattn.progress import Monitor
from algattn.tropical.cells import Cell, Functions, Limit, Region, refine
from algattn.tropical.numbers import (
    ByParts,
    Plain,
    Vector,
    clear,
    dot,
    fractions,
    read_vector,
    read_vectors,
    vector_data,
)
from algattn.words import quoted_keys

if TYPE_CHECKING:
    from algattn.attention import Weights
    from algattn.tropical.polynomials import TropicalPolynomial, TropicalRational


@checked
class Head(ByParts, Plain):
    """One attention head with fixed keys, as data; see :class:`.TropicalAttention`."""

    def __init__(
        self, keys: Any, values: Any = None, biases: Any = None, *, floats: bool = False
    ) -> None:
        asked = "make a tropical attention head"
        self.keys: tuple[Vector, ...] = read_vectors(keys, f"{asked} (keys)", floats=floats)
        if not self.keys:
            raise ShapeError(asked, "there are no keys", "give at least one key")
        count = len(self.keys)
        self.biases: Vector = (fmpq(0),) * count
        if biases is not None:
            self.biases = read_vector(biases, f"{asked} (biases)", floats=floats)
        self.values: tuple[Vector, ...] | None = None
        if values is not None:
            self.values = read_vectors(values, f"{asked} (values)", floats=floats)
        for name, found in (("biases", self.biases), ("values", self.values)):
            if found is not None and len(found) != count:
                raise ShapeError(
                    asked, f"there are {count} keys and {len(found)} {name}", "give one for each"
                )

    @classmethod
    def from_head(
        cls,
        *,
        K: Any,
        Q: Any,
        V: Any = None,
        context: Any,
        query_bias: Any = None,
        biases: Any = None,
        attends_to_itself: bool = False,
        layer_norm: bool = False,
        floats: bool = False,
    ) -> Self:
        """A real head over fixed context tokens, as a function of the query token `x`.

        The score of the context token `y_j` is ``(Q x + query_bias) . (K y_j) + biases_j``, so its
        key is ``Q^T K y_j``, its bias ``query_bias . K y_j + biases_j`` and its value ``V y_j``.

        Parameters
        ----------
        K, Q : a x d
            Key and query matrix.
        V : d_v x d, optional
            Value matrix (times the output matrix, when there is one).
        context : N x d
            The tokens that are attended to, one in each row.
        query_bias : a numbers, optional
        biases : N numbers, optional
            For example relative positions (ALiBi).
        attends_to_itself, layer_norm : bool
            Refused when true: neither is polyhedral.
        floats : bool
            Read floats as the dyadic numbers they are, as learned weights need it.

        Raises
        ------
        HypothesisError
            If the token attends to itself, or layer normalisation comes before the scores.

        Examples
        --------
        >>> head = Head.from_head(
        ...     K=[[0.5, 0]], Q=[[1, 2]], context=[[1, 0], [4, 1]], floats=True)
        >>> head.keys
        ((1/2, 1), (2, 4))
        """
        from algattn.tropical.heads import pull_back

        return cls(
            **pull_back(
                K=K,
                Q=Q,
                V=V,
                context=context,
                query_bias=query_bias,
                biases=biases,
                attends_to_itself=attends_to_itself,
                layer_norm=layer_norm,
                floats=floats,
            )
        )

    @classmethod
    def from_weights(
        cls,
        weights: Weights,
        context: Any,
        *,
        layer: int = 0,
        attends_to_itself: bool = False,
        floats: bool = False,
    ) -> Self:
        """A layer of :class:`algattn.attention.Weights` over fixed context tokens.

        The score of the context token `y` at the token `x` is ``y^T A x``, its value ``V y``.

        Examples
        --------
        >>> from algattn.attention import Weights
        >>> W = Weights(A=[[[1, 2], [0, 1]]], V=[[[1, 1]]])
        >>> Head.from_weights(W, [[1, 0], [0, 1]]).keys
        ((1, 2), (0, 1))
        """
        from algattn.tropical.heads import attention_matrices

        A, V = attention_matrices(weights, layer)
        identity = [[int(i == j) for j in range(len(A))] for i in range(len(A))]
        return cls.from_head(
            K=identity,
            Q=A,
            V=V,
            context=context,
            attends_to_itself=attends_to_itself,
            floats=floats,
        )

    @property
    def dimension(self) -> int:
        """The dimension `d` of the query space."""
        return len(self.keys[0])

    @property
    def size(self) -> int:
        """The number `N` of keys."""
        return len(self.keys)

    @cached_property
    def functions(self) -> Functions:
        """The different scores, as integer rows."""
        return Functions.of(self.dimension, self.keys, self.biases)

    @property
    def sites(self) -> tuple[tuple[Fraction, ...], ...]:
        """The sites of the power diagram: the keys."""
        return tuple(map(fractions, self.keys))

    @property
    def weights(self) -> tuple[Fraction, ...]:
        """The weights ``|k_j|^2 + 2 b_j`` of the power diagram."""
        pairs = zip(self.keys, self.biases, strict=True)
        return fractions(fmpq(dot(k, k)) + 2 * b for k, b in pairs)

    def query(self, q: Any) -> Vector:
        """A query, read and checked."""
        return read_vector(q, "read a query", dimension=self.dimension)

    def scores(self, q: Any) -> tuple[Fraction, ...]:
        """The scores ``<k_j, q> + b_j``."""
        point = self.query(q)
        pairs = zip(self.keys, self.biases, strict=True)
        return fractions(fmpq(dot(k, point)) + b for k, b in pairs)

    def power_distances(self, q: Any) -> tuple[Fraction, ...]:
        """``|q - k_j|^2 - w_j``; they are ``|q|^2 - 2 s_j(q)``, so the nearest site wins."""
        point = fractions(self.query(q))
        return tuple(
            sum(((x - y) ** 2 for x, y in zip(point, site, strict=True)), Fraction(0)) - w
            for site, w in zip(self.sites, self.weights, strict=True)
        )

    def argmax(self, q: Any) -> frozenset[int]:
        """The set of keys with the largest score."""
        (head,), scale = clear([self.query(q)])
        values = self.functions.values((*head, scale))
        best = max(values)
        groups = zip(self.functions.groups, values, strict=True)
        return frozenset(j for group, value in groups if value == best for j in group)

    def gap(self, q: Any) -> Fraction | None:
        """Largest score minus the largest different one; 0 on a wall, None without a second."""
        (head,), scale = clear([self.query(q)])
        *rest, best = sorted(self.functions.values((*head, scale)))
        return Fraction(best - rest[-1], scale * self.functions.scale) if rest else None

    def limit(self, q: Any) -> Limit:
        """The limit for temperature to 0: the winning keys and the mean of their values."""
        keys = self.argmax(q)
        return Limit(keys, None if self.values is None else fractions(self.mean(sorted(keys))))

    def mean(self, keys: Sequence[int]) -> Vector:
        """The mean of the values of some keys."""
        values = self.require_values()
        columns = zip(*(values[j] for j in keys), strict=True)
        return tuple(sum(column, fmpq(0)) / len(keys) for column in columns)

    def require_values(self) -> tuple[Vector, ...]:
        """The values, or an error when there are none."""
        if self.values is None:
            raise InputError("evaluate attention", "the head has no values", "give values=")
        return self.values

    def cells(
        self, *, merge: bool = True, time_limit: float | None = None, progress: bool = False
    ) -> tuple[Cell, ...]:
        """The full-dimensional cells, each with a certified interior point.

        Parameters
        ----------
        merge : bool
            Count equal scores as one cell (the default); otherwise a key needs to win alone, and
            duplicates have no cell.
        time_limit, progress
            Seconds, and a bar with one step for each cell.

        Returns
        -------
        tuple of Cell
            In the order of the keys.

        Raises
        ------
        LimitError
            When the time is over; ``.partial`` holds the cells so far.

        Complexity
        ----------
        At most one exact linear program in `d` unknowns with `N` inequalities for each key.

        Examples
        --------
        >>> twins = Head(keys=[[1, 2], [1, 2], [0, 1]])
        >>> [c.ties for c in twins.cells()], len(twins.cells(merge=False))
        ([(0, 1), (2,)], 1)
        """
        groups = self.functions.groups
        found: list[Cell] = []
        with Monitor(
            "find cells",
            progress=progress,
            time_limit=time_limit,
            partial=lambda: tuple(found),
        ) as monitor:
            for i, part in refine(Region.space(self.dimension), self.functions):
                if merge or len(groups[i]) == 1:
                    found.append(Cell(groups[i][0], fractions(part.simple_point()), groups[i]))
                monitor.step()
        return tuple(found)

    def polynomial(self) -> TropicalPolynomial:
        """The largest score as a tropical polynomial."""
        from algattn.tropical.polynomials import TropicalPolynomial

        return TropicalPolynomial(zip(self.keys, self.biases, strict=True), self.dimension)

    def rational_map(
        self, log_values: Any, *, floats: bool = False
    ) -> tuple[TropicalRational, ...]:
        """The tropical rational map of a head with positive values ``exp(a_j / tau)``.

        Component `c` of ``tau log Attention`` tends to ``max_j (s_j + a_jc) - max_j s_j``.

        Parameters
        ----------
        log_values : N x d_v, rational
            The numbers ``a_jc``.

        Examples
        --------
        >>> head = Head(keys=[[0], [1]])
        >>> (f,) = head.rational_map([0, 3])
        >>> f([-5]), f([1])
        (Fraction(0, 1), Fraction(3, 1))
        """
        from algattn.tropical.polynomials import TropicalPolynomial, TropicalRational

        asked = "make a tropical rational map"
        table = read_vectors(log_values, asked, floats=floats)
        if len(table) != self.size:
            raise ShapeError(asked, f"{self.size} keys and {len(table)} values", "match them")
        below = self.polynomial()
        out = []
        for column in zip(*table, strict=True):
            biases = [b + a for b, a in zip(self.biases, column, strict=True)]
            above = TropicalPolynomial(zip(self.keys, biases, strict=True), self.dimension)
            out.append(TropicalRational(above, below))
        return tuple(out)

    def restrict(self, point: Any, directions: Any, *, floats: bool = False) -> Self:
        """The head on the affine subspace ``point + u_1 directions_1 + ...``, as a head in `u`.

        Examples
        --------
        >>> head = Head(keys=[[0, 0], [2, 1], [0, 3]])
        >>> len(head.restrict([0, 0], [[1, 1]]).cells())       # cells along a line, exactly
        2
        """
        asked = "restrict a head to an affine subspace"
        p = read_vector(point, asked, floats=floats, dimension=self.dimension)
        frame = read_vectors(directions, asked, floats=floats, dimension=self.dimension)
        return type(self)(
            keys=[[dot(k, u) for u in frame] for k in self.keys],
            values=self.values,
            biases=[dot(k, p) + b for k, b in zip(self.keys, self.biases, strict=True)],
        )

    def to_data(self) -> dict[str, Any]:
        """The head as JSON data."""
        data: dict[str, Any] = {"keys": [vector_data(k) for k in self.keys]}
        if self.values is not None:
            data["values"] = [vector_data(v) for v in self.values]
        if any(self.biases):
            data["biases"] = vector_data(self.biases)
        return data

    @classmethod
    def from_data(cls, data: Any, *, floats: bool = False) -> Self:
        """The inverse of :meth:`to_data`."""
        asked = "read a tropical attention head"
        if not isinstance(data, Mapping) or "keys" not in data:
            raise InputError(asked, "it is not an object with 'keys'", 'write {"keys": [[..], ..]}')
        extra = set(data) - {"keys", "values", "biases"}
        if extra:
            raise InputError(
                asked, f"unknown keys {quoted_keys(extra)}", "use keys, values, biases"
            )
        return cls(data["keys"], data.get("values"), data.get("biases"), floats=floats)

    def _parts(self) -> tuple[Any, ...]:
        return self.keys, self.values, self.biases

    def __repr__(self) -> str:
        values = "" if self.values is None else f", values in QQ^{len(self.values[0])}"
        return f"<tropical attention head: {self.size} keys in QQ^{self.dimension}{values}>"
