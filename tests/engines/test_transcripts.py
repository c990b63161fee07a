"""The parsers, on what the real systems printed (no system needed)."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from algattn.engines import Component, Task, get
from algattn.engines.conclusion import conclude
from algattn.engines.process import Run
from algattn.engines.transcript import read_answer
from algattn.errors import EngineCrashError, EngineOutputError
from algattn.exact import GF, QQ, PolynomialRing

_PATH = Path(__file__).parent / "make_transcripts.py"
_SPEC = importlib.util.spec_from_file_location("make_transcripts", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
MADE: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(MADE)

FILES = sorted(MADE.FOLDER.glob("*.txt"))


def answers() -> dict[str, Any]:
    R = PolynomialRing(QQ, ("a", "b", "c", "d"))
    a, b, c, d = R.gens()
    p, q, r = PolynomialRing(GF(101), ("p", "q", "r")).gens()
    A, B, C = PolynomialRing(QQ, ("a", "b", "c")).gens()
    primes = (
        Component((a, c**2 + 1), 2, 2, None, 2),
        Component((b, c**2 + 1), 2, 2, None, 2),
    )
    half = QQ("1/2")
    return {
        "groebner": {a * b - c**2 * half, a * c + c**2 - b * d, b * c**2 + c**3 * half - b**2 * d},
        "groebner-mod": {
            p**2 - q * r,
            p * q - 7 * r**2,
            q**2 * r - 7 * p * r**2,
        },
        "elimination": {A**3 - B**2},
        "hilbert": (1, 0, -3, 2),
        "degree": 3,
        "membership": True,
        "primes": primes,
        "primes-plain": tuple(Component(x.prime, 2, 2) for x in primes),
        "primary": (
            Component((a,), 3, 1, (a,)),
            Component((a, b), 2, 1, (a**2, b)),
        ),
        "ring C": C,
    }


def sets(components: tuple[Component, ...]) -> set[Any]:
    return {
        (
            frozenset(c.prime),
            c.dimension,
            c.degree,
            None if c.primary is None else frozenset(c.primary),
            c.conjugates,
        )
        for c in components
    }


def read(path: Path, text: str | None = None) -> tuple[Task, Any]:
    engine, _, name = path.stem.partition("-")
    task = MADE.cases()[name]
    run = Run(path.read_text() if text is None else text, 0, None, 0.0)
    reading = read_answer(task, get(engine).facts(task, run, MADE.NONCE), engine)
    return task, conclude(task, reading)[0]


def test_every_engine_has_transcripts() -> None:
    assert {p.stem.partition("-")[0] for p in FILES} == {
        "builtin",
        "macaulay2",
        "msolve",
        "singular",
        "sympy",
    }
    assert len(FILES) >= 34


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_stored_transcript_gives_the_answer(path: Path) -> None:
    _, found = read(path)
    wanted = answers()[path.stem.partition("-")[2]]
    if isinstance(wanted, set):
        assert set(found) == wanted
    elif isinstance(wanted, tuple) and isinstance(wanted[0], Component):
        assert sets(found) == sets(wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_transcript_cut_anywhere_is_refused(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    for n in range(len(lines)):
        with pytest.raises((EngineCrashError, EngineOutputError)) as caught:
            read(path, "".join(lines[:n]))
        assert caught.value.transcript == "".join(lines[:n])


WITH_POLYNOMIALS = [p for p in FILES if " poly " in p.read_text() or " prime " in p.read_text()]


@pytest.mark.parametrize("path", WITH_POLYNOMIALS, ids=lambda p: p.stem)
def test_a_transcript_without_one_of_its_polynomials_is_refused(path: Path) -> None:
    lines = path.read_text().splitlines(keepends=True)
    poly = [n for n, x in enumerate(lines) if " poly " in x or " component " in x]
    del lines[poly[-1]]
    with pytest.raises(EngineOutputError):
        read(path, "".join(lines))


def test_another_run_s_marker_does_not_count() -> None:
    path = MADE.FOLDER / "singular-degree.txt"
    with pytest.raises(EngineCrashError):
        read(path, path.read_text().replace(MADE.NONCE, "f" * 16))


@pytest.mark.parametrize(
    "bad", ["x1^2+__import__('os')", "x9", "x1^^2", "1.5*x1", "", "x1 + (x2)", "x1-", "1/0*x1"]
)
def test_garbage_in_place_of_a_polynomial(bad: str) -> None:
    text = f"@@{MADE.NONCE} count 1\n@@{MADE.NONCE} poly {bad}\n@@{MADE.NONCE} end\n"
    with pytest.raises(EngineOutputError) as caught:
        read(MADE.FOLDER / "singular-elimination.txt", text)
    assert text in caught.value.transcript


def test_an_answer_over_another_field_is_refused() -> None:
    path = MADE.FOLDER / "msolve-groebner.txt"
    text = path.read_text().replace("characteristic: 0", "characteristic: 101")
    assert text != path.read_text()
    with pytest.raises(EngineOutputError, match="characteristic 101"):
        read(path, text)
