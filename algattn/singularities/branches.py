"""Local analytic branches of the complex variety at a function: one for each complex preimage.

The varieties of matrices (symmetric matrices) of bounded rank are normal, and (A, V) -> function
is finite and generically injective up to scaling, so the pairs up to scaling are the normalization
and its points over a function are the analytic branches there.  Where the general fiber has
several pairs (one line of values: exchange of k and v; three lines) they are permuted by a finite
group, the quotient is the normalization, and there is one branch.  A branch is smooth exactly when
its preimage is smooth and the differential there is injective.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Any

from algattn.errors import HypothesisError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.fibers.facts import SymmetricClass, outer, rank_one_factors
from algattn.fibers.recovery import factor_pairs, split_tensor, symmetric_classes
from algattn.formulas.degree import layer_degree
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.coordinates import natural_count
from algattn.singularities.multiplicities import cusp, fold, injective
from algattn.singularities.theorem import is_linear
from algattn.symbolic.differential import jacobian_AV, tangent_columns


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
        smooth branch its tangent space, else part of its Zariski tangent space.
    smooth : bool
        Whether the branch is a complex manifold.
    real : bool
        Whether complex conjugation fixes the preimage.
    """

    weights: Weights | None
    tangent: Matrix
    smooth: bool
    real: bool

    @property
    def dimension(self) -> int:
        """The dimension of ``tangent``."""
        return self.tangent.shape[0]

    def __repr__(self) -> str:
        kind = "smooth" if self.smooth else "singular"
        return f"<{kind} branch over {self.tangent.field}, tangents of rank {self.dimension}>"


@dataclass(frozen=True)
class Germ:
    """The branches at a function, with the multiplicity and the tangent cone of their union."""

    branches: tuple[Branch, ...]
    multiplicity: int
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

    d, d_out, a, t = network.d_in, network.d_out, network.ranks[0], network.tokens
    if not decide(network, function).in_closure:
        raise HypothesisError(
            "find the branches at a function", "it is outside the closure", "use contains() first"
        )
    if is_linear(d, d_out, t):
        branch = Branch(None, _everything(network), True, True)
        return Germ((branch,), 1, "the linear space itself")
    if function.is_zero:
        branch = Branch(None, _everything(network), False, True)
        return Germ((branch,), layer_degree(d, d_out, a, t), "the variety itself, a cone")
    if t == 1:
        return _single(network, function)
    return _many(network, function)


#: Tangent cones in words; the kernel is that of the form, u, m and q are linear forms.
_SPACE = "the tangent space"
_RANKS = "the forms of bounded rank on the kernel, times a linear space"
_FOLD = "{T} plus the cone of all h u(x)^2 {rest}"
_CUSP = "{T} plus the cone of all h u(x)^3"
_BORDERED = "the forms on the kernel of rank bounded together with u, times a linear space,"


def _twice(manifold: bool, rest: str) -> str:
    return _FOLD.format(T=_SPACE if manifold else _RANKS + ",", rest=rest) + ", twice"


@dataclass(frozen=True)
class _Sheet:
    """A branch with what is known of its germ."""

    branch: Branch
    multiplicity: int
    cone: str


def _germ(sheets: list[_Sheet]) -> Germ:
    branches = tuple(s.branch for s in sheets)
    multiplicity = sum(s.multiplicity for s in sheets)
    cones = {s.cone for s in sheets}
    if len(sheets) == 1:
        cone = sheets[0].cone
    elif cones == {_SPACE}:
        cone = "the union of the tangent spaces"
    else:
        cone = "the union, for each branch, of: " + "; ".join(sorted(cones))
    return Germ(branches, multiplicity, cone)


def _many(network: Architecture, function: FunctionMap) -> Germ:
    d, alpha = network.d_in, min(network.ranks[0], network.d_in)
    solutions = factor_pairs(function)
    if alpha == network.d_out == 1:
        return _products(network, function)
    sheets = []
    for s in solutions:
        rank = s.A.rank()
        ramified = rank == 1 and s.V.rank() == 1 and len(solutions) == 1
        manifold = alpha in {rank, d}
        # the conjugate of a pair over an imaginary quadratic field is the other pair
        branch = Branch(
            Weights(A=[s.A], V=[s.V], field=s.field),
            image_of_differential(network, s.A, s.V),
            manifold and not ramified,
            s.real,
        )
        if ramified:
            size = fold(d, rank, alpha, symmetric=False)
            sheets.append(_Sheet(branch, size, _twice(manifold, "q(y)")))
        else:
            size = injective(d, rank, alpha, symmetric=False)
            sheets.append(_Sheet(branch, size, _SPACE if manifold else _RANKS))
    return _germ(sheets)


def _products(network: Architecture, function: FunctionMap) -> Germ:
    """alpha = d' = 1: s(x) (q.y), forms of rank at most two times vectors; always one branch."""
    d = network.d_in
    parts = split_tensor(function)
    assert parts is not None
    h, s, q = parts
    rank, field = s.rank(), s.field
    directions = _symmetric_directions(s, 2).T.rows
    units = Matrix.identity(field, d).rows
    vectors = []
    form = [x for row in s.rows for x in row]
    for flat, right in [(f, q) for f in directions] + [(form, u) for u in units]:
        vectors.append(
            [
                h[0] * flat[i * d + j] * right[k] * (1 if i == j else 2)
                for i in range(d)
                for j in range(i, d)
                for k in range(d)
            ]
        )
    tangent = _basis(Matrix(field, vectors).T)
    smooth = rank == 2 or d == 2
    solution = factor_pairs(function)[0]
    weights = Weights(A=[solution.A], V=[solution.V], field=solution.field)
    size = injective(d, rank, 2, symmetric=True)
    return _germ(
        [_Sheet(Branch(weights, tangent, smooth, True), size, _SPACE if smooth else _RANKS)]
    )


def _single(network: Architecture, function: FunctionMap) -> Germ:
    d, s = network.d_in, min(2 * network.ranks[0], network.d_in)
    classes = symmetric_classes(function)
    if network.d_out == 1 and s == 2:
        return _lines(network, classes)
    lines = classes[0].V.rank() == 1 and max(c.rank for c in classes) <= 2
    sheets = []
    for c in classes:
        manifold, ramified = s in {c.rank, d}, lines and _divides(c.V, c.S)
        branch = _sheet_of(network, c, manifold and not ramified)
        if not ramified:
            size, cone = injective(d, c.rank, s, symmetric=True), _SPACE if manifold else _RANKS
        elif c.rank == 2:
            size = fold(d, 2, s, symmetric=True)
            cone = _twice(manifold, "m(x)")
        else:
            size, cone = (
                cusp(d, s),
                _CUSP.format(T=_SPACE if manifold else _BORDERED) + ", three times",
            )
        sheets.append(_Sheet(branch, size, cone))
    return _germ(sheets)


def _sheet_of(network: Architecture, c: SymmetricClass, smooth: bool) -> Branch:
    weights = Weights(A=[c.S], V=[c.V], field=c.field)
    return Branch(weights, image_of_differential(network, c.S, c.V), smooth, c.is_real)


def _lines(network: Architecture, classes: Sequence[SymmetricClass]) -> Germ:
    """t = 1, d' = 1, s = 2 < d: products of three lines; the symmetric group permutes the classes.

    Ordered triples of lines cover the branch as often as there are permutations of equal lines,
    so the multiplicities of the ordered triples are divided by 2 and 6 (of pairs: 1 and 3).
    """
    d, distinct = network.d_in, len(classes) == 3
    branch = replace(_sheet_of(network, classes[0], distinct), real=True)
    if distinct:
        return _germ([_Sheet(branch, 1, _SPACE)])
    if len(classes) == 2:
        size = fold(d, 2, 2, symmetric=True) // 2
        return _germ([_Sheet(branch, size, _FOLD.format(T=_SPACE, rest="m(x)"))])
    return _germ([_Sheet(branch, cusp(d, 2) // 3, _CUSP.format(T=_BORDERED))])


def _divides(V: Matrix, S: Matrix) -> bool:
    """Whether the line v of ``V = h v^T`` divides the quadratic form S: S vanishes on ker v."""
    _, v = rank_one_factors(V)
    kernel: Any = Matrix(V.field, [v]).kernel()
    return not (kernel.T @ S @ kernel)
