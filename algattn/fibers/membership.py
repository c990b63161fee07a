"""Is a given function a layer of this network?  With weights, or with a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from algattn.errors import FieldError, UndecidedError
from algattn.exact import QQ, Matrix
from algattn.fibers.cubics import has_no_linear_factor, section_line
from algattn.fibers.equations import find_violated
from algattn.fibers.factorisation import (
    check_candidate,
    cubic_rows,
    factor_pairs,
    split_tensor,
    symmetric_classes,
)
from algattn.fibers.facts import SymmetricClass, signature
from algattn.fibers.results import SameFunction
from algattn.fibers.witnesses import as_form, attention_of_class
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult


@register
@dataclass(frozen=True, repr=False)
class MembershipResult(LegacyResult):
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
    reason : str
        Why it is or is not.
    """

    kind: ClassVar[str] = "membership.one-layer"
    title: ClassVar[str] = "Membership"
    claim_names: ClassVar[tuple[str, ...]] = (
        "closure",
        "contains",
        "factorisations",
        "members",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        closure, many = detail["in_closure"], detail["classes"]
        rest = {name: x for name, x in detail.items() if name not in {"in_closure", "weights"}}
        return (
            Outline(
                "closure",
                f"the function is {'' if closure else 'not '}in the Zariski closure",
                closure,
            ),
            Outline(
                "contains", f"{'some' if value else 'no'} real weights have this function", value
            ),
            Outline(
                "factorisations",
                f"it has {many} factorisation{'s' * (many != 1)} over C, "
                f"{detail['real_classes']} with real weights: {detail['reason']}",
                rest,
            ),
            Outline("members", "the listed weights have this function", detail["weights"]),
        )

    @property
    def in_closure(self) -> bool:
        return bool(self.detail["in_closure"])

    @property
    def reason(self) -> str:
        return str(self.detail["reason"])

    @property
    def weights(self) -> tuple[Weights, ...]:
        return tuple(Weights.from_data(thaw(w)) for w in self.detail["weights"])

    def __bool__(self) -> bool:
        return bool(self.value)

    def sentence(self) -> str:
        where = "in" if self.value else "not in"
        return f"The function is {where} the function space: {self.reason}"

    def lines(self) -> list[str]:
        return [f"weights: {w!r}" for w in self.weights]


@register
@dataclass(frozen=True)
class Factorised(Evidence):
    """All factorisations over the complex numbers, found exactly, and their signatures."""

    kind: ClassVar[str] = "membership.factorised"
    supports = about("membership.one-layer", "closure, contains, factorisations, members")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        expected = decide(p.network, p.function()).answers()
        self.expect(claim.value, expected[claim.name], "the factorisations say the contrary")


@register
@dataclass(frozen=True)
class NoLinearFactor(Evidence):
    """A line on which the cubic shows that it has no linear factor over the complex numbers."""

    kind: ClassVar[str] = "membership.no-linear-factor"
    supports = about("membership.one-layer", "closure")
    strength: ClassVar[Status] = Status.PROVED

    row: int
    p: Any
    w: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = Problem.of(problem).function()
        rows = cubic_rows(function)
        if any(type(n) is not int for n in (self.row, *self.p, *self.w)) or self.row < 0:
            raise self.fail("row and line are not whole numbers")
        if claim.value is not False or function.tokens != 1:
            raise self.fail("it can only prove that a function is outside, for one token")
        if not has_no_linear_factor(rows[self.row], self.p, self.w):
            raise self.fail("on this line the cubic may have a linear factor")


@register
@dataclass(frozen=True)
class Semidefinite(Evidence):
    """F = h s(x) (q.y) with a definite form s of two variables: complex factors only."""

    kind: ClassVar[str] = "membership.semidefinite"
    supports = about("membership.one-layer", "contains")
    strength: ClassVar[Status] = Status.PROVED

    h: Any
    s: Any
    q: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = Problem.of(problem).function()
        h, q = ([QQ(x) for x in v] for v in (self.h, self.q))
        s = Matrix(QQ, self.s)
        again = [[QQ.format(x) for x in h], s.to_data(), [QQ.format(x) for x in q]]
        self.expect([self.h, self.s, self.q], again, "a number is spelled in another way")
        d, d_out = function.d_in, function.d_out
        if claim.name != "contains" or claim.value is not False or function.tokens == 1:
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
    """What the factorisations of a function say."""

    contains: bool
    in_closure: bool
    classes: int
    real: int
    reason: str
    weights: tuple[Weights, ...]

    def answers(self) -> dict[str, Any]:
        """The values of the claims of a :class:`MembershipResult`, by name."""
        return {
            "closure": self.in_closure,
            "contains": self.contains,
            "factorisations": {
                "reason": self.reason,
                "classes": self.classes,
                "real_classes": self.real,
            },
            "members": [w.to_data() for w in self.weights],
        }


@lru_cache(maxsize=8)
def decide(network: Architecture, function: FunctionMap) -> Decision:
    """Decide membership by unique factorisation; see ``algattn/docs/one_layer.md``."""
    check_candidate(network, function)
    if function.is_zero:
        d, e, a = network.d_in, network.d_out, network.ranks[0]
        zero = Weights(K=[[[0] * d] * a], Q=[[[0] * d] * a], V=[[[0] * d] * e])
        return Decision(True, True, 1, 1, "it is zero", (zero,))
    if function.tokens > 1:
        return _decide_many(network, function)
    return _decide_single(network, function)


def _decide_many(network: Architecture, function: FunctionMap) -> Decision:
    solutions = factor_pairs(function)
    a = network.ranks[0]
    if not solutions:
        return Decision(False, False, 0, 0, "it is no product (V x)(x^T A y)", ())
    rank = solutions[0].A.rank()
    if rank > a:
        reason = f"it needs a matrix A of rank {rank}, above a = {a}"
        return Decision(False, False, len(solutions), 0, reason, ())
    real = [s for s in solutions if s.real]
    if not real:
        reason = "it is h s(x) (q.y) with s definite on two variables: A and V are complex"
        return Decision(False, True, len(solutions), 0, reason, ())
    weights = tuple(as_form(s.A, s.V, a) for s in real)
    reason = "weights are given" if len(real) == 1 else "both ways to split it are given"
    return Decision(True, True, len(solutions), len(real), reason, weights)


def _decide_single(network: Architecture, function: FunctionMap) -> Decision:
    a, d = network.ranks[0], network.d_in
    classes = symmetric_classes(function)
    if not classes:
        return Decision(False, False, 0, 0, "it is no product (x^T S x) V x", ())
    fit = [c for c in classes if c.rank <= min(2 * a, d)]
    if not fit:
        reason = f"it needs a form S of rank {classes[0].rank}, above 2a = {2 * a}"
        return Decision(False, False, len(classes), 0, reason, ())
    real = [c for c in fit if c.reachable(a)]
    if not real:
        found = ", ".join(str(c.signature) for c in fit if c.signature is not None)
        reason = f"its real forms S have signatures {found}, with more than a = {a} equal signs"
        return Decision(False, True, len(classes), 0, reason, ())
    weights = []
    for c in real:
        A = attention_of_class(c, a)
        if A is not None:
            weights.append(as_form(A, _over(A, c), a))
    return Decision(
        True,
        True,
        len(classes),
        len(real),
        f"{len(real)} of its {len(classes)} factorisations are real with fitting signature",
        tuple(weights),
    )


def _over(A: Matrix, c: SymmetricClass) -> Matrix:
    return Matrix(A.field, [[A.field(x) for x in row] for row in c.V.rows], c.V.shape)


def membership(network: Architecture, function: FunctionMap, seed: int = 0) -> MembershipResult:
    """Decide whether one layer of the network has the function; see ``Lightning.contains``."""
    decision = decide(network, function)
    answers = decision.answers()
    evidence: dict[str, list[Evidence]] = {name: [Factorised()] for name in answers}
    evidence["members"].append(SameFunction())
    if not decision.in_closure:
        if reason := _outside_evidence(network, function):
            evidence["closure"].append(reason)
    elif not decision.contains and function.tokens > 1:
        parts = split_tensor(function)
        assert parts is not None
        h, s, q = parts
        evidence["contains"].append(
            Semidefinite([QQ.format(x) for x in h], s.to_data(), [QQ.format(x) for x in q])
        )
    return MembershipResult.assemble(
        Problem.data(network, function=function),
        decision.contains,
        evidence,
        detail={
            "in_closure": decision.in_closure,
            "weights": answers["members"],
            **answers["factorisations"],
        },
    )


def _outside_evidence(network: Architecture, function: FunctionMap) -> Evidence | None:
    """An independent reason for "outside"; None when only the rank of S is too large."""
    if function.tokens > 1:
        return find_violated(function, network.ranks[0])
    if symmetric_classes(function):
        return None
    rows = cubic_rows(function)
    if Matrix(QQ, _row_table(function)).rank() > 1:
        return find_violated(function, network.ranks[0])
    row = next(i for i, cubic in enumerate(rows) if cubic)
    p, w, _ = section_line(rows[row])
    return NoLinearFactor(row, p, w)


def _row_table(function: FunctionMap) -> list[list[Any]]:
    n = len(function.vector()) // function.d_out
    vector = function.vector()
    return [vector[r * n : (r + 1) * n] for r in range(function.d_out)]


def recover(network: Architecture, function: FunctionMap) -> tuple[Weights, ...]:
    """Real weights with the given function, one for each class; see ``Lightning.recover``."""
    result = membership(network, function)
    if not result.value:
        raise FieldError(
            f"recover weights in {network!r}",
            f"no real weights have this function: {result.reason}",
            "ask net.contains(function) for the evidence",
        )
    if not result.weights:
        raise UndecidedError(
            f"recover weights in {network!r}",
            "real weights exist, but writing them down needs too many square roots at once",
            "raise the rank bound, or take S and V from net.contains(function)",
            result,
        )
    return result.weights
