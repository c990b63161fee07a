"""The fiber of a network as an ideal, decomposed by a computer algebra system.

The structural answer is :meth:`algattn.Lightning.fiber`; this is the second route to it, and works
for every small network, deep ones included.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import comb
from typing import ClassVar, Literal

from algattn.arguments import checked
from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.engines import (
    Component,
    Dimension,
    MinimalPrimes,
    PrimaryDecomposition,
    choose,
    solve,
)
from algattn.engines.division import Division
from algattn.engines.leading import (
    degree_of,
    hilbert_numerator,
    monomial_dimension,
    normal_form,
    order_key,
)
from algattn.errors import DisagreementError, FieldError, LimitError, UndecidedError
from algattn.exact import QQ, Polynomial, PolynomialRing
from algattn.groebner.naming import names_engine
from algattn.groebner.polynomial_map import read_all, spell
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    decode,
    register,
)
from algattn.symbolic.parameters import parameter_blocks
from algattn.symbolic.parametrization import parametrize
from algattn.words import one_of

MAX_WORK = 400_000
MAX_MINORS = 20_000


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
    one_of(params, ("AV", "QKV"), asked, "params")
    if weights.field != QQ:
        raise FieldError(asked, f"the weights live in {weights.field}", "use rational weights")
    phi = parametrize(network, params)
    here = parametrize(network, weights.form).evaluate(weights)
    equations = [p - here[label] for label, p in phi.polynomials()]
    ring = phi.ring
    if params == "AV":
        for block in phi.blocks.values():
            rank, d = network.ranks[block.layer - 1], block.shape[0]
            if block.name == "A" and rank < d:
                if (many := comb(d, rank + 1) ** 2) > MAX_MINORS:
                    raise LimitError(
                        asked,
                        f"A has {many} minors of size {rank + 1}, above the limit {MAX_MINORS}",
                        'params="QKV", which needs none',
                    )
                entries = [ring.gen(name) for name, _, _ in block.entries]
                equations += minors([entries[i * d : i * d + d] for i in range(d)], rank + 1)
    seen: dict[str, Polynomial] = {str(g): g for g in equations if g}
    return ring, list(seen.values())


def unknowns(network: Architecture, params: str) -> str:
    """The matrices of unknowns, such as (A, V)."""
    return f"({', '.join(dict.fromkeys(b.name for b in parameter_blocks(network, params)))})"


@checked
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
        n = len(self.generators)
        where = unknowns(self.network, self.params)
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
        components = tuple(
            FiberComponent(c.dimension, c.degree, c.conjugates, spell(c.prime)) for c in parts
        )
        return FiberDecomposition.assemble(
            Problem(self.network, self.weights),
            max((c.dimension for c in parts), default=-1),
            {"inside": [Inside()], "complete": [Reported(chosen.name, chosen.version())]},
            params="AV" if self.params == "AV" else "QKV",
            components=components,
            engine=f"{chosen.name} {chosen.version()}",
        )

    def agrees(
        self,
        *,
        absolute: bool | None = None,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> bool:
        """Whether the structural answer of ``network.fiber`` says the same.

        Compares the dimensions of all complex components (of their number over QQ, where the
        engine does not count complex ones).

        Raises
        ------
        DisagreementError
            With both answers.
        """
        from algattn.fibers.results import fiber

        found = self.decompose(absolute=absolute, engine=engine, time_limit=time_limit)
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


@dataclass(frozen=True)
class FiberComponent:
    """A component over QQ: its prime in texts, and how many components it has over C, if known."""

    dimension: int
    degree: int
    conjugates: int | None
    prime: tuple[str, ...]


@register
@dataclass(frozen=True, repr=False)
class FiberDecomposition(ListLike, Result):
    """The components of a fiber, found by a computer algebra system.

    Attributes
    ----------
    value : int
        The dimension of the fiber (-1: it has no points).
    params : {"AV", "QKV"}
    components : tuple of FiberComponent
    engine : str
    component_dimensions : list of int
        Sorted; each component counts as often as it has conjugates over C, where that is known.
    """

    problem: Problem
    value: int
    params: Literal["AV", "QKV"]
    components: tuple[FiberComponent, ...]
    engine: str

    kind: ClassVar[str] = "fiberideal.decomposition"
    title: ClassVar[str] = "Which weights give this function, by Groebner basis?"
    lists: ClassVar[str] = "components"
    claim_names: ClassVar[tuple[str, ...]] = (
        "inside",
        "complete",
    )

    def outline(self) -> tuple[Outline, ...]:
        parts, network, weights = self.components, self.problem.network, self.problem.weights
        if self.problem != Problem(network, weights) or not names_engine(self.engine):
            return ()
        if self.value != max((c.dimension for c in parts), default=-1):
            return ()
        return (
            Outline(
                "inside",
                "every component lies in the fiber",
                {"params": self.params, "primes": [c.prime for c in parts]},
            ),
            Outline(
                "complete",
                f"the fiber has {len(parts)} irreducible components over QQ, of dimension "
                f"{self.value}",
                {"params": self.params, "components": parts, "engine": self.engine},
            ),
        )

    @property
    def component_dimensions(self) -> list[int]:
        return sorted(c.dimension for c in self.components for _ in range(c.conjugates or 1))

    def sentence(self) -> str:
        n = len(self.components)
        where = unknowns(self.problem.network, self.params)
        return (
            f"The fiber in {where} has dimension {self.value} and {n} component{'s' * (n != 1)} "
            f"over QQ (decomposed by {self.engine})"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for n, c in enumerate(self.components, 1):
            more = f", {c.conjugates} over C" if c.conjugates else ""
            yield CardRow(f"component {n}:", f"dimension {c.dimension}, degree {c.degree}{more}")


@register
@dataclass(frozen=True)
class Inside(Evidence):
    """Every equation of the fiber is divided by each prime without remainder."""

    kind: ClassVar[str] = "fiberideal.inside"
    supports = about("fiberideal.decomposition", "inside")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Problem, claim: Claim) -> None:
        ring, equations = fiber_equations(problem.network, problem.weights, claim.value["params"])
        key = order_key("degrevlex", (1,) * len(ring.names))
        for texts in claim.value["primes"]:
            prime = read_all(texts, ring)
            if any(normal_form(g, prime, key) for g in equations):
                raise self.fail("an equation does not vanish on a component")


@register
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system decomposed the ideal; nobody repeats it here.

    That the components have the dimensions and degrees that it says, that none contains another,
    and that their dimensions are those of the structural answer, where there is one, is checked.
    """

    kind: ClassVar[str] = "fiberideal.reported"
    supports = about("fiberideal.decomposition", "complete")
    strength: ClassVar[Status] = Status.PROBABLE

    engine: str
    version: str

    def summary(self) -> str:
        return f"decomposed by {self.engine} {self.version}"

    def check(self, problem: Problem, claim: Claim) -> None:
        params, said = claim.value["params"], f"{self.engine} {self.version}"
        self.expect(claim.value["engine"], said, "another engine is named in the claim")
        ring, _ = fiber_equations(problem.network, problem.weights, params)
        parts = [decode(FiberComponent, c) for c in claim.value["components"]]
        if not parts:
            raise self.fail("the weights themselves lie in the fiber")
        primes = [read_all(c.prime, ring) for c in parts]
        for c, prime in zip(parts, primes, strict=True):
            if c.conjugates is not None and (c.conjugates < 1 or c.degree % c.conjugates):
                raise self.fail("conjugate components have equal degrees")
            if (found := _size(prime)) not in (None, (c.dimension, c.degree)):
                raise self.fail(f"dimension and degree of a component are {found}")
        if any(_contains(p, q) for p, q in permutations(primes, 2)):
            raise self.fail("a component lies in another")
        if not _as_by_structure(problem, params, parts):
            raise self.fail("the structural answer is another one")


def _division(basis: Sequence[Polynomial]) -> Division | None:
    """Division by a Groebner basis; None for another list, or where it takes too long to tell."""
    weights = (1,) * len(basis[0].ring.names)
    try:
        division = Division(basis, "degrevlex", weights, MAX_WORK)
        return None if division.open_pair() else division
    except LimitError:
        return None


def _size(prime: Sequence[Polynomial]) -> tuple[int, int] | None:
    """Dimension and degree of a zero set, where the polynomials are seen to be a Groebner basis."""
    division = _division(prime) if prime else None
    if division is None:
        return None
    heads, n = [division.exponents(h) for h in division.heads], len(prime[0].ring.names)
    dimension = monomial_dimension(heads, n)
    return dimension, degree_of(hilbert_numerator(heads, (1,) * n), n, dimension)


def _contains(prime: Sequence[Polynomial], other: Sequence[Polynomial]) -> bool:
    """Whether the zero set of one prime is seen to contain that of another."""
    division = _division(other) if other else None
    try:
        return division is not None and all(map(division.to_zero, prime))
    except LimitError:
        return False


def _as_by_structure(problem: Problem, params: str, parts: Sequence[FiberComponent]) -> bool:
    """Whether the complex components have the dimensions that the structure gives, if it does."""
    from algattn.fibers.deep import NATIVE_FIBERS
    from algattn.fibers.results import fiber

    if not NATIVE_FIBERS.covers(problem.network):
        return True
    try:
        known = fiber(problem.network, problem.weights, params)
    except UndecidedError:
        return True
    if known.complex_components is None:  # of deep networks sometimes the dimension alone is known
        return known.value is None or known.value == max(c.dimension for c in parts)
    wanted = sorted(c.dimension or 0 for c in known.components)
    found = sorted(c.dimension for c in parts for _ in range(c.conjugates or 1))
    if any(c.conjugates is None for c in parts):  # it counted components over QQ
        return set(found) == set(wanted) and len(found) <= len(wanted)
    return found == wanted
