"""Deep stacks, and the four counts with their evidence."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from tropical_instances import DEGENERATE, random_head

from algattn import load
from algattn.errors import AlgattnError, CertificateError, InputError, LimitError, ShapeError
from algattn.results import Claim, seal
from algattn.tropical import (
    Layer,
    MultiHead,
    Stack,
    TropicalAttention,
    bounds,
    depth_stack,
    slab_heads,
)
from algattn.tropical.regions import as_stack, merge, regions
from algattn.tropical.results import CellsAgain, InsideCells
from algattn.tropical.stability import bands, certify

DEPTH = [
    ((2, 1, 5), 32),
    ((3, 1, 4), 81),
    ((4, 1, 3), 64),
    ((2, 2, 3), 64),
    ((3, 2, 2), 81),
    ((2, 3, 2), 64),
]


@pytest.mark.parametrize(("shape", "count"), DEPTH)
def test_digits_attain_the_lower_bound(shape: tuple[int, int, int], count: int) -> None:
    n, d, depth = shape
    pieces = depth_stack(keys=n, dimension=d, depth=depth).cells(box=[(0, 1)] * d)
    assert len(pieces) == len({p.map for p in pieces}) == count
    assert count == bounds(heads=d, keys=n, dimension=d, depth=depth).lower == n ** (d * depth)
    for piece in pieces:
        assert piece.matrix == tuple(tuple(int(i == j) for j in range(d)) for i in range(d))


def test_fewer_heads_than_dimensions_give_the_smaller_exponent() -> None:
    pieces = depth_stack(keys=3, dimension=3, depth=2, heads=1).cells(box=[(0, 1)] * 3)
    assert len(pieces) == 9 == bounds(heads=1, keys=3, dimension=3, depth=2).value


def random_stack(rng: random.Random) -> Stack:
    d = rng.randint(1, 2)
    layers = []
    for level in range(rng.randint(1, 3)):
        heads = []
        for _ in range(rng.randint(1, 2)):
            head = random_head(rng, rng.randint(1, 3), d, 4)
            values = [[Fraction(rng.randint(-4, 4), 2) for _ in range(d)] for _ in head.keys]
            heads.append(TropicalAttention(head.keys, values, head.biases))
        skip: Any = rng.choice(["identity", "identity", None, "matrix"])
        if skip == "matrix":
            skip = [[rng.randint(-1, 1) for _ in range(d)] for _ in range(d)]
        layers.append(Layer(heads, "identity" if level == 0 else skip))
    return Stack(layers)


def test_pieces_are_where_the_stack_is_affine() -> None:
    rng, singular = random.Random(1), 0
    for _ in range(40):
        stack = random_stack(rng)
        n = stack.dimension
        pieces = stack.cells(box=[(-6, 6)] * n)
        assert len({p.index for p in pieces}) == len(pieces)
        for piece in pieces:
            x = piece.interior_point
            assert piece.matrix is not None
            assert piece.offset is not None
            assert piece.region is not None
            value = tuple(
                sum((a * b for a, b in zip(row, x, strict=True)), c)
                for row, c in zip(piece.matrix, piece.offset, strict=True)
            )
            assert stack(x) == value
            singular += not any(any(row) for row in piece.matrix)
        for _ in range(25):
            q = [Fraction(rng.randint(-5900, 5900), 1009) for _ in range(n)]
            scale = q[0].denominator
            inside = [
                p
                for p in pieces
                if p.region is not None and p.region.program.holds([str_fmpq(x) for x in q])
            ]
            assert len(inside) <= 1
            assert scale > 0
            if inside:
                piece = inside[0]
                assert piece.matrix is not None
                assert piece.offset is not None
                assert stack(q) == tuple(
                    sum((a * b for a, b in zip(row, q, strict=True)), c)
                    for row, c in zip(piece.matrix, piece.offset, strict=True)
                )
    assert singular > 10


def str_fmpq(x: Fraction) -> Any:
    from flint import fmpq

    return fmpq(x.numerator, x.denominator)


def test_one_layer_is_several_heads() -> None:
    rng = random.Random(2)
    for _ in range(15):
        joint = MultiHead([random_head(rng, 4, 2) for _ in range(2)])
        pieces = as_stack(joint).cells()
        assert [p.index[0] for p in pieces] == [c.index for c in joint.cells()]


def test_restriction_counts_along_a_line() -> None:
    stack = depth_stack(keys=2, dimension=2, depth=3)
    diagonal = stack.restrict([0, 0], [[1, 1]])
    assert len(diagonal.cells(box=[(0, 1)])) == 8
    skew = stack.restrict([0, 0], [[1, "2/3"]])
    # breakpoints i/8 and 3j/16 for j = 1..5 in (0, 1); 3/8 and 3/4 are in both
    expected = {Fraction(i, 8) for i in range(1, 8)} | {Fraction(3 * j, 16) for j in range(1, 6)}
    assert len(skew.cells(box=[(0, 1)])) == len(expected) + 1
    assert skew(["1/5"]) == stack(["1/5", "2/15"])
    again = skew.restrict([1], [[-1]])
    assert again(["4/5"]) == skew(["1/5"])


def checkerboard() -> MultiHead:
    """Two heads that look at two coordinates; opposite quadrants have equal outputs."""
    x = TropicalAttention([[0, 0], [1, 0]], values=[[0, 0], [1, 0]])
    y = TropicalAttention([[0, 0], [0, 1]], values=[[0, 0], [-1, 0]])
    return MultiHead([x, y])


def test_the_four_counts_differ() -> None:
    found = checkerboard().regions()
    assert found.value == 4
    assert found.linear_regions == 4
    assert found.connected_components == 3
    assert found.distinct_maps == 3
    assert found.status.name == "PROVED"
    flat = TropicalAttention([[0], [1], [2]], values=[1, 1, 5], biases=[0, 0, -1]).regions()
    assert (flat.value, flat.linear_regions, flat.distinct_maps) == (3, 2, 2)
    apart = TropicalAttention([[0], [1], [2]], values=[1, 5, 1], biases=[0, 0, -1]).regions()
    assert (apart.linear_regions, apart.connected_components, apart.distinct_maps) == (3, 3, 2)


def test_counts_are_ordered_and_do_not_depend_on_the_backend() -> None:
    rng = random.Random(3)
    smaller = 0
    for _ in range(30):
        stack = random_stack(rng)
        pieces = stack.cells(box=[(-5, 5)] * stack.dimension)
        counts = merge(pieces, stack.dimension)
        assert counts == merge(pieces, stack.dimension, backend="embedded")
        order = [len(pieces), *counts.values()]
        assert order == sorted(order, reverse=True)
        smaller += order[1] < order[0]
    assert smaller > 3


def test_counts_of_degenerate_heads() -> None:
    for name, head in DEGENERATE.items():
        found = head.regions()
        assert (found.value, found.linear_regions) == (len(head.cells()), None), name
        assert found.verify()


def test_a_result_is_checked_from_its_json() -> None:
    for system, box in (
        (checkerboard(), None),
        (depth_stack(keys=2, dimension=2, depth=2), [(0, 1), (0, 1)]),
        (depth_stack(keys=2, dimension=2, depth=2).restrict([0, 0], [[1, 2]]), [(0, "1/2")]),
    ):
        found = regions(system, box=box)
        again = load(found.to_json())
        assert again == found
        assert again.verify()
        assert again.status.name == "PROVED"


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from places(value, (*path, key))
    elif isinstance(data, list):
        for i, value in enumerate(data):
            yield from places(value, (*path, i))
    else:
        yield path


def forgeries(text: str) -> Iterator[tuple[tuple[Any, ...], str]]:
    """Every leaf changed, with the digest made right again."""
    data = json.loads(text)
    for path in places(data):
        if path[0] in ("versions", "digest", "schema"):
            continue
        forged = copy.deepcopy(data)
        target = forged
        for step in path[:-1]:
            target = target[step]
        old = target[path[-1]]
        target[path[-1]] = old + 1 if isinstance(old, int) else f"{old}1" if old else 1
        forged["digest"] = seal(forged)["digest"]
        yield path, json.dumps(forged)


@pytest.mark.parametrize("which", ["regions", "bounds", "stability", "deep stability"])
def test_no_forgery_verifies(which: str) -> None:
    head = TropicalAttention([[0], [2], [1]], values=[1, 3, 1], biases=[0, -1, 0])
    result = {
        "regions": lambda: head.regions(box=[(-4, 4)]),
        "bounds": lambda: bounds(heads=2, keys=3, dimension=1),
        "stability": lambda: head.stability(error="1/9", box=[(2, 3)]),
        "deep stability": lambda: Stack([Layer([head]), Layer([head], None)]).stability(
            error="1/9", box=[(2, 3)]
        ),
    }[which]()
    text = result.to_json()
    assert load(text).verify()
    count = 0
    for path, forged in forgeries(text):
        count += 1
        try:
            again = load(forged)
            if not again.verify():
                continue
        except AlgattnError:
            continue
        # Another problem may have the same answer; then the file is true, and nothing else is.
        assert path[0] == "problem", path
        assert which != "bounds"
        if which == "regions":
            stack = Stack.from_data(json.loads(forged)["problem"]["stack"])
            redone = regions(stack, box=json.loads(forged)["problem"]["box"])
            assert (redone.value, redone.linear_regions) == (again.value, result.linear_regions)
        else:
            system, region, error = again.problem.unpacked()
            assert certify(bands(system, region), error, again.value)
    assert count > 15


def test_points_are_checked_without_the_search() -> None:
    found = TropicalAttention([[0], [1]]).regions(box=[(-2, 2)])
    cells = [dict(c) for c in found.cells]
    evidence = InsideCells()

    def check(value: Any) -> None:
        evidence.check(found.problem, Claim("cells", "", value, ()))

    check(cells)
    for text, value in (
        ("not inside cell", [{**cells[0], "point": [0]}]),
        ("not inside cell", [{**cells[0], "point": [1]}]),
        ("not inside the box", [{**cells[0], "point": [-2]}]),
        ("listed twice", [cells[0], cells[0]]),
    ):
        with pytest.raises(CertificateError, match=text):
            check(value)
    evidence_of_all = CellsAgain()
    with pytest.raises(CertificateError, match="finds 2 cells, 1 are listed"):
        evidence_of_all.check(found.problem, Claim("cells", "", cells[:1], ()))


def test_limits_and_bad_input() -> None:
    stack = depth_stack(keys=2, dimension=2, depth=3)
    with pytest.raises(LimitError) as caught:
        stack.cells(box=[(0, 1)] * 2, time_limit=0)
    assert isinstance(caught.value.partial, tuple)
    head = TropicalAttention([[0], [1]])
    good = TropicalAttention([[0], [1]], values=[0, 1])
    cases: list[tuple[type[Exception], str, Any]] = [
        (InputError, "no interior", lambda: stack.cells(box=[(0, 0), (0, 1)])),
        (ShapeError, "sides in dimension 2", lambda: stack.cells(box=[(0, 1)])),
        (ShapeError, "no layers", lambda: Stack([])),
        (ShapeError, "no values", lambda: Stack([Layer([head]), Layer([head])])),
        (ShapeError, "the skip has 1 rows", lambda: Layer([TropicalAttention([[1]], [[1, 2]])])),
        (InputError, "known is 'identity'", lambda: Layer([good], skip="sometimes")),
        (ShapeError, "the entry has 2 rows", lambda: Stack([Layer([good])], ([[1], [2]], [0]))),
        (InputError, "no values", lambda: Layer([head])([1])),
        (InputError, "not a Layer", lambda: Stack([good])),
        (InputError, "not a pair", lambda: Stack([Layer([good])], ([[1]],))),  # type: ignore[arg-type]
        (InputError, "not a list", lambda: Stack([Layer([good])], 5)),  # type: ignore[arg-type]
        (InputError, "not a list", lambda: Layer(5)),
        (InputError, "not a head", lambda: Layer([5])),
        (InputError, "not a list of pairs", lambda: stack.cells(box=[1, 2])),
    ]
    for kind, text, act in cases:
        with pytest.raises(kind, match=text):
            act()


def test_many_cells_of_one_map_merge_with_little_work(work: Any) -> None:
    slabs = slab_heads(heads=4, keys=5, dimension=2)
    flat = MultiHead([TropicalAttention(h.keys, [0] * h.size, h.biases) for h in slabs.heads])
    found, calls = work(flat.regions)
    assert calls < 400_000
    assert (found.value, found.linear_regions) == (113, 1)
    pieces = as_stack(flat).cells()
    with pytest.raises(LimitError, match="merge") as caught:
        merge(pieces, 2, time_limit=0)
    assert len(caught.value.partial) == 113
    with pytest.raises(LimitError):
        flat.regions(time_limit=0)


def test_counts_in_one_dimension_against_plain_intervals() -> None:
    """Breakpoints of every layer by solving for them, and the winners between them."""
    rng = random.Random(9)
    for _ in range(40):
        layers = []
        for _ in range(rng.randint(1, 3)):
            heads = []
            for _ in range(rng.randint(1, 2)):
                n = rng.randint(1, 4)
                numbers = [[rng.randint(-3, 3) for _ in range(n)] for _ in range(3)]
                keys, values, biases = numbers
                heads.append(TropicalAttention(keys, values, biases))
            layers.append(Layer(heads, rng.choice(["identity", None, [[2]], [[0]]])))
        found = Stack(layers).regions(box=[(-6, 6)])
        assert found.status.name == "PROVED"
        counts = (found.value, found.linear_regions, found.distinct_maps)
        assert counts == plain_intervals(layers)


def plain_intervals(layers: list[Layer]) -> tuple[int, int, int]:
    Piece = tuple[Fraction, Fraction, Fraction, Fraction, Any]
    pieces: list[Piece] = [(Fraction(-6), Fraction(6), Fraction(1), Fraction(0), ())]
    for layer in layers:
        slope = Fraction(0) if layer.skip is None else Fraction(str(layer.skip[0][0]))
        new: list[Piece] = []
        for low, high, a, b, index in pieces:
            cuts = set()
            for head in layer.joint.heads:
                lines = [
                    (Fraction(str(k[0])) * a, Fraction(str(k[0])) * b + Fraction(str(c)))
                    for k, c in zip(head.keys, head.biases, strict=True)
                ]
                cuts |= {(q - n) / (m - p) for m, n in lines for p, q in lines if m != p}
            ends = [low, *sorted(x for x in cuts if low < x < high), high]
            for p, q in pairwise(ends):
                y, won, shift = a * (p + q) / 2 + b, [], Fraction(0)
                for head in layer.joint.heads:
                    winners = sorted(head.argmax([y]))
                    won.append(winners[0])
                    shift += Fraction(str(head.mean(winners)[0]))
                new.append((p, q, slope * a, slope * b + shift, (*index, tuple(won))))
        pieces = new
    maps = [piece[2:4] for piece in pieces]
    return (
        len({piece[4] for piece in pieces}),
        1 + sum(m != n for m, n in pairwise(maps)),
        len(set(maps)),
    )


def test_results_read_well() -> None:
    head = TropicalAttention([[0], [1]], values=[1, 1])
    assert head.regions().lines()[1] == "cell 1 at (1)"
    one = TropicalAttention([[3]], values=[1]).regions()
    assert one.sentence() == (
        "There is 1 routing cell, 1 linear region, 1 connected component and 1 distinct affine map"
    )
    assert MultiHead([head, head]).regions().lines()[0].startswith("cell (0, 0) at")
    stack = depth_stack(keys=2, dimension=1, depth=2)
    assert stack.regions(box=[(0, 1)]).lines()[1].startswith("cell 0 -> 1 at")


def test_a_hidden_width_of_zero() -> None:
    """Behind a layer without outputs the next one sees nothing, and its largest bias wins."""
    narrow = TropicalAttention([[0], [1]], values=[[], []])
    blind = TropicalAttention([[], []], values=[[1], [2]], biases=[0, 1])
    stack = Stack([Layer([narrow], None), Layer([blind], None)])
    found = stack.regions()
    assert (found.value, found.linear_regions) == (2, 1)
    assert found.verify()
    assert [piece.index for piece in stack.cells()] == [((0,), (1,)), ((1,), (1,))]
    assert stack([5]) == (2,)
