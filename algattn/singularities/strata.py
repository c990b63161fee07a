"""The strata of the function space of one layer: ranks, incidence of v and k, signatures.

For t >= 2 a function is determined by (A, V) up to scaling and the exchange of k and v, so ranks
and the question whether k and v are parallel are invariants.  For t = 1 the invariants are the
signature of S (up to sign) and the rank of V, except for ``V = h v^T``, rank S <= 2: then the
function is h times a product of three lines and only their coincidences count.  Real points of the
Zariski closure that no real weights reach form strata of their own, labelled ``reached = False``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from algattn.attention import Architecture, Weights
from algattn.attention.theorems import Theorem, lightning, one_layer, plain
from algattn.exact import QQ, Matrix
from algattn.fibers.layer_invariants import LayerFacts
from algattn.progress import Monitor
from algattn.singularities.theorem import SINGULARITIES, Facts, verdict

if TYPE_CHECKING:
    import networkx

ORDER = Theorem("order", SINGULARITIES, lightning, *plain, one_layer)

#: Degenerations of products of three lines, most general first (l: real line, c: conjugate pair).
LINES = {
    "three real lines": ("double line",),
    "a line and a conjugate pair": ("double line",),
    "double line": ("triple line",),
    "triple line": (),
}


@dataclass(frozen=True)
class Stratum:
    """One stratum of real functions, with a representative.

    Attributes
    ----------
    name : str
        Unique; the node of the graph.
    dimension : int
        Of the set of real functions in it.
    family : str
        ``zero``, ``ranks``, ``lines`` or ``definite``.
    rank_A, rank_V : int
        Of any weights in it (t = 1: rank of S in place of A).
    signature : (int, int) or None
        t = 1: of S, larger number first.
    singular : bool
        Whether its points are singular in the Zariski closure.
    boundary : bool
        Whether they are boundary points of the function space (False when not reached).
    reached : bool
        Whether real weights reach it.
    fiber : str
        Which pairs (A, V), for t = 1 (S, V) with S = sym(A), have one of its functions, up to
        scaling: how many over the complex numbers, how many real, and whether they ramify.
    representative : Weights
        Weights over QQ of one of its functions; where ``reached`` is False the matrix A exceeds
        the rank bound of the network, or the pair is only real after complex weights are
        multiplied out, and the field is None.
    """

    name: str
    dimension: int
    family: str
    rank_A: int
    rank_V: int
    signature: tuple[int, int] | None
    singular: bool
    boundary: bool
    reached: bool
    fiber: str
    representative: Weights | None


#: The strata of networks asked about before, latest last.
_KNOWN: dict[Architecture, tuple[Stratum, ...]] = {}
_KEPT = 16


def strata(network: Architecture, monitor: Monitor | None = None) -> list[Stratum]:
    """All strata of a network of one lightning layer, largest dimension first.

    Complexity: one exact decision of small matrices for each of O(d^2 min(d, d')) strata.  The
    monitor counts them; when its time is over the error carries those that are known.

    Examples
    --------
    >>> from algattn import Lightning
    >>> [(s.name, s.dimension) for s in strata(Lightning(widths=(2, 1), ranks=1))]
    [('k, v independent', 4), ('definite form', 4), ('k, v parallel', 3), ('zero', 0)]
    """
    if network not in _KNOWN:
        ORDER.require(network, "find the strata")
        found: list[Stratum] = []
        for stratum in _single(network) if network.tokens == 1 else _many(network):
            found.append(stratum)
            if monitor is not None:
                monitor.step(partial=lambda: found)
        for old in [*_KNOWN][:-_KEPT]:
            del _KNOWN[old]
        _KNOWN[network] = tuple(sorted(found, key=lambda s: (-s.dimension, not s.reached, s.name)))
    return [*_KNOWN[network]]


def strata_count(network: Architecture) -> int:
    """How many strata there are, about: what a bar shows.

    >>> from algattn import Lightning
    >>> net = Lightning(widths=(4, 3), ranks=3, tokens=1)
    >>> strata_count(net) == len(strata(net))
    True
    """
    d, m = network.d_in, min(network.d_in, network.d_out)
    if network.tokens > 1:
        return min(network.ranks[0], d) * m - 1 + (4 if d > 1 else 2)
    s = min(2 * network.ranks[0], d)
    forms = sum(min(p, s - p) + 1 for p in range(1, s + 1))
    small = sum(p + n <= 2 for p in range(1, s + 1) for n in range(min(p, s - p) + 1))
    return forms * m - small + (5 if d > 1 else 2)


def stratum_name(facts: Facts, reached: bool = True) -> str:
    """The name of the stratum of a function, from exact facts; `reached`: by real weights.

    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 1), ranks=1)
    >>> W = Weights(A=[[[1, 0], [0, 0]]], V=[[[3, 0]]])
    >>> stratum_name(LayerFacts.of(net, W, "name the stratum"))
    'k, v parallel'
    """
    if facts.zero:
        return "zero"
    if not facts.single_token:
        if not facts.rank_one_pair:
            return f"rank A = {facts.rank_A}, rank V = {facts.rank_V}"
        if facts.d == 1:
            return "nonzero"
        if not facts.aligned:
            return "k, v independent" if reached else "definite form"
        return "k, v parallel"
    classes = facts.classes
    if facts.rank_V == 1 and facts.rank_S <= 2:
        if len(classes) < 3:
            return "double line" if len(classes) == 2 else "triple line"
        real = all(c.is_real for c in classes)
        return "three real lines" if real else "a line and a conjugate pair"
    (p, n), *_ = [c.signature for c in classes if c.signature is not None]
    return f"signature ({max(p, n)},{min(p, n)}), rank V = {facts.rank_V}"


def _build(network: Architecture, A: Matrix, V: Matrix, **known: Any) -> Stratum:
    facts = LayerFacts(network, A, V)
    found = verdict(facts)
    reached = known.pop("reached", True)
    return Stratum(
        rank_A=facts.rank_S if network.tokens == 1 else facts.rank_A,
        rank_V=facts.rank_V,
        singular=found.singular,
        boundary=found.boundary and reached,
        reached=reached,
        fiber=_fiber_type(facts),
        representative=Weights(A=[A], V=[V]),
        **known,
    )


def _fiber_type(facts: LayerFacts) -> str:
    """See :class:`Stratum`; lemmas "fiber" of ``algattn/docs/one_layer.md``."""
    numbers = ("no", "one", "two", "three")
    if facts.zero:
        return f"A {'skew' if facts.single_token else '= 0'} or V = 0"
    if not facts.single_token:
        if not facts.rank_one_pair or facts.d == 1:
            return "one pair"
        return "one pair, ramified" if facts.aligned else "two pairs, k and v exchanged"
    total, real = len(facts.classes), sum(c.is_real for c in facts.classes)
    text = f"{numbers[total]} pair{'s' * (total > 1)}"
    if real < total:
        text += f", {numbers[real]} real"
    if facts.d > 1 and facts.rank_V == 1 and facts.rank_S <= 2 and total < 3:
        text += ", ramified" if total == 1 else ", one ramified"
    return text


def _unit(m: int, n: int, cells: list[tuple[int, int]]) -> Matrix:
    return _table(m, n, tuple(cells))


@lru_cache(maxsize=256)
def _table(m: int, n: int, cells: tuple[tuple[int, int], ...]) -> Matrix:
    rows = [[0] * n for _ in range(m)]
    for i, j in cells:
        rows[i][j] = 1
    return Matrix(QQ, rows, (m, n))


def _zero(network: Architecture) -> Stratum:
    d, d_out = network.d_in, network.d_out
    return _build(
        network,
        Matrix.zeros(QQ, d, d),
        Matrix.zeros(QQ, d_out, d),
        name="zero",
        dimension=0,
        family="zero",
        signature=None,
    )


def _many(network: Architecture) -> Iterator[Stratum]:
    d, d_out = network.d_in, network.d_out
    for r in range(1, min(network.ranks[0], d) + 1):
        for m in range(1, min(d, d_out) + 1):
            if r == m == 1:
                continue
            yield _build(
                network,
                _unit(d, d, [(i, i) for i in range(r)]),
                _unit(d_out, d, [(i, i) for i in range(m)]),
                name=f"rank A = {r}, rank V = {m}",
                dimension=r * (2 * d - r) + m * (d + d_out - m) - 1,
                family="ranks",
                signature=None,
            )
    pair = _unit(d, d, [(0, 0)])
    if d > 1:
        crossing = _build(
            network,
            pair,
            _unit(d_out, d, [(0, 1)]),
            name="k, v independent",
            dimension=3 * d + d_out - 3,
            family="lines",
            signature=None,
        )
        yield crossing
        yield Stratum(
            "definite form",
            crossing.dimension,
            "definite",
            1,
            1,
            None,
            crossing.singular,
            False,
            False,
            "two pairs, complex conjugate",
            None,
        )
    yield _build(
        network,
        pair,
        _unit(d_out, d, [(0, 0)]),
        name="k, v parallel" if d > 1 else "nonzero",
        dimension=2 * d + d_out - 2,
        family="lines",
        signature=None,
    )
    yield _zero(network)


def _form(d: int, p: int, n: int) -> Matrix:
    """A of smallest rank with sym(A) of signature (p, n), p >= n: products first, then squares."""
    cells = [(2 * i, 2 * i + 1) for i in range(n)] + [(i, i) for i in range(2 * n, p + n)]
    return _unit(d, d, cells)


def _single(network: Architecture) -> Iterator[Stratum]:
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    s = min(2 * a, d)
    for p in range(1, s + 1):
        for n in range(min(p, s - p) + 1):
            for m in range(1, min(d, d_out) + 1):
                rank = p + n
                if m == 1 and rank <= 2:
                    continue
                yield _build(
                    network,
                    _form(d, p, n),
                    _unit(d_out, d, [(i, i) for i in range(m)]),
                    name=f"signature ({p},{n}), rank V = {m}",
                    dimension=rank * d - rank * (rank - 1) // 2 + m * (d + d_out - m) - 1,
                    family="ranks",
                    signature=(p, n),
                    reached=p <= a,
                )
    yield from _line_strata(network)
    yield _zero(network)


def _line_strata(network: Architecture) -> Iterator[Stratum]:
    """h times a product of three lines: their coincidences, and a conjugate pair among them."""
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    first, square = _unit(d_out, d, [(0, 0)]), _unit(d, d, [(0, 0)])
    if d > 1:
        third = Matrix(QQ, [[int(i == 0 and j < 2) for j in range(d)] for i in range(d_out)])
        yield _build(
            network,
            _unit(d, d, [(0, 1)]),
            third,
            name="three real lines",
            dimension=3 * d + d_out - 3,
            family="lines",
            signature=(1, 1),
        )
        yield _build(
            network,
            _unit(d, d, [(0, 0), (1, 1)]),
            first,
            name="a line and a conjugate pair",
            dimension=3 * d + d_out - 3,
            family="lines",
            signature=(2, 0),
            reached=a >= 2,
        )
        yield _build(
            network,
            square,
            _unit(d_out, d, [(0, 1)]),
            name="double line",
            dimension=2 * d + d_out - 2,
            family="lines",
            signature=(1, 0),
        )
    yield _build(
        network,
        square,
        first,
        name="triple line",
        dimension=d + d_out - 1,
        family="lines",
        signature=(1, 0),
    )


def in_closure(low: Stratum, high: Stratum) -> bool:
    """Whether the Euclidean closure of the stratum `high` contains the stratum `low`."""
    if low.family == "zero" or low.name == high.name:
        return True
    if high.family == "zero":
        return False
    if high.signature is None:  # t >= 2
        if high.family == "ranks":
            if low.family == "definite":
                return False  # a limit of real weights is a function of real weights
            return low.rank_A <= high.rank_A and low.rank_V <= high.rank_V
        return low.name == "k, v parallel"
    assert low.signature is not None
    if high.family == "lines":
        return low.family == "lines" and low.name in _below(high.name)
    if low.rank_V > high.rank_V:
        return False
    fits = low.signature[0] <= high.signature[0] and low.signature[1] <= high.signature[1]
    if low.family != "lines":
        return fits
    # h l1 l2 l3 is a limit when one of its factorisations has a smaller signature
    if low.name == "three real lines":
        return high.signature[1] >= 1
    return fits


def _below(name: str) -> set[str]:
    out: set[str] = set()
    for next_name in LINES[name]:
        out |= {next_name} | _below(next_name)
    return out


def strata_graph(
    network: Architecture, *, time_limit: float | None = 60.0, progress: bool = False
) -> networkx.DiGraph[str]:
    """The strata as a directed graph; see ``Lightning.strata``."""
    import networkx

    ORDER.require(network, "find the strata")
    total = 2 * strata_count(network)
    asked = f"stratify {network!r}"
    with Monitor(asked, total=total, progress=progress, time_limit=time_limit) as monitor:
        return _graph(network, networkx.DiGraph(network=repr(network)), monitor)


def _graph(
    network: Architecture, graph: networkx.DiGraph[str], monitor: Monitor
) -> networkx.DiGraph[str]:
    found = strata(network, monitor)
    for s in found:
        graph.add_node(
            s.name,
            stratum=s,
            dimension=s.dimension,
            singular=s.singular,
            boundary=s.boundary,
            reached=s.reached,
            fiber=s.fiber,
        )
    # from below: what is covered, and as bits of an integer all that lies below
    below: list[int] = []
    rising = found[::-1]
    for n, high in enumerate(rising):
        monitor.step(partial=lambda: found)
        mine = 1 << n
        for m in range(n - 1, -1, -1):
            if not mine >> m & 1 and in_closure(rising[m], high):
                graph.add_edge(high.name, rising[m].name)
                mine |= below[m]
        below.append(mine)
    return graph
