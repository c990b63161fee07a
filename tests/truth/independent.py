"""Attention in plain integers and high-precision floats: shares no code with algattn.

Weights are what ``Weights.to_data()`` writes.  A number field QQ(theta) is read modulo a prime at
which its modulus has a root: reduction is a ring homomorphism, so exact identities survive it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

#: Products of two residues, summed over a thousand terms, stay below 2^63.
PRIMES = (67108859, 67108837)
Layers = list[tuple[Any, ...]]  # (A, V) or (K, Q, V) for each layer


def root_modulo(modulus: list[Any]) -> tuple[int, int]:
    """A prime and a root of the polynomial (ascending coefficients) there."""
    for p in range(1009, 10**6, 2):
        if any(p % q == 0 for q in range(3, int(p**0.5) + 1, 2)):
            continue
        coefficients = [residue(c, p) for c in modulus]
        x = np.arange(p, dtype=np.int64)
        value = np.zeros_like(x)
        for c in reversed(coefficients):
            value = (value * x + c) % p
        if (roots := np.flatnonzero(value == 0)).size and coefficients[-1]:
            return p, int(roots[0])
    raise AssertionError("no prime has a root")


def residue(x: Any, p: int, root: int = 0) -> int:
    if isinstance(x, list):
        return sum(residue(c, p) * pow(root, i, p) for i, c in enumerate(x)) % p
    x = Fraction(x)
    return x.numerator * pow(x.denominator, -1, p) % p


def characteristic(data: dict[str, Any]) -> int:
    field = data.get("field", "QQ")
    return int(field[3:-1]) if isinstance(field, str) and field.startswith("GF(") else 0


def places(*data: dict[str, Any]) -> list[tuple[int, int]]:
    """Primes (with a root of the field's modulus) at which all the given weights can be read."""
    fields = [d.get("field", "QQ") for d in data]
    if finite := [characteristic(d) for d in data if characteristic(d)]:
        return [(finite[0], 0)]
    if moduli := [f["modulus"] for f in fields if isinstance(f, dict)]:
        return [root_modulo(moduli[0])]
    return [(p, 0) for p in PRIMES]


def by_layer(data: dict[str, Any]) -> list[tuple[Any, ...]]:
    """(A, V) or (K, Q, V) for each layer; "layers" may mix the two."""
    if "layers" in data:
        return list(data["layers"])
    return list(zip(*(data[n] for n in ("KQV" if "K" in data else "AV")), strict=True))


def reduced(data: dict[str, Any], p: int, root: int) -> Layers:
    """The matrices modulo p."""
    return [
        tuple(
            np.array([[residue(x, p, root) for x in row] for row in m], dtype=np.int64)
            for m in layer
        )
        for layer in by_layer(data)
    ]


def lightning(layers: Layers, X: Any, p: int) -> Any:
    for *maps, V in layers:
        A = maps[0] if len(maps) == 1 else maps[0].T @ maps[1] % p
        X = V @ (X @ (X.T @ (A @ X % p) % p) % p) % p
    return X


def inputs(d: int, t: int, p: int, count: int, seed: int = 0) -> list[Any]:
    rng = np.random.default_rng([seed, d, t])
    return [rng.integers(0, p, size=(d, t)) for _ in range(count)]


def same_lightning(first: dict[str, Any], second: dict[str, Any], d: int, t: int) -> bool:
    """Equal values at random inputs modulo primes (Schwartz-Zippel: wrong with 3^l / p each)."""
    for p, root in places(first, second):
        one, two = reduced(first, p, root), reduced(second, p, root)
        for X in inputs(d, t, p, 3 if p > 1000 else 60):
            if (lightning(one, X, p) != lightning(two, X, p)).any():
                return False
    return True


def _tangent(layers: Layers, X: Any, p: int, which: tuple[int, int, int, int]) -> Any:
    """The derivative of the output by one entry of one matrix, by the product rule."""
    at, matrix, i, j = which
    Y, dY = X, np.zeros_like(X)
    for n, layer in enumerate(layers):
        d_layer = [np.zeros_like(m) for m in layer]
        if n == at:
            d_layer[matrix][i, j] = 1
        *maps, V = layer
        *d_maps, dV = d_layer
        if len(maps) == 1:
            A, dA = maps[0], d_maps[0]
        else:
            A = maps[0].T @ maps[1] % p
            dA = (d_maps[0].T @ maps[1] + maps[0].T @ d_maps[1]) % p
        AY = A @ Y % p
        dAY = (dA @ Y + A @ dY) % p
        S = Y.T @ AY % p
        dS = (dY.T @ AY + Y.T @ dAY) % p
        Z = Y @ S % p
        dZ = (dY @ S + Y @ dS) % p
        Y, dY = V @ Z % p, (dV @ Z + V @ dZ) % p
    return dY


def entries(layers: Layers) -> list[tuple[int, int, int, int]]:
    return [
        (n, m, i, j)
        for n, layer in enumerate(layers)
        for m, matrix in enumerate(layer)
        for i in range(matrix.shape[0])
        for j in range(matrix.shape[1])
    ]


def factored(A: Any, p: int) -> tuple[Any, Any]:
    """K and Q with A = K^T Q and as many rows as the rank, modulo p."""
    R, pivots = A % p, []
    for c in range(A.shape[1]):
        r = len(pivots)
        if not (below := np.flatnonzero(R[r:, c])).size:
            continue
        R[[r, r + int(below[0])]] = R[[r + int(below[0]), r]]
        R[r] = R[r] * pow(int(R[r, c]), -1, p) % p
        for i in range(len(R)):
            if i != r:
                R[i] = (R[i] - R[i, c] * R[r]) % p
        pivots.append(c)
    return A[:, pivots].T % p, R[: len(pivots)]


def bounded_nullity(data: dict[str, Any], ranks: Sequence[int], d: int, t: int) -> int | None:
    """The nullity of the Jacobian in (A, V), where A has rank at most a.

    Through keys and queries, less their gauge, where a < d; None where the rank of A is below.
    """
    found = []
    for p, root in places(data):
        layers, gauge = reduced(data, p, root), 0
        for n, ((A, V), a) in enumerate(zip(layers, ranks, strict=True)):
            if a < len(A):
                K, Q = factored(A, p)
                if len(K) < a:
                    return None
                layers[n], gauge = (K, Q, V), gauge + a * a
        found.append(len(entries(layers)) - _jacobian_rank(layers, d, t, p) - gauge)
    return min(found)


def jacobian_rank(data: dict[str, Any], d: int, t: int) -> int:
    """The rank of the Jacobian at the weights, by values at random inputs modulo two primes."""
    return max(_jacobian_rank(reduced(data, p, root), d, t, p) for p, root in places(data))


def _jacobian_rank(layers: Layers, d: int, t: int, p: int) -> int:
    unknowns = entries(layers)
    points = inputs(d, t, p, len(unknowns) + 2)  # one input may give a single equation
    J = np.stack(
        [np.concatenate([_tangent(layers, X, p, e).ravel() for X in points]) for e in unknowns]
    )
    return rank(J, p)


def rank(M: Any, p: int) -> int:
    """Rank modulo p by elimination."""
    M = M % p
    r = 0
    for c in range(M.shape[1]):
        if r == M.shape[0]:
            break
        pivots = np.flatnonzero(M[r:, c])
        if not pivots.size:
            continue
        k = r + int(pivots[0])
        M[[r, k]] = M[[k, r]]
        M[r] = M[r] * pow(int(M[r, c]), -1, p) % p
        below = M[r + 1 :, c : c + 1]
        M[r + 1 :] = (M[r + 1 :] - below * M[r]) % p
        r += 1
    return r


# softmax, in floats of many digits


def floats(data: dict[str, Any], digits: int = 60) -> Layers:
    mpmath.mp.dps = digits
    number = lambda x: mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator  # noqa: E731
    return [
        tuple(np.array([[number(x) for x in row] for row in m], dtype=object) for m in layer)
        for layer in by_layer(data)
    ]


def real_inputs(d: int, t: int, count: int, seed: int = 0) -> list[Any]:
    rng = random.Random(f"{seed} {d} {t}")
    draw = lambda: mpmath.mpf(rng.randint(-(10**6), 10**6)) / 10**6  # noqa: E731
    return [
        np.array([[draw() for _ in range(t)] for _ in range(d)], dtype=object) for _ in range(count)
    ]


_exp = np.frompyfunc(mpmath.exp, 1, 1)


def softmax(layers: Layers, X: Any) -> Any:
    for *maps, V in layers:
        A = maps[0] if len(maps) == 1 else maps[0].T @ maps[1]
        E = _exp(X.T @ A @ X)
        X = V @ X @ (E / E.sum(axis=0))
    return X


def same_softmax(first: dict[str, Any], second: dict[str, Any], d: int, t: int) -> bool:
    one, two = floats(first), floats(second)
    for X in real_inputs(d, t, 3):
        F, G = softmax(one, X), softmax(two, X)
        size = max(1, *(abs(x) for x in F.ravel()))
        if max(abs(x) for x in (F - G).ravel()) > size * mpmath.mpf(10) ** -35:
            return False
    return True


def softmax_rank(data: dict[str, Any], d: int, t: int) -> int | None:
    """Rank of the Jacobian by elimination with 60 digits; None when no gap shows."""
    layers = floats(data)
    unknowns = entries(layers)
    columns = []
    points = real_inputs(d, t, len(unknowns) + 2)  # one input may give a single equation
    mixed = [real_inputs(layers[-1][-1].shape[0], t, 1, n + 1)[0] for n in range(len(points))]
    for at, matrix, i, j in unknowns:
        parts = []
        for X, mix in zip(points, mixed, strict=True):
            Y, dY = X, X * 0
            for n, layer in enumerate(layers):
                d_layer = [m * 0 for m in layer]
                if n == at:
                    d_layer[matrix][i, j] = mpmath.mpf(1)
                *maps, V = layer
                *d_maps, dV = d_layer
                if len(maps) == 1:
                    A, dA = maps[0], d_maps[0]
                else:
                    A = maps[0].T @ maps[1]
                    dA = d_maps[0].T @ maps[1] + maps[0].T @ d_maps[1]
                AY = A @ Y
                E = _exp(Y.T @ AY)
                P = E / E.sum(axis=0)
                dS = dY.T @ AY + Y.T @ (dA @ Y + A @ dY)
                dP = P * (dS - (P * dS).sum(axis=0))
                Y, dY = V @ (Y @ P), dV @ (Y @ P) + V @ (dY @ P + Y @ dP)
            parts.append((mix * dY).sum())
        columns.append(parts)
    return _float_rank(np.array(columns, dtype=object))


def _float_rank(M: Any) -> int | None:
    """Complete pivoting: every pivot is above 10^-25 or all that is left below 10^-45."""
    M = M.copy()
    r = 0
    while r < min(M.shape):
        size = np.abs(M[r:, r:])
        k = int(size.argmax())
        i, j = r + k // size.shape[1], r + k % size.shape[1]
        largest = size.ravel()[k]
        if largest < mpmath.mpf(10) ** -45:
            return r
        if largest < mpmath.mpf(10) ** -25:
            return None
        M[[r, i]] = M[[i, r]]
        M[:, [r, j]] = M[:, [j, r]]
        M[r + 1 :, r:] = M[r + 1 :, r:] - np.outer(M[r + 1 :, r] / M[r, r], M[r, r:])
        r += 1
    return r
