"""The derivation of a parametrization as a result: the polynomials, and a second route to them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar, Literal

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.attention.coordinates import NATURAL, Coordinates, OutputKey, label_name
from algattn.attention.expansion import Lazy, Ring, lightning_output
from algattn.attention.problem import Problem
from algattn.errors import CertificateError, DisagreementError, LimitError
from algattn.exact import GF, QQ, Polynomial, PolynomialRing, is_prime, word_prime
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)
from algattn.symbolic.expansion import column_size, evaluator
from algattn.symbolic.parameters import (
    FREE_A,
    formula_layers,
    layers_of,
    own_params,
    parameter_blocks,
    unbounded,
)
from algattn.symbolic.parametrization import Parametrization, parametrize

MAX_LISTED = 500
MAX_QUICK = 20_000
MAX_RECOMPUTED = 200_000
MAX_EXPONENTS = 8_000_000
MAX_TRIALS = 20
MAX_COLUMN = 2_000_000


def polynomials_digest(named: Iterable[Sequence[Any]]) -> str:
    """SHA-256 of the lines ``name = polynomial``, in order.

    >>> polynomials_digest([("c_1_1_1_1", "a_1_1*v_1_1")])[:12]
    '8e7ee1369d53'
    """
    digest = hashlib.sha256()
    for name, text in named:
        digest.update(f"{name} = {text}\n".encode())
    return digest.hexdigest()


def network_column(
    network: Architecture, params: str, point: Iterable[Any], X: Any, c: int = 0
) -> list[Any]:
    """A column of the output at X by the one formula, over any ring.

    Parameters
    ----------
    point : iterable
        The values of the parameters, in the order of the parametrization.
    X : nested lists, d x t
        With entries that can be added to and multiplied with those of `point`.
    c : int
        Which column, from 0.

    Examples
    --------
    >>> network_column(Architecture((2, 1), 2, 1), "AV", [1, 0, 0, 1, 2, 3], [[1], [1]])
    [10]
    """
    ring, d, t = Ring(), network.d_in, network.tokens
    layers = [
        {key: Lazy.of(rows, ring) for key, rows in layer.items()}
        for layer in layers_of(network, params, point)
    ]
    identity = Lazy((d, d), lambda i, j: int(i == j), ring)
    shapes, blocks = formula_layers(network, params, layers, identity)
    out = lightning_output(shapes, blocks, Lazy.of(X, ring), Lazy((1, t), lambda *_: 1, ring))
    return [out[r, c] for r in range(network.d_out)]


def recompute(network: Architecture, params: str) -> Iterator[tuple[OutputKey, Any]]:
    """``((row, column, monomial of X), polynomial)`` by one polynomial in everything.

    The formula is expanded with ring arithmetic in one ring that holds the entries of X and the
    parameters, and then split; the route is independent of the fast one.  Only the columns that
    the coordinates look at are made.
    """
    target = parametrize(network, params).ring
    d, t = network.d_in, network.tokens
    entries = tuple(f"x_{i + 1}_{j + 1}" for i in range(d) for j in range(t))
    big = PolynomialRing(QQ, entries + target.names)
    gens = big.gens()
    X = [list(gens[i * t : (i + 1) * t]) for i in range(d)]
    for c in range(Coordinates.of(network).columns):
        for r, total in enumerate(network_column(network, params, gens[d * t :], X, c)):
            parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
            for exponents, value in big(total).flint.to_dict().items():
                parts.setdefault(exponents[: d * t], {})[exponents[d * t :]] = value
            for exponents, terms in parts.items():
                monomial = tuple((*divmod(n, t), e) for n, e in enumerate(exponents) if e)
                yield (r, c, monomial), Polynomial(target, target.context.from_dict(terms))


def can_recompute(network: Architecture, params: str) -> bool:
    """Whether the plain expansion takes seconds, not more.

    >>> can_recompute(Architecture((2, 2, 2), 2, 2), "AV")
    True
    >>> can_recompute(Architecture((3, 3, 3), 3, 2), "AV")
    False
    """
    parameters = sum(b.size for b in parameter_blocks(network, params))
    terms = column_size(network, params)
    exponents = terms * (network.d_in * network.tokens + parameters)
    return terms <= MAX_RECOMPUTED and exponents <= MAX_EXPONENTS


def quick_params(network: Architecture) -> Literal["AV", "QKV"] | None:
    """Parameters in which deriving takes a few seconds at most: those of the network, or AV.

    A report leaves larger parametrizations out.

    >>> quick_params(Architecture((8, 8), 8)), quick_params(Architecture((2, 1), 1))
    ('AV', 'QKV')
    >>> quick_params(Architecture((2, 2, 1), (2, 1))), quick_params(Architecture((4,) * 4, 4))
    ('AV', None)
    """
    if NATURAL.covers(network) and Coordinates.of(network).count > MAX_QUICK:
        return None
    forms: list[Literal["AV", "QKV"]] = [own_params(network)]
    forms += ["AV"] if FREE_A.covers(network) else []
    return next((p for p in forms if column_size(network, p) <= MAX_RECOMPUTED), None)


def _listing(phi: Parametrization) -> Iterator[tuple[str, str]]:
    return ((label_name(label), str(p)) for label, p in phi.polynomials())


@register
@dataclass(frozen=True, repr=False)
class DerivationResult(Result):
    """The coordinates of a network as polynomials in its parameters.

    Attributes
    ----------
    value : int
        How many coordinates are not zero as polynomials.
    polynomials : tuple of (name, text) or None
        None when there are more than 500.
    digest : str
        SHA-256 of all of them, listed or not.
    """

    problem: Problem
    value: int
    params: Literal["AV", "QKV", "virtual"]
    variables: tuple[str, ...]
    digest: str
    polynomials: tuple[tuple[str, str], ...] | None

    kind: ClassVar[str] = "parametrization.derivation"
    title: ClassVar[str] = "What are the coefficients of the function as polynomials?"
    claim_names: ClassVar[tuple[str, ...]] = ("polynomials",)
    shown: ClassVar[tuple[str, ...]] = ("parameters",)

    def outline(self) -> tuple[Outline, ...]:
        listed = self.polynomials
        if (listed is None) != (self.value > MAX_LISTED):
            return ()
        if listed is not None and (
            len(listed) != self.value or polynomials_digest(listed) != self.digest
        ):
            return ()
        return (
            Outline(
                "polynomials",
                f"the coordinates are {self.value} polynomials in {self.parameters} parameters, "
                f"with digest {self.digest[:12]}",
                {
                    "params": self.params,
                    "variables": self.variables,
                    "parameters": self.parameters,
                    "digest": self.digest,
                    "coordinates": self.value,
                },
            ),
        )

    @property
    def network(self) -> Architecture:
        return self.problem.network

    @property
    def parameters(self) -> int:
        """How many parameters the polynomials have."""
        return len(self.variables)

    def parametrization(self) -> Parametrization:
        """The polynomials as objects, derived again."""
        return parametrize(self.network, self.params)

    def sentence(self) -> str:
        n, p = self.value, self.parameters
        free, chance = unbounded(self.network, self.params), ""
        free = free and f", {free}"
        for item in self.evidence:
            if isinstance(item, SampledIdentity):
                chance = f" (compared at random points: seed {item.seed}, prime {item.prime})"
        return (
            f"{self.network!r} has {n} coordinate{'s' * (n != 1)}, polynomials in "
            f"{p} parameter{'s' * (p != 1)} ({self.params}{free}){chance}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        if self.polynomials is None:
            yield CardRow(f"more than {MAX_LISTED} polynomials:", "see net.parametrization()")
        yield from (CardRow(f"{name} =", text) for name, text in self.polynomials or ())

    def formula(self) -> str:
        return self.parametrization().latex()


def _claimed(evidence: Evidence, problem: Problem, claim: Claim) -> Parametrization:
    """The parametrization of the problem, once it is the one of which the claim speaks."""
    try:
        phi = parametrize(problem.network, claim.value["params"])
    except LimitError as error:
        raise evidence.fail(error.wrong) from error
    names = list(phi.parameters)
    said = {name: claim.value[name] for name in ("variables", "parameters", "coordinates")}
    found = {"variables": names, "parameters": len(names), "coordinates": len(phi)}
    evidence.expect(said, found, "the parameters or coordinates are not those of the network")
    return phi


def _compare_digest(evidence: Evidence, phi: Parametrization, claim: Claim) -> None:
    if polynomials_digest(_listing(phi)) != claim.value["digest"]:
        raise evidence.fail("the polynomials have another digest")


@declare(
    "parametrization.recomputed", about("parametrization.derivation", "polynomials"), Status.PROVED
)
@dataclass(frozen=True)
class Recomputed(Evidence):
    """The composed matrix product, expanded in one ring, has these polynomials."""

    route: str = "matrix product"

    def check(self, problem: Problem, claim: Claim) -> None:
        phi = _claimed(self, problem, claim)
        self.compare(phi)
        _compare_digest(self, phi, claim)

    def compare(self, phi: Parametrization) -> None:
        """Expand the matrix product and compare polynomial by polynomial."""
        network = phi.network
        if self.route != "matrix product":
            raise self.fail(f"the route {self.route!r} is not known")
        if not can_recompute(network, phi.params):
            raise self.fail("the matrix product is too long to expand")
        here = phi.coordinates
        first = dict(chain.from_iterable(phi.column_coefficients(here.columns)))
        second = dict(recompute(network, phi.params))
        if first.keys() != second.keys():
            raise self.fail("the two routes have different monomials")
        for key, p in second.items():
            if first[key] != p:
                raise self.fail(f"the two routes differ at {label_name(here.label(*key))}")
        for label, p in phi.polynomials():
            if second[here.at(label)] != p:
                raise self.fail(f"the two routes differ at {label_name(label)}")


@declare(
    "parametrization.sampled", about("parametrization.derivation", "polynomials"), Status.PROBABLE
)
@dataclass(frozen=True)
class SampledIdentity(Evidence):
    """The polynomials give the value of the network at random weights and inputs modulo a prime."""

    prime: int
    seed: int
    trials: int

    def check(self, problem: Problem, claim: Claim) -> None:
        phi = _claimed(self, problem, claim)
        self.compare(phi)
        _compare_digest(self, phi, claim)

    def compare(self, phi: Parametrization) -> None:
        """Evaluate the polynomials and the network at random points."""
        if not 2**30 < self.prime < 2**63 or not is_prime(self.prime):
            raise self.fail(f"{self.prime} is not a prime between 2^30 and 2^63")
        if not 1 <= self.trials <= MAX_TRIALS:
            raise self.fail(f"{self.trials} trials; wanted 1 to {MAX_TRIALS}")
        rng = random.Random(f"algattn derivation {self.seed}")
        for _ in range(self.trials):
            self._trial(phi, rng)

    def _trial(self, phi: Parametrization, rng: random.Random) -> None:
        network, field = phi.network, GF(self.prime)
        d, t = network.d_in, network.tokens
        point = [field(rng.randrange(self.prime)) for _ in phi.parameters]
        X = [[field(rng.randrange(self.prime)) for _ in range(t)] for _ in range(d)]
        columns = phi.coordinates.columns
        sums = [[field.zero] * network.d_out for _ in range(columns)]
        values: dict[int, Any] = {}
        value = evaluator(point, field)
        for (r, c, monomial), p in chain.from_iterable(phi.column_coefficients(columns)):
            term = values.get(id(p))
            if term is None:
                term = values[id(p)] = value(p.flint)
            for i, j, e in monomial:
                term = term * X[i][j] ** e
            sums[c][r] = sums[c][r] + term
        for c, column in enumerate(sums):
            if column != network_column(network, phi.params, point, X, c):
                raise self.fail("polynomials and network differ at a point")


@checked
def derive(network: Architecture, params: str | None = None, *, seed: int = 0) -> DerivationResult:
    """The polynomials along two routes; see ``Lightning.derive``."""
    phi = parametrize(network, params)
    params = phi.params
    terms = column_size(network, params)
    if phi.coordinates.natural and terms > MAX_COLUMN:
        raise LimitError(
            f"compare two derivations of {network!r}",
            f"one column of the output has {terms} terms, above the limit {MAX_COLUMN}",
            "net.parametrization(); or tokens=2, where one layer has the same coordinates as for "
            "any number of tokens from 2 on",
        )
    listing = list(_listing(phi)) if len(phi) <= MAX_LISTED else None
    evidence: Recomputed | SampledIdentity
    if can_recompute(network, params):
        evidence = Recomputed()
    else:
        evidence = SampledIdentity(word_prime(), seed, 2)
    try:
        evidence.compare(phi)
    except CertificateError as error:
        raise DisagreementError(
            f"derive the parametrization of {network!r}",
            error.wrong,
            "report this, with the network",
            phi,
        ) from error
    return DerivationResult.assemble(
        Problem(network),
        len(phi),
        {"polynomials": [evidence]},
        params=params,
        variables=phi.parameters,
        digest=polynomials_digest(_listing(phi) if listing is None else listing),
        polynomials=listing,
    )
