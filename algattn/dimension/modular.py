"""Exact linear algebra modulo a word prime, carried by float64 BLAS.

A residue is kept centred, ``|x| <= p/2`` with ``p < 2**23``; then a sum of 384 products stays below
``2**53`` and every float64 matrix product is exact.  Elimination is recursive over the rows, so
that almost all of its work is matrix multiplication (the idea of FFLAS-FFPACK: Dumas, Giorgi,
Pernet, "Dense Linear Algebra over Word-Size Prime Fields", ACM TOMS 35, 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import fmpz, nmod_mat
from numpy.typing import NDArray

from algattn.dimension.limits import checkpoint
from algattn.errors import FieldError, ShapeError
from algattn.words import quoted

__all__ = [
    "DEFAULT_PRIME",
    "MAX_PRIME",
    "MIN_PRIME",
    "Profile",
    "Residues",
    "check_prime",
    "inverse_mod",
    "matmul_mod",
    "next_prime",
    "profile_mod",
    "rank_mod",
    "reduce_mod",
]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DEFAULT_PRIME = 8388593
"""The largest prime below ``2**23``."""
MAX_PRIME = 2**23
MIN_PRIME = 2**20
_CHUNK = 384
_BASE = 32
_FLINT_ENTRIES = 6000  # below this size nmod_mat wins, conversion from lists included


def check_prime(prime: int) -> int:
    """Return ``prime`` if it is a proved prime of the size this module can carry.

    Raises
    ------
    FieldError
        If ``prime`` is outside ``[MIN_PRIME, MAX_PRIME)`` or not a prime (decided by FLINT, a
        proof).

    Examples
    --------
    >>> check_prime(101)
    Traceback (most recent call last):
    algattn.errors.FieldError: compute a rank modulo 101: the prime is not in [1048576, 8388608). \
Try: the prime 8388593.
    """
    asked, hint = f"compute a rank modulo {prime}", f"the prime {DEFAULT_PRIME}"
    if type(prime) is not int:
        raise FieldError(asked, f"{quoted(prime)} is not a whole number", hint)
    if not MIN_PRIME <= prime < MAX_PRIME:
        raise FieldError(asked, f"the prime is not in [{MIN_PRIME}, {MAX_PRIME})", hint)
    if not fmpz(prime).is_prime():
        raise FieldError(asked, f"{prime} is not a prime number", hint)
    return prime


def next_prime(prime: int) -> int:
    """The next smaller prime (the largest one after the smallest), for another try.

    >>> next_prime(DEFAULT_PRIME)
    8388587
    """
    candidate = prime - 1
    while candidate >= MIN_PRIME and not fmpz(candidate).is_prime():
        candidate -= 1
    return candidate if candidate >= MIN_PRIME else DEFAULT_PRIME


class Residues:
    """A reproducible stream of residues modulo ``prime``.

    The stream is read from the raw output of PCG64, which NumPy promises never to change (NEP 19),
    so a seed in a stored certificate keeps its meaning.

    Parameters
    ----------
    seed : int
        Non-negative seed.
    prime : int
        A prime accepted by `check_prime`.
    """

    def __init__(self, seed: int, prime: int = DEFAULT_PRIME) -> None:
        self.seed = seed
        self.prime = check_prime(prime)
        self._bits = np.random.PCG64(seed)

    def draw(self, *shape: int) -> Ints:
        """Return an array of the given shape with residues in ``[0, prime)``."""
        size = int(np.prod(shape, dtype=np.int64))
        raw = np.asarray(self._bits.random_raw(size), dtype=np.uint64)
        return (raw % np.uint64(self.prime)).astype(np.int64).reshape(shape)

    def floats(self, *shape: int) -> Floats:
        """Return centred float64 residues of the given shape."""
        return reduce_mod(self.draw(*shape).astype(np.float64), self.prime)


def reduce_mod(x: Floats, prime: int) -> Floats:
    """Centred residues of integers ``|x| < 2**53`` stored as float64 (shape kept)."""
    quotient = np.rint(x * (1.0 / prime))
    quotient *= -prime
    quotient += x
    return quotient


def matmul_mod(a: Floats, b: Floats, prime: int) -> Floats:
    """Product of two (stacks of) centred residue matrices, shapes as in `numpy.matmul`."""
    inner = a.shape[-1]
    if inner <= _CHUNK:
        return reduce_mod(np.matmul(a, b), prime)
    total = reduce_mod(np.matmul(a[..., :_CHUNK], b[..., :_CHUNK, :]), prime)
    for start in range(_CHUNK, inner, _CHUNK):
        stop = min(inner, start + _CHUNK)
        total += np.matmul(a[..., start:stop], b[..., start:stop, :])
        total = reduce_mod(total, prime)
    return total


def inverse_mod(x: Floats, prime: int) -> Floats:
    """Entrywise inverse of centred residues by Fermat's theorem; zero goes to zero."""
    result = np.ones_like(x)
    power = x
    exponent = prime - 2
    while exponent:
        if exponent & 1:
            result = reduce_mod(result * power, prime)
        exponent >>= 1
        if exponent:
            power = reduce_mod(power * power, prime)
    return result


@dataclass(frozen=True)
class Profile:
    """Rank profile of a matrix over GF(p).

    Attributes
    ----------
    rows : tuple of int
        The lexicographically first maximal independent set of rows (0-based, increasing).
    columns : tuple of int
        Pivot columns; the minor ``rows x columns`` is invertible.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @property
    def rank(self) -> int:
        """Number of pivots."""
        return len(self.rows)


def _centred(matrix: Ints | Floats, prime: int) -> Floats:
    if matrix.ndim != 2:
        raise ShapeError(
            "compute a rank", f"the array has shape {matrix.shape}", "a matrix with two axes"
        )
    if matrix.dtype == np.float64:
        return reduce_mod(np.asarray(matrix, dtype=np.float64), prime)
    if not np.issubdtype(matrix.dtype, np.integer):
        raise FieldError(
            "compute a rank", f"the entries are {matrix.dtype}, not integers", "integer residues"
        )
    return reduce_mod(np.asarray(matrix % prime, dtype=np.float64), prime)


@dataclass
class _Echelon:
    rows: list[int]
    columns: list[int]
    upper: Floats  # (k, n), the reduced rows
    inverse: Floats  # (k, k), inverse of upper[:, columns]


def _base(block: Floats, prime: int) -> _Echelon:
    height, width = block.shape
    upper = np.zeros((height, width))
    inverse = np.zeros((height, height))
    rows: list[int] = []
    columns: list[int] = []
    for i in range(height):
        row = block[i]
        k = len(rows)
        if k:
            coefficients = reduce_mod(row[columns] @ inverse[:k, :k], prime)
            row = reduce_mod(row - coefficients @ upper[:k], prime)
        c = int(np.argmax(row != 0))
        if row[c] == 0:
            continue
        upper[k] = row
        pivot = float(pow(int(row[c]), -1, prime))
        if k:
            corner = reduce_mod(inverse[:k, :k] @ upper[:k, c], prime)
            inverse[:k, k] = reduce_mod(-corner * pivot, prime)
        inverse[k, k] = reduce_mod(np.array([pivot]), prime)[0]
        rows.append(i)
        columns.append(c)
        if len(rows) == width:
            break
    k = len(rows)
    return _Echelon(rows, columns, upper[:k], inverse[:k, :k])


def _echelon(block: Floats, prime: int) -> _Echelon:
    checkpoint()
    height, width = block.shape
    if height <= _BASE:
        return _base(block, prime)
    half = height // 2
    top = _echelon(block[:half], prime)
    if len(top.rows) == width:
        return top
    below = block[half:]
    if top.rows:
        coefficients = matmul_mod(below[:, top.columns], top.inverse, prime)
        below = reduce_mod(below - matmul_mod(coefficients, top.upper, prime), prime)
    low = _echelon(below, prime)
    k, m = len(top.rows), len(low.rows)
    if not m:
        return top
    inverse = np.zeros((k + m, k + m))
    inverse[:k, :k] = top.inverse
    inverse[k:, k:] = low.inverse
    corner = matmul_mod(top.inverse, top.upper[:, low.columns], prime)
    inverse[:k, k:] = -matmul_mod(corner, low.inverse, prime)
    return _Echelon(
        top.rows + [half + i for i in low.rows],
        top.columns + low.columns,
        np.concatenate([top.upper, low.upper]),
        inverse,
    )


def profile_mod(matrix: Ints | Floats, prime: int = DEFAULT_PRIME) -> Profile:
    """Row rank profile of a matrix modulo ``prime``.

    Parameters
    ----------
    matrix : ndarray of int64, shape (m, n)
        Integers (any representatives), or float64 integers below ``2**53``.
    prime : int
        A prime accepted by `check_prime`.

    Returns
    -------
    Profile
        Independent rows and pivot columns; exact.

    Notes
    -----
    Complexity about ``m * r * n`` multiplications for rank r, nearly all inside BLAS.
    """
    check_prime(prime)
    centred = _centred(matrix, prime)
    if 0 in centred.shape:
        return Profile((), ())
    found = _echelon(centred, prime)
    return Profile(tuple(found.rows), tuple(found.columns))


def rank_mod(matrix: Ints | Floats, prime: int = DEFAULT_PRIME) -> int:
    """Rank of a matrix modulo ``prime``; exact (parameters as in `profile_mod`)."""
    check_prime(prime)
    centred = _centred(matrix, prime)
    if 0 in centred.shape:
        return 0
    if centred.size <= _FLINT_ENTRIES:
        return int(nmod_mat(centred.astype(np.int64).tolist(), prime).rank())
    if centred.shape[0] > centred.shape[1]:
        centred = np.ascontiguousarray(centred.T)
    return len(_echelon(centred, prime).rows)
