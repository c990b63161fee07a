"""The kind of a point of the function space, with certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.exact import QQ, Matrix, field_from_data
from algattn.fibers.facts import LayerFacts, SymmetricClass, parallel, signature
from algattn.fibers.recovery import split_tensor
from algattn.formulas.one_layer import layer_dimension
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.coordinates import natural_count
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Result, Status, thaw
from algattn.singularities.arcs import Arc, base_of, find_arcs, leading
from algattn.singularities.theorem import BOUNDARY, REASONS, Verdict, verdict
from algattn.symbolic.differential import local_rank

#: Entries of a Jacobian up to which certificates also carry arcs and a rank at the point.
MAX_DENSE = 1_000_000


@dataclass(frozen=True, repr=False)
class PointResult(Result):
    """Whether a function is a singular point, and whether it lies on the boundary.

    Attributes
    ----------
    singular : bool
        In the Zariski closure of the function space, as a complex variety.
    boundary : bool
        Whether real points of that closure without real weights come arbitrarily near.
    reason : str
        Why, for both.
    """

    kind: ClassVar[str] = "point.one-layer"
    title: ClassVar[str] = "Kind of point"

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        boundary = detail["boundary"]
        return (
            Outline("singular", f"the function is a {value} point", value),
            Outline("boundary", f"it is {'a' if boundary else 'no'} boundary point", boundary),
            Outline(
                "reason",
                f"{REASONS[detail['singular_reason']]}; {BOUNDARY[detail['boundary_reason']]}",
                detail,
            ),
        )

    @property
    def singular(self) -> bool:
        return bool(self.value == "singular")

    @property
    def boundary(self) -> bool:
        return bool(self.detail["boundary"])

    @property
    def reason(self) -> str:
        return "; ".join(
            (REASONS[self.detail["singular_reason"]], BOUNDARY[self.detail["boundary_reason"]])
        )

    def sentence(self) -> str:
        where = "on the boundary" if self.boundary else "not on the boundary"
        return f"The function is a {self.value} point of the variety and {where}: {self.reason}"


@dataclass(frozen=True)
class PointLemma(Evidence):
    """Lemmas "singular" and "boundary" of the documentation, their hypotheses decided exactly."""

    kind: ClassVar[str] = "point.lemma"
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, weights = p.network, p.weights
        facts = LayerFacts.of(network, weights, "check a point")
        expected = _answers(verdict(facts))
        answer = expected[claim.name]
        self.expect(claim.value, answer, f"the theorem says {answer}")
        reason = expected["reason"]["singular_reason"]
        if (
            claim.name == "singular"
            and not facts.single_token
            and reason in {"one preimage", "two conjugate preimages"}
            and _affordable(network)
            and local_rank(network, weights) != _dimension(network)
        ):
            raise self.fail("the differential is not injective modulo scaling")


def _answers(found: Verdict) -> dict[str, Any]:
    """The values of the claims of a :class:`PointResult`, by name."""
    return {
        "singular": "singular" if found.singular else "smooth",
        "boundary": found.boundary,
        "reason": {
            "boundary": found.boundary,
            "singular_reason": found.singular_reason,
            "boundary_reason": found.boundary_reason,
        },
    }


def _affordable(network: Architecture) -> bool:
    """Whether dense linear algebra on all coordinates is cheap; the lemmas do not need it."""
    rows = natural_count(network.d_in, network.d_out, network.tokens)
    columns = network.d_in * (network.d_in + network.d_out)
    return rows * columns <= MAX_DENSE


def _dimension(network: Architecture) -> int:
    return layer_dimension(network.d_in, network.d_out, network.ranks[0], network.tokens)


@dataclass(frozen=True)
class Arcs(Evidence):
    """Arcs through the point whose leading coefficients span more than the dimension."""

    kind: ClassVar[str] = "point.arcs"
    strength: ClassVar[Status] = Status.PROVED

    field: Any
    s: int
    arcs: Any

    def summary(self) -> str:
        return f"{len(self.arcs)} arcs with independent leading coefficients"

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, function = p.network, p.function()
        field = field_from_data(thaw(self.field))
        if (claim.name, claim.value) != ("singular", "singular") or type(self.s) is not int:
            raise self.fail("arcs can only prove that a point is singular")
        d, d_out, t = network.d_in, network.d_out, network.tokens
        a, base, vectors = network.ranks[0], None, []
        self.expect(self.field, field.to_data(), "the field is spelled in another way")
        for data in self.arcs:
            arc = Arc.from_data(field, data)
            self.expect(data, arc.to_data(), "an arc is spelled in another way")
            if {m.shape[1] for family in (arc.K, arc.Q) for m in family.values()} != {d} or {
                m.shape for m in arc.V.values()
            } != {(d_out, d)}:
                raise self.fail("an arc does not have the shape of the network")
            rows = next(iter(arc.Q.values())).shape[0]
            if not _allowed_rows(arc, rows, a, d, t):
                raise self.fail("an arc leaves the variety: its rank is too large")
            values = arc.functions(d, d_out, t)
            found = base_of(values)
            if base is None:
                base = found
            if found != base:
                raise self.fail("the arcs do not pass through the same points")
            vectors.append(leading(values, self.s))
        wanted = [field(x) for x in function.vector()]
        zero = [field.zero] * len(wanted)
        if base is None or base.get(0, zero) != wanted:
            raise self.fail("the arcs do not end at the function")
        span = Matrix(field, [v for v in vectors if v is not None]).rank()
        if span <= _dimension(network) or span != len(self.arcs):
            raise self.fail(f"they span {span}, not more than the dimension, or are dependent")


def _allowed_rows(arc: Arc, rows: int, a: int, d: int, tokens: int) -> bool:
    """Whether every member of the arc lies in the variety.

    K^T Q has rank at most the number of rows; for t = 1 a symmetric K^T Q may have rank 2a.
    """
    if rows <= a or a >= d:
        return True
    if tokens > 1 or rows > 2 * a:
        return False
    total: dict[tuple[int, int], Matrix] = {}
    for e, k in arc.K.items():
        for f, q in arc.Q.items():
            key, term = (e[0] + f[0], e[1] + f[1]), k.T @ q
            total[key] = total[key] + term if key in total else term
    return all(m == m.T for m in total.values())


@dataclass(frozen=True)
class NearSquare(Evidence):
    """F = h k(x)^2 (q.y) is the limit of h (k(x)^2 + e u(x)^2) (q.y), e > 0, which are not in M."""

    kind: ClassVar[str] = "point.near-square"
    strength: ClassVar[Status] = Status.PROVED

    h: Any
    k: Any
    q: Any
    u: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = Problem.of(problem).function()
        h, k, q, u = ([QQ(x) for x in v] for v in (self.h, self.k, self.q, self.u))
        zero = not any(h)
        d = function.d_in
        again = [[QQ.format(x) for x in v] for v in (h, k, q, u)]
        self.expect([self.h, self.k, self.q, self.u], again, "a number is spelled in another way")
        lengths = (len(h), len(k), len(q), len(u))
        if lengths != (function.d_out, d, d, d):
            raise self.fail("h, k, q and u do not have the shape of the function")
        if function.tokens == 1 or claim.value is not True or claim.name != "boundary":
            raise self.fail("it can only prove a boundary point, for at least two tokens")
        for r in range(function.d_out):
            for i in range(d):
                for j in range(i, d):
                    for m in range(d):
                        c = h[r] * k[i] * k[j] * q[m] * (1 if i == j else 2)
                        if function[(r, i, j, m)] != c:
                            raise self.fail("the function is not h k^2 q")
        if (
            not any(q)
            or not any(k)
            or not any(u)
            or parallel(k, u)
            or (zero and any(c != 0 for c in function.coefficients.values()))
        ):
            raise self.fail("k and u are not independent")


@dataclass(frozen=True)
class NearSignature(Evidence):
    """A real factorisation next to which forms with too many equal signs lie."""

    kind: ClassVar[str] = "point.near-signature"
    strength: ClassVar[Status] = Status.PROVED

    field: Any
    S: Any
    V: Any
    sign: int
    squares: Any
    push: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, function = p.network, p.function()
        field = field_from_data(thaw(self.field))
        S, V, push = Matrix(field, self.S), Matrix(field, self.V), Matrix(field, self.push)
        squares = Matrix(field, self.squares, (len(self.squares), network.d_in))
        if claim.name != "boundary" or claim.value is not True or network.tokens != 1:
            raise self.fail("it can only prove a boundary point, for one token")
        again = [field.to_data(), *(m.to_data() for m in (S, V, push, squares))]
        said = [self.field, self.S, self.V, self.push, self.squares]
        self.expect(said, again, "a number is spelled in another way")
        if S != S.T or type(self.sign) is not int or self.sign not in {1, -1}:
            raise self.fail("S is not symmetric, or the sign is none")
        found = FunctionMap.of(network_of_full_rank(network), Weights(A=[S], V=[V], field=field))
        if found.vector() != [field(x) for x in function.vector()]:
            raise self.fail("S and V do not give the function")
        rank, a = S.rank(), network.ranks[0]
        stacked = Matrix(field, S.rows + squares.rows)
        total = rank + squares.shape[0]
        if stacked.rank() != total or total > min(2 * a, network.d_in):
            raise self.fail("the squares are not independent of S")
        pos, neg = signature(S)
        near = (pos + squares.shape[0], neg) if self.sign > 0 else (pos, neg + squares.shape[0])
        if max(near) <= a:
            raise self.fail("the nearby forms have fitting signatures")
        # Nearby functions must have no other real factorisation.
        near_V = (V + push).rank()
        if near_V == 0 or (near_V == 1 and total < 3 and 0 not in near):
            raise self.fail("the nearby functions may have other factorisations")


def network_of_full_rank(network: Architecture) -> Architecture:
    """The same widths without a bound on the rank."""
    return type(network)(network.widths, max(network.d_in, network.ranks[0]), network.tokens)


def classify(network: Architecture, weights: Weights) -> PointResult:
    """The kind of point that the weights map to; see ``Lightning.classify``."""
    facts = LayerFacts.of(network, weights, "classify the point")
    found = verdict(facts)
    answers = _answers(found)
    singular: list[Evidence] = [PointLemma()]
    boundary: list[Evidence] = [PointLemma()]
    if found.singular and _affordable(network):
        arcs = find_arcs(facts, _dimension(network))
        if arcs is not None:
            field, s0, items = arcs
            singular.append(Arcs(field.to_data(), s0, [arc.to_data() for arc in items]))
    if found.boundary:
        boundary.append(_near_outside(facts, FunctionMap.of(network, weights)))
    return PointResult.assemble(
        Problem.data(network, weights),
        answers["singular"],
        {"singular": singular, "boundary": boundary, "reason": [PointLemma()]},
        detail=answers["reason"],
    )


def _near_outside(facts: LayerFacts, function: FunctionMap) -> Evidence:
    d, d_out = facts.d, facts.d_out
    units = Matrix.identity(QQ, d).tolist()
    if not facts.single_token:
        if facts.zero:
            return NearSquare([0] * d_out, units[0], units[0], units[1])
        parts = split_tensor(function)
        assert parts is not None
        h, s, q = parts
        i = next(i for i in range(d) if s[i, i] != 0)
        k = s.row(i)
        u = next(e for e in units if not parallel(k, [QQ(x) for x in e]))
        scaled = [x / s[i, i] for x in h]  # h s = (h / s_ii) (s_i.x)^2

        def text(v: Any) -> list[Any]:
            return [QQ.format(x) for x in v]

        return NearSquare(text(scaled), text(k), text(q), u)
    classes = (
        facts.classes
        if not facts.zero
        else (SymmetricClass(QQ, Matrix.zeros(QQ, d, d), Matrix.zeros(QQ, d_out, d), 0, (0, 0)),)
    )
    c = next(c for c in classes if c.signature and min(c.signature) < facts.s - facts.a)
    assert c.signature is not None
    squares: list[list[Any]] = []
    for e in units:
        if c.rank + len(squares) == facts.s:
            break
        trial = Matrix(c.field, [*c.S.rows, *squares, e])
        if trial.rank() == c.rank + len(squares) + 1:
            squares.append(e)
    pos, neg = c.signature
    push = _rank_two_push(c.V)
    sign = 1 if pos + len(squares) > facts.a and pos >= neg else -1
    return NearSignature(
        c.field.to_data(),
        c.S.to_data(),
        c.V.to_data(),
        sign,
        Matrix(c.field, squares, (len(squares), d)).to_data(),
        push.to_data(),
    )


def _rank_two_push(V: Matrix) -> Matrix:
    """A matrix P such that V + P has rank at least two, if there is room for that."""
    m, n = V.shape
    if V.rank() >= 2 or min(m, n) < 2:
        return Matrix(
            V.field, [[int(j == 0 and i == 0 and not V) for j in range(n)] for i in range(m)]
        )
    for i in range(m):
        for j in range(n):
            P = Matrix(V.field, [[int((p, q) == (i, j)) for q in range(n)] for p in range(m)])
            if (V + P).rank() >= 2:
                return P
    return Matrix(V.field, [[int(p == q and p < 2) for q in range(n)] for p in range(m)])
