"""Local analytic branches of the complex variety at a function: one for each complex preimage.

The varieties of matrices (symmetric matrices) of bounded rank are normal, and (A, V) -> function
is finite and generically injective up to scaling, so the pairs up to scaling are the normalization
and its points over a function are the analytic branches there.  Where the general fiber has
several pairs (one line of values: exchange of k and v; three lines) they are permuted by a finite
group, the quotient is the normalization, and there is one branch.  A branch is smooth exactly when
its preimage is smooth and the differential there is injective.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import combinations_with_replacement
from typing import Any

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import natural_count
from algattn.attention.theorems import Theorem, lightning, one_layer, plain
from algattn.errors import HypothesisError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.exact.quadratic_forms import outer
from algattn.fibers.factorisation import factor_pairs, split_tensor, symmetric_classes
from algattn.fibers.layer_invariants import SymmetricClass, rank_one_factors
from algattn.singularities.theorem import SINGULARITIES, is_linear
from algattn.symbolic.differential import jacobian_AV, tangent_columns

BRANCHES = Theorem("branches", SINGULARITIES, lightning, *plain, one_layer)


@dataclass(frozen=True)
class Branch:
    """One analytic branch of the variety at a function.

    Attributes
    ----------
    weights : Weights or None
        The preimage (A, V), over QQ or a number field; None for a branch that is not the image of
        one class of weights (linear spaces, the vertex).
    tangent : Matrix
        A basis, as rows in the natural coordinates, of the image of the differential there; at a
        smooth branch its tangent space, else part of its Zariski tangent space.  Computed on
        demand.
    smooth : bool
        Whether the branch is a complex manifold.
    real : bool
        Whether complex conjugation fixes the preimage.
    """

    weights: Weights | None
    smooth: bool
    real: bool
    _tangent: Callable[[], Matrix] = field(repr=False, compare=False)

    @cached_property
    def tangent(self) -> Matrix:
        return self._tangent()

    @property
    def dimension(self) -> int:
        """The dimension of ``tangent``."""
        return self.tangent.shape[0]

    def __repr__(self) -> str:
        kind = "smooth" if self.smooth else "singular"
        return f"<{'real' if self.real else 'complex'} {kind} branch at {self.weights}>"


@dataclass(frozen=True)
class Germ:
    """The branches at a function, and the tangent cone of their union."""

    branches: tuple[Branch, ...]
    tangent_cone: str


def _basis(columns: Matrix) -> Matrix:
    reduced, pivots = columns.T.rref()
    rows = reduced.rows[: len(pivots)]
    return Matrix(columns.field, rows, (len(rows), columns.shape[0]))


def _everything(network: Architecture) -> Matrix:
    return Matrix.identity(QQ, natural_count(network.d_in, network.d_out, network.tokens))


def _symmetric_directions(S: Matrix, bound: int) -> Matrix:
    """Columns (entries row by row) that span the tangent space of symmetric rank <= bound at S."""
    d, field = S.shape[0], S.field
    units = Matrix.identity(field, d).rows
    if S.rank() < bound or bound >= d:
        pairs = [(units[i], units[j]) for i, j in combinations_with_replacement(range(d), 2)]
    else:
        image, pivots = S.rref()
        pairs = [(u, w) for u in image.rows[: len(pivots)] for w in units]
    made = [outer(u, w, field) + outer(w, u, field) for u, w in pairs]
    return Matrix(field, [[x for row in m.rows for x in row] for m in made]).T


def image_of_differential(network: Architecture, A: Matrix, V: Matrix) -> Matrix:
    """A basis, as rows, of the image of the Zariski tangent space of the source at (A, V)."""
    d, a = network.d_in, network.ranks[0]
    J = jacobian_AV(network, A, V)
    if network.tokens == 1:
        directions = _symmetric_directions(A, min(2 * a, d))
    else:
        directions = tangent_columns(A, a)
    by_A = Matrix(A.field, [row[: d * d] for row in J.rows]) @ directions
    by_V = [row[d * d :] for row in J.rows]
    return _basis(Matrix(A.field, [x + y for x, y in zip(by_A.rows, by_V, strict=True)]))


def _real(field: Field) -> bool:
    return not isinstance(field, NumberField) or field.is_real


def germ(network: Architecture, function: FunctionMap) -> Germ:
    """The branches of the complex variety at a function of its closure.

    Raises
    ------
    HypothesisError
        For functions outside the Zariski closure.
    """
    from algattn.fibers.membership import decide

    BRANCHES.require(network, "find the branches at a function")
    d, d_out, t = network.d_in, network.d_out, network.tokens
    if not decide(network, function).in_closure:
        raise HypothesisError(
            "find the branches at a function", "it is outside the closure", "use contains() first"
        )
    everything = partial(_everything, network)
    if is_linear(d, d_out, t):
        return Germ((Branch(None, True, True, everything),), "the linear space itself")
    if function.is_zero:
        return Germ((Branch(None, False, True, everything),), "the variety itself, a cone")
    return _single(network, function) if t == 1 else _many(network, function)


#: Tangent cones in words; the kernel is that of the form, u, m and q are linear forms.
_SPACE = "the tangent space"
_RANKS = "the forms of bounded rank on the kernel, times a linear space"
_BORDERED = "the forms on the kernel of rank bounded together with u, times a linear space,"
_FOLD = "{T} plus the cone of all h u(x)^2 {rest}"
_CUSP = "{T} plus the cone of all h u(x)^3"


def _plain_cone(manifold: bool) -> str:
    return _SPACE if manifold else _RANKS


def _fold_cone(manifold: bool, rest: str) -> str:
    return _FOLD.format(T=_SPACE if manifold else _RANKS + ",", rest=rest) + ", twice"


def _together(branches: list[Branch], cones: list[str]) -> Germ:
    if len(cones) == 1:
        cone = cones[0]
    elif set(cones) == {_SPACE}:
        cone = "the union of the tangent spaces"
    else:
        cone = "the union, for each branch, of: " + "; ".join(sorted(set(cones)))
    return Germ(tuple(branches), cone)


def _many(network: Architecture, function: FunctionMap) -> Germ:
    alpha, solutions = min(network.ranks[0], network.d_in), factor_pairs(function)
    if alpha == network.d_out == 1:
        return _products(network, function)
    branches, cones = [], []
    for s in solutions:
        rank = s.A.rank()
        ramified = rank == 1 and s.V.rank() == 1 and len(solutions) == 1
        manifold = alpha in {rank, network.d_in}
        # the conjugate of a pair over an imaginary quadratic field is the other pair
        branches.append(
            Branch(
                Weights(A=[s.A], V=[s.V], field=s.field),
                manifold and not ramified,
                s.real,
                partial(image_of_differential, network, s.A, s.V),
            )
        )
        cones.append(_fold_cone(manifold, "q(y)") if ramified else _plain_cone(manifold))
    return _together(branches, cones)


def _products(network: Architecture, function: FunctionMap) -> Germ:
    """alpha = d' = 1: s(x) (q.y), forms of rank at most two times vectors; always one branch."""
    parts = split_tensor(function)
    assert parts is not None
    smooth = parts[1].rank() == 2 or network.d_in == 2
    pair = factor_pairs(function)[0]
    weights = Weights(A=[pair.A], V=[pair.V], field=pair.field)
    branch = Branch(weights, smooth, True, partial(_product_tangents, *parts))
    return Germ((branch,), _plain_cone(smooth))


def _product_tangents(h: Sequence[Any], s: Matrix, q: Sequence[Any]) -> Matrix:
    """Tangent vectors of (forms s of rank <= 2) x (vectors q), in the natural coordinates."""
    d, field = s.shape[0], s.field
    form = [x for row in s.rows for x in row]
    pairs = [(flat, q) for flat in _symmetric_directions(s, 2).T.rows]
    pairs += [(form, u) for u in Matrix.identity(field, d).rows]
    vectors = [
        [
            h[0] * flat[i * d + j] * right[k] * (1 if i == j else 2)
            for i in range(d)
            for j in range(i, d)
            for k in range(d)
        ]
        for flat, right in pairs
    ]
    return _basis(Matrix(field, vectors).T)


def _single(network: Architecture, function: FunctionMap) -> Germ:
    d, s = network.d_in, min(2 * network.ranks[0], network.d_in)
    classes = symmetric_classes(function)
    if network.d_out == 1 and s == 2:
        # three lines: the symmetric group permutes the classes, one branch
        smooth = len(classes) == 3
        branch = replace(_branch_of(network, classes[0], smooth), real=True)
        if smooth:
            return Germ((branch,), _SPACE)
        double = _FOLD.format(T=_SPACE, rest="m(x)")
        return Germ((branch,), double if len(classes) == 2 else _CUSP.format(T=_BORDERED))
    lines = classes[0].V.rank() == 1 and max(c.rank for c in classes) <= 2
    branches, cones = [], []
    for c in classes:
        manifold, ramified = s in {c.rank, d}, lines and _divides(c.V, c.S)
        branches.append(_branch_of(network, c, manifold and not ramified))
        if not ramified:
            cones.append(_plain_cone(manifold))
        elif c.rank == 2:
            cones.append(_fold_cone(manifold, "m(x)"))
        else:
            cones.append(_CUSP.format(T=_SPACE if manifold else _BORDERED) + ", three times")
    return _together(branches, cones)


def _branch_of(network: Architecture, c: SymmetricClass, smooth: bool) -> Branch:
    weights = Weights(A=[c.S], V=[c.V], field=c.field)
    return Branch(weights, smooth, c.is_real, partial(image_of_differential, network, c.S, c.V))


def _divides(V: Matrix, S: Matrix) -> bool:
    """Whether the line v of ``V = h v^T`` divides the quadratic form S: S vanishes on ker v."""
    _, v = rank_one_factors(V)
    kernel: Any = Matrix(V.field, [v]).kernel()
    return not (kernel.T @ S @ kernel)
