"""Tropical attention: cells, regions, bounds, stability, temperature, several heads, stacks."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

from algattn import Weights
from algattn.tropical import (
    Layer,
    MultiHead,
    NewtonPolytope,
    PowerDiagram,
    Stack,
    TropicalAttention,
    TropicalPolynomial,
    TropicalRational,
    bounds,
    depth_stack,
    random_statistics,
    read_tropical_file,
    slab_heads,
    tube_volume,
)

Problem = tuple[str, Callable[[], object]]
NAN = float("nan")
BUILTIN = "builtin"


@lru_cache(maxsize=1)
def heads() -> dict[str, TropicalAttention]:
    found = {
        "line": TropicalAttention([[0], [1], [2]], [5, 6, 7], [0, 0, -1]),
        "one key": TropicalAttention([[1, 2]], [[3]]),
        "twins": TropicalAttention([[1, 2], [1, 2], [0, 1]], [[1], [3], [0]]),
        "corner": TropicalAttention([[0, 0], [2, 0], [0, 2]], [[0], [1], [1]], [0, -1, "-1/2"]),
        "no values": TropicalAttention([[0, 0], [2, 0], [0, 2]]),
        "hidden key": TropicalAttention([[0], [1], [2]], [0, 1, 0], [0, -5, 0]),
        "zero keys": TropicalAttention([[0, 0], [0, 0]], [1, 2], [0, 1]),
        "equal values": TropicalAttention([[0], [1], [2]], [4, 4, 4], [0, 0, -1]),
        "parallel": TropicalAttention([[0, 0], [1, 1], [2, 2]], [0, 1, 2], [0, 0, -1]),
        "fractions": TropicalAttention([["1/2", 0], [0, "-1/3"]], [["1/7"], [2]], ["1/5", 0]),
    }
    for d, n, seed in ((1, 4, 1), (2, 3, 1), (2, 5, 2), (3, 4, 3), (2, 6, 4)):
        rng = random.Random(f"tropical {seed}")
        draw = partial(rng.randint, -5, 5)
        found[f"random {d} {n}"] = TropicalAttention(
            [[draw() for _ in range(d)] for _ in range(n)],
            [[draw(), draw()] for _ in range(n)],
            [draw() for _ in range(n)],
        )
    return found


def single() -> Iterator[Problem]:
    for name, head in heads().items():
        d = head.dimension
        box = [(-2, 2)] * d
        asks: dict[str, Callable[[], object]] = {
            "cells": lambda h=head: h.cells(),
            "cells apart": lambda h=head: h.cells(merge=False),
            "regions": lambda h=head: h.regions(),
            "regions in a box": lambda h=head, b=box: h.regions(box=b),
            "regions in a thin box": lambda h=head, n=d: h.regions(box=[(0, 0)] * n),
            "stability in a box": lambda h=head, n=d: h.stability(error="1/10", box=[(9, 10)] * n),
            "stability in a cell": lambda h=head: h.stability(error="1/10", cell=0, gap="1/2"),
            "stability everywhere": lambda h=head: h.stability(error="1/10"),
            "diagram": lambda h=head: diagram(h),
            "polynomial": lambda h=head: polynomial(h),
            "rational map": lambda h=head: [str(f) for f in h.rational_map(list(range(h.size)))],
            "at queries": lambda h=head: at_queries(h),
            "data": lambda h=head: TropicalAttention.from_data(h.to_data()).to_data(),
            "restricted": lambda h=head, n=d: h.restrict([1] * n, [[1] * n]).cells(),
            "warm": lambda h=head, n=d: warm(h, [1] * n),
            "tube": lambda h=head, b=box: tube_volume(
                h, temperature="1/10", error="1/100", box=b, backend=BUILTIN
            ),
        }
        for word, ask in asks.items():
            yield f"tropical: {name}, {word}", ask


def diagram(head: TropicalAttention) -> Iterator[Any]:
    found = PowerDiagram(head, backend=BUILTIN)
    yield [found.sites, found.weights]
    yield [found.vertices, found.lines]
    yield sorted(map(sorted, found.winners))
    yield [str(w) for w in found.walls]
    yield sorted(map(str, found.graph().edges))
    yield sorted(found.nearest([0] * head.dimension))


def polynomial(head: TropicalAttention) -> Iterator[Any]:
    f = head.polynomial()
    yield [str(f), str(f.essential()), str(f**2)]
    yield [sorted(map(sorted, f.subdivision().cells)), f.subdivision().unused]
    yield [sorted(map(str, f.hypersurface().vertices)), len(f.hypersurface().walls)]
    yield polytope(f.newton_polytope())
    yield polytope(f.lifted_polytope())


def polytope(found: NewtonPolytope) -> Any:
    # Equations and inequalities have many spellings, and the backends choose different ones.
    return [sorted(map(str, found.vertices)), found.dimension, found.volume()]


def at_queries(head: TropicalAttention) -> Iterator[Any]:
    for q in ([0] * head.dimension, [1] * head.dimension, ["1/3"] * head.dimension):
        yield [head.scores(q), head.power_distances(q), sorted(head.argmax(q)), head.gap(q)]
        limit = head.limit(q)
        yield [sorted(limit.keys), limit.value]


def warm(head: Any, q: Any, temperature: Any = "1/4") -> Iterator[Any]:
    """Twelve digits of balls whose radius is far smaller."""
    found = head.at(q, temperature)
    yield [ball(x) for x in found.output]
    yield ball(found.error)
    if hasattr(found, "weights"):
        yield [[ball(x) for x in found.weights], found.winners, found.gap]
        yield [ball(x) for x in (found.missing_mass, found.epsilon, found.lse_excess)]
        yield [[ball(x) for x in row] for row in found.jacobian]
        yield ball(found.jacobian_norm)
        yield [[i.name, i.holds] for i in found.inequalities()]


def ball(x: Any) -> str:
    return str(x.str(12, radius=False))


def several() -> Iterator[Problem]:
    h = heads()
    groups = {
        "corner twice": [h["corner"], h["corner"]],
        "corner and random": [h["corner"], h["random 2 3"]],
        "corner and twins": [h["corner"], h["twins"]],
        "line and hidden": [h["line"], h["hidden key"]],
        "one": [h["line"]],
        "three": [h["corner"], h["fractions"], h["parallel"]],
    }
    for name, group in groups.items():
        d = group[0].dimension
        box = [(-2, 2)] * d
        asks: dict[str, Callable[[], object]] = {
            "cells": lambda g=group: MultiHead(g).cells(),
            "cells by diagrams": lambda g=group: MultiHead(g).cells(method="polytope"),
            "cells by magic": lambda g=group: MultiHead(g).cells(method="magic"),
            "regions": lambda g=group: MultiHead(g).regions(),
            "regions in a box": lambda g=group, b=box: MultiHead(g).regions(box=b),
            "stability": lambda g=group, n=d: MultiHead(g).stability(
                error="1/10", box=[(9, 10)] * n
            ),
            "limit": lambda g=group, n=d: MultiHead(g).limit([1] * n),
            "argmax": lambda g=group, n=d: [sorted(s) for s in MultiHead(g).argmax([0] * n)],
            "restricted": lambda g=group, n=d: MultiHead(g).restrict([0] * n, [[1] * n]).cells(),
            "polynomial": lambda g=group: str(MultiHead(g).polynomial()),
            "warm": lambda g=group, n=d: warm(MultiHead(g), [1] * n),
        }
        for word, ask in asks.items():
            yield f"tropical: heads {name}, {word}", ask
    for n, k, d in ((1, 2, 1), (2, 2, 1), (2, 3, 2), (3, 2, 2)):
        yield (
            f"tropical: slabs {n} {k} {d}",
            lambda a=n, b=k, c=d: slab_heads(heads=a, keys=b, dimension=c).regions(),
        )


def stacks() -> Iterator[Problem]:
    for keys, d, depth in ((2, 1, 1), (2, 1, 2), (3, 1, 2), (2, 2, 2), (2, 1, 3)):
        name = f"tropical: stack {keys} {d} {depth}"
        make = partial(depth_stack, keys=keys, dimension=d, depth=depth)
        box = [(0, 1)] * d
        point = ["1/8"] * d
        yield (
            f"{name} cells",
            lambda m=make, b=box: [
                [p.index, p.interior_point, p.ties, p.map] for p in m().cells(box=b)
            ],
        )
        yield f"{name} regions", lambda m=make, b=box: m().regions(box=b)
        yield f"{name} value", lambda m=make, p=point: m()(p)
        yield f"{name} warm", lambda m=make, p=point: warm(m(), p, "1/50")
        yield f"{name} data", lambda m=make: Stack.from_data(m().to_data()).to_data()
        yield f"{name} restricted", lambda m=make, n=d: m().restrict([0] * n, [[1] * n]).to_data()
        small = [("1/16", "1/8")] * d
        yield f"{name} stability", lambda m=make, b=small: m().stability(error="1/100", box=b)
    line = heads()["line"]
    for skip in ("identity", "none", None, [[2]], "magic", [[1, 2]], 5):
        yield f"tropical: layer skip {skip}", lambda s=skip: Layer([line], s)([3])
    for given in ([], None, [None], [line], 5, "a"):
        yield (
            f"tropical: layer of {str(given)[:20]}",
            lambda g=given: Layer(g)([3]),
        )
        yield (
            f"tropical: stack of {str(given)[:20]}",
            lambda g=given: Stack(g)([3]),
        )


def counts() -> Iterator[Problem]:
    for n in (1, 2, 3):
        for k in (1, 2, 4):
            for d in (1, 2, 3):
                for depth in (1, 2, 3):
                    yield (
                        f"tropical: bounds {n} {k} {d} {depth}",
                        lambda a=n, b=k, c=d, e=depth: bounds(
                            heads=a, keys=b, dimension=c, depth=e
                        ),
                    )
    for bad in (0, -1, 1.5, None, "a", True, NAN, 10**9):
        for word in ("heads", "keys", "dimension", "depth"):
            sizes = {"heads": 2, "keys": 2, "dimension": 2, "depth": 1} | {word: bad}
            yield f"tropical: bounds, {word} {bad}", lambda s=sizes: bounds(**s)
            if word != "depth" and bad != 10**9:
                few = {k: v for k, v in sizes.items() if k != "depth"}
                yield (
                    f"tropical: statistics, {word} {bad}",
                    lambda s=few: random_statistics(samples=2, **s),
                )
                yield f"tropical: slabs, {word} {bad}", lambda s=few: str(slab_heads(**s))
            if word != "heads" and bad != 10**9:
                few = {k: v for k, v in sizes.items() if k != "heads"}
                yield f"tropical: depth stack, {word} {bad}", lambda s=few: str(depth_stack(**s))
    for n, k, d in ((1, 3, 1), (2, 3, 1), (2, 2, 2)):
        yield (
            f"tropical: statistics {n} {k} {d}",
            lambda a=n, b=k, c=d: random_statistics(heads=a, keys=b, dimension=c, samples=3).counts,
        )
    for samples in (0, -1, None, 1.5):
        yield (
            f"tropical: statistics of {samples}",
            lambda s=samples: random_statistics(heads=1, keys=2, dimension=1, samples=s).counts,
        )


def algebra() -> Iterator[Problem]:
    zero, f, g = [((0,), 0)], [((0,), 0), ((1,), 1)], [((0,), 2), ((1,), 0), ((2,), "-1/2")]
    square = [((0, 0), 0), ((1, 0), 0), ((0, 1), 0), ((1, 1), -1)]
    for a in (zero, f, g, square):
        for b in (zero, f, g, square):
            yield f"tropical: {a} with {b}", lambda x=a, y=b: together(x, y)
        yield (
            f"tropical: {a} polytope",
            lambda x=a: polytope(TropicalPolynomial(x).newton_polytope()),
        )
    for terms in ([], None, 5, [((0,), 0), ((0, 1), 0)], [((0.5,), 0)], [((0,), NAN)], [(0, 0)]):
        yield f"tropical: polynomial of {terms}", lambda t=terms: str(TropicalPolynomial(t))
    yield "tropical: no terms, two variables", lambda: str(TropicalPolynomial([], 2))
    for k in (0, 1, 3, -1, 0.5, None):
        yield f"tropical: power {k}", lambda n=k: str(TropicalPolynomial(f) ** n)
    yield "tropical: rational of None", lambda: TropicalRational(None, None)  # type: ignore[arg-type]
    for n, points in (
        (1, ((0,), (2,))),
        (2, ((0, 0),)),
        (2, ()),
        (1, ((0, 0),)),
        (0, ((),)),
        (1, None),
    ):
        yield (
            f"tropical: polytope {n} {points}",
            lambda k=n, p=points: polytope(NewtonPolytope(k, p, BUILTIN)),
        )


def together(a: Any, b: Any) -> Iterator[Any]:
    f, g = TropicalPolynomial(a), TropicalPolynomial(b)
    yield [str(f + g), str(f * g), f.same_function(g), f == g]
    yield str(TropicalRational(f, g) + TropicalRational(g, f))


def rejected() -> Iterator[Problem]:
    keys: tuple[Any, ...] = (
        None, [], [[]], 3, "ab", [1, 2], [[1], [1, 2]], [[0.5]], [[NAN]], [["x"]],
        [[None]], [[True]],
    )  # fmt: skip
    for k in keys:
        yield f"tropical: keys {k}", lambda v=k: TropicalAttention(v)
        yield f"tropical: keys {k} with floats", lambda v=k: TropicalAttention(v, floats=True)
    for v in (None, [], [1], [1, 2, 3], [[1], [1, 2]], "ab", [0.5, 1], [NAN, 1]):
        yield f"tropical: values {v}", lambda x=v: TropicalAttention([[0], [1]], x)
        yield f"tropical: biases {v}", lambda x=v: TropicalAttention([[0], [1]], None, x)
        yield (
            f"tropical: log values {v}",
            lambda x=v: str(TropicalAttention([[0], [1]]).rational_map(x)),
        )
    line = heads()["line"]
    for q in (None, [], [1, 2], 1, "a", [0.5], [NAN], [None]):
        yield f"tropical: query {q}", lambda x=q: line.limit(x)
    for T in (0, -1, "a", None, 0.5, NAN):
        yield f"tropical: temperature {T}", lambda t=T: warm(line, [1], t)
        yield f"tropical: error {T}", lambda t=T: line.stability(error=t, box=[(2, 3)])
        yield (
            f"tropical: tube at {T}",
            lambda t=T: tube_volume(line, temperature=t, error=1, box=[(0, 1)]),
        )
    for bits in (0, -1, 10**9, None, 53.0):
        yield f"tropical: bits {bits}", lambda b=bits: ball(line.at([1], 1, bits=b).error)
    for box in (
        [],
        [(1, 0)],
        [(0, 1, 2)],
        [0, 1],
        "a",
        None,
        [(0.5, 1)],
        [(0, 1), (0, 1)],
        [(0, NAN)],
    ):
        yield f"tropical: box {box}", lambda b=box: line.regions(box=b)
        yield f"tropical: stability box {box}", lambda b=box: line.stability(error="1/9", box=b)
    for cell in (-1, 3, None, "a", 0.5):
        yield f"tropical: cell {cell}", lambda c=cell: line.stability(error="1/9", cell=c, gap=1)
    for gap in (0, -1, "a", None, 0.5):
        yield f"tropical: gap {gap}", lambda g=gap: line.stability(error="1/9", cell=0, gap=g)
    yield "tropical: backend", lambda: PowerDiagram(line, backend="magic").vertices
    yield "tropical: backend None", lambda: PowerDiagram(line, backend=None).vertices  # type: ignore[arg-type]
    for group in ([], None, [line, heads()["corner"]], [None], "a", line):
        yield (
            f"tropical: heads of {type(group).__name__} {bool(group)} {str(group)[:20]}",
            lambda g=group: str(MultiHead(g)),
        )
    K, Q, C = [[1, 0]], [[1, 2]], [[1, 0], [4, 1]]
    more: tuple[dict[str, Any], ...] = (
        {}, {"attends_to_itself": True}, {"layer_norm": True}, {"query_bias": [1]},
        {"biases": [1, 2]}, {"query_bias": [1, 2]}, {"biases": [1]}, {"V": [[1, 1]]}, {"V": [[1]]},
        {"K": [[1]]}, {"context": []}, {"context": None}, {"K": [[0.5, 0]]},
    )  # fmt: skip
    for options in more:
        yield (
            f"tropical: a real head {options}",
            lambda o=options: TropicalAttention.from_head(**({"K": K, "Q": Q, "context": C} | o)),
        )
    W = Weights(A=[[[1, 2], [0, 1]]], V=[[[1, 1]]])
    for layer in (0, 1, -1, None):
        yield (
            f"tropical: of weights, layer {layer}",
            lambda n=layer: TropicalAttention.from_weights(W, [[1, 0], [0, 1]], layer=n),
        )
    texts = [
        "[]", "{}", "{", '{"keys": [[0.5]]}', '{"keys": [[1]], "heads": []}',
        '{"keys": [[1]], "x": 1}',
        '{"heads": {}}', '{"heads": []}', '{"heads": [3]}', '{"layers": [{}]}', '{"keys": 7}',
        '{"schema": "other", "keys": [[1]]}', '{"keys": [[1], [1, 2]]}', '{"layers": 5}',
        json.dumps(line.to_data()), json.dumps({"heads": [line.to_data()] * 2}),
        json.dumps({"layers": [{"heads": [line.to_data()], "skip": "identity"}]}),
    ]  # fmt: skip
    for text in texts:
        for floats in (False, True):
            yield (
                f"tropical: file {text} floats {floats}",
                lambda t=text, f=floats: str(read_tropical_file(t, floats=f)),
            )


def problems() -> Iterator[Problem]:
    yield from single()
    yield from several()
    yield from stacks()
    yield from counts()
    yield from algebra()
    yield from rejected()
