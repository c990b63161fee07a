"""Reading what a system printed: marked lines, then an answer.

Every line that counts starts with a marker that is new in each run; the run has succeeded when the
end marker is there, whatever the exit status.  The same lines come from every system:

``poly TEXT`` (after ``count N``), ``int N``, ``ints A B ..``, ``bool 0|1``, and for decompositions
``component DIM DEGREE CONJUGATES`` followed by ``prime TEXT`` and ``primary TEXT`` lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algattn.engines.tasks import (
    Component,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
)
from algattn.engines.text import plain_names, read_polynomial
from algattn.errors import AlgattnError, EngineCrashError, EngineOutputError
from algattn.exact import Polynomial, PolynomialRing

MARK = "@@"


@dataclass(frozen=True)
class Facts:
    """The marked lines of a transcript as ``(key, rest)``, and whether the end marker came."""

    lines: tuple[tuple[str, str], ...]
    finished: bool
    transcript: str

    def every(self, key: str) -> list[str]:
        return [rest for k, rest in self.lines if k == key]


def marker(nonce: str) -> str:
    return f"{MARK}{nonce} "


def read_facts(transcript: str, nonce: str) -> Facts:
    """Pick the marked lines out of a transcript.

    >>> read_facts("hello\\n@@7 int 3\\n@@7 end\\n", "7").lines
    (('int', '3'),)
    """
    start, lines, finished = marker(nonce), [], False
    for line in transcript.splitlines():
        if line.startswith(start):
            key, _, rest = line[len(start) :].partition(" ")
            if key == "end":
                finished = True
                break
            lines.append((key, rest))
    return Facts(tuple(lines), finished, transcript)


def read_answer(task: Task, facts: Facts, engine: str) -> Any:
    """The answer to a task from finished facts.

    Raises
    ------
    EngineCrashError
        When the end marker is missing.
    EngineOutputError
        When the lines are not an answer to the task.
    """
    if not facts.finished:
        raise EngineCrashError(
            f"{task.asked} with {engine}",
            f"it stopped before its end marker, saying {last_words(facts.transcript)!r}",
            "read the transcript of this error, or take another engine",
            facts.transcript,
        )
    try:
        return _answer(task, facts)
    except (AlgattnError, ValueError, IndexError) as error:
        raise EngineOutputError(
            f"{task.asked} with {engine}",
            f"its output cannot be read ({error})",
            "read the transcript of this error, and report it with the task",
            facts.transcript,
        ) from error


def last_words(transcript: str) -> str:
    """The last thing printed that is not a marked line, or an error line where there is one."""
    lines = [x.strip() for x in transcript.splitlines() if x.strip() and not x.startswith(MARK)]
    loud = [x for x in lines if x.startswith("?") or "error" in x.lower()]
    return (loud or lines or ["nothing"])[0 if loud else -1][:200]


def _answer(task: Task, facts: Facts) -> Any:
    if isinstance(task, Membership):
        (word,) = facts.every("bool")
        return {"0": False, "1": True}[word] if word in ("0", "1") else int("not a bool")
    if isinstance(task, HilbertSeries):
        (words,) = facts.every("ints")
        return trim([int(w) for w in words.split()])
    if isinstance(task, GroebnerBasis | Elimination | Saturation):
        return _ideal(facts, task.target, task)
    if isinstance(task, MinimalPrimes | PrimaryDecomposition):
        return _components(task, facts)
    (word,) = facts.every("int")
    return int(word)


def trim(numbers: list[int]) -> tuple[int, ...]:
    """Without zeros at the end."""
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _ideal(facts: Facts, target: PolynomialRing, task: Task) -> tuple[Polynomial, ...]:
    (count,) = facts.every("count")
    texts = facts.every("poly")
    if len(texts) != int(count):
        raise ValueError(f"{len(texts)} polynomials instead of {count}")
    names = dict(zip(task.ring.names, plain_names(task.ring), strict=True))
    kept = [names[n] for n in target.names]
    return tidy([read_polynomial(text, target, kept) for text in texts], target)


def tidy(polys: list[Polynomial], target: PolynomialRing) -> tuple[Polynomial, ...]:
    """Monic polynomials by increasing leading monomial, zeros left out."""
    from algattn.engines.leading import leading_term, order_key

    key = order_key(target.order, target.weights)
    found = []
    for p in polys:
        if p:
            exponents, c = leading_term(p, key)
            found.append((key(exponents), p * (target.field.one / c)))
    return tuple(p for _, p in sorted(found, key=lambda pair: pair[0]))


def _components(task: Task, facts: Facts) -> tuple[Component, ...]:
    ring, names = task.ring, plain_names(task.ring)
    heads: list[list[int]] = []
    primes: list[list[Polynomial]] = []
    primaries: list[list[Polynomial]] = []
    for key, rest in facts.lines:
        if key == "component":
            heads.append([int(w) for w in rest.split()])
            primes.append([])
            primaries.append([])
        elif key == "prime":
            primes[-1].append(read_polynomial(rest, ring, names))
        elif key == "primary":
            primaries[-1].append(read_polynomial(rest, ring, names))
    (count,) = facts.every("count")
    if len(heads) != int(count):
        raise ValueError(f"{len(heads)} components instead of {count}")
    out = []
    for (dimension, degree, conjugates), prime, primary in zip(
        heads, primes, primaries, strict=True
    ):
        whole = isinstance(task, PrimaryDecomposition)
        if whole and not primary:
            raise ValueError("a primary component has no generators")
        out.append(
            Component(
                tuple(p for p in prime if p),
                dimension,
                degree,
                tuple(p for p in primary if p) if whole else None,
                conjugates or None,
            )
        )
    return tuple(sorted(out, key=lambda c: (-c.dimension, c.degree, str(c.prime))))
