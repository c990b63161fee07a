"""Smooth points by equations: enough independent differentials of polynomials that vanish.

The Zariski tangent space has at least the dimension of the variety.  Equations whose differentials
at the point have rank N - dim bound it from above; they need not generate the ideal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import label_name, natural_count, natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.attention.problem import Problem
from algattn.engines.text import read_polynomial
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.formulas.one_layer import layer_dimension
from algattn.results import Claim, Evidence, Status, about, declare
from algattn.singularities.theorem import SINGULAR

#: Coordinates up to which equations are looked for, and their degree.
SMALL, MAX_DEGREE = 18, 4


def coordinate_ring(network: Architecture) -> PolynomialRing:
    """The ring of the natural coordinates, ``c_1_1_1_1`` and so on."""
    labels = natural_labels(network.d_in, network.d_out, network.tokens)
    return PolynomialRing(QQ, tuple(map(label_name, labels)))


def images(network: Architecture) -> list[Polynomial]:
    """Every coordinate as a polynomial in K, Q and V; the complex image is dense in the closure."""
    d, e, a = network.d_in, network.d_out, min(network.ranks[0], network.d_in)
    names = [f"k{m}_{i}" for m in range(a) for i in range(d)]
    names += [f"q{m}_{i}" for m in range(a) for i in range(d)]
    names += [f"v{r}_{i}" for r in range(e) for i in range(d)]
    gens = PolynomialRing(QQ, tuple(names)).gens()
    K = [gens[m * d : (m + 1) * d] for m in range(a)]
    Q = [gens[(a + m) * d : (a + m + 1) * d] for m in range(a)]
    V = [gens[(2 * a + r) * d : (2 * a + r + 1) * d] for r in range(e)]
    zero = gens[0] * 0
    A = [[sum((K[m][i] * Q[m][j] for m in range(a)), zero) for j in range(d)] for i in range(d)]
    values = dict(natural_coefficients(A, V, network.tokens))
    return [values[label] for label in natural_labels(d, e, network.tokens)]


def gradient_at(g: Polynomial, point: Mapping[str, Any]) -> list[Any]:
    """All derivatives of g at a rational point."""
    names, at = g.ring.names, list(point.values())
    rows = [QQ(0)] * len(names)
    for exponents, c in g.terms():
        for i, e in enumerate(exponents):
            if not e:
                continue
            term = c * e
            for x, n in zip(at, [*exponents[:i], e - 1, *exponents[i + 1 :]], strict=True):
                term *= x**n
            rows[i] += term
    return rows


def codimension(network: Architecture) -> int:
    """Of the closure in the space of coordinates."""
    d, e, a, t = network.d_in, network.d_out, network.ranks[0], network.tokens
    return len(coordinate_ring(network).names) - layer_dimension(d, e, a, t)


def _point(network: Architecture, function: FunctionMap) -> dict[str, Any]:
    return dict(zip(coordinate_ring(network).names, map(QQ, function.vector()), strict=True))


@declare("point.differentials", about("point.one-layer", "singular"), Status.PROVED)
@dataclass(frozen=True)
class Differentials(Evidence):
    """Equations of the image with enough independent differentials at the function."""

    equations: tuple[str, ...]

    def summary(self) -> str:
        return f"{len(self.equations)} equations with independent differentials"

    def check(self, problem: Problem, claim: Claim) -> None:
        if (claim.name, claim.value) != ("singular", "smooth"):
            raise self.fail("differentials can only prove that a point is smooth")
        network = problem.under(SINGULAR)
        point, ring, polys = _point(network, problem.function()), coordinate_ring(network), []
        for text in self.equations:
            g = read_polynomial(text, ring, ring.names)
            self.expect(text, str(g), "an equation is spelled in another way")
            polys.append(g)
        parametrization = images(network)
        if any(g.compose(*parametrization) for g in polys):
            raise self.fail("an equation does not vanish on the image")
        rank = Matrix(QQ, [gradient_at(g, point) for g in polys]).rank() if polys else 0
        if rank != codimension(network) or rank != len(polys):
            raise self.fail(f"the differentials have rank {rank}, not N - dim, or are dependent")


def is_small(network: Architecture) -> bool:
    """Whether equations are looked for."""
    return natural_count(network.d_in, network.d_out, network.tokens) <= SMALL


@lru_cache(maxsize=32)
def _equations(network: Architecture, degree: int) -> tuple[Polynomial, ...]:
    """Minimal generators of exactly this degree."""
    from algattn.groebner.results import ideal

    return tuple(g for g in ideal(network, degree).generators if g.degree() == degree)


def find_differentials(network: Architecture, function: FunctionMap) -> Differentials | None:
    """Equations of low degree for a small layer that prove a smooth point; None: none found."""
    if not is_small(network):
        return None
    wanted, point = codimension(network), _point(network, function)
    texts: list[str] = []
    rows: list[list[Any]] = []
    for degree in range(2, MAX_DEGREE + 1):
        if len(rows) == wanted:
            break
        for g in _equations(network, degree):
            if len(rows) == wanted:
                break
            trial = [*rows, gradient_at(g, point)]
            if Matrix(QQ, trial).rank() == len(trial):
                rows, texts = trial, [*texts, str(g)]
    return Differentials(tuple(texts)) if len(rows) == wanted else None
