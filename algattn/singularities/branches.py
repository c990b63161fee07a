"""Local analytic branches of the complex variety at a function: one for each complex preimage.

The varieties of matrices (symmetric matrices) of bounded rank are normal, and (A, V) -> function
is finite and generically injective up to scaling, so the pairs up to scaling are the normalization
and its points over a function are the analytic branches there.  Where the general fiber has
several pairs (one line of values: exchange of k and v; three lines) they are permuted by a finite
group, the quotient is the normalization, and there is one branch.  A branch is smooth exactly when
its preimage is smooth and the differential there is injective.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from algattn.errors import HypothesisError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.fibers.facts import outer, rank_one_factors
from algattn.fibers.recovery import factor_pairs, symmetric_classes
from algattn.formulas.degree import determinantal_degree, layer_degree, symmetric_degree
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.coordinates import natural_count
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
    """The branches at a function, with multiplicity and tangent cone where they are known."""

    branches: tuple[Branch, ...]
    multiplicity: int | None
    tangent_cone: str | None


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


def _multiplicity(parts: list[int | None]) -> int | None:
    known = [m for m in parts if m is not None]
    return sum(known) if len(known) == len(parts) else None


def _cone(branches: tuple[Branch, ...], multiplicity: int | None) -> str | None:
    if multiplicity is None:
        return None
    if not all(b.smooth for b in branches):
        return "of each branch: the forms of bounded rank on the kernel, times a linear space"
    return "the tangent space" if len(branches) == 1 else "the union of the tangent spaces"


def _many(network: Architecture, function: FunctionMap) -> Germ:
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    alpha = min(a, d)
    solutions = factor_pairs(function)
    if alpha == d_out == 1:
        return _products(network, function)
    found, sizes = [], []
    for s in solutions:
        tangent = image_of_differential(network, s.A, s.V)
        rank = s.A.rank()
        injective = not (rank == 1 and s.V.rank() == 1 and len(solutions) == 1)
        smooth = injective and alpha in {rank, d}
        weights = Weights(A=[s.A], V=[s.V], field=s.field)
        # the conjugate of a pair over an imaginary quadratic field is the other pair
        found.append(Branch(weights, tangent, smooth, s.real))
        sizes.append(determinantal_degree(d - rank, alpha - rank) if injective else None)
    branches = tuple(found)
    multiplicity = _multiplicity(sizes)
    return Germ(branches, multiplicity, _cone(branches, multiplicity))


def _products(network: Architecture, function: FunctionMap) -> Germ:
    """alpha = d' = 1: s(x) (q.y), forms of rank at most two times vectors; always one branch."""
    from algattn.fibers.recovery import split_tensor

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
    branches = (Branch(weights, tangent, smooth, True),)
    multiplicity = symmetric_degree(d - rank, 2 - rank)
    return Germ(branches, multiplicity, _cone(branches, multiplicity))


def _single(network: Architecture, function: FunctionMap) -> Germ:
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    s = min(2 * a, d)
    classes = symmetric_classes(function)
    lines = classes[0].V.rank() == 1 and max(c.rank for c in classes) <= 2
    found: list[Branch] = []
    sizes: list[int | None] = []
    for c in classes:
        tangent = image_of_differential(network, c.S, c.V)
        injective = not (lines and _divides(c.V, c.S))
        smooth = injective and s in {c.rank, d}
        weights = Weights(A=[c.S], V=[c.V], field=c.field)
        found.append(Branch(weights, tangent, smooth, c.is_real))
        sizes.append(symmetric_degree(d - c.rank, s - c.rank) if injective else None)
    if d_out == 1 and s == 2:  # the three factorisations are one point of the normalization
        distinct = len(classes) == 3
        branches: tuple[Branch, ...] = (Branch(found[0].weights, found[0].tangent, distinct, True),)
        multiplicity = 1 if distinct else None
        return Germ(branches, multiplicity, _cone(branches, multiplicity))
    branches = tuple(found)
    multiplicity = _multiplicity(sizes)
    return Germ(branches, multiplicity, _cone(branches, multiplicity))


def _divides(V: Matrix, S: Matrix) -> bool:
    """Whether the line v of ``V = h v^T`` divides the quadratic form S: S vanishes on ker v."""
    _, v = rank_one_factors(V)
    kernel: Any = Matrix(V.field, [v]).kernel()
    return not (kernel.T @ S @ kernel)
