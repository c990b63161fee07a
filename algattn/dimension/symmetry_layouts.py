"""Choosing an orthogonal symmetry for a network shape.

Two layouts.  *Windows*: all widths lie on one line, ``R^{e_i}`` is the first ``e_i`` coordinates,
layer i reads the window of the last ``alpha_i`` of them, and some stretches of the line are
identified with their shift by ``alpha_i``, so that K and Q can read different places.  The line is
cut at all end points; the classes of intervals are the factors, their lengths the ``m_j``.

*Pairs*: what layer i drops, ``e_{i-1} - e_i`` coordinates, is grouped into pairs ``R^m (x) R^2``
and at most one single; all singles form one factor of size one.  Layer i reads its own pairs and
single and then pairs further down, one functional each for K and Q, two where ranks are left over.
There are no shifts, so the number of factors stays below four per layer for every shape; shifts by
many different ``alpha_i`` (deep networks on one token, or behind a layer of rank one) would cut the
line into dust.
"""

from __future__ import annotations

from collections.abc import Iterator

from algattn.dimension.reduction import Kind, Reduction
from algattn.dimension.symmetry import Space, Symmetry

__all__ = ["recipes"]

MAX_INTERVALS = 400


def recipes(reduction: Reduction) -> Iterator[tuple[str, Symmetry]]:
    """Symmetries to try for an effective shape, the most economical first.

    Yields
    ------
    name : str
    symmetry : Symmetry

    Notes
    -----
    A layout whose cuts multiply beyond a few hundred intervals is skipped.
    """
    windows = _windows(reduction)
    first = [("pairs", _pairs(reduction))]
    if windows is not None:
        first.insert(0, ("windows", windows))
    seen: set[Symmetry] = set()
    for name, symmetry in sorted(first, key=lambda item: _effort(item[1])):
        seen.add(symmetry)
        yield name, symmetry
    plans = (
        ("shift in every layer", True, 0),
        ("windows, 2 invariants", False, 2),
        ("shift in every layer, 2 invariants", True, 2),
        ("shift in every layer, 4 invariants", True, 4),
    )
    for name, always, invariants in plans:
        found = _windows(reduction, always=always, invariants=invariants)
        if found is not None and found not in seen:
            seen.add(found)
            yield name, found


def _effort(symmetry: Symmetry) -> int:
    """Rough cost: blocks of the widest space, pairwise."""
    return max(sum(space.multiplicities) + space.fixed for space in symmetry.hidden)


def _pairs(reduction: Reduction) -> Symmetry:
    e, alpha, depth = reduction.effective, reduction.ranks, reduction.depth
    drops = [max(0, e[i] - e[i + 1]) for i in range(depth)]
    bottom, extra = min(e[-2], e[-1]), max(0, e[-1] - e[-2])
    odd = any(drop % 2 for drop in drops)
    singles = [1 if bottom % 2 else 2 if odd else 0]
    pairs = [(bottom - singles[0]) // 2]
    for drop in reversed(drops):
        pairs.append(pairs[-1] + drop // 2)
        singles.append(singles[-1] + drop % 2)
    pairs.reverse()
    singles.reverse()
    cuts = {0, *pairs}
    reads = []
    for i, a in enumerate(alpha):
        read = min(a, drops[i] % 2)
        once = min(pairs[i], a - read)
        left = a - read - once
        more = max(0, min(left, (singles[i] + 1) // 2 - read))
        twice = min(pairs[i], left - more)
        read += more + (left - more - twice)
        reads.append((pairs[i] - once, pairs[i] - twice, read))
        cuts.update(reads[-1][:2])
    points = sorted(cuts)
    starts = points[:-1]
    sizes = [stop - start for start, stop in zip(starts, points[1:], strict=True)]
    more_sizes = [1] * (singles[0] > 0) + [extra] * (extra > 0)

    def tail(single: int, last: int) -> tuple[int, ...]:
        return (single,) * (singles[0] > 0) + (last,) * (extra > 0)

    hidden = [
        Space(tuple(2 * (x < y) for x in starts) + tail(z, int(i == depth)), 0)
        for i, (y, z) in enumerate(zip(pairs, singles, strict=True))
    ]
    attention = [
        Space(tuple((once <= x < y) + (twice <= x < y) for x in starts) + tail(read, 0), 0)
        for (once, twice, read), y in zip(reads, pairs, strict=False)
    ]
    return Symmetry((*sizes, *more_sizes), tuple(hidden), tuple(attention))


def _shifts(reduction: Reduction, *, always: bool) -> list[tuple[int, int, int]]:
    """Triples (lo, hi, s): coordinate x in [lo, hi) is identified with x + s."""
    e, alpha = reduction.effective, reduction.ranks
    result = []
    for i in range(reduction.depth):
        wide, a = e[i], alpha[i]
        mixed = reduction.collapsed[i] or (reduction.kind is Kind.LIGHTNING and a == 1)
        lo = max(0 if mixed or always else e[i + 1], wide - 2 * a)
        if a > 0 and lo < wide - a:
            result.append((lo, wide - a, a))
    return result


def _windows(reduction: Reduction, *, always: bool = False, invariants: int = 0) -> Symmetry | None:
    e, alpha = reduction.effective, reduction.ranks
    line = max(e)
    shifts = _shifts(reduction, always=always)
    fixed = _fixed_points(reduction, invariants)
    cuts = {0, line, *e}
    cuts.update(e[i] - a for i, a in enumerate(alpha))
    for lo, hi, s in shifts:
        cuts.update((lo, hi, lo + s, hi + s))
    for x in fixed:
        cuts.update((x, x + 1))
    if not _close(cuts, shifts):
        return None
    points = sorted(cuts)
    starts = {x: n for n, x in enumerate(points[:-1])}
    parent = list(range(len(starts)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for lo, hi, s in shifts:
        for x in points[:-1]:
            if lo <= x < hi:
                parent[root(starts[x])] = root(starts[x + s])
    still = {root(starts[x]) for x in fixed}
    names: dict[int, int] = {}
    for n in range(len(starts)):
        if root(n) not in still:
            names.setdefault(root(n), len(names))
    sizes = [0] * len(names)
    for n in range(len(starts)):
        if root(n) in names:
            sizes[names[root(n)]] = points[n + 1] - points[n]

    def space(lo: int, hi: int) -> Space:
        count, rest = [0] * len(names), 0
        for x in points[:-1]:
            if lo <= x < hi:
                name = names.get(root(starts[x]))
                if name is None:
                    rest += 1
                else:
                    count[name] += 1
        return Space(tuple(count), rest)

    return Symmetry(
        tuple(sizes),
        tuple(space(0, width) for width in e),
        tuple(space(e[i] - a, e[i]) for i, a in enumerate(alpha)),
    )


def _fixed_points(reduction: Reduction, invariants: int) -> set[int]:
    """Unit intervals made invariant: the first coordinates and the last of every window."""
    e, alpha = reduction.effective, reduction.ranks
    fixed = set(range(min(invariants, max(e))))
    if invariants:
        fixed.update(e[i] - 1 for i, a in enumerate(alpha) if a)
    return fixed


def _close(cuts: set[int], shifts: list[tuple[int, int, int]]) -> bool:
    """Close the cuts under the partial shifts; False if they become too many."""
    queue = list(cuts)
    while queue:
        x = queue.pop()
        for lo, hi, s in shifts:
            images = []
            if lo <= x <= hi:
                images.append(x + s)
            if lo + s <= x <= hi + s:
                images.append(x - s)
            for y in images:
                if y not in cuts:
                    cuts.add(y)
                    queue.append(y)
        if len(cuts) > MAX_INTERVALS:
            return False
    return True
