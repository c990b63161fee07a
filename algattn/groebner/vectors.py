"""Highest-weight vectors as exact polynomials: raising operators, contraction, substitution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise, permutations
from math import factorial, gcd
from typing import Any

import numpy as np
from flint import Ordering, fmpz_mpoly_ctx, nmod_mat, nmod_mpoly_ctx

from algattn.errors import InputError
from algattn.groebner.highest_weight import Array, Kind, Table, left_numbers
from algattn.groebner.modules import Partition
from algattn.words import quoted

Label = tuple[int, ...]
Monomial = tuple[Label, ...]
MAX_SUBSTITUTION = 4_000_000


@dataclass(frozen=True)
class Vector:
    """A highest-weight vector of an ideal: its kind and its terms, monomials rising.

    Attributes
    ----------
    kind : Kind
    monomials : tuple of tuple of int
        The labels of the factors one after another, sorted (see :meth:`terms`).
    coefficients : tuple of int
    """

    kind: Kind
    monomials: tuple[tuple[int, ...], ...]
    coefficients: tuple[int, ...]

    @property
    def degree(self) -> int:
        return self.kind.degree

    def terms(self) -> dict[Monomial, int]:
        """``{(label, ..., label): coefficient}``."""
        return {
            tuple(tuple(flat[n : n + 4]) for n in range(0, len(flat), 4)): c
            for flat, c in zip(self.monomials, self.coefficients, strict=True)
        }

    @cached_property
    def labels(self) -> Array:
        """Array of shape (terms, degree, 4)."""
        return np.array(self.monomials, dtype=np.int64).reshape(len(self.monomials), -1, 4)

    @staticmethod
    def from_column(kind: Kind, monomials: Array, column: Sequence[int]) -> Vector:
        """From a column over encoded monomials of the kind's own table."""
        labels = np.array(kind.table.labels, dtype=np.int64)
        flat = labels[monomials].reshape(len(monomials), -1)
        kept = [(tuple(f), int(c)) for f, c in zip(flat.tolist(), column, strict=True) if c]
        return Vector(kind, tuple(f for f, _ in kept), tuple(c for _, c in kept))

    def to_data(self) -> dict[str, Any]:
        return {
            "mu": list(self.kind.mu),
            "lam": list(self.kind.lam),
            "nu": list(self.kind.nu),
            "terms": [
                [list(m), c if abs(c) < 2**53 else str(c)]
                for m, c in zip(self.monomials, self.coefficients, strict=True)
            ],
        }

    @staticmethod
    def from_data(data: Any) -> Vector:
        """Read and check the spelling: sorted labels, rising monomials, whole numbers not 0."""
        asked = "read a highest-weight vector"
        if not isinstance(data, Mapping) or set(data) != {"mu", "lam", "nu", "terms"}:
            raise InputError(
                asked, "its keys are not mu, lam, nu, terms", "use the file as written"
            )
        kind = read_kind(data["mu"], data["lam"], data["nu"])
        try:
            vector = _in_order(kind, data["terms"])
        except (LookupError, TypeError, ValueError) as error:
            raise InputError(asked, f"its terms are wrong ({error})", "use the file") from None
        if not vector.monomials or 0 in vector.coefficients:
            raise InputError(asked, "it is zero, or a term is", "use the file as written")
        return vector


def _in_order(kind: Kind, terms: Any) -> Vector:
    index, labels, size = kind.table.index, kind.table.labels, 4 * kind.degree
    monomials, numbers = [], []
    for flat, number in terms:
        ids = [index[tuple(flat[n : n + 4])] for n in range(0, len(flat), 4)]
        if len(flat) != size or ids != sorted(ids):
            raise ValueError("a monomial is not sorted, or of another degree")
        monomials.append(tuple(x for n in ids for x in labels[n]))  # no 1.0 for 1
        numbers.append(_whole(number))
    if not all(a < b for a, b in pairwise(monomials)):
        raise ValueError("they are not in order")
    return Vector(kind, tuple(monomials), tuple(numbers))


def read_kind(mu: Any, lam: Any, nu: Any) -> Kind:
    """The type with three shapes from JSON data, whose sizes tell one token from several."""
    asked, hint = "read a type of equations", "use the file as written"
    for shape in (mu, lam, nu):
        whole = isinstance(shape, list | tuple) and all(type(x) is int for x in shape)
        if not whole or not shape or min(shape) < 1 or any(a < b for a, b in pairwise(shape)):
            raise InputError(asked, f"{shape} is not a partition", hint)
    shapes = [tuple(shape) for shape in (mu, lam, nu)]
    degree, left, right = map(sum, shapes)
    one_token = left == 3 * degree and shapes[2] == (degree,)
    if right != degree or not (left == 2 * degree or one_token):
        raise InputError(asked, f"the shapes {shapes} do not fit together", hint)
    return Kind(shapes[0], shapes[1], shapes[2], left // degree)


def _whole(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and str(int(value)) == value:
        return int(value)
    raise InputError(
        "read a coefficient", f"{quoted(value)} is not whole", "use the file as written"
    )


def primitive(numbers: Sequence[int]) -> list[int]:
    """Divided by the greatest common divisor, the first nonzero one positive."""
    g = 0
    for x in numbers:
        g = gcd(g, x)
    lead = next((x for x in numbers if x), 1)
    g = -g if lead < 0 else g
    return [x // g for x in numbers] if g else list(numbers)


def step(label: Label, slot: str, old: int, new: int, q: int) -> tuple[Label, int]:
    """The operator that turns index `old` into `new` on one coordinate that has `old`.

    In the coordinates ``c = T / alpha!`` the derivation ``old -> new`` of the left indices sends
    ``c_alpha`` to ``(alpha_new + 1) c_alpha'``.
    """
    if slot == "R":
        return (new, *label[1:]), 1
    if slot == "W":
        return (*label[:-1], new), 1
    left = list(label[1 : q + 1])
    factor = left.count(new) + 1
    left.remove(old)
    left.append(new)
    return (label[0], *sorted(left), *label[q + 1 :]), factor


def shift(
    terms: Mapping[Monomial, int], slot: str, old: int, new: int, q: int
) -> dict[Monomial, int]:
    """The derivation ``old -> new`` of one of the slots R, U, W applied to a polynomial."""
    out: dict[Monomial, int] = {}
    for monomial, c in terms.items():
        for n, label in enumerate(monomial):
            if n and monomial[n - 1] == label:
                continue
            here = {"R": label[:1], "U": label[1 : q + 1], "W": label[-1:]}[slot]
            if old not in here:
                continue
            other, factor = step(label, slot, old, new, q)
            key = tuple(sorted((*monomial[:n], other, *monomial[n + 1 :])))
            out[key] = out.get(key, 0) + c * factor * monomial.count(label)
    return {key: c for key, c in out.items() if c}


def slots(kind: Kind) -> list[tuple[str, Partition]]:
    """The slots that a group acts on, with the weights of the kind."""
    all_slots = [("R", kind.mu), ("U", kind.lam)]
    return [*all_slots, ("W", kind.nu)] if kind.q == 2 else all_slots


def is_highest(vector: Vector, prime: int = 0) -> bool:
    """Whether the vector has the weight of its kind and all raising operators kill it."""
    kind, terms = vector.kind, vector.terms()
    for monomial in terms:
        for slot, shape in slots(kind):
            weight = [0] * len(shape)
            for label in monomial:
                here = {"R": label[:1], "U": label[1 : kind.q + 1], "W": label[-1:]}[slot]
                for index in here:
                    weight[index] += 1
            if tuple(weight) != shape:
                return False
    for slot, shape in slots(kind):
        for i in range(len(shape) - 1):
            raised = shift(terms, slot, i + 1, i, kind.q)
            if any(c % prime if prime else c for c in raised.values()):
                return False
    return True


def numbered(vector: Vector, table: Table) -> Array:
    """The monomials of a vector in the numbers of a (larger) table."""
    left = vector.labels[:, :, 1 : table.q + 1]
    numbers = left_numbers(table.size, table.q)
    blocks = int(numbers.max()) + 1
    ids = vector.labels[:, :, 0] * blocks + numbers[tuple(left[:, :, n] for n in range(table.q))]
    if table.q == 2:
        ids = ids * table.width + vector.labels[:, :, 3]
    return np.sort(ids, axis=1)


def independent(vectors: Sequence[Vector], prime: int) -> bool:
    """Whether vectors of one kind are independent modulo a prime, hence over QQ."""
    keys = sorted({m for v in vectors for m in v.monomials})
    tables = [dict(zip(v.monomials, v.coefficients, strict=True)) for v in vectors]
    rows = [[table.get(key, 0) % prime for key in keys] for table in tables]
    return not rows or bool(nmod_mat(rows, prime).rank() == len(rows))


def nondegenerate(vectors: Sequence[Vector], prime: int) -> bool:
    """Whether the invariant inner product of vectors of one kind is nondegenerate mod a prime."""
    if not vectors:
        return True
    kind = vectors[0].kind
    columns = [[_against(g, f, kind, prime) for f in vectors] for g in vectors]
    return bool(nmod_mat(columns, prime).rank() == len(vectors))


def _against(g: Vector, f: Vector, kind: Kind, prime: int) -> int:
    column = np.array(f.coefficients, dtype=object).reshape(-1, 1)
    found = contraction(g, kind, numbered(f, kind.table), column, 0)
    return int(found[0, 0]) % prime if len(found) else 0


def fits(inner: Kind, outer: Kind) -> bool:
    """Whether the weight of `inner` is at most that of `outer` in every place."""
    return all(
        len(a) <= len(b) and all(x <= y for x, y in zip(a, b, strict=False))
        for a, b in ((inner.mu, outer.mu), (inner.lam, outer.lam), (inner.nu, outer.nu))
    )


def contraction(vector: Vector, outer: Kind, monomials: Array, columns: Array, prime: int) -> Array:
    """Coefficients (rows) of ``g(d) f`` for the columns f over monomials of the outer kind.

    ``g(d)`` replaces the coordinate ``c_alpha`` by ``q!/alpha!`` times its partial derivative;
    this is adjoint to multiplication by g for the invariant inner product (up to a constant).
    `prime` = 0 computes with whole numbers.
    """
    table, degree, inner = outer.table, outer.degree, vector.degree
    exact = prime == 0 or prime >= 2**31
    number: Any = object if exact else np.int64
    mine = numbered(vector, table)
    weights = [c * int(w) for c, w in zip(vector.coefficients, _weights(mine, table), strict=True)]
    values = np.array([w % prime for w in weights] if prime else weights, dtype=number)
    keys = table.encode(mine)
    order = np.argsort(keys)
    keys, values = keys[order], values[order]
    data = columns.astype(number)
    rests, parts = [], []
    for chosen in combinations(range(degree), inner):
        key = table.encode(monomials[:, chosen])
        at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        hit = np.flatnonzero(keys[at] == key)
        if len(hit):
            others = [n for n in range(degree) if n not in chosen]
            rests.append(table.encode(monomials[hit][:, others]) if others else np.zeros_like(hit))
            product = data[hit] * values[at[hit]][:, None]
            parts.append(product % prime if prime else product)
    if not rests:
        return np.zeros((0, columns.shape[1]), dtype=number)
    rest, part = np.concatenate(rests), np.concatenate(parts)
    order = np.argsort(rest, kind="stable")
    rest, part = rest[order], part[order]
    first = np.flatnonzero(np.concatenate([[True], rest[1:] != rest[:-1]]))
    total = np.add.reduceat(part, first, axis=0)
    return total % prime if prime else total


def _weights(monomials: Array, table: Table) -> Array:
    """``prod n_v! (q!/alpha_v!)^n_v`` for every row of sorted coordinate numbers."""
    scale = factorial(table.q) // table.factorials()
    out = scale[monomials].prod(axis=1)
    run = np.ones(len(monomials), dtype=np.int64)
    for m in range(1, monomials.shape[1]):
        run = np.where(monomials[:, m] == monomials[:, m - 1], run + 1, 1)
        out = out * run
    return np.asarray(out)


def orthogonal(inner: Vector, outer: Vector, prime: int = 0) -> bool:
    """Whether ``g(d) f = 0``: then f is orthogonal to all that g generates. Exact."""
    if not fits(inner.kind, outer.kind):
        return True
    monomials = numbered(outer, outer.kind.table)
    column = np.array(outer.coefficients, dtype=object).reshape(-1, 1)
    found = contraction(inner, outer.kind, monomials, column, prime)
    return not np.any(found != 0)


def vanishes(vector: Vector, rank: int, prime: int = 0) -> bool:
    """Whether the vector is zero on every layer with ``A`` of the given rank, by substitution.

    Several tokens and `nu` with more than `rank` rows: it is zero by lemma *rows* of
    ``algattn/docs/equations.md`` and :func:`is_highest`; the substitution is made as well when it
    is small.
    """
    kind = vector.kind
    beyond = kind.q == 2 and len(kind.nu) > rank
    if beyond and len(vector.monomials) * (2 * rank) ** kind.degree > MAX_SUBSTITUTION:
        return is_highest(vector, prime)
    index = kind.table.index
    context, images = _images(kind.table, rank if beyond or kind.q == 3 else 0, prime)
    used = sorted({label for monomial in vector.terms() for label in monomial})
    place = {label: n for n, label in enumerate(used)}
    names = tuple(f"c{n}" for n in range(len(used)))
    source = _context(names, prime)
    data: dict[tuple[int, ...], int] = {}
    for monomial, c in vector.terms().items():
        exponents = [0] * len(used)
        for label in monomial:
            exponents[place[label]] += 1
        value = c % prime if prime else c
        if value:
            data[tuple(exponents)] = value
    poly = source.from_dict(data)
    image = poly.compose(*[images[index[label]] for label in used], ctx=context)
    return bool(image == 0)


def _context(names: tuple[str, ...], prime: int) -> Any:
    if prime:
        contexts: Any = nmod_mpoly_ctx
        return contexts.get(names, modulus=prime, ordering=Ordering.degrevlex)
    return fmpz_mpoly_ctx.get(names, Ordering.degrevlex)


def _images(table: Table, rank: int, prime: int) -> tuple[Any, list[Any]]:
    """The coordinates as polynomials in V and A (rank 0), or V, K, Q; one token: A = K^T Q."""
    n, w = table.size, table.width if table.q == 2 else table.size
    free = rank == 0 or rank >= n
    blocks = [("v", table.rows, n)]
    blocks += [("a", n, w)] if free else [("k", rank, n), ("q", rank, w)]
    names = tuple(
        f"{b}{i}_{j}" for b, rows, cols in blocks for i in range(rows) for j in range(cols)
    )
    context = _context(names, prime)
    gens = iter(context.gens())
    made = {b: [[next(gens) for _ in range(cols)] for _ in range(rows)] for b, rows, cols in blocks}
    V = made["v"]
    if free:
        A = made["a"]
    else:
        K, Q = made["k"], made["q"]
        zero = context.constant(0)
        A = [
            [sum((K[x][i] * Q[x][j] for x in range(rank)), zero) for j in range(w)]
            for i in range(n)
        ]
    images = []
    for r, *rest in table.labels:
        if table.q == 3:
            orders = set(permutations(rest))
        else:
            i, j, k = rest
            orders = {(i, j, k), (j, i, k)}
        total = context.constant(0)
        for i, j, k in orders:
            total = total + V[r][i] * A[j][k]
        images.append(total)
    return context, images
