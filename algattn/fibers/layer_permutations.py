"""Networks with skew layers: when two orders of the layers give the same function.

At two tokens (and for d = 2) the normal form decides.  For more tokens and features it is only
necessary; here are exact identities that hold for every number of tokens and, for small networks,
the comparison of all coefficients in the entries of ``C = X X^T``.
"""

from __future__ import annotations

from math import comb
from typing import Any

from algattn.attention.forward import multiply, transpose
from algattn.exact import Matrix, PolynomialRing
from algattn.exact.fields import PrimeField, RationalField
from algattn.fibers.layer_invariants import symmetric_part
from algattn.fibers.normal_form import MAX_LAYERS, VirtualNormalForm, normal_form, scale_out
from algattn.results import canonical_json

MAX_COEFFICIENTS = 30_000

Stack = tuple[list[Matrix], Matrix]


def same_function(first: VirtualNormalForm, second: VirtualNormalForm) -> bool | None:
    """Whether both have the same function; None where no lemma decides.

    A True or False is proved by the lemmas of ``algattn/docs/deep.md``.
    """
    if canonical_json(normal_form(first)) != canonical_json(normal_form(second)):
        return False
    if first.complete:
        return True
    tokens = first.tokens
    left, right = scale_out(first.B, first.V), scale_out(second.B, second.V)
    if _aligned(tokens, left, right):
        return True
    if _aligned(tokens, skew_first(*left), skew_first(*right)):
        return True
    return _compare_coefficients(tokens, left, right)


def _compare_coefficients(tokens: int, left: Stack, right: Stack) -> bool | None:
    """Compare ``V L(C)`` (lemma *tokens*); None when it is large, or differs at t < d only."""
    d, layers, field = left[1].shape[1], len(left[0]), left[1].field
    variables, degree = d * (d + 1) // 2, (3**layers - 1) // 2
    if not isinstance(field, RationalField | PrimeField):
        return None
    if layers > MAX_LAYERS or comb(variables + degree, degree) > MAX_COEFFICIENTS:
        return None
    one, two = (_in_gram_matrix(B, V) for B, V in (left, right))
    if one == two:
        return True
    return False if tokens >= d else None


def _in_gram_matrix(B: list[Matrix], V: Matrix) -> list[list[Any]]:
    """``V L(C)`` with ``L_0 = 1`` and ``L_i = L_{i-1} C L_{i-1}^T B_i L_{i-1}``."""
    d = V.shape[1]
    places = [(i, j) for i in range(d) for j in range(i, d)]
    ring = PolynomialRing(V.field, tuple(f"c_{i + 1}_{j + 1}" for i, j in places))
    entry = dict(zip(places, ring.gens(), strict=True))
    C = [[entry[min(i, j), max(i, j)] for j in range(d)] for i in range(d)]

    def constant(M: Matrix) -> list[list[Any]]:
        return [[ring(x) for x in row] for row in M.rows]

    L = constant(Matrix.identity(V.field, d))
    for b in B:
        L = multiply(multiply(multiply(L, C), transpose(L)), multiply(constant(b), L))
    return multiply(constant(V), L)


def _aligned(tokens: int, left: Stack, right: Stack) -> bool:
    """Strip equal first layers; equal skew positions, or at most two tokens left, decide."""
    one, two = VirtualNormalForm.of(tokens, *left), VirtualNormalForm.of(tokens, *right)
    if one.skew == two.skew and all(left[0][i] == right[0][i] for i in one.skew):
        return canonical_json(normal_form(one)) == canonical_json(normal_form(two))
    n = 0
    while n < one.layers and left[0][n] == right[0][n]:
        tokens = min(tokens, left[0][n].rank())
        n += 1
        if tokens <= 2:
            rest = [VirtualNormalForm.of(tokens, B[n:], V) for B, V in (left, right)]
            return canonical_json(normal_form(rest[0])) == canonical_json(normal_form(rest[1]))
    return False


def skew_first(B: list[Matrix], V: Matrix) -> Stack:
    """Move skew layers of rank two to the front of layers that live on the same plane.

    There ``S_K S_B = (det b / kappa^2) S_B S_K`` for every number of tokens (lemma *plane*).
    """
    B, n = list(B), 0
    while n + 1 < len(B):
        one, two = B[n], B[n + 1]
        if symmetric_part(one) and not symmetric_part(two) and _same_plane(one, two):
            d = one.shape[0]
            i, j = next((i, j) for i in range(d) for j in range(d) if two[i, j] != 0)
            minor = one[i, i] * one[j, j] - one[i, j] * one[j, i]
            factor = minor / (two[i, j] * two[i, j])
            V = V * factor**3 ** (len(B) - n - 2)
            B[n], B[n + 1] = two, one
            n = max(n - 1, 0)
        else:
            n += 1
    return B, V


def _same_plane(B: Matrix, K: Matrix) -> bool:
    """Whether K (skew) has rank two and B rank two with the same row and column space."""
    if K.rank() != 2 or B.rank() != 2:
        return False
    d = B.shape[0]
    stack = Matrix(B.field, [*K.rows, *B.rows, *B.T.rows], (3 * d, d))
    return stack.rank() == 2
