"""How large the set of native weights over given virtual weights is, superfluous ones included.

The partial products ``P_i = V_i .. V_1`` may have any rank p_i between what the function needs and
what the widths allow.  For fixed ranks everything is a tower of bundles, so dimensions add up layer
by layer and the largest one is found by dynamic programming (lemmas *superfluous widths* and *zero
fiber* of ``algattn/docs/deep.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algattn.formulas.one_layer import (
    block_stratum,
    determinantal_dimension,
    key_query_components,
    key_query_sections,
)

Signature = tuple[int, int] | None


@dataclass(frozen=True)
class Wanted:
    """What one layer must do: ``B`` (or, with `symmetric`, only sym(B)) of this rank is given."""

    rank: int
    symmetric: bool = False
    signature: Signature = None


def bordered(d: int, p: int, rank: int, a: int) -> int | None:
    """Dimension of the d x d matrices of rank <= a with a given p x p corner of the given rank.

    None when there is none.  A corner of rank r is split off; what is left has a zero corner of
    size p - r, and rank i and j in the blocks beside it.

    >>> bordered(3, 1, 1, 3), bordered(2, 1, 0, 1), bordered(2, 2, 1, 0)
    (8, 2, None)
    """
    m, n, q = a - rank, p - rank, d - p
    if m < 0:
        return None
    best = 0
    for i in range(min(m, n, q) + 1):
        for j in range(min(m - i, n, q) + 1):
            k = min(m - i - j, q - i, q - j)
            sides = i * (n + q - i) + j * (n + q - j) + q * q - (q - i) * (q - j)
            best = max(best, sides + k * (2 * q - i - j - k))
    return 2 * rank * q + best


def attention_size(d: int, a: int, p: int, want: Wanted, params: str, real: bool) -> int | None:
    """Dimension of the A of rank <= a (or the K, Q) of a layer whose p x p corner is as wanted.

    None when there is none, or (`real`) no real one.
    """
    if real and want.symmetric and want.signature is None:
        return None
    if params == "QKV":
        border = 2 * a * (d - p)
        if not want.symmetric:
            if want.rank > a:
                return None
            return border + max(s.dimension for s in key_query_components(p, a, want.rank))
        if want.rank > 2 * a:
            return None
        section = key_query_sections(p, a, want.rank, want.signature)
        size = section.real_dimension if real else section.dimension
        return None if size is None else border + size
    if not want.symmetric:
        return bordered(d, p, want.rank, a)
    sizes = []
    for corner in range(min(a, p) + 1):
        inside = block_stratum(p, want.rank, corner, want.signature if real else None)
        around = bordered(d, p, corner, a)
        if inside is not None and around is not None:
            sizes.append(inside + around)
    return max(sizes, default=None)


def _add(*parts: int | None) -> int | None:
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


def _best(left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return right if left is None else left
    return max(left, right)


def superfluous_width_dimension(
    widths: Sequence[int],
    ranks: Sequence[int],
    needs: Sequence[int],
    wanted: Sequence[Wanted],
    params: str,
    *,
    real: bool = False,
) -> int | None:
    """Dimension of the native weights over one class of virtual weights; None when there are none.

    Parameters
    ----------
    needs : sequence of int
        For i = 1 .. l-1 the dimension of the span of the rows of V, and of the rows and columns of
        the later B (after a collapse of sym(B)): the least rank of P_i.
    wanted : sequence of Wanted
        One for each layer.
    """
    layers = len(ranks)
    table: dict[int, int | None] = {widths[0]: layers}  # one scaling for each layer
    for i in range(layers):
        d, after, new = widths[i], widths[i + 1], dict[int, int | None]()
        for p, size in table.items():
            here = _add(size, attention_size(d, ranks[i], p, wanted[i], params, real))
            if here is None:
                continue
            here += after * (d - p)  # V_i outside the image of P_{i-1}
            if i + 1 == layers:
                new[0] = _best(new.get(0), here)
                continue
            need = needs[i]
            for r in range(need, min(p, after) + 1):
                # the row space of P_i between what is needed and that of P_{i-1}, then P_i itself
                new[r] = _best(new.get(r), here + (r - need) * (p - r) + r * after)
        table = new
    return table.get(0)


def zero_dimension(
    widths: Sequence[int], ranks: Sequence[int], params: str, *, single: bool
) -> int:
    """Dimension of the weights with function zero; `single`: one token or one feature.

    The function is zero iff V = 0, or some B_i = 0, or sym(B_i) = 0 for one token or behind a
    layer of rank at most one.
    """
    layers = len(ranks)
    # states: nothing yet; a layer had rank <= 1 (or one token); the function is zero already
    free, thin, zero = 0, 1, 2
    table: dict[tuple[int, int], int] = {(widths[0], thin if single else free): 0}

    def corner(d: int, a: int, p: int, rank: int) -> int:
        size = attention_size(d, a, p, Wanted(rank), params, False)
        assert size is not None
        return rank * (2 * p - rank) + size

    for i in range(layers):
        d, after, a = widths[i], widths[i + 1], ranks[i]
        new: dict[tuple[int, int], int] = {}

        def put(state: tuple[int, int], size: int, new: dict[tuple[int, int], int] = new) -> None:
            new[state] = max(new.get(state, -1), size)

        for (p, state), size in table.items():
            any_size = 2 * a * d if params == "QKV" else determinantal_dimension(d, a)
            moves = [(state, any_size), (zero, corner(d, a, p, 0))]
            if p:
                moves.append((max(state, thin), corner(d, a, p, 1)))
            if state == thin:
                skew = attention_size(d, a, p, Wanted(0, True, (0, 0)), params, False)
                assert skew is not None
                moves.append((zero, skew))
            for next_state, more in moves:
                base = size + more + after * (d - p)
                for r in range(min(p, after) + 1):
                    put((r, next_state), base + r * (after + p - r))
        table = new
    return max(size for (p, state), size in table.items() if state == zero or p == 0)
