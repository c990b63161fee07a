"""What is asked of ideals: components, dimension, degree, Hilbert series, resolution."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from time import monotonic

from algattn.arguments import checked
from algattn.engines import (
    Answer,
    Check,
    Degree,
    Dimension,
    FreeResolution,
    HilbertSeries,
    answer,
)
from algattn.engines.leading import hilbert_numerator, minimal_monomials
from algattn.errors import HypothesisError
from algattn.exact import NumberField, PolynomialRing
from algattn.groebner.decompose import decompose
from algattn.groebner.decomposition import Decomposition
from algattn.groebner.finder import Finder
from algattn.groebner.ideal_base import IdealBase, sure, verified
from algattn.groebner.ideal_guards import Ledger, euler, homogeneous
from algattn.groebner.primary import seconds_left
from algattn.groebner.systems import System


class Size(int):
    """A number that an engine helped to find, with the checks that it passed.

    Attributes
    ----------
    check : Check
    """

    check: Check

    def __new__(cls, value: int, check: Check) -> Size:
        made = super().__new__(cls, value)
        made.check = check
        return made


@checked
class IdealQuestions(IdealBase):
    """The questions about ideals, besides dimension and degree."""

    # --- components ----------------------------------------------------------------------------

    def minimal_primes(
        self,
        *,
        absolute: bool = False,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> Decomposition:
        """The smallest primes over the ideal: the irreducible components of its zeros.

        Parameters
        ----------
        absolute : bool
            Also count the components over an algebraic closure.
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Decomposition
            A list of components with ``.prime``; PROVED where all certificates are found, else
            PROBABLE: the engine's word.

        Raises
        ------
        EngineNotFoundError
            Without Singular and Macaulay2, unless the generators show their components.

        Examples
        --------
        >>> from algattn import Ideal
        >>> found = Ideal(["x^2*y - y"]).minimal_primes()
        >>> [c.prime for c in found], found.status.name
        ([('x+1',), ('x-1',), ('y',)], 'PROVED')
        """
        return decompose(
            Decomposition,
            self._problem,
            primes_only=True,
            absolute=absolute,
            engine=engine,
            time_limit=time_limit,
        )

    def primary_decomposition(
        self,
        *,
        absolute: bool = False,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> Decomposition:
        """Primary ideals whose intersection is the ideal, embedded ones included.

        Parameters
        ----------
        absolute : bool
            Also count the components over an algebraic closure.
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Decomposition
            With ``.reduced``, ``.embedded``, and the multiplicity of each component.

        Examples
        --------
        >>> from algattn import Ideal
        >>> found = Ideal(["x^2", "x*y"]).primary_decomposition()
        >>> [(c.prime, c.multiplicity, c.embedded) for c in found], found.reduced
        ([(('x',), 1, False), (('y', 'x'), 2, True)], False)
        """
        return decompose(
            Decomposition,
            self._problem,
            absolute=absolute,
            engine=engine,
            time_limit=time_limit,
        )

    def hilbert_series(
        self,
        weights: Sequence[int] | None = None,
        *,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> Answer:
        """The Hilbert series of the quotient by a homogeneous ideal.

        Parameters
        ----------
        weights : sequence of int, optional
            Degrees of the variables; those of the ring unless given (without theta).
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Answer
            ``.value`` is ``(h_0, h_1, ..)`` with the series ``sum h_i T^i / prod (1 - T^w)``.
        """
        own = self.ring.weights if weights is None else tuple(weights)
        if not isinstance(self._over, NumberField):
            task = HilbertSeries(self._equations, own, ring=self._problem.ring)
            return answer(task, engine, time_limit=time_limit)
        ring, asked = self._problem.ring, "find a Hilbert series"
        k = len(ring.names) - 1
        # which refuses weights that are not positive, and another number of them
        small = PolynomialRing(ring.field, ring.names[:k])
        own = HilbertSeries((), own[:k] if weights is None else own, ring=small).weights
        if not homogeneous(self._problem.generators, (*own, 0)):
            raise HypothesisError(asked, "a generator is not homogeneous", "other weights")
        finder = Finder(engine, time_limit)
        basis = finder.basis(self._equations, ring, k)
        ledger = Ledger()
        ledger.note("the generators reduce to zero", lambda: basis.reduces(self._equations))
        ledger.note("the S-pairs reduce to zero", lambda: basis.closed)
        plain_basis = self._known(asked, engine, finder.left)
        ledger.note("it is a basis of the ideal", lambda: plain_basis.reduces(basis.polys) or None)
        heads = [h[:k] for h in basis.heads if any(h[:k])]
        if any(not any(h) for h in basis.heads):
            heads = [(0,) * k]
        value = hilbert_numerator(minimal_monomials(heads), own)
        return Answer(value, self._verified(engine, None)[1].engine, ledger.check)

    def resolution(
        self,
        weights: Sequence[int] | None = None,
        *,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> Answer:
        """The minimal free resolution of the quotient by a homogeneous ideal.

        Parameters
        ----------
        weights : sequence of int, optional
            Degrees of the variables; those of the ring unless given.
        engine : str, optional
            "singular" or "macaulay2".
        time_limit : float or None
            Seconds.

        Returns
        -------
        Answer
            ``.value`` is a :class:`~algattn.engines.Resolution`.  That neighbours have product
            zero, that it is minimal, starts with generators, and has the alternating sum that the
            leading monomials tell, is checked; that it is exact is the engine's word.
        """
        asked, end = "find a free resolution", inf if time_limit is None else monotonic()
        end += time_limit or 0
        if isinstance(self._over, NumberField):
            raise HypothesisError(asked, f"the ideal is over {self._over}", "over QQ or GF(p)")
        own = self.ring.weights if weights is None else tuple(weights)
        task = FreeResolution(self._equations, own, ring=self._problem.ring)
        found = answer(task, engine, time_limit=time_limit)
        value, basis = found.value, self._known(asked, engine, seconds_left(end))
        if not value.matrices:
            return found

        def second() -> Check:
            ledger = Ledger(list(found.check.passed))
            gens = value.matrices[0][0] if value.matrices else ()
            first = verified(System(basis.ring, gens), engine, seconds_left(end))
            ledger.note(
                "its first matrix generates the ideal",
                lambda: (
                    basis.reduces(gens)
                    and (first[0].reduces(basis.polys) if first[1].check.complete else None)
                ),
            )
            series = self.hilbert_series(own, engine=engine, time_limit=seconds_left(end))
            numbers = {i: c for i, c in enumerate(series.value) if c}
            ledger.note(
                "its alternating sum is that of the ideal", lambda: euler(value.betti) == numbers
            )
            ledger.word.append("it is exact")
            return ledger.check

        return Answer(value, found.engine, sure(asked, second))

    def betti(
        self,
        weights: Sequence[int] | None = None,
        *,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> Answer:
        """The graded Betti numbers ``{(step, degree): number}``; see :meth:`resolution`.

        Parameters
        ----------
        weights : sequence of int, optional
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Answer
        """
        found = self.resolution(weights, engine=engine, time_limit=time_limit)
        return Answer(found.value.betti, found.engine, found.check)


@checked
class IdealSizes(IdealQuestions):
    """Dimension and degree by a Groebner basis."""

    def dimension(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> int:
        """The dimension of the zeros over an algebraic closure, -1 when there are none.

        Parameters
        ----------
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        int
            With ``.check``.
        """
        found = answer(Dimension(self._equations), engine, time_limit=time_limit)
        return Size(found.value, found.check)

    def degree(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> int:
        """The degree, with multiplicities, of the parts of the largest dimension.

        Parameters
        ----------
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        int
            With ``.check``.
        """
        found = answer(Degree(self._equations), engine, time_limit=time_limit)
        return Size(found.value // self._system.extension, found.check)
