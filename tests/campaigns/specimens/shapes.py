"""Specimens about dimensions, equality, canonical weights, deep fibers, reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from algattn import Lightning, Softmax, Weights
from algattn.dimension import family
from algattn.dimension.evidence import GenericRank, RankAtLeast, ScoresIndependent
from algattn.dimension.results import DimensionResult, dimension
from algattn.errors import LimitError
from algattn.fibers.equivalence_evidence import Identifiable
from algattn.fibers.generic import GenericLemma
from algattn.results import Evidence, Result

Made = tuple[str, Callable[[], Result]]
IDENTITY, NOTHING = [[1, 0], [0, 1]], [[0, 0], [0, 0]]
SKEW, FORM = [[0, 1], [-1, 0]], [[1, 2], [0, 1]]


def partial(make: Callable[[], object]) -> Result:
    """What a computation had proved when its time was over."""
    try:
        make()
    except LimitError as error:
        found: Result = error.partial
        return found
    raise AssertionError("the limit was not reached")


def guessed() -> Result:
    """A dimension whose bounds do not meet, as a large unlucky shape would leave it."""
    found = dimension(Lightning((2, 2), 1))
    (claim,) = found.claims
    below = next(e for e in claim.evidence if isinstance(e, RankAtLeast))
    above = next(e for e in claim.evidence if not isinstance(e, RankAtLeast))
    guess = GenericRank(below.method, below.seed, below.prime)
    most = found.value + 1
    evidence: dict[str, list[Evidence]] = {"lower": [below], "upper": [above], "dimension": [guess]}
    return DimensionResult.assemble(
        found.problem, found.value, evidence, lower=found.lower, upper=most
    )


def short_scores() -> Result:
    """A softmax dimension without its second proof, so that the scores carry it alone."""
    found = dimension(Softmax((2, 2), 1), method="dense")
    kept = [e for c in found.claims for e in c.evidence]
    assert any(isinstance(e, ScoresIndependent) for e in kept)
    return found


def dimensions() -> Iterator[Made]:
    yield "dimension", lambda: Lightning((2, 2), 1).dimension()
    yield "dimension, deep, one token", lambda: Lightning((2, 2, 1), (2, 1), 1).dimension()
    yield "dimension, symmetric", lambda: Lightning((30, 20, 1), (3, 1)).dimension()
    yield "dimension, softmax", lambda: Softmax((2, 2, 2), 1).dimension()
    yield "dimension, softmax, dense", short_scores
    yield "dimension, balls", lambda: Softmax((3, 3), 2, 3).dimension(method="balls")
    yield "dimension, guessed", guessed
    yield (
        "dimension, out of time",
        lambda: partial(
            lambda: Lightning((4000, 3000, 2000, 100), (30, 700, 3)).dimension(time_limit=1e-9)
        ),
    )
    yield "report of dimensions", lambda: Lightning((4, 4, 4), (1, 3)).dimension_report()
    yield "report of dimensions, softmax", lambda: Softmax((4, 5), 3, 1).dimension_report()
    yield "dimension, heads", lambda: Lightning((2, 2), 1, heads=2).dimension()
    yield "dimension, counted", lambda: Lightning((1, 1), 1, 1, heads=2).dimension()
    filled = Lightning((2, 1, 1), 1, 3, heads=(1, 3), mask=("causal", None))
    yield "dimension, layers", filled.dimension
    masked = Softmax((2, 2), 1, heads=2, mask="causal", residual=True)
    yield "dimension, softmax, heads", masked.dimension
    yield "local, heads", lambda: filled.local_dimension(filled.random_weights(1))
    yield "local, softmax, heads", lambda: masked.local_dimension(masked.random_weights(1))
    net = Lightning((2, 2), 2)
    yield "local, general", lambda: net.local_dimension(net.random_weights(1))
    zero = {"K": [NOTHING], "Q": [NOTHING], "V": [IDENTITY]}
    yield "local, zero", lambda: net.local_dimension(Weights(**zero))
    silent = Weights(K=[IDENTITY] * 3, Q=[FORM, FORM, NOTHING], V=[IDENTITY] * 3)
    yield "local, silent", lambda: Lightning((2, 2, 2, 2), 2, 3).local_dimension(silent)
    last = Weights(K=[IDENTITY] * 2, Q=[[[1, 0], [0, 0]], SKEW], V=[IDENTITY] * 2)
    yield "local, expanded", lambda: Lightning((2, 2, 2), 2).local_dimension(last)
    soft = Softmax((2, 2), 1)
    yield "local, softmax", lambda: soft.local_dimension(soft.random_weights(1))
    apart = Weights(K=[[[0, 0]], [[1, 0]]], Q=[[[0, 0]], [[1, 1]]], V=[NOTHING, [[1, 2], [3, 4]]])
    yield "local, bounds apart", lambda: Softmax((2, 2, 2), 1).local_dimension(apart)
    unseen = Weights(K=[IDENTITY] * 2, Q=[SKEW, NOTHING], V=[IDENTITY] * 2)
    yield "local, softmax, unseen", lambda: Softmax((2, 2, 2), 2).local_dimension(unseen)
    wide = Softmax((7, 9), 7)
    yield "local, softmax, by lemma", lambda: wide.local_dimension(wide.random_weights(1))
    turning = Weights(K=[IDENTITY] * 3, Q=[SKEW] * 3, V=[IDENTITY] * 3)
    yield "local, guessed", lambda: Lightning((2, 2, 2, 2), 2, 3).local_dimension(turning)
    for kind in ("lightning", "softmax"):
        for depth in (1, 2):
            yield f"family {kind} {depth}", lambda k=kind, n=depth: family(depth=n, kind=k)
        yield (
            f"family of a {kind} network",
            lambda k=kind: family((Lightning if k == "lightning" else Softmax)((6, 4), 2)),
        )


def deep() -> Iterator[Made]:
    net = Lightning((2, 2, 1), (2, 1))
    yield "deep fiber", lambda: net.fiber(net.random_weights(3))
    square = Lightning((2, 2, 2), 2)
    W = square.random_weights(1)
    yield "deep fiber AV", lambda: square.fiber(W, params="AV")
    zero = Weights(A=[FORM, NOTHING], V=[IDENTITY, IDENTITY])
    yield "deep fiber, zero", lambda: square.fiber(zero)
    skew = Weights(A=[FORM, SKEW], V=[IDENTITY, IDENTITY])
    yield "deep fiber, skew", lambda: square.fiber(skew)
    idle = Lightning((2, 3, 2), 1)
    yield "deep fiber, idle width", lambda: idle.fiber(idle.random_weights(2))
    single = Lightning((2, 2, 2), 2, 1)
    yield "deep fiber, one token", lambda: single.fiber(single.random_weights(1))
    for shape in (((2, 2, 1), (2, 1), 2), ((3, 2, 2), 1, 2), ((2, 2, 2), 2, 1)):
        yield f"generic fiber {shape}", lambda s=shape: Lightning(*s).generic_fiber()
    yield "generic fiber by lemma alone", _generic_by_lemma
    moved = square.random_gauge(5).act(W)
    yield "equal by gauge", lambda: square.equivalent(W, moved)
    yield "different", lambda: square.equivalent(W, square.random_weights(2))
    first = Lightning((2, 1), 1)
    k, q, v = [[1, 2]], [[3, 1]], [[1, -1]]
    pair = Weights(K=[k], Q=[q], V=[v]), Weights(K=[v], Q=[q], V=[k])
    yield "equal by exchange", lambda: first.equivalent(*pair)
    other = Weights(A=[NOTHING, FORM], V=[IDENTITY, FORM])
    yield "equal zero functions", lambda: square.equivalent(zero, other)
    soft = Softmax((2, 2, 2), 2)
    S = soft.random_weights(1)
    shifted = Weights(K=S.Q, Q=S.K, V=S.V)
    yield "softmax, equal", lambda: soft.equivalent(S, _same_softmax(soft, S))
    yield "softmax, different", lambda: soft.equivalent(S, soft.random_weights(2))
    yield "softmax, transposed", lambda: soft.equivalent(S, shifted)
    yield "softmax, told apart by lemma alone", _lemma_alone
    flat = [Weights(A=[SKEW, last], V=[IDENTITY] * 2) for last in (IDENTITY, FORM)]
    yield "softmax, behind equal tokens", lambda: soft.equivalent(*flat)
    heads, masked = Lightning((2, 1), 1, heads=2), Softmax((2, 2), 1, mask="causal")
    H, M = heads.random_weights(1), masked.random_weights(1)
    turned = Weights(K=[H.K[0][::-1]], Q=[H.Q[0][::-1]], V=[H.V[0][::-1]])
    yield "heads, turned", lambda: heads.equivalent(H, turned)
    yield "heads, different", lambda: heads.equivalent(H, heads.random_weights(2))
    yield "mask, equal", lambda: masked.equivalent(M, M)
    yield "mask, different", lambda: masked.equivalent(M, masked.random_weights(2))
    for name, net_, given in (
        ("canonical", square, W),
        ("canonical, zero", square, zero),
        ("canonical, skew", square, skew),
        ("canonical, one layer", first, pair[0]),
    ):
        yield name, lambda n=net_, w=given: n.canonical(w)
    yield "report", lambda: first.report(pair[0])
    yield "report of a function", lambda: first.report(function=first.function(pair[0]))
    tiny = Lightning((2, 1, 1), 1)
    yield "report, deep", lambda: tiny.report(tiny.random_weights(1))
    yield "report, softmax", lambda: Softmax((2, 2), 1).report()


def _same_softmax(net: Softmax, weights: Weights) -> Weights:
    """The same layers with other K and Q."""
    assert weights.K is not None
    assert weights.Q is not None
    K = [[[2 * x for x in row] for row in m.rows] for m in weights.K]
    Q = [[[x / 2 for x in row] for row in m.rows] for m in weights.Q]
    return Weights(K=K, Q=Q, V=weights.V)


def _lemma_alone() -> Result:
    """As the answer is when ball arithmetic finds no input at which the functions differ."""
    net = Softmax((2, 2, 2), 2)
    found = net.equivalent(net.random_weights(1), net.random_weights(2))
    (claim,) = found.claims
    lemma = tuple(e for e in claim.evidence if isinstance(e, Identifiable))
    return replace(found, claims=(replace(claim, evidence=lemma),))


def _generic_by_lemma() -> Result:
    """As the answer is when the network is too large for a fiber through random weights."""
    found = Lightning((2, 2, 1), (2, 1)).generic_fiber()
    dim, shape = found.claims
    return replace(found, claims=(dim, replace(shape, evidence=(GenericLemma(),))))


def specimens() -> Iterator[Made]:
    yield from dimensions()
    yield from deep()
