"""Find the gauge element that carries one weight tuple to another."""

from __future__ import annotations

from typing import Any

from algattn.attention import Architecture, GaugeElement, VirtualWeights, Weights
from algattn.attention.theorems import Theorem, lightning, plain
from algattn.errors import FieldError
from algattn.exact import GF, QQ, Field, Matrix, word_prime
from algattn.exact.quadratic_forms import outer
from algattn.fibers.intertwiner import Frame, candidates, odd_root
from algattn.fibers.layer_invariants import rank_one_factors
from algattn.fibers.normal_form import DEEP

GAUGE = Theorem("scaling", DEEP, lightning, *plain)


def partial_products(weights: Weights) -> list[Matrix]:
    """``P_i = V_i .. V_1`` for i = 0 .. l."""
    out = [Matrix.identity(weights.field, weights.V[0].shape[1])]
    for V in weights.V:
        out.append(V @ out[-1])
    return out


def ratio(first: Matrix, second: Matrix) -> Any | None:
    """The nonzero c with ``second = c first`` (1 when both are zero), or None."""
    field = first.field
    if not first or not second:
        return field.one if not first and not second else None
    i, j = next((i, j) for i, row in enumerate(first.rows) for j, x in enumerate(row) if x != 0)
    c = second[i, j] / first[i, j]
    return c if c != 0 and first * c == second else None


def carry(network: Architecture, first: Weights, second: Weights) -> GaugeElement | None:
    """The gauge element g with ``g.act(first) == second``, or None.

    When every ``P_i = V_i .. V_1`` (i < l) has full row rank and no B_i is zero, None means that
    there is none.
    Otherwise g is sought among those that send standard complements of the images of the ``P_i``
    to each other, and then among random solutions of all linear conditions.
    """
    if first.form != second.form:
        first, second = first.to_AV(), second.to_AV()
    scales = _scales(first, second)
    if scales is None:
        return None
    frame = Frame(first, second, partial_products(first), partial_products(second), *scales)
    known: dict[int, Matrix] = {}
    guess = []
    for i in range(1, network.layers):
        G = move_images(frame.P[i], frame.R[i])
        if G is None:
            return None
        guess.append(G)
        if frame.P[i].rank() == frame.P[i].shape[0]:
            known[i] = G
    element = _element(network, frame, guess)
    if element is not None or len(known) == network.layers - 1:
        return element
    heads = _known_heads(network, frame)
    for between in candidates(frame, known, heads):
        element = _element(network, frame, between)
        if element is not None:
            return element
    return None


def _scales(first: Weights, second: Weights) -> tuple[list[Any], Any] | None:
    """``t_i`` and u with ``B'_i = t_i B_i`` and ``V' = u V``; None when there are none.

    For scalings c_i and ``gamma_i = c_1 .. c_i`` these are ``t_i = c_i gamma_{i-1}^-2`` and
    ``u = 1 / gamma_l``, so ``u prod t_i^(3^(l-i)) = 1``.  That gives t_i where one B_i is zero;
    where several are, or V too, 1 is tried.
    """
    field, n = first.field, first.layers
    one, two = VirtualWeights.of(first), VirtualWeights.of(second)
    t = [ratio(B, C) for B, C in zip(one.B, two.B, strict=True)]
    u = ratio(one.V, two.V)
    if u is None or None in t:
        return None
    zero = [i for i, B in enumerate(one.B) if not B]
    if len(zero) == 1 and one.V:
        (i,) = zero
        rest = field.one / (u * _power_product(t, skip=i))
        root = odd_root(field, rest, n - 1 - i)
        if root is not None:
            t[i] = root
    total = _power_product(t)
    if not one.V:
        u = field.one / total
    return (t, u) if u * total == field.one else None


def _power_product(t: list[Any], skip: int = -1) -> Any:
    """``prod t_i^(3^(l-i))`` without one factor."""
    total = t[0] / t[0]
    for i, x in enumerate(t):
        total = total**3 if i == skip else total**3 * x
    return total


def _element(network: Architecture, frame: Frame, between: list[Matrix]) -> GaugeElement | None:
    """The gauge element with these ``G_i = g_i / gamma_i``, if there is one."""
    first, second, field = frame.first, frame.second, frame.first.field
    scalings, gammas = [], [field.one]
    for t in frame.t:
        scalings.append(t * gammas[-1] ** 2)
        gammas.append(gammas[-1] * scalings[-1])
    heads = [Matrix.identity(field, a) for a in network.ranks]
    if (
        first.K is not None
        and first.Q is not None
        and second.K is not None
        and second.Q is not None
    ):
        for i, (t, G) in enumerate(zip(frame.t, [None, *between], strict=True)):
            K2 = second.K[i] if G is None else second.K[i] @ G
            Q2 = second.Q[i] if G is None else second.Q[i] @ G
            h = head_element(first.K[i], first.Q[i], K2, Q2 * (field.one / t))
            if h is None:
                return None
            heads[i] = h * gammas[i]  # K' g = h K with g = gamma G
    scaled = tuple(G * c for G, c in zip(between, gammas[1:], strict=False))
    element = GaugeElement(tuple(scalings), scaled, tuple(heads), field)
    return element if carries(element, first, second) else None


def _known_heads(network: Architecture, frame: Frame) -> dict[int, Matrix]:
    """The h of each layer whose keys or queries on the image of P_i have full row rank."""
    out = {}
    one, two = frame.first, frame.second
    if one.K is None or one.Q is None or two.K is None or two.Q is None:
        return {}
    for i, a in enumerate(network.ranks):
        P, R = frame.P[i], frame.R[i]
        K, Q = one.K[i] @ P, one.Q[i] @ P
        if a in (K.rank(), Q.rank()):
            scale = frame.first.field.one / frame.t[i]
            h = head_element(K, Q, two.K[i] @ R, two.Q[i] @ R * scale)
            if h is not None:
                out[i] = h
    return out


def carries(element: GaugeElement, first: Weights, second: Weights) -> bool:
    """Whether ``element.act(first) == second``, without inverting a matrix."""
    if first.form != second.form or first.field != second.field:
        return False
    field, layers = first.field, first.layers
    lengths = (len(element.scalings), len(element.between) + 1)
    if lengths != (layers, layers) or any(c == 0 for c in element.scalings):
        return False
    ends: list[Matrix | None] = [None, *element.between, None]
    for g, m in zip(element.between, first.V, strict=False):
        if g.shape != (m.shape[0],) * 2 or g.rank() < m.shape[0]:
            return False

    def right(m: Matrix, g: Matrix | None) -> Matrix:
        return m if g is None else m @ g

    for i in range(layers):
        before, after, c = ends[i], ends[i + 1], field(element.scalings[i])
        V = first.V[i] if after is None else after @ first.V[i]
        if right(second.V[i], before) * c != V:
            return False
        if first.K is None or first.Q is None or second.K is None or second.Q is None:
            A = right(second.A[i], before)
            if (A if before is None else before.T @ A) != first.A[i] * c:
                return False
            continue
        h, a = element.key_query[i], first.K[i].shape[0]
        if h.shape != (a, a) or h.rank() < a:
            return False
        if right(second.K[i], before) != h @ first.K[i]:
            return False
        if h.T @ right(second.Q[i], before) != first.Q[i] * c:
            return False
    return True


def move_images(P: Matrix, R: Matrix) -> Matrix | None:
    """An invertible g with ``g P = R``, or None; complements of the images go to each other."""
    n = P.shape[0]
    pivots = pivot_columns(P)
    if len(pivots) == n:  # g is the only candidate
        source, target = (_columns(M, pivots) for M in (P, R))
        g = quotient(target, source)
        return g if g @ P == R and g.rank() == n else None
    if P.kernel() != R.kernel():
        return None
    source, target = (_completed([M.column(j) for j in pivots], n, P.field) for M in (P, R))
    return target @ source.inverse()


def pivot_columns(P: Matrix) -> list[int]:
    """A maximal set of independent columns; found modulo a prime when the rank there is full."""
    if P.field == QQ and P.shape[0] > 8:
        try:
            residue = Matrix(GF(word_prime(61)), P.rows, P.shape)
        except FieldError:  # a denominator is divisible by the prime
            residue = None
        if residue is not None:
            pivots = residue.rref()[1]
            if len(pivots) == P.shape[0]:
                return pivots
    return P.rref()[1]


def _columns(M: Matrix, chosen: list[int]) -> Matrix:
    return Matrix(M.field, [[row[j] for j in chosen] for row in M.rows])


def quotient(R: Matrix, P: Matrix) -> Matrix:
    """``R P^{-1}`` for an invertible P."""
    if P.flint is None:
        return R @ P.inverse()
    solved = P.T.flint.solve(R.T.flint)  # p-adic lifting over QQ
    return Matrix(P.field, solved.tolist()).T


def _completed(columns: list[list[Any]], n: int, field: Field) -> Matrix:
    """An invertible matrix that starts with these independent columns."""
    return _extend(columns, Matrix.identity(field, n).rows, n, field)


def _extend(columns: list[list[Any]], pool: list[list[Any]], n: int, field: Field) -> Matrix:
    """The columns, and those of the pool that are independent of what comes before."""
    every = Matrix(field, [*columns, *pool], (len(columns) + len(pool), n)).T
    _, pivots = every.rref()
    return Matrix(field, [every.column(j) for j in pivots], (len(pivots), n)).T


def head_element(K: Matrix, Q: Matrix, K2: Matrix, Q2: Matrix) -> Matrix | None:
    """An invertible h with ``h K = K2`` and ``h^{-T} Q = Q2``, or None when there is none.

    There is one exactly when ``K2^T Q2 = K^T Q``, the kernels of K and K2 agree and those of Q and
    Q2 agree (lemma *heads*).
    """
    for whole, target, dual in ((K, K2, False), (Q, Q2, True)):
        if whole.rank() == K.shape[0]:  # full row rank: h is the only candidate
            h = move_images(whole, target)
            if h is None:
                return None
            if dual:
                h = h.inverse().T
            return h if h @ K == K2 and h.T @ Q2 == Q else None
    if K.T @ Q != K2.T @ Q2 or K.kernel() != K2.kernel() or Q.kernel() != Q2.kernel():
        return None
    field, a = K.field, K.shape[0]
    # sources: im K meets ker Q^T; the rest of im K; the rest of ker Q^T; a complement
    both = (Q.T @ K).kernel()  # x with K x in ker Q^T
    first = _independent((K @ both).T.rows, a, field)
    second = _extend(first, K.T.rows, a, field).T.rows[len(first) :]
    pairs: list[tuple[list[Any], list[Any]]] = []
    if first or second:
        sources = Matrix(field, [*first, *second]).T
        x = K.solve(sources)
        assert x is not None
        pairs = list(zip([*first, *second], (K2 @ x).T.rows, strict=True))
    kernel, kernel2 = Q.T.kernel().T.rows, Q2.T.kernel().T.rows
    images = [image for _, image in pairs]
    third = _extend(first, kernel, a, field).T.rows[len(first) :]
    third2 = _extend(images[: len(first)], kernel2, a, field).T.rows[len(first) :]
    pairs += list(zip(third, third2, strict=True))
    basis = _completed([y for y, _ in pairs], a, field)
    for y in basis.T.rows[len(pairs) :]:
        z = Q2.T.solve(Q.T @ Matrix(field, [[c] for c in y]))
        if z is None:
            return None
        pairs.append((y, z.column(0)))
    h = Matrix(field, [image for _, image in pairs], (a, a)).T @ basis.inverse()
    return h if h.rank() == a and h @ K == K2 and h.T @ Q2 == Q else None


def _independent(rows: list[list[Any]], n: int, field: Field) -> list[list[Any]]:
    return _extend([], rows, n, field).T.rows if rows else []


def swapped(weights: Weights) -> Weights | None:
    """The same function with v and k exchanged in the last layer, when both are there.

    ``A_l = k q^T`` and ``V_l = h v^T`` become ``v q^T`` and ``h k^T``.
    """
    A, V, field = weights.A[-1], weights.V[-1], weights.field
    if A.rank() != 1 or V.rank() != 1:
        return None
    k, q = rank_one_factors(A)
    h, v = rank_one_factors(V)
    values = [*weights.V[:-1], outer(h, k, field)]
    if weights.K is None or weights.Q is None:
        return Weights(A=[*weights.A[:-1], outer(v, q, field)], V=values, field=field)
    a = weights.K[-1].shape[0]
    unit = [int(i == 0) for i in range(a)]
    K = [*weights.K[:-1], outer(unit, v, field)]
    Q = [*weights.Q[:-1], outer(unit, q, field)]
    if weights.K[-1].rank() == weights.Q[-1].rank() == 1:
        # keep the directions inside the head, so that GL(a) alone can match them
        x, k = rank_one_factors(weights.K[-1])
        y, q = rank_one_factors(weights.Q[-1])
        K[-1], Q[-1] = outer(x, v, field), outer(y, q, field)
        values[-1] = outer(h, k, field)
    return Weights(K=K, Q=Q, V=values, field=field)


def same_field(first: Weights, second: Weights) -> tuple[Weights, Weights]:
    """Both weights over one field; rational ones move to the number field of the others."""
    if first.field == second.field:
        return first, second
    for field in (first.field, second.field):
        if {first.field, second.field} == {QQ, field} and not field.characteristic:
            if field == QQ:
                continue
            one, two = (
                w
                if w.field == field
                else Weights.from_data(w.to_data() | {"field": field.to_data()})
                for w in (first, second)
            )
            return one, two
    raise FieldError(
        "compare weights", f"they live over {first.field} and {second.field}", "use one field"
    )
