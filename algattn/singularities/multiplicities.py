"""How many branches meet at a function, and the multiplicity of their union.

Lemma "multiplicity" of ``algattn/docs/singularities.md``.  At an injective differential a branch is
a copy of its source.  At a ramified pair the d - 1 lost directions u enter the function by their
squares (a *fold*, two factors of the function agree) or cubes (a *cusp*, three lines agree).
"""

from __future__ import annotations

from fractions import Fraction
from math import comb

from algattn.attention.theorems import Theorem, at_weights, lightning, one_layer, plain
from algattn.exact import QQ, Matrix
from algattn.fibers.layer_invariants import LayerFacts
from algattn.formulas.degree import determinantal_degree, layer_degree, symmetric_degree
from algattn.singularities.theorem import SINGULARITIES, Facts, is_linear


def injective(d: int, rank: int, bound: int, *, symmetric: bool) -> int:
    """The multiplicity of the forms of rank <= bound at one of the given rank."""
    return (symmetric_degree if symmetric else determinantal_degree)(d - rank, bound - rank)


def fold(d: int, rank: int, bound: int, *, symmetric: bool) -> int:
    """Where k, v agree (t >= 2) or V = h v^T, S = v m (t = 1): 2^(d-1) times that of the forms.

    >>> fold(2, 1, 2, symmetric=False), fold(3, 1, 2, symmetric=False)
    (2, 8)
    """
    return int(2 ** (d - 1)) * injective(d, rank, bound, symmetric=symmetric)


def cusp(d: int, s: int) -> int:
    """Where ``V = h v^T``, ``S = c v v^T`` (t = 1), S of rank at most s with s >= 2.

    With weight 3 for the forms on the kernel of v and weight 1 for u the branch degenerates to a
    hyperplane section of the symmetric matrices of rank <= s, whose class is a determinant in the
    elementary symmetric functions of the weights (Harris and Tu).

    >>> cusp(2, 2), cusp(3, 3), cusp(3, 2), cusp(4, 2)
    (3, 9, 15, 72)
    """
    k, w = d - s, Fraction(3, 2)

    def entry(m: int) -> str:
        """The elementary symmetric function of 3/2 (d - 1 times) and -1/2."""
        if m <= 0:
            return str(int(m == 0))
        return str(comb(d - 1, m) * w**m - comb(d - 1, m - 1) * w ** (m - 1) / 2)

    table = Matrix(QQ, [[entry(k - 2 * i + j) for j in range(k)] for i in range(k)], (k, k))
    determinant = Fraction(str(table.det())) if k else Fraction(1)
    value = 2**k * determinant * Fraction(3) ** (d - 1 - k * (k + 1) // 2)
    return int(value)


def germ_numbers(facts: Facts) -> tuple[int, int]:
    """(branches, multiplicity) of the complex variety at a function of it.

    >>> from algattn import Lightning, Weights
    >>> from algattn.fibers.layer_invariants import LayerFacts
    >>> net = Lightning(widths=(3, 1), ranks=2)
    >>> W = Weights(A=[[[1, 0, 0], [0, 0, 0], [0, 0, 0]]], V=[[[0, 1, 0]]])
    >>> germ_numbers(LayerFacts.of(net, W, "count branches"))
    (2, 4)
    """
    d = facts.d
    if is_linear(d, facts.d_out, 1 if facts.single_token else 2):
        return 1, 1
    if facts.zero:
        return 1, layer_degree(d, facts.d_out, facts.a, 1 if facts.single_token else 2)
    return _single(facts) if facts.single_token else _many(facts)


def _many(facts: Facts) -> tuple[int, int]:
    d, alpha = facts.d, facts.alpha
    if alpha == facts.d_out == 1:
        return 1, injective(d, 1 if facts.aligned else 2, 2, symmetric=True)
    if not facts.rank_one_pair:
        return 1, injective(d, facts.rank_A, alpha, symmetric=False)
    if facts.aligned:
        return 1, fold(d, 1, alpha, symmetric=False)
    return 2, 2 * injective(d, 1, alpha, symmetric=False)


def _single(facts: Facts) -> tuple[int, int]:
    d, s, classes = facts.d, facts.s, len(facts.classes)
    if facts.rank_V > 1 or facts.rank_S > 2:
        return 1, injective(d, facts.rank_S, s, symmetric=True)
    if facts.d_out == 1 and s == 2:
        # ordered triples of lines: the symmetric group permutes the pairs, one branch
        return 1, {3: 1, 2: fold(d, 2, s, symmetric=True) // 2, 1: cusp(d, s) // 3}[classes]
    if classes == 3:
        return 3, 3 * injective(d, 2, s, symmetric=True)
    if classes == 2:  # S = l^2, and S = l m that ramifies
        return 2, injective(d, 1, s, symmetric=True) + fold(d, 2, s, symmetric=True)
    return 1, cusp(d, s)


def _is_elementary(facts: Facts) -> bool:
    """Whether the degrees in :func:`germ_numbers` are among those proved in lemma "degree".

    Otherwise they are the classical formulas for determinantal varieties.
    """
    d, symmetric = facts.d, facts.single_token
    if is_linear(d, facts.d_out, 1 if symmetric else 2):
        return True
    bound = facts.s if symmetric else facts.alpha
    if facts.zero:
        return _plain(d, bound, symmetric=symmetric)
    if not symmetric:
        products = facts.alpha == facts.d_out == 1
        return products or _plain(d - facts.rank_A, bound - facts.rank_A, symmetric=False)
    if facts.rank_V > 1 or facts.rank_S > 2:
        ranks = {facts.rank_S}
    elif len(facts.classes) == 1:
        return d - bound <= 1  # a cusp: at most one determinant
    else:
        ranks = {c.rank for c in facts.classes}
    return all(_plain(d - r, bound - r, symmetric=True) for r in ranks)


def _plain(size: int, rank: int, *, symmetric: bool) -> bool:
    """All matrices, none, a determinant, a Segre or Veronese variety, products of two lines."""
    return rank <= 1 or rank >= size - 1 or (symmetric and rank == 2)


MULTIPLICITY = Theorem(
    "multiplicity",
    SINGULARITIES,
    lightning,
    *plain,
    one_layer,
    at_weights(
        "forms whose degree the lemma proves",
        "it needs the classical degree of a determinantal variety",
        lambda network, weights: LayerFacts.of(network, weights, "count branches"),
        _is_elementary,
    ),
)
