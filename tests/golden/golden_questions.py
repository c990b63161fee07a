"""The public questions about lightning networks, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Question = Callable[..., object]


def attributes(found: Any, *names: str) -> list[object]:
    """Public attributes of a result: the answers that people read, in whatever class."""
    return [getattr(found, name) for name in names]


def strata_rows(net: Any) -> Iterator[list[object]]:
    """The graph of strata as rows: nodes with their data, then edges."""
    graph = net.strata()
    for name, data in sorted(graph.nodes(data=True)):
        stratum = data["stratum"]
        keys = ("dimension", "singular", "boundary", "reached", "fiber")
        more = (stratum.family, stratum.rank_A, stratum.rank_V, stratum.signature)
        yield [name, *(data[k] for k in keys), *more, stratum.representative]
    yield from (list(edge) for edge in sorted(graph.edges()))


def locus_rows(locus: Any) -> list[object]:
    """A locus by its public attributes."""
    names = ("name", "dimension", "form", "representative", "generated_in_degree")
    return [locus.dimension, locus.empty, *(attributes(c, *names) for c in locus.components)]


def parametrization_rows(phi: Any) -> Iterator[list[str]]:
    """All coefficients as text."""
    yield list(phi.parameters)
    for name, polynomial in phi.polynomials():
        yield [str(name), str(polynomial)]


def point_rows(point: Any) -> list[object]:
    """A kind of point by its public attributes."""
    return [
        *attributes(point, "singular", "smooth", "boundary", "reason", "multiplicity", "stratum"),
        len(point.branches),
    ]


def fiber_rows(found: Any) -> list[object]:
    """A fiber by its public attributes."""
    names = ("dimension", "complex_components", "connected_components", "reduced", "case")
    return [*attributes(found, *names), len(found.components)]


OF_NETWORK: Mapping[str, Question] = {
    "dimension": lambda net: net.dimension(),
    "dimension-dense": lambda net: net.dimension(method="dense"),
    "dimension-symmetric": lambda net: net.dimension(method="symmetric"),
    "dimension-report": lambda net: net.dimension_report(),
    "generic-fiber": lambda net: net.generic_fiber(),
    "degree": lambda net: net.degree(),
    "singular-locus": lambda net: net.singular_locus(),
    "boundary": lambda net: net.boundary(),
    "singular-locus-attributes": lambda net: locus_rows(net.singular_locus()),
    "boundary-attributes": lambda net: locus_rows(net.boundary()),
    "strata": strata_rows,
    "parametrization-AV": lambda net: parametrization_rows(net.parametrization("AV")),
    "parametrization-QKV": lambda net: parametrization_rows(net.parametrization("QKV")),
    "parametrization-virtual": lambda net: parametrization_rows(net.parametrization("virtual")),
}

AT_WEIGHTS: Mapping[str, Question] = {
    "fiber": lambda net, W: net.fiber(W),
    "fiber-other": lambda net, W: net.fiber(W, params="AV" if W.form == "QKV" else "QKV"),
    "fiber-attributes": lambda net, W: fiber_rows(net.fiber(W)),
    "classify": lambda net, W: net.classify(W),
    "classify-attributes": lambda net, W: point_rows(net.classify(W)),
    "local-dimension": lambda net, W: net.local_dimension(W),
    "canonical": lambda net, W: net.canonical(W).fingerprint,
    "canonical-claims": lambda net, W: net.canonical(W),
    "function": lambda net, W: net.function(W),
    "virtual": lambda net, W: [net.virtual(W).B, net.virtual(W).V],
}

AT_FUNCTION: Mapping[str, Question] = {
    "contains": lambda net, f: net.contains(f),
    "contains-attributes": lambda net, f: attributes(
        net.contains(f), "value", "reason", "in_closure", "weights"
    ),
    "recover": lambda net, f: net.recover(f),
    "classify-function": lambda net, f: net.classify_function(f),
}


def _swapped(net: Any, W: Any, other: Question) -> object:
    """K and Q exchanged: A becomes its transpose."""
    return type(W)(K=W.Q, Q=W.K, V=W.V, field=W.field)


def _twin(net: Any, W: Any, other: Question) -> object:
    """The vectors of K and of V exchanged, as far as both have rank one."""
    h = [[row[0]] for row in W.V[0].tolist()]
    k = W.K[0].tolist()
    V = [[x[0] * y for y in k[0]] for x in h]
    K = [W.V[0].tolist()[0], *k[1:]]
    return type(W)(K=[K], Q=W.Q, V=[V], field=W.field)


def _perturbed(part: str) -> Question:
    def perturb(net: Any, W: Any, other: Question) -> object:
        names = ("K", "Q", "V") if W.K is not None else ("A", "V")
        found = {name: [m.rows for m in getattr(W, name)] for name in names}
        place = part if part in found else "A"
        rows = [list(row) for row in found[place][-1]]
        rows[-1][-1] = rows[-1][-1] + W.field(1)
        found[place][-1] = rows
        return type(W)(**found, field=W.field)

    return perturb


#: The second weights to compare with.
AT_PAIR: Mapping[str, Question] = {
    "same": lambda net, W, other: W,
    "gauge": lambda net, W, other: net.random_gauge(5).act(W),
    "AV": lambda net, W, other: W.to_AV(),
    "swapped": _swapped,
    "twin": _twin,
    "perturbed-V": _perturbed("V"),
    "perturbed-Q": _perturbed("Q"),
    "other": lambda net, W, other: other(2),
}
