"""The fiber of the parametrization of one layer, in every stratum.

The theorem, with its proof, is in ``algattn/docs/one_layer.md`` (lemmas *fiber* and *section*);
for t >= 2 and generic weights it is Henry, Marchetti, Kohn, Theorem on single-layer fibers.
"""

from __future__ import annotations

from algattn.attention import Weights
from algattn.exact import QQ, Matrix
from algattn.exact.quadratic_forms import outer
from algattn.fibers.attention import written_attention
from algattn.fibers.components import FiberComponent
from algattn.fibers.general_points import general_pair, of_full_rank
from algattn.fibers.layer_invariants import LayerFacts, SymmetricClass, rank_one_factors
from algattn.fibers.witnesses import (
    as_form,
    as_QKV,
    factor_attention,
    random_matrix,
)
from algattn.formulas.one_layer import (
    Section,
    attention_sections,
    determinantal_dimension,
    key_query_components,
    key_query_sections,
    section_tangent,
    skew_rank,
)


def fiber_value(
    facts: LayerFacts, params: str, *, general: bool = True
) -> tuple[str, int, tuple[FiberComponent, ...]]:
    """The case, the number of connected components over R, and the components over C.

    The witnesses are general points of their components; with `general` False they are those of
    version 0.1, which for one token may be special points.
    """
    if facts.zero:
        case, parts, connected = "zero", _zero_components(facts, params), 1
    elif facts.single_token:
        case, parts, connected = _single_token(facts, params, general=general)
    else:
        case, parts, connected = _many_tokens(facts, params)
    return case, connected, tuple(parts)


def _tangent(facts: LayerFacts, witness: Weights, params: str) -> int:
    """Dimension of the Zariski tangent space of the fiber over a nonzero function, t >= 2.

    The differential of (A, V) -> V (x) A has the scaling in its kernel, and for V = h v^T and
    A = k q^T with parallel v and k the d directions (u q^T, -h u^T).  These are among the matrices
    that (dK, dQ) -> dK^T Q + K^T dQ reaches: all but those that pair ker K with ker Q.
    """
    kernel = facts.d if facts.rank_one_pair and facts.aligned else 1
    if params == "AV":
        return kernel
    assert witness.K is not None
    assert witness.Q is not None
    return kernel + _key_query_kernel(facts, witness)


def _key_query_kernel(facts: LayerFacts, witness: Weights) -> int:
    """Dimension of the kernel of ``(dK, dQ) -> dK^T Q + K^T dQ``."""
    assert witness.K is not None
    assert witness.Q is not None
    d, a = facts.d, facts.a
    lost = (d - witness.K[0].rank()) * (d - witness.Q[0].rank())
    return 2 * a * d - (d * d - lost)


# --- t >= 2 ----------------------------------------------------------------------------------


def _many_tokens(facts: LayerFacts, params: str) -> tuple[str, list[FiberComponent], int]:
    pairs = [("orbit", facts.A, facts.V)]
    case = "orbit"
    if facts.rank_one_pair:
        case = "aligned"
        if not facts.aligned:
            case = "swap"
            k, q, h, v = facts.factors
            pairs.append(("swapped orbit", outer(v, q, QQ), outer(h, k, QQ)))
    parts: list[FiberComponent] = []
    connected = 0
    for name, A, V in pairs:
        if params == "AV":
            witness = Weights(A=[A], V=[V])
            reduced = _tangent(facts, witness, params) == 1
            parts.append(
                FiberComponent(name, "(cA, V/c), c != 0", 1, 1, reduced=reduced, witness=witness)
            )
            connected += 2
        else:
            r = A.rank()
            pieces = key_query_components(facts.d, facts.a, r)
            for piece in pieces:
                label = (
                    name
                    if len(pieces) == 1
                    else (f"{name}, rank K = {piece.rank_K}, rank Q = {piece.rank_Q}")
                )
                witness = as_QKV(A, V, facts.a, piece)
                family = (
                    "(gK, c g^-T Q, V/c), g in GL(a), c != 0"
                    if r == facts.a
                    else "(K', Q', V/c) with K'^T Q' = cA, c != 0"
                )
                size = 1 + piece.dimension
                reduced = _tangent(facts, witness, params) == size
                parts.append(
                    FiberComponent(label, family, size, size, reduced=reduced, witness=witness)
                )
            connected += 4 if r == facts.a else 2
    return case, parts, connected


# --- the zero function -----------------------------------------------------------------------


def _zero_components(facts: LayerFacts, params: str) -> list[FiberComponent]:
    d, d_out, a = facts.d, facts.d_out, facts.a
    V, zero_V = random_matrix(d_out, d, 1), Matrix.zeros(QQ, d_out, d)
    full = random_matrix(facts.alpha, d, 2).T @ random_matrix(facts.alpha, d, 3)
    parts: list[FiberComponent] = []

    def add(name: str, family: str, size: int, witness: Weights, reduced: bool = True) -> None:
        parts.append(FiberComponent(name, family, size, size, reduced=reduced, witness=witness))

    if params == "AV":
        rank = skew_rank(facts.alpha) if facts.single_token else 0
        dim = attention_sections(d, a, 0, (0, 0)).dimension if facts.single_token else 0
        flat = _standard_skew(d, rank)
        name = "A skew" if facts.single_token else "A = 0"
        family = "{(A, V) : A + A^T = 0}" if facts.single_token else "{(0, V)}"
        # As a scheme of minors, skew matrices of rank below the bound a < d are fat.
        reduced = not facts.single_token or rank == a or a >= d or dim == d * (d - 1) // 2
        add(name, family, dim + d * d_out, Weights(A=[flat], V=[V]), reduced)
        size = determinantal_dimension(d, a)
        add("V = 0", "{(A, 0)}", size, Weights(A=[full], V=[zero_V]))
        return parts
    if facts.single_token:
        section = key_query_sections(d, a, 0, (0, 0))
        for i in range(section.components):
            K, Q = _isotropic(d, a, odd=i == 1)
            name = "sym(K^T Q) = 0"
            if section.components == 2:
                name += f", family {i + 1} of maximal isotropic subspaces"
            family = "{(K, Q, V) : K^T Q + Q^T K = 0}"
            reduced = section_tangent(d, a, 0) == section.dimension
            size = section.dimension + d * d_out
            add(name, family, size, Weights(K=[K], Q=[Q], V=[V]), reduced)
    else:
        for piece in key_query_components(d, a, 0):
            K, Q = factor_attention(Matrix.zeros(QQ, d, d), a, piece)
            name = f"K^T Q = 0, rank K = {piece.rank_K}, rank Q = {piece.rank_Q}"
            family = "{(K, Q, V) : K^T Q = 0}"
            witness = Weights(K=[K], Q=[Q], V=[V])
            reduced = _key_query_kernel(facts, witness) == piece.dimension
            add(name, family, piece.dimension + d * d_out, witness, reduced)
    K, Q = random_matrix(a, d, 4), random_matrix(a, d, 5)
    add("V = 0", "{(K, Q, 0)}", 2 * a * d, Weights(K=[K], Q=[Q], V=[zero_V]))
    return parts


def _standard_skew(d: int, rank: int) -> Matrix:
    rows = [[0] * d for _ in range(d)]
    for i in range(0, rank, 2):
        rows[i][i + 1], rows[i + 1][i] = 1, -1
    return Matrix(QQ, rows, (d, d))


def _isotropic(d: int, a: int, odd: bool) -> tuple[Matrix, Matrix]:
    """K, Q with K^T Q skew whose columns span an isotropic subspace of maximal dimension.

    The subspaces ``{Q = N K}`` with N skew form one family; exchanging one row of K with the same
    row of Q (a reflection) leads to the other.
    """
    j = min(d, a)
    base = random_matrix(j, d, 6)
    K = Matrix(QQ, [*base.rows, *Matrix.zeros(QQ, a - j, d).rows], (a, d))
    square = random_matrix(a, a, 7)
    N = square - square.T
    Q = N @ K
    if odd:
        left, right = [list(r) for r in K.rows], [list(r) for r in Q.rows]
        left[0], right[0] = right[0], left[0]
        K, Q = Matrix(QQ, left, (a, d)), Matrix(QQ, right, (a, d))
    return K, Q


# --- t = 1 -----------------------------------------------------------------------------------


def _single_token(
    facts: LayerFacts, params: str, *, general: bool
) -> tuple[str, list[FiberComponent], int]:
    classes = facts.classes
    case = "one factorisation" if len(classes) == 1 else f"{len(classes)} factorisations"
    parts: list[FiberComponent] = []
    connected = 0
    for number, c in enumerate(classes):
        signature = c.signature if c.reachable(facts.a) else None
        sections = attention_sections if params == "AV" else key_query_sections
        section: Section = sections(facts.d, facts.a, c.rank, signature)
        real = None if section.real_dimension is None else 1 + section.real_dimension
        connected += 2 * section.connected
        witness = class_weights(facts, c, number == 0, params, general=general)
        reduced = _class_reduced(facts, c, params)
        for i in range(section.components):
            name = f"factorisation {number + 1}" if len(classes) > 1 else "sym(A) = cS"
            if section.components == 2:
                name += f", family {i + 1}"
            family = (
                "{(A, V/c) : A + A^T = 2cS}"
                if params == "AV"
                else "{(K, Q, V/c) : K^T Q + Q^T K = 2cS}"
            )
            parts.append(
                FiberComponent(
                    name + ("" if c.is_real else " (not real)"),
                    family,
                    1 + section.dimension,
                    real,
                    reduced=reduced,
                    witness=_reflected(witness, facts.a, general=general) if i else witness,
                )
            )
    return case, parts, connected


def _class_reduced(facts: LayerFacts, c: SymmetricClass, params: str) -> bool:
    """Whether the fiber is reduced at a general point over one factorisation.

    The differential of (S, V) -> S(x) V x has only the scaling in its kernel, unless V = h v^T and
    v divides S: then all (-m w, h w^T) with S = v m, a space of dimension d.
    """
    ramified = facts.d > 1 and c.V.rank() == 1 and _divides(c)
    if ramified:
        return False
    if params == "AV" and facts.a >= facts.d:
        return True  # all skew matrices may be added
    size = key_query_sections(facts.d, facts.a, c.rank, None).dimension
    return section_tangent(facts.d, facts.a, c.rank) == size


def _divides(c: SymmetricClass) -> bool:
    """Whether the linear form v of V = h v^T divides the quadratic form S."""
    _, v = rank_one_factors(c.V)
    i = next(i for i, x in enumerate(v) if x != 0)
    # S vanishes on the hyperplane v = 0, spanned by v_i e_j - v_j e_i.
    rows = []
    for j in range(len(v)):
        if j != i:
            row = [c.field.zero] * len(v)
            row[j], row[i] = v[i], -v[j]
            rows.append(row)
    plane = Matrix(c.field, rows, (len(rows), len(v)))
    return not (plane @ c.S @ plane.T)


def class_weights(
    facts: LayerFacts, c: SymmetricClass, given: bool, params: str, *, general: bool = True
) -> Weights | None:
    """Weights over a class, over its field (or square roots above it), or None."""
    A = facts.A if given else written_attention(c.S, facts.a)
    if A is None:
        return None
    V = c.V
    if params == "AV" and (facts.a >= facts.d or not general):
        # for a >= d every A with this symmetric part is general
        return Weights(A=[A], V=[Matrix(A.field, V.rows, V.shape)], field=A.field)
    start = as_form(A, V, facts.a)
    if not general:
        return start
    assert start.K is not None
    assert start.Q is not None
    K, Q = general_pair(start.K[0], start.Q[0])
    V = Matrix(K.field, V.rows, V.shape)
    if params == "QKV":
        return Weights(K=[K], Q=[Q], V=[V], field=K.field)
    K, Q = of_full_rank(K, Q)
    return Weights(A=[K.T @ Q], V=[V], field=K.field)


def _reflected(weights: Weights | None, a: int, *, general: bool) -> Weights | None:
    """The weights after exchanging one row of K with the same row of Q.

    That keeps sym(K^T Q) and is a reflection of the split form, so it leads to the other family
    where there are two.
    """
    if weights is None:
        return None
    K, Q = weights.K, weights.Q
    if K is None or Q is None:
        A = weights.A[0]
        pieces = key_query_components(A.shape[0], a, A.rank())
        reflected = _reflected(as_QKV(A, weights.V[0], a, pieces[0]), a, general=general)
        assert reflected is not None
        assert reflected.K is not None
        assert reflected.Q is not None
        if not general:
            return reflected.to_AV()
        moved_K, moved_Q = of_full_rank(reflected.K[0], reflected.Q[0])
        return Weights(A=[moved_K.T @ moved_Q], V=weights.V, field=weights.field)
    left, right = [list(r) for r in K[0].rows], [list(r) for r in Q[0].rows]
    left[0], right[0] = right[0], left[0]
    field = weights.field
    return Weights(K=[left], Q=[right], V=weights.V, field=field)
