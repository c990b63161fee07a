"""Reading what a system printed: marked lines, then an answer.

Every line that counts starts with a marker that is new in each run; the run has succeeded when the
end marker is there, whatever the exit status.  The same lines come from every system:

``count N`` and so many ``poly TEXT`` lines, or ``head TEXT`` lines with leading monomials alone;
for an elimination perhaps ``others N`` and ``also TEXT`` lines, the rest of the basis; for
decompositions ``parts N``, and so often ``component CONJUGATES`` followed by ``prime TEXT`` and
``primary TEXT`` lines; for cofactors and resolutions ``matrix ROWS COLUMNS`` and its ``entry TEXT``
lines, row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from algattn.engines.ideal_tasks import Cofactors, FreeResolution, Radical
from algattn.engines.leading import Exponents, leading_term, order_key
from algattn.engines.reduction import as_basis
from algattn.engines.tasks import Elimination, GroebnerBasis, Task
from algattn.engines.text import plain_names, read_polynomial
from algattn.errors import AlgattnError, EngineCrashError, EngineOutputError
from algattn.exact import Polynomial, PolynomialRing

MARK = "@@"
Rows = tuple[tuple[Polynomial, ...], ...]


@dataclass(frozen=True)
class Facts:
    """The marked lines of a transcript as ``(key, rest)``, and whether the end marker came."""

    lines: tuple[tuple[str, str], ...]
    finished: bool
    transcript: str

    def every(self, key: str) -> list[str]:
        return [rest for k, rest in self.lines if k == key]


@dataclass(frozen=True)
class Part:
    """One component as it was printed: generators of the prime and of the primary ideal."""

    prime: tuple[Polynomial, ...]
    primary: tuple[Polynomial, ...]
    conjugates: int


@dataclass(frozen=True)
class Reading:
    """What an engine printed, as polynomials.

    Attributes
    ----------
    basis : tuple of Polynomial
        In the target ring of the task, monic, by increasing leading monomial.
    whole : bool
        Whether they are the polynomials themselves, not their leading monomials.
    others : tuple of Polynomial or None
        For an elimination: the members of the block basis with variables that have to go.
    parts : tuple of Part
        For a decomposition.
    matrices : tuple of tuples of rows
        Of cofactors (no row for what lies not in the ideal), or of a resolution.
    """

    basis: tuple[Polynomial, ...]
    whole: bool = True
    others: tuple[Polynomial, ...] | None = None
    parts: tuple[Part, ...] = ()
    matrices: tuple[Rows, ...] = ()

    def heads(self) -> list[Exponents]:
        """The leading monomials of the basis."""
        return heads(self.basis)


def heads(basis: Sequence[Polynomial]) -> list[Exponents]:
    """The leading monomials in the order of the polynomials' ring."""
    if not basis:
        return []
    key = order_key(basis[0].ring.order, basis[0].ring.weights)
    return [leading_term(g, key)[0] for g in basis]


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


def basis_lines(texts: Iterable[str]) -> list[tuple[str, str]]:
    """The lines of a basis, for engines that print none."""
    listed = [("poly", text) for text in texts]
    return [("count", str(len(listed))), *listed]


def read_answer(task: Task, facts: Facts, engine: str) -> Reading:
    """What finished facts say about :func:`algattn.engines.reduction.as_basis` of a task.

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
        return _reading(as_basis(task), facts)
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


def _reading(task: Task, facts: Facts) -> Reading:
    target = getattr(task, "target", PolynomialRing(task.ring.field, task.ring.names))
    names = dict(zip(task.ring.names, plain_names(task.ring), strict=True))

    def polys(texts: Iterable[str], ring: PolynomialRing) -> list[Polynomial]:
        kept = [names[n] for n in ring.names]
        return [read_polynomial(text, ring, kept) for text in texts]

    if isinstance(task, Cofactors | FreeResolution):
        return Reading((), matrices=tuple(_matrices(facts, lambda t: polys(t, task.ring))))
    leading = facts.every("head")
    basis = tidy(polys(_counted(facts, "count", "head" if leading else "poly"), target), target)
    others = None
    if isinstance(task, Elimination) and facts.every("others"):
        others = tuple(polys(_counted(facts, "others", "also"), task.ring))
    if isinstance(task, GroebnerBasis | Elimination | Radical):
        return Reading(basis, not leading, others)
    conjugates: list[int] = []
    found: list[dict[str, list[str]]] = []
    for key, rest in facts.lines:
        if key == "component":
            conjugates.append(int(rest))
            found.append({"prime": [], "primary": []})
        elif key in ("prime", "primary"):
            found[-1][key].append(rest)
    (wanted,) = facts.every("parts")
    if len(found) != int(wanted):
        raise ValueError(f"{len(found)} components instead of {wanted}")
    if not all(x["prime"] and (x["primary"] or task.kind == "primes") for x in found):
        raise ValueError("a component has no generators")
    parts = (
        Part(
            tidy(polys(x["prime"], target), target),
            tidy(polys(x["primary"], target), target),
            count,
        )
        for count, x in zip(conjugates, found, strict=True)
    )
    return Reading(basis, parts=tuple(parts))


def _matrices(facts: Facts, read: Callable[[Iterable[str]], list[Polynomial]]) -> Iterator[Rows]:
    texts = iter(facts.every("entry"))
    for size in facts.every("matrix"):
        rows, columns = map(int, size.split())
        entries = read(islice(texts, rows * columns))
        if len(entries) != rows * columns:
            raise ValueError(f"{len(entries)} entries of a matrix instead of {rows * columns}")
        yield tuple(tuple(entries[i * columns :][:columns]) for i in range(rows))


def _counted(facts: Facts, head: str, key: str) -> list[str]:
    (count,) = facts.every(head)
    texts = facts.every(key)
    if len(texts) != int(count):
        raise ValueError(f"{len(texts)} polynomials instead of {count}")
    return texts


def tidy(polys: list[Polynomial], target: PolynomialRing) -> tuple[Polynomial, ...]:
    """Monic polynomials by increasing leading monomial, zeros left out."""
    key = order_key(target.order, target.weights)
    found = []
    for p in polys:
        if p:
            exponents, c = leading_term(p, key)
            found.append((key(exponents), p * (target.field.one / c)))
    return tuple(p for _, p in sorted(found, key=lambda pair: pair[0]))
