"""Which engine runs a task, and why; the one door to all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algattn.arguments import checked, engine_name
from algattn.engines.base import ChildEngine, ProgramEngine
from algattn.engines.division import Division
from algattn.engines.local import Builtin, Sympy
from algattn.engines.macaulay2 import Macaulay2
from algattn.engines.msolve import MSolve
from algattn.engines.process import Limits
from algattn.engines.singular import Singular
from algattn.engines.tasks import GroebnerBasis, Saturation, Task
from algattn.errors import (
    EngineError,
    EngineNotFoundError,
    EngineOutputError,
    LimitError,
)

#: From the first choice to the last resort.
ENGINES: tuple[ChildEngine, ...] = (Singular(), MSolve(), Macaulay2(), Builtin(), Sympy())

MAX_CHECK = 3_000_000


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
        named.version()
        able = named.supports(task)
        if able is not True:
            raise EngineError(
                f"{task.asked} with {named.name}", str(able), "let algattn choose the engine"
            )
        return named
    for candidate in ENGINES:
        if candidate.can_run(task) is True:
            return candidate
    able_one = next(
        (e for e in ENGINES if isinstance(e, ProgramEngine) and e.supports(task) is True), None
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
    Bases are checked by dividing the generators by them, as far as that is cheap; the answer is
    otherwise what the engine says, and a result built on it is not PROVED by that alone.

    Examples
    --------
    >>> from algattn.engines import GroebnerBasis
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> solve(GroebnerBasis((x**2 - y, x * y - 1)), "builtin")
    (y^2 - x, x*y - 1, x^2 - y)
    """
    chosen = choose(task, engine)
    answer = chosen.run(task, Limits(time_limit, memory_limit))
    _check(task, answer, chosen.name)
    return answer


def _check(task: Task, answer: Any, engine: str) -> None:
    if not isinstance(task, GroebnerBasis | Saturation):
        return
    try:
        target = task.target
        division = Division([g for g in answer if g], target.order, target.weights, MAX_CHECK)
        wrong = next((g for g in task.generators if g and not division.to_zero(g)), None)
    except LimitError:
        return
    if wrong is not None:
        raise EngineOutputError(
            f"{task.asked} with {engine}",
            f"the generator {str(wrong)[:60]} does not reduce to zero",
            "report this, and take another engine",
            "\n".join(str(p) for p in answer),
        )


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
