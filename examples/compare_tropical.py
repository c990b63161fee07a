"""Cells of attention heads by algattn and by general libraries used directly, in one run.

One head: algattn returns all cells with certified interior points.  The others get the same keys:
scipy's qhull computes the upper hull in floating point (no points inside, no degenerate input);
pplpy and pycddlib ask one exact question for each key ("is this cell empty?"), the way one would
use them without further thought.  Several heads: algattn's search, its Minkowski sum, and pplpy on
the list of all sums of keys when there are few enough, and head by head (which returns the count
only, without points inside and without the keys that win).  The last table is the growth with the
number of cells.  Times are processor seconds; libraries that are not installed are left out.

Exits with status 1 when two sides find different cells.

    python examples/compare_tropical.py --keys 64
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from importlib.util import find_spec
from itertools import product
from typing import Any

from algattn.tropical import MultiHead, TropicalAttention

Rows = list[tuple[int, ...]]
MAX_SUMS = 3000


def random_head(rng: random.Random, n: int, d: int, size: int = 1000) -> TropicalAttention:
    return TropicalAttention(
        keys=[[rng.randint(-size, size) for _ in range(d)] for _ in range(n)],
        biases=[rng.randint(-size * size // 4, 0) for _ in range(n)],
    )


def by_algattn(rows: Rows) -> set[int]:
    head = TropicalAttention([row[:-1] for row in rows], biases=[row[-1] for row in rows])
    return {cell.index for cell in head.cells()}


def by_qhull(rows: Rows) -> set[int]:
    import numpy as np
    from scipy.spatial import ConvexHull

    hull = ConvexHull(np.array(rows, dtype=float))
    upper = hull.equations[:, -2] > 0
    return set(map(int, np.unique(hull.simplices[upper])))


def by_cdd(rows: Rows) -> set[int]:
    import cdd.gmp as cdd

    found = set()
    for j, row in enumerate(rows):
        data = [
            [
                Fraction(row[-1] - other[-1]),
                *(Fraction(a - b) for a, b in zip(row, other, strict=True)),
            ]
            for i, other in enumerate(rows)
            if i != j
        ]
        system = [[*line[:-1], Fraction(-1)] for line in data]
        bound = [Fraction(1), *[Fraction(0)] * (len(row) - 1), Fraction(-1)]
        goal = [Fraction(0)] * len(row) + [Fraction(1)]
        program = cdd.linprog_from_array([*system, bound, goal], obj_type=cdd.LPObjType.MAX)
        cdd.linprog_solve(program)
        if program.status == cdd.LPStatusType.OPTIMAL and program.obj_value > 0:
            found.add(j)
    return found


def by_ppl(rows: Rows) -> set[int]:
    from ppl import Constraint_System, Linear_Expression, NNC_Polyhedron

    found = set()
    for j, row in enumerate(rows):
        system = Constraint_System()
        for i, other in enumerate(rows):
            if i != j:
                gap = [a - b for a, b in zip(row, other, strict=True)]
                system.insert(Linear_Expression(gap[:-1], gap[-1]) > 0)
        if not NNC_Polyhedron(system).is_empty():
            found.add(j)
    return found


SIDES: dict[str, tuple[str, Callable[[Rows], set[int]]]] = {
    "algattn": ("algattn", by_algattn),
    "scipy qhull (floats)": ("scipy", by_qhull),
    "pycddlib, key by key": ("cdd", by_cdd),
    "pplpy, key by key": ("ppl", by_ppl),
}


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    answer = work()
    return answer, time.process_time() - start


def one_head(rng: random.Random, keys: int) -> bool:
    good = True
    for d in (2, 3, 4):
        rows = [(*map(int, row),) for row in random_head(rng, keys, d).functions.rows]
        print(f"one head, {keys} keys, dimension {d}")
        base, cells = 0.0, set()
        for name, (module, side) in SIDES.items():
            if find_spec(module) is None:
                print(f"  {name:22} not installed")
                continue
            side(rows[: d + 3])  # load the library
            found, seconds = timed(partial(side, rows))
            if name == "algattn":
                base, cells = seconds, found
                print(f"  {name:22} {len(found):4} cells {seconds * 1000:8.1f} ms")
                continue
            same = found == cells
            print(
                f"  {name:22} {len(found):4} cells {seconds * 1000:8.1f} ms   "
                f"{seconds / base:6.2f} x algattn   {'same' if same else 'DIFFERENT'}"
            )
            good = good and same
    return good


def all_sums_by_ppl(joint: MultiHead) -> int:
    """Vertices of the upper hull of all sums of keys, by one call of the library."""
    from ppl import C_Polyhedron, Generator_System, Linear_Expression, point, ray

    n = joint.dimension + 1
    sums = {
        tuple(map(sum, zip(*rows, strict=True)))
        for rows in product(*(head.functions.rows for head in joint.heads))
    }
    system = Generator_System()
    for row in sums:
        system.insert(point(Linear_Expression([int(x) for x in row], 0)))
    system.insert(ray(Linear_Expression([0] * (n - 1) + [-1], 0)))
    generators = C_Polyhedron(system).minimized_generators()
    return sum(generator.is_point() for generator in generators)


def sums_head_by_head_by_ppl(joint: MultiHead) -> int:
    """The same, with the library's hull taken after every head (points below it are left out)."""
    from ppl import C_Polyhedron, Generator_System, Linear_Expression, point, ray

    n = joint.dimension + 1
    down = ray(Linear_Expression([0] * (n - 1) + [-1], 0))
    vertices = {(0,) * n}
    for head in joint.heads:
        system = Generator_System()
        for a, b in product(vertices, head.functions.rows):
            total = [int(x + y) for x, y in zip(a, b, strict=True)]
            system.insert(point(Linear_Expression(total, 0)))
        system.insert(down)
        kept = (g for g in C_Polyhedron(system).minimized_generators() if g.is_point())
        vertices = {tuple(int(x) // int(g.divisor()) for x in g.coefficients()) for g in kept}
    return len(vertices)


def several_heads(rng: random.Random) -> bool:
    good = True
    print("several heads: search / Minkowski sum / pplpy on all sums | pplpy head by head")
    for d, h, n in ((2, 2, 8), (2, 4, 8), (2, 8, 8), (3, 3, 8), (3, 4, 6), (4, 4, 5)):
        joint = MultiHead([random_head(rng, n, d, 30) for _ in range(h)])
        joint.heads[0].cells()
        cells, searched = timed(joint.cells)
        sums, added = timed(partial(joint.cells, method="minkowski"))
        same = [c.index for c in cells] == [c.index for c in sums]
        line = f"  d={d} H={h} N={n}: {len(cells):4} cells  {searched:6.3f} s  {added:6.3f} s"
        if find_spec("ppl") is not None and n**h <= MAX_SUMS:
            count, seconds = timed(partial(all_sums_by_ppl, joint))
            line += f"  {seconds:6.3f} s ({seconds / searched:.1f} x search)"
            same = same and count == len(cells)
        if find_spec("ppl") is not None:
            count, seconds = timed(partial(sums_head_by_head_by_ppl, joint))
            line += f"  | {seconds:6.3f} s"
            same = same and count == len(cells)
        print(line, "" if same else " DIFFERENT")
        good = good and same
    return good


def growth(rng: random.Random) -> None:
    print("growth of the search with the number of cells (dimension 2, 8 keys)")
    for h in (1, 2, 4, 6, 8, 10, 12):
        joint = MultiHead([random_head(rng, 8, 2, 30) for _ in range(h)])
        cells, seconds = timed(joint.cells)
        each = 1000 * seconds / len(cells)
        print(f"  {h:3} heads {len(cells):5} cells {seconds:7.3f} s {each:6.2f} ms for each cell")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keys", type=int, default=64, help="keys of the single heads")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    good = one_head(rng, options.keys)
    good = several_heads(rng) and good
    growth(rng)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
