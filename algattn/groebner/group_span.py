"""The span of polynomials under GL(d) x GL(d), and the modules in it (d' = 1, several tokens)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations, product

from algattn.attention.coordinates import label_name, natural_labels
from algattn.errors import UndecidedError
from algattn.exact import Polynomial, word_prime
from algattn.groebner.invariants import coordinate_ring
from algattn.groebner.multiples import Multiples, rank_of_rows

Weight = tuple[int, ...]


def torus_rows(d: int) -> list[list[int]]:
    """The weights of the coordinates for left and right indices.

    >>> torus_rows(1)
    [[2], [1]]
    """
    labels = list(natural_labels(d, 1, 2))
    left = [[int(i == n) + int(j == n) for _, i, j, _ in labels] for n in range(d)]
    return left + [[int(k == n) for _, _, _, k in labels] for n in range(d)]


class LieAlgebra:
    """The raising and lowering operators of gl(d) x gl(d) on polynomials in the coordinates."""

    def __init__(self, d: int) -> None:
        self.ring = coordinate_ring(d)
        names = {x[1:]: self.ring.gen(label_name(x)) for x in natural_labels(d, 1, 2)}
        self.operators: list[dict[str, Polynomial]] = []
        steps = [(i, i + 1) for i in range(d - 1)] + [(i + 1, i) for i in range(d - 1)]
        for i, j in steps:  # x_j -> x_j + e x_i, then y_j -> y_j + e y_i
            left, right = {}, {}
            for a, b, k in names:
                label = label_name((0, a, b, k))
                if i in (a, b):
                    other = b if a == i else a
                    image = names[(*sorted((j, other)), k)]
                    left[label] = image * 2 if other == j else image
                if k == i:
                    right[label] = names[a, b, j]
            self.operators += [left, right]

    def images(self, poly: Polynomial) -> list[Polynomial]:
        out = []
        for operator in self.operators:
            total = self.ring(0)
            for name, image in operator.items():
                total = total + poly.derivative(name) * image
            if total:
                out.append(total)
        return out


def group_span(polys: Sequence[Polynomial], d: int) -> list[Polynomial]:
    """A basis of the span of all images of the polynomials under GL(d) x GL(d).

    All of them have one degree and are weight vectors.  Independence is decided modulo a prime;
    that what was left out depends on the basis is then confirmed by exact ranks.

    Examples
    --------
    >>> from algattn.groebner.invariants import line_determinants, low_rank
    >>> len(group_span(low_rank(2, 1), 2)), len(group_span(line_determinants(3), 3))
    (3, 10)
    """
    prime, lie = word_prime(), LieAlgebra(d)
    rows = torus_rows(d)
    echelons: dict[Weight, _Span] = {}
    found: list[Polynomial] = []
    left_out: list[Polynomial] = []
    queue = list(polys)
    while queue:
        poly = queue.pop(0)
        weight = weight_of(poly, rows)
        if echelons.setdefault(weight, _Span(prime)).add(poly):
            found.append(poly)
            queue += lie.images(poly)
        else:
            left_out.append(poly)
    ones = (1,) * len(lie.ring.names)
    basis, every = (Multiples(x, ones, rows).groups for x in (found, [*found, *left_out]))
    for weight, group in every.items():
        if rank_of_rows(group, lie.ring.field) != len(basis.get(weight, [])):
            raise UndecidedError(
                "span the images of invariants under the group",
                f"the prime {prime} is not good enough",
                "report this",
            )
    return found


def weight_of(poly: Polynomial, rows: Sequence[Sequence[int]]) -> Weight:
    """The weight of the leading term."""
    e = next(iter(poly.terms()))[0]
    return tuple(sum(a * b for a, b in zip(row, e, strict=True)) for row in rows)


class _Span:
    """Sparse Gaussian elimination modulo a prime."""

    def __init__(self, prime: int) -> None:
        self.prime = prime
        self.rows: dict[Weight, dict[Weight, int]] = {}

    def add(self, poly: Polynomial) -> bool:
        p, to_python = self.prime, poly.ring.field.to_python
        row = {}
        for e, c in poly.terms():
            x = to_python(c)
            row[e] = x.numerator * pow(x.denominator, -1, p) % p
        while row:
            pivot = max(row)
            other = self.rows.get(pivot)
            if other is None:
                inverse = pow(row[pivot], -1, p)
                self.rows[pivot] = {e: x * inverse % p for e, x in row.items()}
                return True
            factor = row[pivot]
            for e, x in other.items():
                value = (row.get(e, 0) - factor * x) % p
                if value:
                    row[e] = value
                else:
                    row.pop(e, None)
        return False


def highest_weights(character: Mapping[Weight, int], d: int) -> dict[Weight, int]:
    """The irreducible modules of GL(d) x GL(d) in a character, by Weyl's formula.

    >>> highest_weights({(2, 0, 1, 0): 1, (1, 1, 1, 0): 1, (0, 2, 1, 0): 1,
    ...                  (2, 0, 0, 1): 1, (1, 1, 0, 1): 1, (0, 2, 0, 1): 1}, 2)
    {(2, 0, 1, 0): 1}
    """
    rho = tuple(range(d - 1, -1, -1))
    moves = []
    for order in permutations(range(d)):
        sign = 1
        for i in range(d):
            for j in range(i):
                sign *= -1 if order[j] > order[i] else 1
        moves.append((sign, tuple(rho[i] - rho[order[i]] for i in range(d))))
    out = {}
    for weight in sorted(character, reverse=True):
        left, right = weight[:d], weight[d:]
        if list(left) != sorted(left, reverse=True) or list(right) != sorted(right, reverse=True):
            continue
        total = 0
        for (s, x), (t, y) in product(moves, moves):
            shifted = tuple(a + b for a, b in zip(weight, (*x, *y), strict=True))
            total += s * t * character.get(shifted, 0)
        if total:
            out[weight] = total
    return out


def module_name(weight: Weight, d: int) -> str:
    """``(3|33|111)`` for the weight of a module in polynomials of degree 3.

    >>> module_name((3, 3, 0, 1, 1, 1), 3)
    '(3|33|111)'
    """

    def spell(parts: Sequence[int]) -> str:
        cut = "" if max(parts, default=0) < 10 else "."
        return cut.join(str(x) for x in parts if x) or "0"

    return f"({sum(weight[d:])}|{spell(weight[:d])}|{spell(weight[d:])})"
