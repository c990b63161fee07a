"""Write what the real systems print for a few tasks to ``transcripts/``, for the parser tests.

Usage: ``python tests/engines/make_transcripts.py``, with all engines installed.
"""

from __future__ import annotations

from pathlib import Path

from algattn.engines import (
    Degree,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Limits,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Task,
    get,
)
from algattn.exact import GF, QQ, PolynomialRing

NONCE = "0123456789abcdef"
FOLDER = Path(__file__).parent / "transcripts"


def cases() -> dict[str, Task]:
    """Tasks by name; their answers are in ``test_transcripts.py``."""
    a, b, c, d = PolynomialRing(QQ, ("a", "b", "c", "d")).gens()
    cubic = (a * c - b**2, a * d - b * c, b * d - c**2)
    p, q, r = PolynomialRing(GF(101), ("p", "q", "r")).gens()
    return {
        "groebner": GroebnerBasis((a * b - c**2 * "1/2", a * c + c**2 - b * d)),
        "groebner-mod": GroebnerBasis((p * q - 7 * r**2, p**2 - q * r)),
        "elimination": Elimination((a - d**2, b - d**3), ("d",)),
        "hilbert": HilbertSeries(cubic),
        "degree": Degree(cubic),
        "membership": Membership(cubic, a * c * d - b**2 * d),
        "primes": MinimalPrimes((a * b, c**2 + 1), absolute=True),
        "primes-plain": MinimalPrimes((a * b, c**2 + 1)),
        "primary": PrimaryDecomposition((a**2, a * b)),
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for engine in ("singular", "macaulay2", "msolve", "builtin", "sympy"):
        for name, task in cases().items():
            if get(engine).supports(task) is True:
                run = get(engine).start(task, NONCE, Limits())
                (FOLDER / f"{engine}-{name}.txt").write_text(run.transcript)


if __name__ == "__main__":
    main()
