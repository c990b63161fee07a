"""The ideal of the image of any polynomial map: graded interpolation, or elimination.

Graded interpolation finds all equations up to a degree by exact linear algebra in each weight
(:mod:`algattn.groebner.interpolation`), lifts minimal generators to QQ and proves them by
substitution.  Elimination hands the graph of the map to a computer algebra system and checks what
comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from algattn.arguments import checked_with
from algattn.attention.labels import label_name
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.buckets import Bucket
from algattn.groebner.elimination import eliminated
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.interpolation import Interpolation
from algattn.groebner.lifting import UnluckyPrimeError, assemble, lift_kernel
from algattn.groebner.limits import check_kernel, check_size
from algattn.maps import PolynomialMap
from algattn.maps.residues import usable_primes
from algattn.progress import Monitor
from algattn.questions import question
from algattn.words import one_of, quoted

METHODS = ("graded", "elimination")


@question("implicit.ideal", command="implicitize")
@checked_with({"grading": 'degree= is "ordinary", "weighted" or a row of weights'})
def implicitize(
    polynomials: Any,
    names: Sequence[str] | None = None,
    *,
    method: str | None = None,
    max_degree: int | None = None,
    degree: Sequence[int] | str = "ordinary",
    engine: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """The polynomial relations among given polynomials.

    Parameters
    ----------
    polynomials : PolynomialMap, sequence of Polynomial, str or sympy expressions, Parametrization
        The coordinates as polynomials in parameters, over QQ or a prime field; texts are sums of
        terms such as ``"2/3*s^2*t"``.  A PolynomialMap may be rational, and over a number field,
        with `max_degree`.  A Parametrization is taken as it stands: "AV" and "virtual"
        leave A free of the bound on its rank, which is why ``network.parametrization()`` is in
        (K, Q, V) where there is one.
    names : sequence of str, optional
        Names of the coordinates; ``y_1, y_2, ..`` (or those of the parametrization) unless given.
    method : {"graded", "elimination"}, optional
        Graded needs `max_degree`.  Unless given: graded with `max_degree`, else elimination.
    max_degree : int, optional
        All equations up to this degree.
    degree : {"ordinary", "weighted"} or sequence of int
        What is meant by degree: every coordinate has degree 1; it has a weight such that the
        parametrization is homogeneous (found, and named in the answer); or the weights given,
        positive integers for which it need not be homogeneous.
    engine : str, optional
        For the elimination; see :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds; an elimination has 60 unless given.
    seed : int
        For the random points; the result does not depend on it.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ImplicitIdeal
        With `max_degree`: PROVED to be all equations up to that degree, minimal generators.  For
        each e up to `max_degree` all equations of degree at most e are combinations of multiples
        of degree at most e; where the ideal is not homogeneous, this can need more generators than
        the ideal.
        By elimination without `max_degree`: every generator is proved.  That there are no more is
        PROVED by a Groebner basis of the graph whose S-pairs are checked, where that is small;
        else it is the word of the engine, compared with the rank of the differential (PROBABLE).

    Raises
    ------
    InputError, RingMismatchError, FieldError
        For other input.
    HypothesisError
        When no positive weights make the parametrization homogeneous, with ``degree="weighted"``;
        for an elimination of a rational map, or over a number field.
    LimitError
        When the time is over, or in advance where there are too many monomials; ``.partial`` is
        the result up to the last finished degree (graded), or None.
    EngineNotFoundError, EngineCrashError, EngineOutputError
        From the elimination.

    Complexity
    ----------
    One exact kernel for each weight; a kernel has as many columns as there are monomials of that
    weight.

    References
    ----------
    Lemmas "degrees", "kernels", "quotients" and "graph" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
    >>> ideal = implicitize([s**3, s**2 * t, s * t**2, t**3], max_degree=3)
    >>> ideal.counts, ideal.status.name
    ({2: 3}, 'PROVED')
    >>> ideal.generators
    (y_2*y_3 - y_1*y_4, y_2^2 - y_1*y_3, y_3^2 - y_2*y_4)
    >>> implicitize(["t^2", "t^3"], max_degree=3).counts
    {3: 1}
    >>> implicitize(["t^2", "t^3"], max_degree=6, degree="weighted").counts
    {6: 1}
    """
    asked = "find the equations of a parametrization"
    problem = as_map(polynomials, names)
    if method is not None:
        one_of(method, METHODS, asked, "method")
    if max_degree is not None and (type(max_degree) is not int or max_degree < 1):
        raise InputError(asked, f"max_degree is {quoted(max_degree)}", "give a positive integer")
    degrees = problem.grading.degrees(degree, problem.hints)
    model = GradedMap(problem, degrees)
    _ = model.ring  # checks the names
    if method == "elimination" or max_degree is None:
        if method == "graded":
            raise InputError(asked, "max_degree is missing", "give max_degree=4, for example")
        return eliminated(model, max_degree, engine, seed, time_limit, progress)
    return kernel_equations(model, max_degree, seed, time_limit, progress)


def as_map(given: Any, names: Sequence[str] | None) -> PolynomialMap:
    """Polynomials and names of the coordinates alone, without blocks and symmetries."""
    if not isinstance(given, PolynomialMap):
        labels = None
        if callable(getattr(given, "polynomials", None)):  # a parametrization, or that of a locus
            found, given = zip(*given.polynomials(), strict=True)
            labels = [label_name(label) for label in found]
        given = PolynomialMap(given, coordinates=labels)
    n = len(given.coordinates)
    names = tuple(names) if names else given.target.names[:n]
    if len(names) != n:
        wrong = f"{len(names)} names for {n} coordinates"
        raise InputError("find the equations of a parametrization", wrong, "mend names")
    PolynomialRing(given.ring.field, names)  # checks the names
    below = list(given.denominators) if given.rational else None
    return PolynomialMap(list(given.numerators), below, coordinates=names, field=given.field)


def kernel_equations(
    model: GradedMap,
    max_degree: int,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
    *,
    first: bool = False,
) -> ImplicitIdeal:
    """All equations up to a degree, degree by degree; `first` stops where there are some.

    >>> node = GradedMap(PolynomialMap(["t^2-1", "t^3-t"]), (1, 1))
    >>> kernel_equations(node, 9, first=True).generators
    (y_1^3 + y_1^2 - y_2^2,)
    """
    asked = "find the equations of a parametrization"
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        for prime in usable_primes(model.map):
            with suppress(UnluckyPrimeError):
                work = Interpolation(model.map, model.degrees, model.rows, prime, seed)
                return _equations(model, work, max_degree, monitor, first=first)
    raise AssertionError("there are infinitely many primes")


def _equations(
    model: GradedMap, work: Interpolation, max_degree: int, monitor: Monitor, *, first: bool
) -> ImplicitIdeal:
    found: list[Polynomial] = []
    lower: dict[int, dict[int, Bucket]] = {0: {}}

    def result() -> ImplicitIdeal | None:
        done = max(lower)
        return assemble(model, found, done, lower, work) if done else None

    counted = False
    for degree in range(1, max_degree + 1):
        monitor.step(partial=result)
        if not counted and all(work.degrees[j] < degree for j in work.alive):
            # from now on no coordinate can turn out to be superfluous
            check_size(work, max_degree, result)
            counted = True
        here: list[Polynomial] = []
        buckets = work.buckets(degree, max_degree)
        for bucket in buckets.values():
            check_kernel(len(bucket.monomials), degree, monitor, result)
            bucket.kernel = work.kernel(bucket.monomials)
            new = work.new(bucket, lower, max_degree)
            step = partial(monitor.step, partial=result)
            here += lift_kernel(work, bucket, new, model.ring, step) if new else []
            work.drop(bucket)
            monitor.step(partial=result)
        lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
        found += sorted(here, key=lambda g: (len(g), str(g)))
        if first and found:
            break
    ideal = result()
    assert ideal is not None
    return ideal
