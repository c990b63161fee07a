"""Which engine runs a task, and why; the one door to all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import inf
from typing import Any

from algattn.arguments import checked, engine_name
from algattn.engines.base import ChildEngine, ProgramEngine
from algattn.engines.check import Check, check
from algattn.engines.conclusion import WrongAnswerError, conclude
from algattn.engines.local import Builtin, Sympy
from algattn.engines.macaulay2 import Macaulay2
from algattn.engines.msolve import MSolve
from algattn.engines.process import Limits
from algattn.engines.reduction import as_basis, known
from algattn.engines.singular import Singular
from algattn.engines.tasks import Task
from algattn.errors import (
    EngineError,
    EngineNotFoundError,
    EngineOutputError,
)

#: From the first choice to the last resort.
ENGINES: tuple[ChildEngine, ...] = (Singular(), MSolve(), Macaulay2(), Builtin(), Sympy())


@checked
def get(name: str) -> ChildEngine:
    """The engine of that name.

    >>> get("Singular").name
    'singular'
    """
    word = engine_name(name)
    return next(engine for engine in ENGINES if engine.name == word)


class Available(dict[str, str]):
    """The installed engines with their versions; ``missing`` tells why the others are not."""

    def __init__(self, found: dict[str, str], missing: dict[str, str]) -> None:
        super().__init__(found)
        self.missing = missing

    def __repr__(self) -> str:
        rows = [f"{name} {version}" for name, version in self.items()]
        return "\n".join(rows + [f"{name}: {why}" for name, why in self.missing.items()])


def available() -> Available:
    """The engines of this machine.

    Returns
    -------
    Available
        A dictionary ``{name: version}``; its ``missing`` is ``{name: reason and remedy}``.

    Examples
    --------
    >>> "builtin" in available()
    True
    """
    found, missing = {}, {}
    for engine in ENGINES:
        try:
            found[engine.name] = engine.version()
        except EngineError as error:
            missing[engine.name] = f"{error.wrong}. Try: {error.hint}"
    return Available(found, missing)


@dataclass(frozen=True)
class Explanation:
    """Which engine would run a task, and why the others would not."""

    task: str
    chosen: str | None
    reasons: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        head = f"{self.task}: {self.chosen or 'no engine'}"
        return "\n".join([head, *(f"  {name}: {why}" for name, why in self.reasons)])


@checked
def explain(task: Task) -> Explanation:
    """Which engine would run the task, and why the others would not.

    >>> from algattn.engines import Dimension
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> explain(Dimension((x * y,))).chosen is not None
    True
    """
    chosen: str | None = None
    reasons = []
    for engine in ENGINES:
        able = engine.can_run(task)
        if able is not True:
            reasons.append((engine.name, str(able)))
        elif chosen is None:
            chosen = engine.name
            reasons.append((engine.name, f"runs it (version {engine.version()})"))
        else:
            reasons.append((engine.name, f"could run it, but {chosen} comes first"))
    return Explanation(task.asked, chosen, tuple(reasons))


@checked
def choose(task: Task, engine: str | None = None) -> ChildEngine:
    """The engine to use: the one named, or the first that can."""
    if engine is not None:
        named = get(engine)
        named.require(task)
        return named
    for candidate in ENGINES:
        if candidate.can_run(task) is True:
            return candidate
    able_one = next(
        (e for e in ENGINES if isinstance(e, ProgramEngine) and e.able(task) is True), None
    )
    if able_one is None:
        raise EngineError(task.asked, "no engine does this", "see algattn.engines.explain(task)")
    raise EngineNotFoundError(
        task.asked, f"it needs {able_one.name}, which is not installed", able_one.install
    )


@checked
def solve(
    task: Task,
    engine: str | None = None,
    *,
    time_limit: float | None = 60.0,
    memory_limit: int | None = 4000,
) -> Any:
    """Run a task and return its answer, described in the task's class.

    Parameters
    ----------
    task : Task
    engine : str, optional
        "singular", "msolve", "macaulay2", "builtin" or "sympy"; the first able one unless given.
    time_limit : float or None
        Seconds; the process and everything it started are killed after that.
    memory_limit : int or None
        Megabytes (enforced on Linux).

    Raises
    ------
    EngineNotFoundError, EngineCrashError, EngineOutputError
        With ``.transcript``, where there is one.
    LimitError
        ``.partial`` holds the lines printed so far.

    Notes
    -----
    :func:`answer` also says which checks of ours the answer passed; one that fails a check never
    leaves.  A result built on what is the engine's word is not PROVED by that alone.

    Examples
    --------
    >>> from algattn.engines import GroebnerBasis
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> solve(GroebnerBasis((x**2 - y, x * y - 1)), "builtin")
    (y^2 - x, x*y - 1, x^2 - y)
    """
    return answer(task, engine, time_limit=time_limit, memory_limit=memory_limit).value


@dataclass(frozen=True)
class Answer:
    """What was found, by which engine, and what is known of it without believing the engine.

    Attributes
    ----------
    value : object
        As described in the task's class.
    engine : str or None
        None where the generators show the answer.
    check : Check
    """

    value: Any
    engine: str | None
    check: Check

    def __repr__(self) -> str:
        return f"{self.value}\nby {self.engine or 'the generators alone'}; {self.check}"


@checked
def answer(
    task: Task,
    engine: str | None = None,
    *,
    time_limit: float | None = 60.0,
    memory_limit: int | None = 4000,
) -> Answer:
    """Run a task like :func:`solve`, and also say which checks the answer passed.

    Examples
    --------
    >>> from algattn.engines import Degree
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> answer(Degree((x**2 - y * y, x * y)), "builtin")
    4
    by builtin; checked: the generators reduce to zero, the S-pairs reduce to zero, \
the generators generate the basis, it is counted on leading monomials
    """
    # what is left of a time limit may be nothing
    least = time_limit if time_limit is None or time_limit else 0.01
    limits, started = Limits(least, memory_limit), time.monotonic()
    chosen = None if engine is None else choose(task, engine)
    shown = known(task)
    if shown is not None:
        return Answer(shown[0], None, Check(("it is seen from the generators",)))
    chosen = chosen or choose(task)
    deadline = inf if time_limit is None else started + time_limit
    if time_limit is not None:
        limits = Limits(max(deadline - time.monotonic(), 0.01), memory_limit)
    reading = chosen.run(task, limits)
    try:
        value, passed = conclude(task, reading, deadline)
        parts = value if reading.parts else ()
        found = check(as_basis(task), reading, parts)
    except WrongAnswerError as error:
        raise EngineOutputError(
            f"{task.asked} with {chosen.name}",
            str(error),
            "report this, and take another engine",
            "\n".join(str(p) for p in reading.basis),
        ) from None
    return Answer(value, chosen.name, Check((*found.passed, *passed), found.word))


#: (variables, polynomials, expected basis) of the golden example: the twisted cubic.
GOLDEN = ("w", "x", "y", "z")


@checked
def golden(engine: str) -> bool:
    """Whether an engine gets the ideal of the twisted cubic right, by elimination.

    >>> golden("builtin")
    True
    """
    from algattn.engines.tasks import Elimination
    from algattn.exact import QQ, PolynomialRing

    ring = PolynomialRing(QQ, ("s", "t", *GOLDEN))
    s, t, w, x, y, z = ring.gens()
    graph = (w - s**3, x - s**2 * t, y - s * t**2, z - t**3)
    found = solve(Elimination(graph, ("s", "t")), engine, time_limit=60)
    target = PolynomialRing(QQ, GOLDEN)
    w, x, y, z = target.gens()
    return set(found) == {x**2 - w * y, x * y - w * z, y**2 - x * z}
