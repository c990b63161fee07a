"""Is a given function a layer of this network?  With weights, or with a reason why not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.problem import Problem
from algattn.errors import FieldError, UndecidedError
from algattn.exact import QQ, Field, Matrix
from algattn.fibers.attention import attention_over, written_attention
from algattn.fibers.cubics import has_no_linear_factor, section_line
from algattn.fibers.equations import find_violated
from algattn.fibers.factorisation import (
    MEMBERSHIP,
    check_candidate,
    cubic_rows,
    factor_pairs,
    split_tensor,
    symmetric_classes,
)
from algattn.fibers.layer_invariants import SymmetricClass, signature
from algattn.fibers.recovered import Recovered
from algattn.fibers.results import SameFunction
from algattn.fibers.witnesses import as_form
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    TruthLike,
    about,
    declare,
    freeze,
    register,
)

#: A rational number as it is written.
Number = int | str


@register
@dataclass(frozen=True, repr=False)
class MembershipResult(TruthLike, Result):
    """Whether real weights of the network have the given function.

    Attributes
    ----------
    value : bool
        Whether there are real weights.
    in_closure : bool
        Whether it lies in the Zariski closure of the function space, real points included.
    weights : tuple of Weights
        Real weights, one for each class of solutions, over QQ or a real number field.  A class
        whose weights would need more than three square roots at once, or roots over a number
        field, is counted but not written out.
    classes, real_classes : int
        Factorisations over the complex numbers, and those with real weights.
    needed_rank : int or None
        The rank that its factorisation needs, where that is more than the network has.
    signatures : tuple of (int, int)
        Those of its real forms S, where they are what keeps it from having real weights.
    reason : str
        Why it is or is not, in words.
    """

    kind: ClassVar[str] = "membership.one-layer"
    title: ClassVar[str] = "Is the function in the function space?"
    claim_names: ClassVar[tuple[str, ...]] = ("closure", "contains", "factorisations", "members")
    shown: ClassVar[tuple[str, ...]] = ("reason",)

    problem: Problem
    value: bool
    in_closure: bool
    classes: int
    real_classes: int
    needed_rank: int | None
    signatures: tuple[tuple[int, int], ...]
    weights: tuple[Weights, ...]

    def outline(self) -> tuple[Outline, ...]:
        asked = self.problem.asks("function") and MEMBERSHIP.covers(self.problem.network)
        if not asked or self.value != (self.real_classes > 0) or self.value > self.in_closure:
            return ()
        if (self.needed_rank is None) != (self.in_closure or not self.classes):
            return ()
        if self.signatures and (self.value or not self.in_closure or not self._single):
            return ()
        closure, many = self.in_closure, self.classes
        return (
            Outline(
                "closure",
                f"the function is {'' if closure else 'not '}in the Zariski closure",
                closure,
            ),
            Outline(
                "contains",
                f"{'some' if self.value else 'no'} real weights have this function",
                self.value,
            ),
            Outline(
                "factorisations",
                f"it has {many} factorisation{'s' * (many != 1)} over C, "
                f"{self.real_classes} with real weights: {self.reason}",
                {"reason": self.reason, "classes": many, "real_classes": self.real_classes},
            ),
            Outline("members", "the listed weights have this function", self.weights),
        )

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        reason = str(parts["detail"].get("reason", ""))
        rank, pairs = (
            re.search(r"of rank (\d+), above", reason),
            re.findall(r"\((\d+), (\d+)\)", reason),
        )
        more = {
            "needed_rank": None if rank is None else int(rank[1]),
            "signatures": [[int(p), int(n)] for p, n in pairs],
        }
        return parts | {"detail": dict(parts["detail"]) | more}, evidence

    @property
    def _single(self) -> bool:
        return self.problem.network.tokens == 1

    @cached_property
    def reason(self) -> str:
        """Why the function is or is not in the function space, in words."""
        a = self.problem.network.ranks[0]
        if self.needed_rank is not None:
            if self._single:
                return f"it needs a form S of rank {self.needed_rank}, above 2a = {2 * a}"
            return f"it needs a matrix A of rank {self.needed_rank}, above a = {a}"
        if not self.in_closure:
            return f"it is no product {'(x^T S x) V x' if self._single else '(V x)(x^T A y)'}"
        if not self.value:
            if not self._single:
                return "it is h s(x) (q.y) with s definite on two variables: A and V are complex"
            found = ", ".join(map(str, self.signatures))
            return f"its real forms S have signatures {found}, with more than a = {a} equal signs"
        if self.problem.function().is_zero:
            return "it is zero"
        if self._single:
            return (
                f"{self.real_classes} of its {self.classes} factorisations are real "
                "with fitting signature"
            )
        return "weights are given" if self.real_classes == 1 else "both ways to split it are given"

    def sentence(self) -> str:
        where = "in" if self.value else "not in"
        return f"The function is {where} the function space: {self.reason}"

    def card_rows(self) -> Iterator[CardRow]:
        return (CardRow("weights:", w.content()) for w in self.weights)


@declare(
    "membership.factorised",
    about("membership.one-layer", "closure, contains, factorisations, members"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class Factorised(Evidence):
    """All factorisations over the complex numbers, found exactly, and their signatures."""

    def check(self, problem: Problem, claim: Claim) -> None:
        found = result_of(problem, decide(problem.under(MEMBERSHIP), problem.function()), {})
        expected = {o.name: o.value for o in found.outline()}
        self.expect(claim.value, expected[claim.name], "the factorisations say the contrary")


@declare("membership.no-linear-factor", about("membership.one-layer", "closure"), Status.PROVED)
@dataclass(frozen=True)
class NoLinearFactor(Evidence):
    """A line on which the cubic shows that it has no linear factor over the complex numbers."""

    row: int
    p: tuple[int, ...]
    w: tuple[int, ...]

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(MEMBERSHIP)
        function = problem.function()
        rows = cubic_rows(function)
        if self.row < 0 or {len(self.p), len(self.w)} != {function.d_in}:
            raise self.fail("row and line are not those of the function")
        if claim.value is not False or function.tokens != 1:
            raise self.fail("it can only prove that a function is outside, for one token")
        if not has_no_linear_factor(rows[self.row], self.p, self.w):
            raise self.fail("on this line the cubic may have a linear factor")


@declare("membership.semidefinite", about("membership.one-layer", "contains"), Status.PROVED)
@dataclass(frozen=True)
class Semidefinite(Evidence):
    """F = h s(x) (q.y) with a definite form s of two variables: complex factors only."""

    h: tuple[Number, ...]
    s: tuple[tuple[Number, ...], ...]
    q: tuple[Number, ...]

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(MEMBERSHIP)
        function = problem.function()
        h, q = ([QQ(x) for x in v] for v in (self.h, self.q))
        s = Matrix(QQ, self.s)
        again = [[QQ.format(x) for x in h], s.to_data(), [QQ.format(x) for x in q]]
        self.expect([self.h, self.s, self.q], again, "a number is spelled in another way")
        d, d_out = function.d_in, function.d_out
        if claim.value is not False or function.tokens == 1:
            raise self.fail("it can only prove that there are no real weights, for two tokens")
        if (len(h), s.shape, len(q)) != (d_out, (d, d), d) or s != s.T:
            raise self.fail("h, s and q do not have the shape of the function")
        for r, c in enumerate(h):
            for i in range(d):
                for j in range(i, d):
                    for k in range(d):
                        value = c * s[i, j] * q[k] * (1 if i == j else 2)
                        if function[(r, i, j, k)] != value:
                            raise self.fail("the function is not h s q")
        if signature(s) not in {(2, 0), (0, 2)}:
            raise self.fail("the form is not definite on two variables")


@dataclass(frozen=True)
class Decision:
    """What the factorisations of a function say; see :class:`MembershipResult`."""

    in_closure: bool
    classes: int
    real: int = 0
    weights: tuple[Weights, ...] = ()
    needed_rank: int | None = None
    signatures: tuple[tuple[int, int], ...] = ()

    @property
    def contains(self) -> bool:
        """Whether there are real weights."""
        return self.real > 0


@lru_cache(maxsize=8)
def decide(network: Architecture, function: FunctionMap) -> Decision:
    """Decide membership by unique factorisation; see ``algattn/docs/one_layer.md``."""
    check_candidate(network, function, real_fields=True)
    if function.is_zero:
        d, e, a = network.d_in, network.d_out, network.ranks[0]
        K, V = [[[0] * d] * a], [[[0] * d] * e]
        zero = Weights(K=K, Q=K, V=V, field=function.field)
        return Decision(True, 1, 1, (zero,))
    if function.tokens > 1:
        return _decide_many(network, function)
    return _decide_single(network, function)


def _decide_many(network: Architecture, function: FunctionMap) -> Decision:
    solutions = factor_pairs(function)
    a = network.ranks[0]
    if not solutions:
        return Decision(False, 0)
    rank = solutions[0].A.rank()
    if rank > a:
        return Decision(False, len(solutions), needed_rank=rank)
    real = [s for s in solutions if s.real]
    if not real:
        return Decision(True, len(solutions))
    weights = tuple(as_form(s.A, s.V, a) for s in real if _within(s.field, function))
    return Decision(True, len(solutions), len(real), weights)


def _within(field: Field, function: FunctionMap) -> bool:
    """Whether weights over the field are written out: not over extensions of a number field."""
    return function.field in (QQ, field)


def _decide_single(network: Architecture, function: FunctionMap) -> Decision:
    a, d = network.ranks[0], network.d_in
    classes = symmetric_classes(function)
    if not classes:
        return Decision(False, 0)
    fit = [c for c in classes if c.rank <= min(2 * a, d)]
    if not fit:
        return Decision(False, len(classes), needed_rank=classes[0].rank)
    real = [c for c in fit if c.reachable(a)]
    if not real:
        found = tuple(c.signature for c in fit if c.signature is not None)
        return Decision(True, len(classes), signatures=found)
    weights = []
    for c in real:
        A = written_attention(c.S, a) if _within(c.field, function) else None
        if A is not None:
            weights.append(as_form(A, _over(A, c), a))
    return Decision(True, len(classes), len(real), tuple(weights))


def _over(A: Matrix, c: SymmetricClass) -> Matrix:
    return Matrix(A.field, [[A.field(x) for x in row] for row in c.V.rows], c.V.shape)


def membership(network: Architecture, function: FunctionMap, seed: int = 0) -> MembershipResult:
    """Whether one layer has the function; see ``Lightning.contains``."""
    decision = decide(network, function)
    names = MembershipResult.claim_names
    evidence: dict[str, list[Evidence]] = {name: [Factorised()] for name in names}
    evidence["members"].append(SameFunction())
    if not decision.in_closure:
        if reason := _outside_evidence(network, function):
            evidence["closure"].append(reason)
    elif not decision.contains and function.tokens > 1 and function.field == QQ:
        parts = split_tensor(function)
        assert parts is not None
        h, s, q = parts
        evidence["contains"].append(
            Semidefinite(
                tuple(QQ.format(x) for x in h), freeze(s.to_data()), tuple(QQ.format(x) for x in q)
            )
        )
    return result_of(Problem(network, None, function), decision, evidence)


def result_of(
    problem: Problem, decision: Decision, evidence: dict[str, list[Evidence]]
) -> MembershipResult:
    """The decision as a result, with the evidence given."""
    return MembershipResult.assemble(
        problem,
        decision.contains,
        evidence,
        in_closure=decision.in_closure,
        classes=decision.classes,
        real_classes=decision.real,
        needed_rank=decision.needed_rank,
        signatures=decision.signatures,
        weights=decision.weights,
    )


def _outside_evidence(network: Architecture, function: FunctionMap) -> Evidence | None:
    """An independent reason for "outside"; None when only the rank of S is too large."""
    if function.field != QQ:
        return None
    if function.tokens > 1:
        return find_violated(function, network.ranks[0])
    if symmetric_classes(function):
        return None
    rows = cubic_rows(function)
    if Matrix(QQ, _row_table(function)).rank() > 1:
        return find_violated(function, network.ranks[0])
    row = next(i for i, cubic in enumerate(rows) if cubic)
    p, w, _ = section_line(rows[row])
    return NoLinearFactor(row, tuple(p), tuple(w))


def _row_table(function: FunctionMap) -> list[list[Any]]:
    n = len(function.vector()) // function.d_out
    vector = function.vector()
    return [vector[r * n : (r + 1) * n] for r in range(function.d_out)]


def recover(network: Architecture, function: FunctionMap, monitor: Monitor) -> Recovered:
    """Real weights with the given function, one for each class; see ``Lightning.recover``."""
    asked = f"recover weights in {network!r}"
    found: list[tuple[Weights, str | None]]
    if function.tokens == 1 and not function.is_zero:
        found, failure = _written(network, function, monitor)
    else:
        found, failure = [(w, None) for w in decide(network, function).weights], None
    if found:
        return Recovered.of(found)
    if failure is not None:
        raise UndecidedError(
            asked,
            f"real weights exist, but were not found: {failure.wrong}",
            "a larger rank bound, or take S and V from net.contains(function)",
        )
    raise FieldError(
        asked,
        f"no real weights have this function: {membership(network, function).reason}",
        "ask net.contains(function) for the evidence",
    )


def _written(
    network: Architecture, function: FunctionMap, monitor: Monitor
) -> tuple[list[tuple[Weights, str | None]], UndecidedError | None]:
    """For one token, the weights of every real class that are found, and what stopped another."""
    a, found, failure = network.ranks[0], list[tuple[Weights, str | None]](), None
    for c in symmetric_classes(function):
        monitor.step()
        if not (c.reachable(a) and _within(c.field, function)):
            continue
        try:
            A, reason = attention_over(c.S, a)
        except UndecidedError as error:
            failure = failure or error
            continue
        if reason is None and c.field != function.field:
            reason = "its factors are not rational"
        remark = None if reason is None else f"none exist over QQ: {reason}"
        found.append((as_form(A, _over(A, c), a), remark))
    return found, failure
