"""Ideals and parametrizations in the languages of other systems.

Ring, order and weights go along, and names of variables where they cannot mean anything else in the
system: :func:`exported_names` tells the rule, and a comment lists what is renamed.  What an engine
of :mod:`algattn.engines` cannot hold is not written for it either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from algattn.arguments import checked
from algattn.engines import ENGINES, GroebnerBasis
from algattn.engines.text import read_polynomial, write_polynomial
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing
from algattn.results import parse_json
from algattn.words import in_lower_case, one_of

SCHEMA = "algattn/ideal/1"


@checked
def export_ideal(
    generators: Sequence[Polynomial], system: str, *, ring: PolynomialRing | None = None
) -> str:
    """Source text that makes the ideal in another system.

    Parameters
    ----------
    generators : sequence of Polynomial
    system : {"macaulay2", "singular", "sage", "oscar", "magma", "json"}
    ring : PolynomialRing, optional
        That of the generators unless given; needed for the zero ideal.  Its order and weights are
        those of the export.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("x", "y"), weights=(1, 2))
    >>> x, y = R.gens()
    >>> print(export_ideal([x**2 - y], "singular"))
    ring R = 0, (x, y), wp(1, 2);
    short = 0;
    ideal I =
      x^2-y;
    """
    asked = "export an ideal"
    if ring is None:
        if not generators:
            raise InputError(asked, "there is no generator and no ring", "give ring=")
        ring = generators[0].ring
    moved = [g if g.ring == ring else ring.from_terms(g.terms()) for g in generators]
    system = _system(system, asked)
    weights = ring.weights if ring.order != "lex" else ()
    task = GroebnerBasis(tuple(moved), ring.order, weights, ring=ring)
    for engine in ENGINES:
        wrong = engine.capacity.exceeded(task) if engine.name == system else None
        if wrong:
            raise InputError(f"{asked} to {system}", wrong, "take another system, or json")
    names = exported_names(ring, system)
    source = _WRITERS[system](ring, names, moved or [ring(0)])
    return source if system == "json" else _renamed(ring, names, system) + source


@checked
def export_parametrization(
    polynomials: Sequence[Polynomial], names: Sequence[str], system: str
) -> str:
    """Source text that makes the map of rings of a parametrization, and the ideal of its graph.

    The graph is the ideal of all ``name - polynomial`` in one ring, the parameters first; with
    the weights that make it homogeneous where every polynomial is.
    """
    if not polynomials or len(names) != len(polynomials):
        raise InputError(
            f"export a parametrization to {system}",
            f"{len(names)} names for {len(polynomials)} polynomials",
            "give one name for each",
        )
    source = polynomials[0].ring
    weights = (1,) * len(source.names) + tuple(max(p.degree(), 1) for p in polynomials)
    ring = PolynomialRing(source.field, (*source.names, *names), "degrevlex", weights)
    zero = (0,) * len(names)
    images = [ring.from_terms(((*e, *zero), c) for e, c in p.terms()) for p in polynomials]
    gens = ring.gens()[len(source.names) :]
    return export_ideal([y - p for y, p in zip(gens, images, strict=True)], system, ring=ring)


@checked
def import_ideal(text: str) -> tuple[PolynomialRing, tuple[Polynomial, ...]]:
    """Ring and generators from the JSON that :func:`export_ideal` wrote.

    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> import_ideal(export_ideal([x * y], "json"))[1] == (x * y,)
    True
    """
    data = parse_json(text)
    keys = {"schema", "ring", "generators"}
    if not isinstance(data, dict) or set(data) != keys or data["schema"] != SCHEMA:
        raise InputError("read an ideal", f"it is not {SCHEMA}", "use a file that algattn wrote")
    ring = PolynomialRing.from_data(data["ring"])
    return ring, tuple(read_polynomial(t, ring, ring.names) for t in data["generators"])


#: Names of a letter and numbers, or with a number after an underscore: no system reserves them.
_FREE = re.compile(r"[A-Za-z][0-9]*|[A-Za-z][A-Za-z0-9_]*_[0-9][A-Za-z0-9_]*", re.ASCII)
#: What an export itself uses, and the numbered lines of Macaulay2.
_TAKEN = re.compile("R|I|P|o")
_LINES = re.compile("[io][0-9]+")
#: How a comment begins.
_COMMENT = {"singular": "//", "macaulay2": "--", "sage": "#", "oscar": "#", "magma": "//"}


@checked
def exported_names(ring: PolynomialRing, system: str) -> tuple[str, ...]:
    """The names of the variables of a ring in an export.

    A name is kept if it is a letter, perhaps with a number, or has a number after an underscore.
    All other words might be reserved (``ideal``, ``map``, ``pi``, in this version of the system or
    the next) and get ``_0``; so do ``R``, ``I``, ``P``, ``o``, which the export uses.  There are no
    underscores in symbols of Macaulay2: ``a_1_12`` is ``a1p12``.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> exported_names(PolynomialRing(QQ, ("a_1_12", "x", "I", "map")), "singular")
    ('a_1_12', 'x', 'I_0', 'map_0')
    >>> exported_names(PolynomialRing(QQ, ("a_1_12", "x", "I", "map")), "macaulay2")
    ('a1p12', 'x', 'I0', 'map0')
    """
    system = _system(system, "name variables")
    if system == "json":
        return ring.names
    out: list[str] = []
    for name in ring.names:
        free = _FREE.fullmatch(name) and not _TAKEN.fullmatch(name)
        name = name if free else f"{name}_0"
        if system == "macaulay2":
            name = _joined(name)
            name = f"v{name}" if _LINES.fullmatch(name) else name
        out.append(name)
    if len(set(out)) != len(out):
        return tuple(f"x{i + 1}" for i in range(len(out)))
    return tuple(out)


def _joined(name: str) -> str:
    head, *rest = name.split("_")
    return head + "p".join(rest)


def _renamed(ring: PolynomialRing, names: Sequence[str], system: str) -> str:
    """Comments about the names that are not kept (more than losing underscores)."""
    pairs = zip(ring.names, names, strict=True)
    return "".join(
        f"{_COMMENT[system]} renamed: {old} -> {new}\n"
        for old, new in pairs
        if new not in (old, _joined(old))
    )


def _listed(polys: Sequence[Polynomial], names: Sequence[str], indent: str = "  ") -> str:
    return ",\n".join(indent + write_polynomial(g, names) for g in polys)


def _singular(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    n, weighted = len(names), set(ring.weights) != {1}
    w = ", ".join(map(str, ring.weights))
    order = {
        "lex": f"lp({n})",
        "deglex": f"Wp({w})" if weighted else f"Dp({n})",
        "degrevlex": f"wp({w})" if weighted else f"dp({n})",
    }[ring.order]
    field = ring.field.characteristic
    return (
        f"ring R = {field}, ({', '.join(names)}), {order};\nshort = 0;\n"
        f"ideal I =\n{_listed(polys, names)};"
    )


def _macaulay2(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    p = ring.field.characteristic
    options = []
    if set(ring.weights) != {1}:
        options.append(f"Degrees => {{{', '.join(map(str, ring.weights))}}}")
    if ring.order == "lex":
        options.append("MonomialOrder => Lex")
    elif ring.order == "deglex":
        w = ", ".join(map(str, ring.weights))
        options.append(f"MonomialOrder => {{Weights => {{{w}}}, Lex => {len(names)}}}")
    inside = ", ".join([*names, *options])
    listed = ",\n".join(f"  ({write_polynomial(g, names)})_R" for g in polys)
    return f"R = {f'ZZ/{p}' if p else 'QQ'}[{inside}];\nI = ideal(\n{listed});"


def _sage(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    p, n = ring.field.characteristic, len(names)
    order = f"'{ring.order}'"
    if set(ring.weights) != {1}:
        kind = {"degrevlex": "wdegrevlex", "deglex": "wdeglex", "lex": "lex"}[ring.order]
        w = ", ".join(map(str, ring.weights))
        order = "'lex'" if kind == "lex" else f"TermOrder('{kind}', ({w},))"
    quoted = ", ".join(f"'{x}'" for x in names)
    tail = "," if n == 1 else ""
    return (
        f"R = PolynomialRing({f'GF({p})' if p else 'QQ'}, [{quoted}], order={order})\n"
        f"{', '.join(names)}{tail} = R.gens()\n"
        f"I = R.ideal([\n{_listed(polys, names, '    ')}\n])"
    )


def _oscar(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    p = ring.field.characteristic
    field = f"GF({p})" if p else "QQ"
    quoted = ", ".join(f'"{x}"' for x in names)
    tail = "," if len(names) == 1 else ""
    head = f"P, ({', '.join(names)}{tail}) = polynomial_ring({field}, [{quoted}])\n"
    listed = ",\n".join("  " + write_polynomial(g, names).replace("/", "//") for g in polys)
    weights = list(ring.weights)
    order = {
        "lex": "lex(gens(P))",
        "deglex": "deglex(gens(P))" if set(weights) == {1} else f"wdeglex(gens(P), {weights})",
        "degrevlex": "degrevlex(gens(P))"
        if set(weights) == {1}
        else f"wdegrevlex(gens(P), {weights})",
    }[ring.order]
    return f"using Oscar\n{head}o = {order}\nI = ideal(P, [\n{listed}\n])"


def _magma(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    p, n = ring.field.characteristic, len(names)
    field = f"GF({p})" if p else "Rationals()"
    order = {"lex": '"lex"', "deglex": '"glex"', "degrevlex": '"grevlex"'}[ring.order]
    if set(ring.weights) != {1} and ring.order == "degrevlex":
        order = f'"grevlexw", [{", ".join(map(str, ring.weights))}]'
    return (
        f"R<{', '.join(names)}> := PolynomialRing({field}, {n}, {order});\n"
        f"I := ideal<R |\n{_listed(polys, names)}>;"
    )


def _json(ring: PolynomialRing, names: Sequence[str], polys: Sequence[Polynomial]) -> str:
    listed = [write_polynomial(g) for g in polys]
    return json.dumps({"schema": SCHEMA, "ring": ring.to_data(), "generators": listed}, indent=1)


_WRITERS: dict[str, Callable[[PolynomialRing, Sequence[str], Sequence[Polynomial]], str]] = {
    "macaulay2": _macaulay2,
    "singular": _singular,
    "sage": _sage,
    "oscar": _oscar,
    "magma": _magma,
    "json": _json,
}

SYSTEMS = tuple(_WRITERS)


def _system(system: Any, asked: str) -> str:
    return one_of(in_lower_case(system, SYSTEMS), SYSTEMS, asked, "system")
