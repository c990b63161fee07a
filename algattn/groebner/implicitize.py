"""The ideal of the image of any polynomial map: graded interpolation, or elimination.

Graded interpolation finds all equations up to a degree by exact linear algebra in each weight
(:mod:`algattn.groebner.interpolation`), lifts minimal generators to QQ and proves them by
substitution.  Elimination hands the graph of the map to a computer algebra system and checks what
comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from algattn.arguments import checked
from algattn.errors import InputError, RingMismatchError
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField
from algattn.groebner.elimination import eliminated
from algattn.groebner.grading import Grading, finest_grading
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.interpolation import Bucket, Interpolation
from algattn.groebner.lifting import assemble, lift_kernel, usable_primes
from algattn.progress import Monitor
from algattn.words import one_of, quoted

METHODS = ("graded", "elimination")


@checked
def implicitize(
    polynomials: Any,
    names: Sequence[str] | None = None,
    *,
    method: str | None = None,
    max_degree: int | None = None,
    grading: Sequence[int] | str | None = None,
    engine: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """The polynomial relations among given polynomials.

    Parameters
    ----------
    polynomials : sequence of Polynomial or of sympy expressions, or a Parametrization
        The coordinates as polynomials in parameters, over QQ or a prime field.  A Parametrization
        is taken as it stands: "AV" and "virtual" leave A free, so for a bound on its rank take
        ``network.parametrization("QKV")``.
    names : sequence of str, optional
        Names of the coordinates; ``y_1, y_2, ..`` (or those of the parametrization) unless given.
    method : {"graded", "elimination"}, optional
        Graded needs `max_degree` and a parametrization that is homogeneous for some positive
        degrees of the coordinates.  Unless given: graded where both hold, else elimination.
    max_degree : int, optional
        All equations up to this degree.
    grading : sequence of int or "standard", optional
        The degrees of the coordinates; found unless given (all 1 where possible).
    engine : str, optional
        For the elimination; see :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.

    Returns
    -------
    ImplicitIdeal
        With `max_degree`: PROVED to be all equations up to that degree, minimal generators.
        By elimination without `max_degree`: every generator is proved.  That there are no more is
        PROVED by a Groebner basis of the graph whose S-pairs are checked, where that is small;
        else it is the word of the engine, compared with the rank of the differential (PROBABLE).

    Raises
    ------
    HypothesisError
        When a grading is demanded that the parametrization does not have.
    LimitError
        ``.partial`` is the result up to the last finished degree (graded), or None.
    EngineNotFoundError, EngineCrashError, EngineOutputError
        From the elimination.

    Complexity
    ----------
    One exact kernel for each weight; a kernel has as many columns as there are monomials of that
    weight.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
    >>> ideal = implicitize([s**3, s**2 * t, s * t**2, t**3], max_degree=3)
    >>> ideal.counts, ideal.status.name
    ({2: 3}, 'PROVED')
    >>> ideal.generators
    (y_2*y_3 - y_1*y_4, y_2^2 - y_1*y_3, y_3^2 - y_2*y_4)
    """
    polys, found_names = read_polynomials(polynomials)
    names = tuple(names or found_names)
    asked = "find the equations of a parametrization"
    if len(names) != len(polys):
        raise InputError(asked, f"{len(names)} names for {len(polys)} coordinates", "mend names")
    target = PolynomialRing(polys[0].ring.field, names)  # checks the names
    if method is not None:
        one_of(method, METHODS, asked, "method")
    if max_degree is not None and (type(max_degree) is not int or max_degree < 1):
        raise InputError(asked, f"max_degree is {quoted(max_degree)}", "give a positive integer")
    grades = finest_grading(polys)
    hints = [[max(p.degree(), 0) for p in polys]]
    if method is None:
        graded = max_degree is not None and (
            grading is not None or grades.positive(hints) is not None
        )
        method = "graded" if graded else "elimination"
    if method == "graded":
        if max_degree is None:
            raise InputError(asked, "max_degree is missing", "give max_degree=4, for example")
        degrees = grades.degrees(grading, hints)
        return _graded(polys, target, grades, degrees, max_degree, seed, time_limit, progress)
    return eliminated(polys, target, grades, grading, hints, max_degree, engine, seed, time_limit)


def read_polynomials(given: Any) -> tuple[list[Polynomial], tuple[str, ...]]:
    """Polynomials of one ring, and names for the coordinates, from what people have."""
    asked = "read a parametrization"
    if hasattr(given, "polynomials") and hasattr(given, "labels"):
        pairs = list(given.polynomials())
        from algattn.networks.coordinates import is_natural, label_name

        natural = all(is_natural(label) for label, _ in pairs)
        names = tuple(
            label_name(label) if natural else f"y_{i + 1}" for i, (label, _) in enumerate(pairs)
        )
        return [p for _, p in pairs], names
    if isinstance(given, str | Polynomial) or not isinstance(given, Iterable):
        raise InputError(asked, f"{quoted(given)} is not a list", "give a list of polynomials")
    items = list(given)
    if not items:
        raise InputError(asked, "there are no polynomials", "give at least one")
    if not all(isinstance(p, Polynomial) for p in items):
        from algattn.exact.sympy_bridge import polynomials_from_sympy

        items = polynomials_from_sympy(items)
    ring = items[0].ring
    for p in items:
        if p.ring != ring:
            raise RingMismatchError(asked, f"{p.ring} is not {ring}", "rebuild all in one ring")
    return items, tuple(f"y_{i + 1}" for i in range(len(items)))


# --- graded ------------------------------------------------------------------------------------


def _graded(
    polys: list[Polynomial],
    target: PolynomialRing,
    grades: Grading,
    degrees: tuple[int, ...],
    max_degree: int,
    seed: int,
    time_limit: float | None,
    progress: bool,
) -> ImplicitIdeal:
    field = polys[0].ring.field
    prime = field.p if isinstance(field, PrimeField) else next(usable_primes(polys))
    work = Interpolation(polys, degrees, grades.rows, prime, seed)
    found: list[Polynomial] = []
    lower: dict[int, dict[int, Bucket]] = {0: {}}

    def result() -> ImplicitIdeal | None:
        done = max(lower)
        if not done:
            return None
        return assemble(polys, target, degrees, found, done, lower, work)

    asked = "find the equations of a parametrization"
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        for degree in range(1, max_degree + 1):
            here: list[Polynomial] = []
            buckets = work.buckets(degree, max_degree)
            for bucket in buckets.values():
                monitor.step(partial=result)
                here += _new_generators(work, bucket, lower, max_degree, target)
                work.drop(bucket)
            lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
            found += sorted(here, key=lambda g: (len(g), str(g)))
    ideal = result()
    assert ideal is not None
    return ideal


def _new_generators(
    work: Interpolation,
    bucket: Bucket,
    lower: Mapping[int, Mapping[int, Bucket]],
    packing: int,
    target: PolynomialRing,
) -> list[Polynomial]:
    bucket.kernel = work.kernel(bucket.monomials)
    if not bucket.kernel:
        return []
    known = work.multiples(bucket, lower, packing)
    if len(known) == len(bucket.kernel):
        return []
    new = work.independent(known, bucket.kernel, len(bucket.monomials))
    return lift_kernel(work, bucket, new, target)
