"""The fiber of a network as an ideal, decomposed by a computer algebra system.

The structural answer is :meth:`algattn.Lightning.fiber`; this is the second route to it, and works
for every small network, deep ones included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from algattn.engines import (
    Component,
    Dimension,
    MinimalPrimes,
    PrimaryDecomposition,
    choose,
    solve,
)
from algattn.engines.leading import normal_form, order_key
from algattn.engines.text import read_polynomial, write_polynomial
from algattn.errors import CertificateError, DisagreementError, FieldError, InputError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.networks import Architecture, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult
from algattn.symbolic.parametrization import parametrize


def minors(matrix: Sequence[Sequence[Polynomial]], size: int) -> list[Polynomial]:
    """All minors of a size that are not zero.

    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> minors([[x, y], [y, x]], 2)
    [x^2 - y^2]
    """
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], Polynomial] = {}

    def minor(rows: tuple[int, ...], columns: tuple[int, ...]) -> Polynomial:
        if len(rows) == 1:
            return matrix[rows[0]][columns[0]]
        key = (rows, columns)
        if key not in known:
            total = matrix[0][0].ring(0)
            for n, j in enumerate(columns):
                rest = minor(rows[1:], columns[:n] + columns[n + 1 :])
                term = matrix[rows[0]][j] * rest
                total = total - term if n % 2 else total + term
            known[key] = total
        return known[key]

    m, n = len(matrix), len(matrix[0])
    pairs = ((r, c) for r in combinations(range(m), size) for c in combinations(range(n), size))
    return [p for r, c in pairs if (p := minor(r, c))]


def fiber_equations(
    network: Architecture, weights: Weights, params: str
) -> tuple[PolynomialRing, list[Polynomial]]:
    """The ring of the parameters and the equations of the fiber through the given weights."""
    asked = "write down the ideal of a fiber"
    if params not in ("AV", "QKV"):
        raise InputError(asked, f"params is {params!r}", "use 'AV' or 'QKV'")
    if weights.field != QQ:
        raise FieldError(asked, f"the weights live in {weights.field}", "use rational weights")
    phi = parametrize(network, params)
    here = parametrize(network, weights.form).evaluate(weights)
    equations = [p - here[label] for label, p in phi.polynomials()]
    ring = phi.ring
    if params == "AV":
        for name, (d, _) in phi.blocks.items():
            rank = network.ranks[int(name[1:] or 1) - 1]
            if name.startswith("a") and rank < d:
                A = [[ring.gen(f"{name}_{i + 1}_{j + 1}") for j in range(d)] for i in range(d)]
                equations += minors(A, rank + 1)
    seen: dict[str, Polynomial] = {str(g): g for g in equations if g}
    return ring, list(seen.values())


@dataclass(frozen=True)
class FiberIdeal:
    """The ideal of all parameters that give the same function as some weights.

    Attributes
    ----------
    ring : PolynomialRing
        In the parameters, named as in the parametrization.
    generators : tuple of Polynomial
        Coefficients of phi(W') - phi(W), and the (a+1)-minors of every ``A_i`` where a < d.

    Examples
    --------
    >>> from algattn import Lightning, Weights
    >>> net = Lightning(widths=(1, 1), ranks=1)
    >>> net.fiber_ideal(Weights(A=[[[2]]], V=[[[3]]]))
    <ideal of a fiber in (A, V): 1 generator in 2 variables>
    """

    network: Architecture
    weights: Weights
    params: str
    ring: PolynomialRing
    generators: tuple[Polynomial, ...]

    def __repr__(self) -> str:
        where = "(A, V)" if self.params == "AV" else "(K, Q, V)"
        n = len(self.generators)
        return (
            f"<ideal of a fiber in {where}: {n} generator{'s' * (n != 1)} in "
            f"{len(self.ring.names)} variables>"
        )

    def _generators(self) -> tuple[Polynomial, ...]:
        return self.generators or (self.ring(0),)

    def dimension(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> int:
        """The dimension of the complex fiber, by a Groebner basis."""
        found: int = solve(Dimension(self._generators()), engine, time_limit=time_limit)
        return found

    def primary(
        self, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> tuple[Component, ...]:
        """The primary decomposition, embedded components included, as the engine gives it."""
        task = PrimaryDecomposition(self._generators())
        found: tuple[Component, ...] = solve(task, engine, time_limit=time_limit)
        return found

    def decompose(
        self,
        *,
        absolute: bool | None = None,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> FiberDecomposition:
        """The irreducible components of the fiber over QQ.

        Parameters
        ----------
        absolute : bool, optional
            Count complex components too (Singular only); unless given, where it is possible.

        Returns
        -------
        FiberDecomposition
            PROBABLE: that every component lies in the fiber is proved by division, that there are
            no more is the word of the engine.
        """
        task = MinimalPrimes(self._generators(), absolute=absolute is not False)
        if absolute is None:
            from algattn.engines import explain

            able = explain(task)
            if able.chosen is None or (engine is not None and engine.lower() != able.chosen):
                task = MinimalPrimes(self._generators())
        chosen = choose(task, engine)
        parts: tuple[Component, ...] = solve(task, chosen.name, time_limit=time_limit)
        detail = {
            "params": self.params,
            "components": [
                {
                    "dimension": c.dimension,
                    "degree": c.degree,
                    "conjugates": c.conjugates,
                    "prime": [write_polynomial(p) for p in c.prime],
                }
                for c in parts
            ],
            "engine": f"{chosen.name} {chosen.version()}",
        }
        return FiberDecomposition.assemble(
            Problem.data(self.network, self.weights),
            max((c.dimension for c in parts), default=-1),
            {"inside": [Inside()], "complete": [Reported(chosen.name, chosen.version())]},
            detail,
        )

    def agrees(self, **options: Any) -> bool:
        """Whether the structural answer of ``network.fiber`` says the same.

        Compares the dimensions of all complex components (of their number over QQ, where the
        engine does not count complex ones).

        Raises
        ------
        DisagreementError
            With both answers.
        """
        from algattn.fibers.results import fiber

        found = self.decompose(**options)
        wanted = fiber(self.network, self.weights, self.params)
        sizes = sorted(c.dimension for c in wanted.components if c.dimension is not None)
        if found.component_dimensions != sizes:
            raise DisagreementError(
                f"compare two routes to a fiber of {self.network!r}",
                f"the components have dimensions {found.component_dimensions} by Groebner basis "
                f"and {sizes} by structure",
                "report this, with the weights",
                (found, wanted),
            )
        return True

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)


def fiber_ideal(network: Architecture, weights: Weights, params: str = "AV") -> FiberIdeal:
    """The ideal of the fiber through the given weights; see ``Lightning.fiber_ideal``."""
    ring, equations = fiber_equations(network, weights, params)
    return FiberIdeal(network, weights, params, ring, tuple(equations))


@register
@dataclass(frozen=True, repr=False)
class FiberDecomposition(LegacyResult):
    """The components of a fiber, found by a computer algebra system.

    Attributes
    ----------
    value : int
        The dimension of the fiber (-1: it has no points).
    component_dimensions : list of int
        Sorted; each component counts as often as it has conjugates over C, where that is known.
    """

    kind: ClassVar[str] = "fiberideal.decomposition"
    title: ClassVar[str] = "Fiber by Groebner basis"
    claim_names: ClassVar[tuple[str, ...]] = (
        "inside",
        "complete",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"params", "components", "engine"}:
            raise CertificateError("read a decomposition", "it has other parts", "recompute it")
        parts = detail["components"]
        if value != max((c["dimension"] for c in parts), default=-1):
            raise CertificateError("read a decomposition", "the dimension is wrong", "recompute it")
        primes = [c["prime"] for c in parts]
        return (
            Outline(
                "inside",
                "every component lies in the fiber",
                {"params": detail["params"], "primes": primes},
            ),
            Outline(
                "complete",
                f"the fiber has {len(parts)} irreducible components over QQ, of dimension {value}",
                {"components": parts, "engine": detail["engine"]},
            ),
        )

    @property
    def component_dimensions(self) -> list[int]:
        return sorted(
            c["dimension"] for c in self.detail["components"] for _ in range(c["conjugates"] or 1)
        )

    def sentence(self) -> str:
        n = len(self.detail["components"])
        where = "(A, V)" if self.detail["params"] == "AV" else "(K, Q, V)"
        return (
            f"The fiber in {where} has dimension {self.value} and {n} component{'s' * (n != 1)} "
            f"over QQ (decomposed by {self.detail['engine']})"
        )

    def lines(self) -> list[str]:
        out = []
        for n, c in enumerate(self.detail["components"], 1):
            more = f", {c['conjugates']} over C" if c["conjugates"] else ""
            out.append(f"component {n}: dimension {c['dimension']}, degree {c['degree']}{more}")
        return out


@register
@dataclass(frozen=True)
class Inside(Evidence):
    """Every equation of the fiber is divided by each prime without remainder."""

    kind: ClassVar[str] = "fiberideal.inside"
    supports = about("fiberideal.decomposition", "inside")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "inside":
            raise self.fail("it can only prove that components lie in the fiber")
        p = Problem.of(problem)
        ring, equations = fiber_equations(p.network, p.weights, claim.value["params"])
        key = order_key("degrevlex", (1,) * len(ring.names))
        for texts in claim.value["primes"]:
            prime = [read_polynomial(t, ring, ring.names) for t in texts]
            if any(normal_form(g, prime, key) for g in equations):
                raise self.fail("an equation does not vanish on a component")


@register
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system decomposed the ideal; nobody repeats it here."""

    kind: ClassVar[str] = "fiberideal.reported"
    supports = about("fiberideal.decomposition", "complete")
    strength: ClassVar[Status] = Status.PROBABLE

    engine: str
    version: str

    def summary(self) -> str:
        return f"decomposed by {self.engine} {self.version}"

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "complete" or claim.value["engine"] != f"{self.engine} {self.version}":
            raise self.fail("another engine is named in the claim")
        for c in thaw(claim.value["components"]):
            if type(c["dimension"]) is not int or c["dimension"] < 0:
                raise self.fail("a component has no dimension")
