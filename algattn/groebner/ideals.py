"""Ideals as objects: what is asked of them, and what is made of them, with second opinions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import inf
from time import monotonic
from typing import Any

from algattn.arguments import checked
from algattn.engines import (
    Answer,
    Check,
    Degree,
    Dimension,
    FreeResolution,
    GroebnerBasis,
    HilbertSeries,
    Radical,
    Saturation,
    answer,
    explain,
)
from algattn.engines.leading import hilbert_numerator, minimal_monomials, normal_form, order_key
from algattn.errors import (
    EngineOutputError,
    FieldError,
    HypothesisError,
    InputError,
    RingMismatchError,
    UndecidedError,
)
from algattn.exact import QQ, Field, NumberField, Polynomial, PolynomialRing
from algattn.groebner.certificates import Basis, Refuted
from algattn.groebner.decompose import cofactors_of, decompose
from algattn.groebner.decomposition import Decomposition
from algattn.groebner.decomposition_evidence import inside_ideal
from algattn.groebner.finder import Finder
from algattn.groebner.ideal_guards import (
    Ledger,
    euler,
    homogeneous,
    power_inside,
    saturation_guard,
    squarefree,
)
from algattn.groebner.ideal_membership import Expanded, IdealMembership, NormalFormLeft
from algattn.groebner.primary import seconds_left
from algattn.groebner.systems import IdealProblem, System, plain
from algattn.maps.texts import GENERATOR, read_polynomials, spell
from algattn.results import Status
from algattn.words import quoted

__all__ = ["Ideal", "IdealMethods", "Size"]


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


class IdealMethods:
    """What can be asked of everything with a ring and generators.

    Over a number field the polynomials are over QQ, the last variable of the ring is theta, and
    its minimal polynomial belongs to the ideal: ``K[x] = QQ[x, theta] / (m)``.
    """

    ring: PolynomialRing
    generators: tuple[Polynomial, ...]

    @property
    def _over(self) -> Field | None:
        """The number field, if it is over one."""
        return None

    @cached_property
    def _problem(self) -> IdealProblem:
        ring = plain(self.ring)
        given = (g if g.ring == ring else ring.from_terms(g.terms()) for g in self.generators)
        return IdealProblem(ring, tuple(g for g in given if g), self._over)

    @cached_property
    def _system(self) -> System:
        return self._problem.system()

    @cached_property
    def _memo(self) -> dict[str, Any]:
        return {}

    @property
    def _equations(self) -> tuple[Polynomial, ...]:
        return self._system.equations or (self._problem.ring(0),)

    # --- bases and members -------------------------------------------------------------------

    def groebner(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> Answer:
        """The reduced Groebner basis in degrevlex order, all weights 1.

        Parameters
        ----------
        engine : str, optional
            See :func:`algattn.engines.available`.
        time_limit : float or None
            Seconds.

        Returns
        -------
        Answer
            ``.value`` are the polynomials.  Where ``.check.complete``, it is proved that they are
            a basis, and of this ideal: by ranks of multiples, or by cofactors.
        """
        return self._verified(engine, time_limit)[1]

    def _verified(
        self, engine: str | None, time_limit: float | None
    ) -> tuple[Basis, Answer, tuple[tuple[str, ...], ...]]:
        """The basis, what is known of it, and cofactors where ranks do not show it."""
        key = f"basis {engine}"
        if key in self._memo:
            return self._memo[key]  # type: ignore[no-any-return]
        finder, system = Finder(engine, time_limit), self._system
        found = answer(GroebnerBasis(self._equations), engine, time_limit=time_limit)
        basis = Basis(system.ring, tuple(system.ring.from_terms(g.terms()) for g in found.value))
        rows: tuple[tuple[str, ...], ...] = ()
        ledger = Ledger()
        ledger.note("the generators reduce to zero", lambda: basis.reduces(system.equations))
        ledger.note("the S-pairs reduce to zero", lambda: basis.closed)

        def generated() -> bool | None:
            nonlocal rows
            if inside_ideal(system.equations, basis, ()):
                return True
            rows = finder.attempt(lambda: cofactors_of(system.equations, basis, finder)) or ()
            return (bool(rows) and inside_ideal(system.equations, basis, rows)) or None

        ledger.note("the generators generate the basis", generated)
        made = basis, Answer(basis.polys, found.engine, ledger.check), rows
        self._memo[key] = made
        return made

    def _known(self, asked: str, engine: str | None, time_limit: float | None) -> Basis:
        """The basis, of which everything is checked."""
        basis, found, _ = self._verified(engine, time_limit)
        if not found.check.complete:
            hint = "raise time_limit, or another engine"
            raise UndecidedError(asked, f"of its basis {found.check}", hint, found)
        return basis

    def contains(
        self, polynomial: Any, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> IdealMembership:
        """Whether a polynomial lies in the ideal.

        Parameters
        ----------
        polynomial : Polynomial or str
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        IdealMembership
            True or False, PROVED: with ``.cofactors``, or with ``.normal_form``.

        Examples
        --------
        >>> I = Ideal(["x^2 - y", "x*y - 1"])
        >>> I.contains("x^3 - 1", engine="builtin").cofactors
        (x, 1)
        >>> I.contains("x*y", engine="builtin").normal_form
        1
        """
        (f,) = self._read([polynomial])
        end = inf if time_limit is None else monotonic() + time_limit
        basis, found, rows = self._verified(engine, time_limit)
        finder, text = Finder(engine, seconds_left(end)), spell([f])[0]
        if basis.reduces([f]):
            (row,) = cofactors_of(self._equations, Basis(f.ring, (f,)), finder)
            row = row if self._system.equations else ()
            return IdealMembership.assemble(
                self._problem, True, {"inside": [Expanded()]}, member=text, rows=row, rest=None
            )
        if not found.check.complete:
            self._known("decide whether a polynomial lies in an ideal", engine, time_limit)
        rest = normal_form(f, basis.polys, order_key("degrevlex", (1,) * len(f.ring.names)))
        evidence = [NormalFormLeft(spell(basis.polys), rows)]
        return IdealMembership.assemble(
            self._problem,
            False,
            {"outside": evidence},
            member=text,
            rows=None,
            rest=spell([rest])[0],
        )

    def _read(self, polys: Any) -> tuple[Polynomial, ...]:
        """Polynomials of this ring, from those of an ideal, a list, or one alone."""
        asked, ring = "work with an ideal", self._problem.ring
        if isinstance(polys, IdealMethods):
            if polys._problem.ring != ring or polys._over != self._over:
                wrong = f"{polys._problem.ring} is not {ring}"
                raise RingMismatchError(asked, wrong, "rebuild one of them")
            return polys._problem.generators
        items = [polys] if isinstance(polys, Polynomial | str) else list(polys)
        out = []
        for f in items:
            if isinstance(f, Polynomial):
                if (f.ring.field, f.ring.names) != (ring.field, ring.names):
                    raise RingMismatchError(asked, f"{f.ring} is not {ring}", "rebuild it")
                out.append(ring.from_terms(f.terms()))
            else:
                out.extend(read_polynomials([f], ring.names, ring.field))
        return tuple(out)

    # --- ideals made of it ---------------------------------------------------------------------

    def _made(self, polys: Sequence[Polynomial], check: Check) -> Ideal:
        return Ideal(tuple(polys), ring=self._problem.ring, field=self._over, check=check)

    def __add__(self, other: Any) -> Ideal:
        """The sum of two ideals."""
        if not isinstance(other, IdealMethods):
            return NotImplemented
        gens = (*self._problem.generators, *self._read(other))
        return self._made(dict.fromkeys(gens), Check(("it is generated by both",)))

    def saturation(
        self, by: Any, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> Ideal:
        """All g such that ``f^n g`` lies in the ideal for some n.

        Parameters
        ----------
        by : Polynomial or str
            The polynomial f.
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Ideal
            ``.check`` says what is proved: it contains the ideal, a power of f takes it there, and
            f is no zero-divisor modulo it.

        Examples
        --------
        >>> Ideal(["x*y", "x*z"]).saturation("x", engine="builtin").generators
        (z, y)
        """
        (f,) = self._read(by)
        finder = Finder(engine, time_limit)
        task = Saturation(self._equations, f)
        found = answer(task, engine, time_limit=time_limit).value
        basis = self._basis_of(found)
        own = self._known(task.asked, engine, finder.left)
        return self._made(
            basis.polys, _sure(task.asked, lambda: saturation_guard(own, f, basis, finder))
        )

    def quotient(
        self, by: Any, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> Ideal:
        """All g such that g times a polynomial, or any member of an ideal, lies in this ideal.

        Parameters
        ----------
        by : Polynomial, str, list of them, or an ideal
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Ideal
            By intersections with the generators of `by`; ``.check`` says what is proved.

        Examples
        --------
        >>> Ideal(["x^2", "x*y"]).quotient("x", engine="builtin").generators
        (y, x)
        """
        asked, finder, ring = "divide an ideal", Finder(engine, time_limit), self._problem.ring
        divisors = [f for f in self._read(by) if f]
        own = self._known(asked, engine, finder.left)
        whole: tuple[Polynomial, ...] | None = None
        for f in divisors:
            _, met = finder.meet(own.polys, [f], ring)
            parts = tuple(q for g in met if (q := g.divide(f)) is not None)
            if len(parts) != len(met):
                raise EngineOutputError(asked, "a member is no multiple", "another engine")
            whole = parts if whole is None else finder.meet(whole, parts, ring)[1]
        found = finder.basis((ring(1),) if whole is None else whole, ring)
        ledger = Ledger(["it contains the quotient, by intersections"])
        ledger.note(
            "its products with the divisors lie in the ideal",
            lambda: own.reduces([g * f for g in found.polys for f in divisors]),
        )
        ledger.note("its basis is no smaller", lambda: found.reduces(whole or ()))
        return self._made(found.polys, ledger.check)

    def intersection(
        self, other: Any, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> Ideal:
        """The intersection with another ideal.

        Parameters
        ----------
        other : ideal, or list of Polynomial or str
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Ideal
            ``.check`` says what is proved.

        Examples
        --------
        >>> Ideal(["x"]).intersection(["y", "x - 1"], engine="builtin").generators
        (x*y, x^2 - x)
        """
        asked, finder, ring = "intersect ideals", Finder(engine, time_limit), self._problem.ring
        second = self._made(self._read(other), Check(()))
        bases = [
            x._known(asked, engine, finder.left) for x in (self, second) if x._system.equations
        ]
        met: tuple[Polynomial, ...] = ()
        if len(bases) == 2:
            _, met = finder.meet(bases[0].polys, bases[1].polys, ring)
        found = finder.basis(met, ring)
        ledger = Ledger()
        ledger.note("it lies in both", lambda: all(b.reduces(found.polys) for b in bases))
        ledger.note("it contains the intersection", lambda: found.reduces(met))
        return self._made(found.polys, ledger.check)

    def radical(self, *, engine: str | None = None, time_limit: float | None = 60.0) -> Ideal:
        """All polynomials with a power in the ideal.

        Parameters
        ----------
        engine : str, optional
        time_limit : float or None
            Seconds.

        Returns
        -------
        Ideal
            ``.check`` says what is proved; that it is radical by squarefree leading monomials, or
            by minimal primes that are proved and meet in it.
        """
        asked, finder, ring = "find the radical", Finder(engine, time_limit), self._problem.ring
        task = Radical(self._equations)
        if engine is None and explain(task).chosen is None:
            primes = self.minimal_primes(time_limit=time_limit)
            _, met = finder.meets(primes.primes(), ring)
        else:
            met = answer(task, engine, time_limit=time_limit).value
        found = finder.basis([ring.from_terms(g.terms()) for g in met], ring)
        own = self._known(asked, engine, finder.left)

        def is_radical() -> bool | None:
            if squarefree(found):
                return True
            parts = self._made(found.polys, Check(())).minimal_primes(
                engine=engine, time_limit=finder.left
            )
            complete = parts.status is Status.PROVED and parts.claims[1].evidence[0]
            return True if complete and getattr(complete, "power", 0) == 1 else None

        def second() -> Check:
            ledger = Ledger()
            ledger.note("it contains the ideal", lambda: found.reduces(own.polys))
            ledger.note(
                "powers of its members lie in the ideal",
                lambda: power_inside(found.polys, None, own),
            )
            ledger.note("it is radical", is_radical)
            return ledger.check

        return self._made(found.polys, _sure(asked, second))

    def _basis_of(self, polys: Sequence[Polynomial]) -> Basis:
        ring = self._problem.ring
        return Basis(ring, tuple(ring.from_terms(g.terms()) for g in polys))

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
        >>> found = Ideal(["x^2*y - y"]).minimal_primes()
        >>> [c.prime for c in found], found.status.name
        ([('x-1',), ('x+1',), ('y',)], 'PROVED')
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

    # --- numbers -------------------------------------------------------------------------------

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
        if not homogeneous(self._problem.generators, (*own[:k], 0)):
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
        value = hilbert_numerator(minimal_monomials(heads), own[:k])
        return Answer(value, finder.engine, ledger.check)

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

        def second() -> Check:
            ledger = Ledger(list(found.check.passed))
            gens = value.matrices[0][0] if value.matrices else ()
            first = self._made(gens, Check(()))
            ledger.note(
                "its first matrix generates the ideal",
                lambda: (
                    basis.reduces(gens)
                    and first._known(asked, engine, seconds_left(end)).reduces(basis.polys)
                ),
            )
            series = self.hilbert_series(own, engine=engine, time_limit=seconds_left(end))
            numbers = {i: c for i, c in enumerate(series.value) if c}
            ledger.note(
                "its alternating sum is that of the ideal", lambda: euler(value.betti) == numbers
            )
            ledger.word.append("it is exact")
            return ledger.check

        return Answer(value, found.engine, _sure(asked, second))

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

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)


def _sure(asked: str, check: Any) -> Check:
    """The second opinion; EngineOutputError when it refutes the answer."""
    try:
        found: Check = check()
    except Refuted as error:
        raise EngineOutputError(asked, str(error), "report this, and take another engine") from None
    return found


@checked
class Ideal(IdealMethods):
    """An ideal of a polynomial ring over QQ, GF(p) or a number field.

    Parameters
    ----------
    generators : sequence of Polynomial or str
    ring : PolynomialRing, optional
        That of the generators; for texts, the variables in the order of the alphabet unless given.
    field : Field, optional
        Of texts.  Over a number field QQ(theta) polynomials are over QQ, and the last variable of
        the ring, in texts ``theta``, stands for the generator.
    check : Check, optional
        What is known of how it was made.

    Examples
    --------
    >>> I = Ideal(["x^2 - y", "x*y - 1"])
    >>> I
    <ideal: 2 generators in 2 variables over QQ>
    >>> I + Ideal(["x - 1"], ring=I.ring) == Ideal(["x - 1", "y - 1"])
    True
    """

    def __init__(
        self,
        generators: Any,
        *,
        ring: PolynomialRing | None = None,
        field: Field | None = None,
        check: Check | None = None,
    ) -> None:
        asked = "make an ideal"
        if isinstance(generators, str | Polynomial):
            raise InputError(asked, f"{quoted(generators)} is no list", "a list of generators")
        items = list(generators)
        extended = isinstance(field, NumberField)
        base = QQ if field is None or extended else field
        if items and not all(isinstance(g, Polynomial) for g in items):
            names = None if ring is None else ring.names
            polys = read_polynomials(items, names, base if ring is None else ring.field)
            if extended and ring is None:
                rest = [x for x in polys[0].ring.names if x != GENERATOR]
                polys = read_polynomials(items, [*rest, GENERATOR], base)
            items = polys
        if ring is None:
            if not items:
                raise InputError(asked, "there is neither a generator nor a ring", "give ring=R")
            ring = items[0].ring
        if extended and ring.names[-1] != GENERATOR:
            raise InputError(asked, f"the last variable is {ring.names[-1]}", GENERATOR)
        if field is not None and ring.field != base:
            raise FieldError(asked, f"the ring is over {ring.field}", f"{field}")
        for g in items:
            if (g.ring.field, g.ring.names) != (ring.field, ring.names):
                raise RingMismatchError(asked, f"{g.ring} is not {ring}", "one ring")
        self.ring = ring
        self.generators = tuple(
            g if g.ring == ring else ring.from_terms(g.terms()) for g in items if g
        )
        self.field: Field = ring.field if field is None else field
        self.check = Check(("it is given by its generators",)) if check is None else check

    @property
    def _over(self) -> Field | None:
        return self.field if isinstance(self.field, NumberField) else None

    def __eq__(self, other: object) -> bool:
        """Whether both are one ideal, decided by division by checked bases."""
        if not isinstance(other, IdealMethods):
            return NotImplemented
        if other._problem.ring != self._problem.ring or other._over != self._over:
            return False
        asked = "compare ideals"
        first, second = (x._known(asked, None, 60.0) for x in (self, other))
        return first.reduces(second.polys) and second.reduces(first.polys)

    def __hash__(self) -> int:
        return hash((self.ring.field, self.ring.names))

    def __repr__(self) -> str:
        n = len(self.generators)
        k = len(self.ring.names) - isinstance(self.field, NumberField)
        return (
            f"<ideal: {n} generator{'s' * (n != 1)} in {k} variable{'s' * (k != 1)} "
            f"over {self.field}>"
        )
