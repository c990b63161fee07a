"""Relations among monomials in the coordinates of a map, modulo a prime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from algattn.errors import FieldError
from algattn.exact import Polynomial
from algattn.maps.kernels import Array, Kernel, kernel_of, kind
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.residues import POINTWISE, Residues, roots

#: Points beyond the number of monomials.
SPARE = 6

Monomial = tuple[int, ...]  # sorted indices of coordinates, repeated


class MonomialKernels:
    """Kernels of the values of monomials at random points modulo a prime, or of their images.

    Parameters
    ----------
    phi : PolynomialMap
        Over QQ, a number field, or GF(prime); polynomials or quotients.
    prime : int
        That divides no denominator; modulo which the minimal polynomial of a number field has a
        root.
    seed : int
        For the points.
    root : int, optional
        The value of the generator of a number field; the least root unless given.
    degrees : sequence of int, optional
        Of the coordinates, where they are quotients: monomials have one degree.

    Examples
    --------
    >>> work = MonomialKernels(PolynomialMap(["t^2", "t^3"]), 2**31 - 1)
    >>> work.kernel([(0, 0), (0, 0, 0), (1, 1)]).vector(0)
    {1: 2147483646, 2: 1}
    """

    def __init__(
        self,
        phi: PolynomialMap,
        prime: int,
        seed: int = 0,
        root: int | None = None,
        degrees: Sequence[int] = (),
    ) -> None:
        self.phi = phi
        self.prime = prime
        self.seed = seed
        self.roots = roots(phi, prime)
        if not self.roots:
            wrong = f"the minimal polynomial of {phi.field} has no simple root"
            raise FieldError(f"reduce a map modulo {prime}", wrong, "another prime")
        self.root = self.roots[0] if root is None else root
        self._homogeneous = tuple(degrees) or (1,) * len(phi.numerators)

    @cached_property
    def _residues(self) -> Residues:
        return Residues(self.phi, self.prime, self.seed, self.root)

    def _matrix(self, monomials: Sequence[Monomial]) -> Array:
        if self.prime not in POINTWISE:
            # small fields have too few points, products in large ones overflow
            return self._coefficients(monomials)
        values = self._residues.values(len(monomials) + SPARE).T
        values = np.concatenate([values, np.ones_like(values[:1])])
        longest = max(map(len, monomials))
        one = len(values) - 1
        factors = np.array([m + (one,) * (longest - len(m)) for m in monomials], dtype=np.intp)
        columns = values[factors[:, 0]] if longest else np.ones_like(values[[one] * len(monomials)])
        for k in range(1, longest):
            columns = columns * values[factors[:, k]] % self.prime
        return columns.T

    @cached_property
    def _images(self) -> dict[Monomial, Polynomial]:
        images = self._residues.images(self._homogeneous)
        return {(): images[0].ring(1)} | {(j,): p for j, p in enumerate(images)}

    def _image(self, monomial: Monomial) -> Polynomial:
        if monomial not in self._images:
            found = self._image(monomial[:-1]) * self._images[monomial[-1:]]
            self._images[monomial] = found
        return self._images[monomial]

    def _coefficients(self, monomials: Sequence[Monomial]) -> Array:
        images = [dict(self._image(m).flint.to_dict()) for m in monomials]
        keys = {e: i for i, e in enumerate({e for image in images for e in image})}
        rows = np.zeros((max(len(keys), 1), len(monomials)), dtype=kind(self.prime))
        for j, image in enumerate(images):
            for e, c in image.items():
                rows[keys[e], j] = int(c)
        return rows

    def kernel(self, monomials: Sequence[Monomial]) -> Kernel:
        """Candidates for the equations among these monomials: a reduced basis modulo the prime."""
        if len(monomials) == 1 and all(self.phi.numerators[j] for j in monomials[0]):
            # a product of polynomials that are not zero
            return Kernel([0], [], np.zeros((1, 0), dtype=kind(self.prime)))
        return kernel_of(self._matrix(monomials), self.prime)
