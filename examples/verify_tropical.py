"""Statement: the limit of attention for temperature to 0 is the power diagram of the keys; the
joint cells of several heads are the upper vertices of a Minkowski sum, at most
sum_j C(H, j) (N - 1)^j of them, and slab heads attain it; stacks of L layers attain N^(d L) affine
maps on the unit box; the temperature estimates hold.

Every answer is computed along two routes and compared; the results are verified from their JSON.
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction
from math import comb

from algattn import load
from algattn.tropical import MultiHead, TropicalAttention, bounds, depth_stack, slab_heads


def random_head(rng: random.Random, n: int, d: int) -> TropicalAttention:
    return TropicalAttention(
        keys=[[rng.randint(-9, 9) for _ in range(d)] for _ in range(n)],
        values=[[rng.randint(-9, 9)] for _ in range(n)],
        biases=[rng.randint(-30, 30) for _ in range(n)],
    )


def power_diagram(rng: random.Random) -> bool:
    for _ in range(50):
        head = random_head(rng, 8, 2)
        diagram = head.diagram()
        q = [Fraction(rng.randint(-99, 99), 7) for _ in range(2)]
        if diagram.nearest(q) != head.argmax(q):
            return False
        if [c.index for c in diagram.cells] != [c.index for c in head.cells()]:
            return False
    return True


def two_algorithms(rng: random.Random) -> bool:
    shapes = [(2, 3, 4), (3, 2, 5), (1, 4, 4), (2, 4, 3)]
    for d, h, n in shapes * 3:
        joint = MultiHead([random_head(rng, n, d) for _ in range(h)])
        if len(joint.cells(method="both")) > bounds(heads=h, keys=n, dimension=d).value:
            return False
    return True


def attained() -> bool:
    for d, h, n in ((1, 2, 4), (2, 3, 4), (2, 4, 3), (3, 3, 3), (3, 4, 3)):
        wanted = sum(comb(h, j) * (n - 1) ** j for j in range(min(h, d) + 1))
        if len(slab_heads(heads=h, keys=n, dimension=d).cells()) != wanted:
            return False
    return True


def many_heads() -> bool:
    for n, d, depth, h in ((2, 1, 3, 3), (3, 1, 2, 2), (2, 2, 2, 3), (2, 3, 2, 4)):
        cells = depth_stack(keys=n, dimension=d, depth=depth, heads=h).cells(box=[(0, 1)] * d)
        result = bounds(heads=h, keys=n, dimension=d, depth=depth)
        if not (len(cells) == result.lower <= result.value and result.status.name == "PROVED"):
            return False
    return True


def deep() -> bool:
    for n, d, depth in ((2, 1, 5), (3, 1, 3), (2, 2, 3), (3, 2, 2)):
        found = depth_stack(keys=n, dimension=d, depth=depth).regions(box=[(0, 1)] * d)
        if not (found.value == found.distinct_maps == n ** (d * depth)):
            return False
        if not load(found.to_json()).verify():
            return False
    return True


def temperatures(rng: random.Random) -> bool:
    for _ in range(100):
        head = random_head(rng, 5, 2)
        warm = head.at([rng.randint(-5, 5), rng.randint(-5, 5)], Fraction(1, rng.randint(1, 50)))
        if not all(i.holds for i in warm.inequalities()):
            return False
    head = TropicalAttention([[0, 0], [1, 0], [0, 1]], values=[0, 1, 2])
    found = head.stability(error="1/1000", box=[(1, 2), (-2, 0)])
    stack = depth_stack(keys=3, dimension=2, depth=2)
    deeper = stack.stability(error="1/100", box=[("1/24", "1/12"), ("7/12", "5/8")])
    return all(r.status.name == "PROVED" and load(r.to_json()).verify() for r in (found, deeper))


def main() -> int:
    rng, good = random.Random(1), True
    for text, holds in (
        ("nearest weighted site = largest score; cells by two routes", power_diagram(rng)),
        ("joint cells by search = by Minkowski sum, within the bound", two_algorithms(rng)),
        ("slab heads attain the bound", attained()),
        ("deep stacks attain N^(d L) affine maps", deep()),
        ("more heads than dimensions in depth: the lower bound is attained", many_heads()),
        ("estimates at positive temperature, and stability certificates", temperatures(rng)),
    ):
        print("holds" if holds else "FAILS", "-", text)
        good = good and holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
