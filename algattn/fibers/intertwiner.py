"""Changes of basis that carry one weight tuple to another, when hidden maps lose rank.

On the image of ``P_i`` the matrix G_i is known.  Outside it, the conditions on V, on the pairings
of A with that image, on kernels, and on heads that the image determines are linear; what is left is
tried on random solutions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.attention import Weights
from algattn.exact import Field, Matrix

MAX_UNKNOWNS = 400
TRIES = 12
#: ``sum_n left_n G_{i_n} right_n = value``
Equation = tuple[list[tuple[int, Matrix, Matrix]], Matrix]


@dataclass(frozen=True)
class Frame:
    """Two weight tuples, their P_i, and the scales: ``B'_i = t_i B_i`` and ``V' = u V``."""

    first: Weights
    second: Weights
    P: Sequence[Matrix]
    R: Sequence[Matrix]
    t: Sequence[Any]
    u: Any


def candidates(
    frame: Frame, known: Mapping[int, Matrix], heads: Mapping[int, Matrix]
) -> Iterator[list[Matrix]]:
    """Invertible ``G_1 .. G_{l-1}`` that satisfy all linear conditions, `known` ones included.

    Nothing when there are none, or more than 400 unknowns.
    """
    field, layers = frame.first.field, frame.first.layers
    sizes = {i: frame.P[i].shape[0] for i in range(1, layers) if i not in known}
    offsets, total = dict[int, int](), 0
    for i, n in sizes.items():
        offsets[i], total = total, total + n * n
    if total > MAX_UNKNOWNS:
        return
    rows: list[list[Any]] = []
    right: list[list[Any]] = []
    for terms, value in _equations(frame, heads, set(sizes)):
        rest = value
        for i, left, after in terms:
            if i not in sizes:
                rest = rest - left @ known[i] @ after
        m, n = rest.shape
        for r in range(m):
            for s in range(n):
                row = [field.zero] * total
                for i, left, after in terms:
                    if i in sizes:
                        _add(row, offsets[i], left.rows[r], after.column(s), sizes[i])
                if any(x != 0 for x in row):
                    rows.append(row)
                    right.append([rest[r, s]])
                elif rest[r, s] != 0:
                    return
    system = Matrix(field, rows, (len(rows), total))
    start = system.solve(Matrix(field, right, (len(right), 1)))
    if start is None:
        return
    basis = system.kernel()
    rng = random.Random("algattn intertwiner")
    for _ in range(TRIES if basis.shape[1] else 1):
        mix = Matrix(
            field, [[rng.randint(-3, 3)] for _ in range(basis.shape[1])], (basis.shape[1], 1)
        )
        flat = (start + basis @ mix if basis.shape[1] else start).column(0)
        out = []
        for i in range(1, layers):
            if i in known:
                out.append(known[i])
                continue
            n, at = sizes[i], offsets[i]
            out.append(Matrix(field, [flat[at + n * a : at + n * (a + 1)] for a in range(n)]))
        if all(G.rank() == G.shape[0] for G in out):
            yield out


def _add(row: list[Any], offset: int, left: list[Any], after: list[Any], size: int) -> None:
    for a, x in enumerate(left):
        if x != 0:
            for b, y in enumerate(after):
                if y != 0:
                    row[offset + size * a + b] = row[offset + size * a + b] + x * y


def _equations(frame: Frame, heads: Mapping[int, Matrix], unknown: set[int]) -> Iterator[Equation]:
    one, two, field = frame.first, frame.second, frame.first.field
    layers = one.layers
    for i in range(layers):  # V'_i G_{i-1} = G_i V_i, and V'_l G_{l-1} = u V_l
        d, e = one.V[i].shape[1], one.V[i].shape[0]
        unit, after = Matrix.identity(field, d), Matrix.identity(field, e)
        terms = [(i, two.V[i], unit)] if i else []
        value = Matrix.zeros(field, e, d) if i else -two.V[i]
        if i + 1 < layers:
            terms.append((i + 1, -after, one.V[i]))
        else:
            value = value + one.V[i] * frame.u
        yield terms, value
    for i in sorted(unknown):
        n, t = frame.P[i].shape[0], frame.t[i]
        unit = Matrix.identity(field, n)
        yield [(i, unit, frame.P[i])], frame.R[i]
        A, C = one.A[i], two.A[i]
        yield [(i, frame.R[i].T @ C, unit)], frame.P[i].T @ A * t
        yield [(i, frame.R[i].T @ C.T, unit)], frame.P[i].T @ A.T * t
        if one.K is None or one.Q is None or two.K is None or two.Q is None:
            pairs = [(A, C), (A.T, C.T)]
        else:
            pairs = [(one.K[i], two.K[i]), (one.Q[i], two.Q[i])]
            if i in heads:
                h = heads[i]
                yield [(i, two.K[i], unit)], h @ one.K[i]
                yield [(i, h.T @ two.Q[i], unit)], one.Q[i] * t
        for M, N in pairs:
            kernel = M.kernel()
            if kernel.shape[1]:
                yield [(i, N, kernel)], Matrix.zeros(field, N.shape[0], kernel.shape[1])


def odd_root(field: Field, x: Any, times: int) -> Any | None:
    """The rational number with ``3^times``-th power x, or None."""
    from flint import fmpq, fmpz

    from algattn.exact import QQ

    if field != QQ:
        return None
    for _ in range(times):
        parts = []
        for n in (int(x.p), int(x.q)):
            root = int(fmpz(abs(n)).root(3))
            if root**3 != abs(n):
                return None
            parts.append(root if n > 0 else -root)
        x = fmpq(*parts)
    return x
