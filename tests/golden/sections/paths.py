"""Attention paths: shapes, kernels, exact stationary points, certificates, saddles, scores."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np

from algattn.paths import (
    AttentionWarning,
    FixedHead,
    HMMTask,
    PathNetwork,
    Paths,
    PathShape,
    PathWeights,
    QueryKeyHead,
    UniformHead,
    certify_critical_point,
    head_scores,
    kernel_overlap,
    one_head_points,
    permute_heads,
    prune,
)

Problem = tuple[str, Callable[[], object]]
NAN = float("nan")
SHAPES = (((1,), (4, 4)), ((2,), (5, 6)), ((2, 2), (4, 5, 6)), ((3, 1), (2, 3, 4)), ((), (5,)))
HEADS: dict[str, Any] = {
    "uniform": "uniform",
    "hardmax": "hardmax",
    "softmax": "softmax",
    "fixed": [["uniform", [[1, "1/2"], [0, "1/2"]]]],
}


def calm(data: Any) -> Any:
    """Floats with six digits, noise as zero."""
    if isinstance(data, float):
        return 0.0 if abs(data) < 1e-7 else float(f"{data:.6g}")
    if hasattr(data, "tolist"):
        return calm(data.tolist())
    if isinstance(data, list | tuple):
        return [calm(x) for x in data]
    return data


@lru_cache(maxsize=64)
def inputs(features: int, tokens: int, count: int = 4, seed: int = 1) -> Any:
    rng = random.Random(f"paths {seed}")
    return [
        [[rng.randint(-3, 3) for _ in range(tokens)] for _ in range(features)] for _ in range(count)
    ]


def labels(count: int) -> list[int]:
    return [1 if i % 2 else -1 for i in range(count)]


def network(heads: Any, widths: Any, attention: Any = "uniform", **more: Any) -> PathNetwork:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AttentionWarning)
        return PathNetwork(heads, widths, attention=attention, **more)


def shapes() -> Iterator[Problem]:
    for heads, widths in SHAPES:
        name = f"paths: shape {heads} {widths}"
        yield f"{name} facts", lambda h=heads, w=widths: facts(PathShape(h, w))
        yield (
            f"{name} variances",
            lambda h=heads, w=widths: PathShape(h, w, (1, "1/2", 2, 3)[: len(w) + 1]).to_data(),
        )
        yield f"{name} again", lambda h=heads, w=widths: again(PathShape(h, w))
        yield f"{name} weights", lambda h=heads, w=widths: collapsed(PathShape(h, w))
        yield f"{name} paths", lambda h=heads, w=widths: named(PathShape(h, w))
    bad = (
        ((0,), (4, 4)), ((-1,), (4, 4)), ((1,), (4,)), ((1,), (0, 4)), ((1,), (4, 4, 4)),
        ((1.5,), (4, 4)), ("1", (4, 4)), ((1,), None), (None, (4, 4)), ((True,), (4, 4)),
        ((1,), (4, NAN)), ((10**6,) * 3, (4,) * 4),
    )  # fmt: skip
    for heads, widths in bad:
        yield f"paths: shape rejected {heads} {widths}", lambda h=heads, w=widths: PathShape(h, w)
    for variances in (0, -1, "a", 0.5, None, NAN, (1, 2), (1, 0, 1), "-1/2", True):
        yield (
            f"paths: variances {variances}",
            lambda v=variances: PathShape((1,), (4, 4), v).to_data(),
        )
    for data in ({}, None, {"heads": [1]}, {"heads": [1], "widths": [4, 4], "variances": [1]}):
        yield f"paths: shape of {data}", lambda d=data: PathShape.from_data(d)
    for path in ((0,), (2,), (-1,), (0, 0), "0", None, 0.5):
        yield f"paths: index of {path!r}", lambda p=path: PathShape((2,), (4, 4)).index(p)
        yield f"paths: row of {path!r}", lambda p=path: PathShape((2,), (4, 4)).row(p)


def facts(shape: PathShape) -> Iterator[Any]:
    yield [shape.depth, shape.count, shape.dims, shape.parameters, shape.paths()]
    yield [str(shape.chain_variances), str(shape.input_variance), calm(shape.prior_scale())]


def again(shape: PathShape) -> object:
    return PathShape.from_data(shape.to_data()) == shape


def collapsed(shape: PathShape) -> Iterator[Any]:
    weights = PathWeights.random(shape, seed=1, size=2)
    yield weights.order_parameter()
    yield [str(m) for m in weights.effective()]


def named(shape: PathShape) -> Iterator[Any]:
    paths = Paths(shape)
    yield [len(paths), [paths.name(k) for k in range(len(paths))]]
    yield sorted(map(str, paths.graph.edges))


def kernels() -> Iterator[Problem]:
    for heads, widths in SHAPES[:4]:
        for word in ("uniform", "hardmax"):
            for tokens in (1, 2, 3):
                name = f"paths: kernel {heads} {word} T={tokens}"
                make = partial(network, heads, widths, word, seed=2)
                X = inputs(3, tokens)
                yield f"{name} result", lambda n=make, x=X: n().path_kernels(x).result()
                yield f"{name} at U", lambda n=make, x=X: kernel_at(n(), x)
                yield (
                    f"{name} floats",
                    lambda n=make, x=X: calm(n().path_kernels(x, exact=False).tensor()),
                )
                yield f"{name} attended", lambda n=make, x=X: calm(n().attended(x).xi)
                yield f"{name} exact", lambda n=make, x=X: n().is_exact(x)
                yield (
                    f"{name} between",
                    lambda n=make, x=X: str(n().path_kernels(x, x[:2]).block(0, 0)),
                )
    X = inputs(2, 2)
    yield (
        "paths: kernel of fixed heads",
        lambda: network((2,), (4, 4), HEADS["fixed"]).path_kernels(X).result(),
    )
    yield (
        "paths: kernel of softmax",
        lambda: calm(network((2,), (4, 4), "softmax").kernel(X, [[1, 0], [0, 1]])),
    )
    yield (
        "paths: exact kernel of softmax",
        lambda: network((2,), (4, 4), "softmax").path_kernels(X, exact=True),
    )
    yield "paths: kernel between, result", lambda: network((1,), (4, 4)).path_kernels(X, X).result()
    bad: dict[str, Any] = {
        "None": None, "nothing": [], "a number": 1, "NaN": [[[NAN]]], "ragged": [[[1], [1, 2]]],
        "two shapes": [[[1]], [[1, 2]]], "words": [[["a"]]], "floats": [[[0.5]]],
    }  # fmt: skip
    for name, x in bad.items():
        for exact in (True, False, None):
            yield (
                f"paths: input rejected, {name}, exact {exact}",
                lambda v=x, e=exact: str(
                    type(network((1,), (4, 4)).path_kernels(v, exact=e)).__name__
                ),
            )
    for name, U in {
        "a word": "U",
        "shape": [[1]],
        "negative": [[-1, 0], [0, 1]],
        "floats": [[0.5, 0], [0, 1]],
        "None": None,
    }.items():
        yield f"paths: U {name}", lambda u=U: network((2,), (4, 4)).path_kernels(X).result(u)
    for word in ("magic", None, 5, [["uniform"]], [[[[1, 2]]]], [["uniform", "other"]]):
        yield (
            f"paths: attention {word}",
            lambda w=word: calm(network((2,), (4, 4), w).attended(X).xi),
        )
    for readout in ("last", "mean", "first", "magic", None, 0, 5, [1, 0], [1], ["1/2", "1/2"]):
        yield (
            f"paths: readout {readout}",
            lambda r=readout: calm(network((1,), (4, 4), readout=r).attended(X).xi),
        )


def kernel_at(net: PathNetwork, X: Any) -> object:
    n = net.shape.count
    return net.path_kernels(X).result([[(i == j) + 0 for j in range(n)] for i in range(n)])


def exact_points() -> Iterator[Problem]:
    grams: dict[str, Any] = {
        "one": ([[1]], [3]), "two": ([[2, 1], [1, 2]], [1, -1]),
        "zero labels": ([[2, 0], [0, 1]], [0, 0]),
        "singular": ([[1, 1], [1, 1]], [1, 1]), "fractions": ([["1/2", 0], [0, "1/3"]], ["1/5", 2]),
        "large label": ([[1]], [40]), "asymmetric": ([[1, 2], [0, 1]], [1, 1]),
        "indefinite": ([[1, 3], [3, 1]], [1, 1]), "floats": ([[0.5]], [1]),
        "labels short": ([[1]], [1, 2]),
        "None": (None, None), "NaN": ([[NAN]], [1]), "empty": ([], []),
    }  # fmt: skip
    for name, (C, Y) in grams.items():
        for widths in ((4,), (4, 4), (1, 1, 1)):
            for T in (0, "1/4", 3):
                yield (
                    f"paths: one head {name} {widths} T={T}",
                    lambda c=C, y=Y, w=widths, t=T: one_head_points(c, y, widths=w, temperature=t),
                )
    for T in (-1, 0.5, "x", None, NAN):
        yield (
            f"paths: one head T={T}",
            lambda t=T: one_head_points([[1]], [1], widths=(4, 4), temperature=t),
        )
    yield (
        "paths: three points",
        lambda: one_head_points([[1]], [30], widths=(1,) * 3, variances="1/5", temperature=9),
    )
    for heads, widths in SHAPES[:2]:
        for T in ("1/10", "1/2"):
            name = f"paths: box {heads} T={T}"
            X = inputs(3, 2)
            make = partial(network, heads, widths, "hardmax", seed=2)
            yield (
                f"{name}",
                lambda n=make, t=T, x=X: boxed(n().certify(x, labels(4), temperature=t)),
            )
            yield (
                f"{name} points",
                lambda n=make, t=T, x=X: n().stationary_points(x, labels(4), temperature=t),
            )
    net, X = network((1,), (5, 5)), inputs(2, 2)
    for name, levels in {
        "far": [[[900]], [[40]]],
        "None": None,
        "shape": [[[1]]],
        "words": ["a", "b"],
    }.items():
        yield (
            f"paths: certify {name}",
            lambda v=levels: certify_critical_point(
                net.path_kernels(X), labels(4), v, temperature="1/4"
            ),
        )
    yield "paths: certify floats", lambda: net.certify(X, labels(4), temperature=0.25)
    yield "paths: certify no labels", lambda: net.certify(X, [], temperature="1/4")


def boxed(found: Any) -> Iterator[Any]:
    """Names and statuses; the digits of the midpoint come from floating point."""
    yield [[c.name, c.status.name] for c in found.claims]
    yield [calm(np.array(level)) for level in found.levels]


def numerics() -> Iterator[Problem]:
    X, Y = inputs(3, 2, 5), labels(5)
    for heads, widths in SHAPES[:3]:
        for T in (0.1, 1.0):
            net = network(heads, widths, "hardmax", seed=2, temperature=T)
            name = f"paths: saddle {heads} T={T}"
            yield name, lambda n=net: saddle(n.solve(X, Y))
            yield f"{name} predict", lambda n=net: calm(list(n.solve(X, Y).predict(X)))
            yield f"{name} scores", lambda n=net: calm(n.solve(X, Y).head_scores())
            yield (
                f"{name} wide",
                lambda n=net: calm(list(n.gaussian_process(X, Y)(n.attended(X)))),
            )
    sample = {"draws": 20, "warmup": 20, "chains": 2}
    net = network((1,), (4, 4))
    yield "paths: posterior", lambda: net.posterior(X, Y, **sample).status.name
    yield "paths: posterior options", lambda: net.posterior(X, Y, magic=1)
    yield "paths: posterior none", lambda: net.posterior(X, Y, **(sample | {"draws": 0}))
    for name, labelled in {
        "short": [1],
        "NaN": [NAN] * 5,
        "None": None,
        "words": list("abcde"),
    }.items():
        yield f"paths: solve, labels {name}", lambda y=labelled: saddle(net.solve(X, y))
    for T in (-1.0, NAN, "a", None):
        yield f"paths: solve T={T}", lambda t=T: saddle(net.solve(X, Y, temperature=t))
    for starts in (0, -1, 1.5):
        yield f"paths: solve starts={starts}", lambda s=starts: saddle(net.solve(X, Y, starts=s))
    yield (
        "paths: exact mean",
        lambda: [str(v) for v in net.exact_mean(X, Y, X[:2], [[1]], temperature=1)],
    )
    yield "paths: exact mean, floats", lambda: net.exact_mean(X, Y, X[:2], [[0.5]], temperature=1)
    U, two = np.array([[3.0, 1.0], [1.0, 2.0]]), PathShape((2,), (9, 9))
    yield "paths: head scores", lambda: calm(head_scores(U, two))
    yield "paths: head scores, shape", lambda: head_scores(U, PathShape((3,), (9, 9)))
    yield "paths: permuted", lambda: calm(permute_heads(U, two, 0, [1, 0]))
    for order in ([0], [0, 0], [0, 2], None, "ab"):
        yield f"paths: permuted {order}", lambda o=order: calm(permute_heads(U, two, 0, o))
    for place in ((0, 0), (0, 1), (1, 0), (0, 2), (-1, 0), (None, 0)):
        yield f"paths: pruned {place}", lambda p=place: calm(prune(U, two, *p))
    yield "paths: overlap", lambda: calm(list(kernel_overlap(U, [1, -1])))
    yield "paths: overlap, shape", lambda: kernel_overlap(U, [1])
    yield "paths: HMM", lambda: calm(HMMTask(tokens=3, features=4).sample(3, seed=1).X)
    for options in (
        {"tokens": 0},
        {"features": -1},
        {"noise": -1.0},
        {"stay": (2, 0)},
        {"beta": NAN},
    ):
        yield f"paths: HMM {options}", lambda o=options: calm(HMMTask(**o).sample(2).X)
    yield "paths: HMM without examples", lambda: calm(HMMTask(tokens=3, features=4).sample(0).X)


def saddle(found: Any) -> Iterator[Any]:
    yield [found.status.name, found.kind, bool(found.is_minimum), bool(found.unique)]
    yield calm([float(f"{found.action:.6g}"), *(np.round(level, 5) for level in found.levels)])


def heads() -> Iterator[Problem]:
    x = np.array([[[1.0, 0.0], [0.0, 2.0]]])
    W = [[1, 0], [0, "1/2"]]
    yield "paths: uniform head", lambda: calm(UniformHead().matrices(x))
    for kind in ("softmax", "hardmax", "magic", None):
        yield f"paths: head {kind}", lambda k=kind: calm(QueryKeyHead(W, kind=k).matrices(x))
        yield f"paths: head {kind} data", lambda k=kind: QueryKeyHead(W, kind=k)
        yield (
            f"paths: head {kind} of Q, K",
            lambda k=kind: QueryKeyHead.from_query_key(W, W, kind=k),
        )
    for matrix in ([[1, 0], [0, 1]], [[1, 2]], [], None, "a", [[NAN]], [[0.5, 1], [0.5, 0]]):
        yield f"paths: fixed head {matrix}", lambda m=matrix: quiet(m)
        yield f"paths: query-key head {matrix}", lambda m=matrix: QueryKeyHead(m)


def quiet(matrix: Any) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AttentionWarning)
        return FixedHead(matrix)


def problems() -> Iterator[Problem]:
    yield from shapes()
    yield from kernels()
    yield from exact_points()
    yield from numerics()
    yield from heads()
