"""Equations: ideals of layers, stable modules, completeness, fiber ideals, images, exports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy

from algattn import GF, QQ, FunctionMap, Lightning, Weights, implicitize
from algattn.errors import LimitError
from algattn.exact import PolynomialRing
from algattn.export import export_ideal, export_parametrization, import_ideal
from algattn.groebner import stable_module
from algattn.groebner.invariant_comparison import compare_families

Problem = tuple[str, Callable[[], object]]
SYSTEMS = ("macaulay2", "singular", "sage", "oscar", "magma", "json")


def shapes() -> Iterator[tuple[int, int, int, int, int]]:
    """d, d', a, t and the degree up to which all is quick."""
    for d in (1, 2, 3):
        for e in (1, 2, 3):
            for a in range(1, d + 1):
                for t in (1, 2, 3):
                    yield d, e, a, t, 3 if d == 3 else 4


def about_ideal(net: Lightning, degree: int) -> Iterator[Any]:
    """What an ideal says besides its claims."""
    found = net.ideal(degree)
    yield found
    yield [str(row) for row in found.module()]
    yield {str(k): n for k, n in found.counts.items()}
    yield at_once(found)
    yield [str(v.kind.name) for v in found.vectors]


def at_once(found: Any) -> bool | None:
    """Whether an ideal is complete, if that needs no time."""
    try:
        return found.complete(time_limit=0)
    except LimitError:
        return None


def layers() -> Iterator[Problem]:
    for d, e, a, t, top in shapes():
        net = Lightning(widths=(d, e), ranks=a, tokens=t)
        name = f"ideals: ({d},{e}) a={a} t={t}"
        for degree in range(2, top + 1):
            yield f"{name} degree {degree}", lambda n=net, k=degree: n.ideal(k)
        yield f"{name} faces", lambda n=net: about_ideal(n, 3)
        if d <= 2:
            for p in (2, 101):
                yield f"{name} modulo {p}", lambda n=net, q=p: n.ideal(3, field=GF(q))
        if (d, e) in {(1, 1), (2, 1), (2, 2)}:
            for degree in (2, 3, 4):
                yield (
                    f"{name} completeness {degree}",
                    lambda n=net, k=degree: n.ideal(k).completeness(),
                )
        if d <= 2 and e <= 2:
            for seed in (1, 2):
                yield (
                    f"{name} contains {seed}",
                    lambda n=net, s=seed: n.ideal(3).contains(n.function(n.random_weights(s))),
                )
            yield f"{name} contains another", lambda n=net: n.ideal(3).contains(strange(n))
            yield f"{name} hilbert", lambda n=net: n.ideal(4).hilbert_function(5)
            yield f"{name} dimension, degree", lambda n=net: _invariants(n)
    bad: dict[str, Callable[[], object]] = {
        "degree zero": lambda: Lightning((2, 1), 1).ideal(0),
        "degree negative": lambda: Lightning((2, 1), 1).ideal(-1),
        "degree a word": lambda: Lightning((2, 1), 1).ideal("four"),  # type: ignore[arg-type]
        "degree None": lambda: Lightning((2, 1), 1).ideal(None),  # type: ignore[arg-type]
        "degree true": lambda: Lightning((2, 1), 1).ideal(True),
        "deep": lambda: Lightning((2, 2, 1), 1).ideal(2),
        "field a word": lambda: Lightning((2, 1), 1).ideal(2, field="QQ"),  # type: ignore[arg-type]
        "seed negative": lambda: Lightning((2, 1), 1).ideal(2, seed=-1),
        "out of time": lambda: Lightning((3, 2), 2).ideal(4, time_limit=0),
        "contains None": lambda: Lightning((2, 1), 1).ideal(2).contains(None),  # type: ignore[arg-type]
        "contains other shape": lambda: (
            Lightning((2, 1), 1).ideal(2).contains(FunctionMap(1, 1, 2, {}))
        ),
        "complete modulo 101": lambda: Lightning((2, 1), 1).ideal(2, field=GF(101)).completeness(),
    }
    yield from ((f"ideals: rejected, {name}", thunk) for name, thunk in bad.items())


def strange(net: Lightning) -> FunctionMap:
    """A function that is hardly one of the layer."""
    full = Lightning((net.d_in, net.d_out), net.d_in, net.tokens)
    one, two = (full.function(full.random_weights(s)) for s in (11, 12))
    keys = set(one.coefficients) | set(two.coefficients)
    total = {k: one.coefficients.get(k, 0) + two.coefficients.get(k, 0) for k in keys}
    return FunctionMap(net.d_in, net.d_out, net.tokens, total)


def _invariants(net: Lightning) -> Iterator[Any]:
    found = net.ideal(4)
    yield found.dimension()
    yield found.degree()


def modules() -> Iterator[Problem]:
    for tokens in (1, 2, 3):
        for rank in (None, 1, 2):
            for degree in (2, 3):
                yield (
                    f"ideals: stable {degree} rank {rank} tokens {tokens}",
                    lambda k=degree, r=rank, t=tokens: stable_module(k, r, tokens=t),
                )
    yield "ideals: stable degree zero", lambda: stable_module(0)
    yield "ideals: stable rank zero", lambda: stable_module(2, 0)
    yield "ideals: stable tokens zero", lambda: stable_module(2, tokens=0)
    yield "ideals: stable out of time", lambda: stable_module(4, time_limit=0)
    yield "ideals: stable seed negative", lambda: stable_module(2, seed=-1)
    for d, a, bound in ((1, 1, 3), (2, 1, 2), (2, 1, 3), (2, 2, 3), (2, 2, 4), (3, 1, 2)):
        yield (
            f"ideals: families {d} {a} {bound}",
            lambda x=d, y=a, z=bound: compare_families(x, y, z),
        )
    for case in ((2, 0, 2), (0, 1, 2), ("x", 1, 2), (2, 1, 0), (2, True, 2), (2, 1, 2, "magic")):
        yield f"ideals: families rejected {case}", lambda c=case: compare_families(*c)


def fibers() -> Iterator[Problem]:
    for d, e, a, t in ((1, 1, 1, 2), (2, 1, 1, 2), (2, 2, 1, 2), (2, 2, 2, 1), (3, 1, 1, 2)):
        net = Lightning((d, e), a, t)
        for params in ("AV", "QKV"):
            for seed in (1, 2):
                yield (
                    f"ideals: fiber ({d},{e}) a={a} t={t} {params} {seed}",
                    lambda n=net, p=params, s=seed: [
                        str(g) for g in n.fiber_ideal(n.random_weights(s), p).generators
                    ],
                )
        for system in SYSTEMS:
            yield (
                f"ideals: fiber ({d},{e}) a={a} t={t} export {system}",
                lambda n=net, s=system: n.fiber_ideal(n.random_weights(1)).export(s),
            )
    net = Lightning((1, 1), 1)
    yield "ideals: fiber words", lambda: net.fiber_ideal(net.random_weights(1), "words")
    yield "ideals: fiber None", lambda: net.fiber_ideal(None)  # type: ignore[arg-type]
    yield (
        "ideals: fiber primary over sympy",
        lambda: net.fiber_ideal(Weights(A=[[[2]]], V=[[[3]]])).decompose(engine="sympy"),
    )
    yield (
        "ideals: fiber dimension builtin",
        lambda: net.fiber_ideal(Weights(A=[[[2]]], V=[[[3]]])).dimension(engine="builtin"),
    )


MAPS = {
    "twisted cubic": "s**3, s**2*t, s*t**2, t**3",
    "rational quartic": "s**4, s**3*t, s*t**3, t**4",
    "conic": "s**2, s*t, t**2",
    "cusp": "s**2, s**3",
    "node": "s**2 - 1, s**3 - s",
    "line": "s, 2*s + 1",
    "plane": "s, t",
    "constant": "s, 3",
    "zero": "s, 0*s",
    "Segre": "s*u, s*v, t*u, t*v",
    "Veronese": "s**2, s*t, s*u, t**2, t*u, u**2",
    "Whitney": "s, s*t, t**2",
    "symmetric": "s + t, s*t, s**2 + t**2",
    "halves": "s/2, s**2/3, s*t/5, t",
    "weighted": "s**2, s*t, t**3",
    "monomial curve": "s**3, s**4, s**5",
    "sphere-like": "2*s*t, s**2 - t**2, s**2 + t**2",
    "redundant": "s, t, s + t, s - t, s*t",
}
#: Each call starts a process that imports sympy.
BY_SYMPY = ("cusp", "Whitney", "zero", "line", "redundant")


def read(text: str, p: int = 0) -> list[Any]:
    """The map by sympy, or over GF(p)."""
    found = [sympy.sympify(part) for part in text.split(",")]
    if not p:
        return found
    names = sorted({str(x) for f in found for x in f.free_symbols})
    ring = PolynomialRing(GF(p), tuple(names))
    out = []
    for f in found:
        poly = sympy.Poly(f, *(sympy.Symbol(n) for n in names))
        out.append(
            ring.from_terms((m, int(c.p) * pow(int(c.q), -1, p)) for m, c in poly.terms() if c)
        )
    return out


def images() -> Iterator[Problem]:
    for name, text in MAPS.items():
        for degree in (1, 2, 3):
            yield (
                f"ideals: image, {name}, degree {degree}",
                lambda t=text, k=degree: implicitize(read(t), max_degree=k),
            )
            yield (
                f"ideals: image, {name}, degree {degree}, modulo 101",
                lambda t=text, k=degree: implicitize(read(t, 101), max_degree=k),
            )
        for engine in ("builtin", "sympy") if name in BY_SYMPY else ("builtin",):
            yield (
                f"ideals: image, {name}, by {engine}",
                lambda t=text, e=engine: eliminated(t, e),
            )
        for grading in ("standard", [1, 2], [0, 1], [1] * 4, "magic"):
            degree = "ordinary" if grading == "standard" else grading
            yield (
                f"ideals: image, {name}, grading {grading}",
                lambda t=text, g=degree: implicitize(read(t), max_degree=2, degree=g),
            )
        yield f"ideals: image, {name}, sympy", lambda t=text: implicitize(read(t), max_degree=2)
        yield (
            f"ideals: image, {name}, names",
            lambda t=text: implicitize(read(t), "abcdefgh"[: t.count(",") + 1], max_degree=2),
        )
        yield f"ideals: image, {name}, violated", lambda t=text: violated(t)
    for params in ("AV", "QKV", "virtual"):
        for shape in (((1, 1), 1), ((2, 1), 1), ((1, 1, 1), 1)):
            yield (
                f"ideals: image of {shape} {params}",
                lambda s=shape, p=params: implicitize(
                    Lightning(*s).parametrization(p), max_degree=2
                ),
            )
    good = MAPS["conic"]
    bad: dict[str, Callable[[], object]] = {
        "nothing": lambda: implicitize([]),
        "None": lambda: implicitize(None),
        "a string": lambda: implicitize("s, t"),
        "a list of strings": lambda: implicitize(["s**2", "s*t", "t**2"], max_degree=2),
        "numbers": lambda: implicitize([1, 2], max_degree=2),
        "floats": lambda: implicitize([sympy.Float("0.5") * sympy.Symbol("s")], max_degree=2),
        "a sine": lambda: implicitize([sympy.sin(sympy.Symbol("s"))], max_degree=2),
        "degree zero": lambda: implicitize(read(good), max_degree=0),
        "degree a float": lambda: implicitize(read(good), max_degree=2.0),  # type: ignore[arg-type]
        "method": lambda: implicitize(read(good), method="magic"),
        "graded without degree": lambda: implicitize(read(good), method="graded"),
        "engine": lambda: implicitize(read(good), engine="magic"),
        "two names": lambda: implicitize(read(good), ["a", "b"], max_degree=2),
        "equal names": lambda: implicitize(read(good), ["a", "a", "b"], max_degree=2),
        "seed": lambda: implicitize(read(good), max_degree=2, seed=-1),
        "two rings": lambda: implicitize([*read("s, t", 101), *read("s, t", 7)]),
        "out of time": lambda: implicitize(read(MAPS["Veronese"]), max_degree=4, time_limit=0),
    }
    yield from ((f"ideals: image rejected, {name}", thunk) for name, thunk in bad.items())


def eliminated(text: str, engine: str) -> Any:
    """Without the claim that these are all: its status depends on what is installed."""
    found = implicitize(read(text), engine=engine, time_limit=20)
    return [found.counts, [str(g) for g in found.generators], found.claims[0].status.name]


def violated(text: str) -> Iterator[Any]:
    found = implicitize(read(text), max_degree=2)
    n = text.count(",") + 1
    for point in ([0] * n, [1] * n, list(range(1, n + 1))):
        yield found.violated(point)


def exports() -> Iterator[Problem]:
    for p in (0, 101):
        for order in ("degrevlex", "lex"):
            field = GF(p) if p else QQ
            ring = PolynomialRing(field, ("x_1", "y", "a_1_2"), order)
            x, y, a = ring.gens()
            listed = [x**2 - y * 3, a * x - y + 1, ring(0)]
            for system in SYSTEMS:
                yield (
                    f"ideals: export {system} over {field} {order}",
                    lambda g=listed, s=system: export_ideal(g, s),
                )
                yield (
                    f"ideals: export the zero ideal {system} over {field} {order}",
                    lambda r=ring, s=system: export_ideal([], s, ring=r),
                )
            yield (
                f"ideals: export and import over {field} {order}",
                lambda g=listed: [str(h) for h in import_ideal(export_ideal(g, "json"))[1]],
            )
    for system in (*SYSTEMS, "maple", "", None):
        yield (
            f"ideals: export a map {system}",
            lambda s=system: export_parametrization(read("s*t, s + t", 101), ["p", "q"], s),
        )
    yield "ideals: export nothing", lambda: export_ideal([], "sage")
    yield "ideals: export an unequal map", lambda: export_parametrization([], [], "sage")
    for text in ("{}", "[]", "1", '{"schema": "algattn/ideal/1"}', "{"):
        yield f"ideals: import {text}", lambda t=text: str(import_ideal(t))


def problems() -> Iterator[Problem]:
    yield from layers()
    yield from modules()
    yield from fibers()
    yield from images()
    yield from exports()
