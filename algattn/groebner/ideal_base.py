"""Ideals as objects: their equations, checked bases, and members."""

from __future__ import annotations

from functools import cached_property
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from algattn.arguments import checked
from algattn.engines import Answer, Check, GroebnerBasis, answer
from algattn.engines.leading import normal_form, order_key
from algattn.errors import EngineOutputError, RingMismatchError, UndecidedError
from algattn.exact import Field, Polynomial, PolynomialRing
from algattn.groebner.certificates import Basis, Refuted
from algattn.groebner.decompose import cofactors_of
from algattn.groebner.decomposition_evidence import inside_ideal
from algattn.groebner.finder import Finder
from algattn.groebner.ideal_guards import Ledger
from algattn.groebner.ideal_membership import Expanded, IdealMembership, NormalFormLeft
from algattn.groebner.primary import seconds_left
from algattn.groebner.systems import IdealProblem, System, plain
from algattn.maps.texts import read_polynomials, spell

#: A basis, what is known of it, and rows of cofactors where ranks do not show it.
Verified = tuple[Basis, Answer, tuple[tuple[str, ...], ...]]


def verified(system: System, engine: str | None, time_limit: float | None) -> Verified:
    """The reduced degrevlex basis of a system, with the second opinions about it."""
    finder, ring = Finder(engine, time_limit), system.ring
    equations = system.equations or (ring(0),)
    found = answer(GroebnerBasis(equations), engine, time_limit=time_limit)
    basis = Basis(ring, tuple(ring.from_terms(g.terms()) for g in found.value))
    rows: tuple[tuple[str, ...], ...] = ()
    ledger = Ledger()
    ledger.note("the generators reduce to zero", lambda: basis.reduces(equations))
    ledger.note("the S-pairs reduce to zero", lambda: basis.closed)

    def generated() -> bool | None:
        nonlocal rows
        if inside_ideal(system.equations, basis, ()):
            return True
        rows = finder.attempt(lambda: cofactors_of(equations, basis, finder)) or ()
        return (bool(rows) and inside_ideal(equations, basis, rows)) or None

    ledger.note("the generators generate the basis", generated)
    return basis, Answer(basis.polys, found.engine, ledger.check), rows


def sure(asked: str, check: Any) -> Check:
    """The second opinion; EngineOutputError when it refutes the answer."""
    try:
        found: Check = check()
    except Refuted as error:
        raise EngineOutputError(asked, str(error), "report this, and take another engine") from None
    return found


@checked
class IdealBase:
    """What can be asked of everything with a ring and generators.

    Over a number field the polynomials are over QQ, the last variable of the ring is theta, and
    its minimal polynomial belongs to the ideal: ``K[x] = QQ[x, theta] / (m)``.
    """

    if TYPE_CHECKING:

        @property
        def ring(self) -> PolynomialRing: ...

        @property
        def generators(self) -> tuple[Polynomial, ...]: ...

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

    def _verified(self, engine: str | None, time_limit: float | None) -> Verified:
        key, limit = f"basis {engine}", inf if time_limit is None else time_limit
        found: Verified
        if key in self._memo:
            found, spent = self._memo[key]
            if found[1].check.complete or limit <= spent:
                return found
        found = verified(self._system, engine, time_limit)
        self._memo[key] = found, limit
        return found

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
        >>> from algattn import Ideal
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
        if isinstance(polys, IdealBase):
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
                out.extend(read_polynomials([f], ring.names, self._over or ring.field))
        return tuple(out)

    def export(self, system: str) -> str:
        """The ideal in the language of another system; see :func:`algattn.export.export_ideal`."""
        from algattn.export import export_ideal

        return export_ideal(self.generators, system, ring=self.ring)
