"""Ideals and parametrizations in the languages of other systems.

Names of variables are kept where the system allows them (Macaulay2 has no underscores in symbols:
they are dropped, ``a_1_2`` is ``a1p2``).  Ring, order and weights go along.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from algattn.arguments import checked
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
    return _writer(system, asked)(ring, moved or [ring(0)])


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


def macaulay2_names(ring: PolynomialRing) -> tuple[str, ...]:
    """The names without underscores: ``a_1_12`` is ``a1p12``.

    >>> from algattn.exact import QQ
    >>> macaulay2_names(PolynomialRing(QQ, ("a_1_12", "x")))
    ('a1p12', 'x')
    """
    out = []
    for name in ring.names:
        head, *rest = name.split("_")
        out.append(head + "p".join(rest))
    if len(set(out)) != len(out):
        return tuple(f"x{i + 1}" for i in range(len(out)))
    return tuple(out)


def _listed(polys: Sequence[Polynomial], names: Sequence[str], indent: str = "  ") -> str:
    return ",\n".join(indent + write_polynomial(g, names) for g in polys)


def _singular(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    n, weighted = len(ring.names), set(ring.weights) != {1}
    w = ", ".join(map(str, ring.weights))
    order = {
        "lex": f"lp({n})",
        "deglex": f"Wp({w})" if weighted else f"Dp({n})",
        "degrevlex": f"wp({w})" if weighted else f"dp({n})",
    }[ring.order]
    field = ring.field.characteristic
    return (
        f"ring R = {field}, ({', '.join(ring.names)}), {order};\nshort = 0;\n"
        f"ideal I =\n{_listed(polys, ring.names)};"
    )


def _macaulay2(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    names = macaulay2_names(ring)
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


def _sage(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    p, n = ring.field.characteristic, len(ring.names)
    order = f"'{ring.order}'"
    if set(ring.weights) != {1}:
        kind = {"degrevlex": "wdegrevlex", "deglex": "wdeglex", "lex": "lex"}[ring.order]
        w = ", ".join(map(str, ring.weights))
        order = "'lex'" if kind == "lex" else f"TermOrder('{kind}', ({w},))"
    names = ", ".join(ring.names)
    quoted = ", ".join(f"'{x}'" for x in ring.names)
    tail = "," if n == 1 else ""
    return (
        f"R = PolynomialRing({f'GF({p})' if p else 'QQ'}, [{quoted}], order={order})\n"
        f"{names}{tail} = R.gens()\nI = R.ideal([\n{_listed(polys, ring.names, '    ')}\n])"
    )


def _oscar(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    p, names = ring.field.characteristic, ring.names
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


def _magma(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    p, n, names = ring.field.characteristic, len(ring.names), ", ".join(ring.names)
    field = f"GF({p})" if p else "Rationals()"
    order = {"lex": '"lex"', "deglex": '"glex"', "degrevlex": '"grevlex"'}[ring.order]
    if set(ring.weights) != {1} and ring.order == "degrevlex":
        order = f'"grevlexw", [{", ".join(map(str, ring.weights))}]'
    return (
        f"R<{names}> := PolynomialRing({field}, {n}, {order});\n"
        f"I := ideal<R |\n{_listed(polys, ring.names)}>;"
    )


def _json(ring: PolynomialRing, polys: Sequence[Polynomial]) -> str:
    listed = [write_polynomial(g) for g in polys]
    return json.dumps({"schema": SCHEMA, "ring": ring.to_data(), "generators": listed}, indent=1)


_WRITERS: dict[str, Callable[[PolynomialRing, Sequence[Polynomial]], str]] = {
    "macaulay2": _macaulay2,
    "singular": _singular,
    "sage": _sage,
    "oscar": _oscar,
    "magma": _magma,
    "json": _json,
}

SYSTEMS = tuple(_WRITERS)


def _writer(system: Any, asked: str) -> Callable[[PolynomialRing, Sequence[Polynomial]], str]:
    return _WRITERS[one_of(in_lower_case(system, SYSTEMS), SYSTEMS, asked, "system")]
