"""Build ``dimensions.json``: generic Jacobian ranks of attention networks.

This script shares no code with ``algattn``; its table is meant to test that package.

Layers (X is d x t, columns are tokens; K, Q are a x d; V is d' x d; A = K^T Q):

* lightning: X -> V X (X^T A X);
* softmax:   X -> V X P, with E_ji = exp(x_j^T A x_i), P_ji = E_ji / sum_k E_ki.

A network composes layers.  Its parameters are all entries of all (K_i, Q_i, V_i), and the number
tabulated is the generic rank of the Jacobian of the parameters -> function map.

Main method (every entry)
    Reverse mode arithmetic modulo a random prime between 2^30 and 2^31, at random weights, with
    the outputs at many random inputs X stacked.  With n samples such that n * (outputs) is at
    least 3 * (parameters), the ranks for n, 2n and 4n samples must be equal (otherwise n is
    doubled).  Done for two primes with unrelated weights and inputs; both ranks must be equal.
    For softmax every E_ji is a fresh random residue per sample, layer and pair (j, i), with
    dE = E ds.  One dependence between the E's is genuine and has to be kept: once some earlier
    width is 1 the tokens entering a layer are u z_1, ..., u z_t, so that the scores
    (u^T A u) z_j z_i are symmetric and E_ji = E_ij ("symmetric_from" is the first such layer,
    counted from 1).  "rank_free_exponentials" is the rank without that relation; it is present
    only when it differs from "rank" (so far: never).  ``self_test`` compares these Jacobians
    entry by entry with a separate forward product rule.

Second method, lightning ("check": "expanded ...")
    No sampling of X: the outputs are expanded as polynomials and the rank over Q of the Jacobian
    of their coefficients is taken at random integer weights.  "expanded" carries the tangents
    along with the product rule, with polynomials in X; "expanded with symbolic weights" makes
    the weights indeterminates as well and lets flint differentiate.

Second method, softmax ("check": "arb")
    Real ball arithmetic with true exponentials at random rational weights and inputs, forward
    product rule, Gaussian elimination with complete pivoting on balls that exclude zero.  The
    number of pivots is a proven lower bound for the generic rank.  That nothing is missing is
    supported (not proven) by the remaining block being zero to working precision: "gap_bits" is
    log2(smallest pivot) - log2(largest possible entry left over).

A rank found modulo p is always a lower bound for the generic rank over Q (softmax: provided the
exponentials are independent); it is equal to it with probability close to 1.

The formulas of the mathematical notes are used in ``formula`` only, to report disagreements.
They never influence an entry.

Usage: python make_oracle.py [--seed N] [--output FILE] [--no-checks] [--limit N] [-v]
"""

import argparse
import json
import math
import time
from pathlib import Path

import flint
import numpy as np

HERE = Path(__file__).resolve().parent
FIGURE_3 = {3: 25, 4: 40, 5: 57, 6: 76, 7: 97, 8: 120, 9: 145, 10: 172}
# Values stated in advance: (kind, widths, ranks, tokens) -> rank.
STATED = {
    ("lightning", (5, 4, 1), (1, 1), 2): 21,
    ("lightning", (4, 4, 4), (1, 3), 2): 31,
    ("lightning", (4, 4, 4), (3, 1), 2): 36,
    ("softmax", (2, 2, 2, 2, 2), (1, 1, 1, 1), 2): 16,
    **{("softmax", (d, d, d), (2, 2), 3): rank for d, rank in FIGURE_3.items()},
}


def count_parameters(widths, ranks):
    """Number of entries of all K_i, Q_i and V_i."""
    return sum(
        2 * a * d_in + d_out * d_in
        for a, d_in, d_out in zip(ranks, widths[:-1], widths[1:], strict=True)
    )


# --------------------------------------------------------------------------------------------
# Main method: reverse mode modulo a prime below 2^31, vectorised over samples and outputs.
# --------------------------------------------------------------------------------------------


def random_prime(rng):
    """A random prime between 2^30 and 2^31."""
    while True:
        candidate = int(rng.integers(2**30, 2**31)) | 1
        if flint.fmpz(candidate).is_prime():
            return candidate


def mod_mul(left, right, p):
    """Product of (stacks of) matrices; each product is below 2^62 and is reduced at once."""
    total = 0
    for k in range(left.shape[-1]):
        total = total + (left[..., :, k, None] * right[..., None, k, :]) % p
    return total % p


def mod_inverse(values, p):
    """Entrywise inverse by Fermat; entries must be nonzero."""
    if np.any(values == 0):
        raise ZeroDivisionError("zero residue")
    result = np.ones_like(values)
    base, exponent = values % p, p - 2
    while exponent:
        if exponent & 1:
            result = result * base % p
        base = base * base % p
        exponent >>= 1
    return result


def swap(matrix):
    """Transpose of the last two axes."""
    return np.swapaxes(matrix, -1, -2)


def random_exponentials(samples, tokens, p, rng, symmetric):
    """Nonzero residues E_ji for one layer, axes (sample, j, i)."""
    exps = rng.integers(1, p, size=(samples, tokens, tokens), dtype=np.int64)
    return np.tril(exps) + swap(np.tril(exps, -1)) if symmetric else exps


def sampled_jacobian(kind, weights, inputs, p, rng, symmetric):
    """Rows: (sample, output entry).  Columns: entries of K_1, Q_1, V_1, K_2, ...

    ``symmetric[i]`` tells whether the exponentials of layer i satisfy E_ji = E_ij.
    """
    samples, _, tokens = inputs.shape
    states, mixers = [inputs], []
    for (key, query, value), is_symmetric in zip(weights, symmetric, strict=True):
        x = states[-1]
        if kind == "lightning":
            mixer = mod_mul(swap(mod_mul(key, x, p)), mod_mul(query, x, p), p)
        else:
            exps = random_exponentials(samples, tokens, p, rng, is_symmetric)
            sums = exps.sum(axis=-2, keepdims=True) % p
            mixer = exps * mod_inverse(sums, p) % p
        mixers.append(mixer)
        states.append(mod_mul(mod_mul(value, x, p), mixer, p))

    d_out = states[-1].shape[1]
    outputs = d_out * tokens
    # One cotangent per output entry; axes (sample, output, row, token).
    grad = np.eye(outputs, dtype=np.int64).reshape(1, outputs, d_out, tokens)
    grad = np.broadcast_to(grad, (samples, outputs, d_out, tokens))
    blocks = []
    for index in reversed(range(len(weights))):
        key, query, value = weights[index]
        x, mixer = states[index][:, None], mixers[index][:, None]
        grad_value = mod_mul(grad, swap(mod_mul(x, mixer, p)), p)
        grad_mixer = mod_mul(swap(mod_mul(value, x, p)), grad, p)
        if kind == "lightning":
            grad_score = grad_mixer
        else:
            # dP_ji = P_ji (ds_ji - sum_k P_ki ds_ki), transposed.
            weighted = mixer * grad_mixer % p
            grad_score = (weighted - mixer * (weighted.sum(-2, keepdims=True) % p)) % p
        score_matrix = mod_mul(key.T, query, p)
        grad_a = mod_mul(mod_mul(x, grad_score, p), swap(x), p)
        blocks.append((mod_mul(query, swap(grad_a), p), mod_mul(key, grad_a, p), grad_value))
        grad = (
            mod_mul(mod_mul(value.T, grad, p), swap(mixer), p)
            + mod_mul(mod_mul(score_matrix, x, p), swap(grad_score), p)
            + mod_mul(mod_mul(score_matrix.T, x, p), grad_score, p)
        ) % p
    rows = samples * outputs
    columns = [part.reshape(rows, -1) for block in reversed(blocks) for part in block]
    return np.concatenate(columns, axis=1)


def mod_rank(matrix, p):
    """Rank of an integer array modulo p."""
    return flint.nmod_mat(*matrix.shape, matrix.ravel().tolist(), p).rank()


def sampled_rank(kind, widths, ranks, tokens, p, rng, symmetric):
    """Rank for n, 2n and 4n samples (all equal) and n."""
    parameters = count_parameters(widths, ranks)
    outputs = widths[-1] * tokens
    weights = [
        tuple(
            rng.integers(1, p, size=shape, dtype=np.int64)
            for shape in ((a, d_in), (a, d_in), (d_out, d_in))
        )
        for a, d_in, d_out in zip(ranks, widths[:-1], widths[1:], strict=True)
    ]
    base = math.ceil(3 * parameters / outputs) + 2
    while True:
        inputs = rng.integers(1, p, size=(4 * base, widths[0], tokens), dtype=np.int64)
        jacobian = sampled_jacobian(kind, weights, inputs, p, rng, symmetric)
        found = [mod_rank(jacobian[: base * outputs * f], p) for f in (1, 2, 4)]
        if len(set(found)) == 1:
            return found[0], base
        base *= 2


# --------------------------------------------------------------------------------------------
# Second methods: a value together with its tangents, over any ring of Python objects.
# --------------------------------------------------------------------------------------------


def multiply(left, right):
    """Product of matrices given as lists of rows."""
    columns = list(zip(*right, strict=True))
    return [
        [sum((x * y for x, y in zip(row, col, strict=True)), 0) for col in columns] for row in left
    ]


def add(left, right):
    """Sum of matrices given as lists of rows."""
    return [
        [x + y for x, y in zip(row, other, strict=True)]
        for row, other in zip(left, right, strict=True)
    ]


class Jet:
    """A matrix and its derivatives, a dictionary parameter -> matrix (absent means zero)."""

    def __init__(self, value, tangents=None):
        self.value = value
        self.tangents = tangents or {}

    def transpose(self):
        def flip(matrix):
            return [list(col) for col in zip(*matrix, strict=True)]

        return Jet(flip(self.value), {k: flip(m) for k, m in self.tangents.items()})

    def __matmul__(self, other):
        tangents = {k: multiply(m, other.value) for k, m in self.tangents.items()}
        for k, m in other.tangents.items():
            term = multiply(self.value, m)
            tangents[k] = add(tangents[k], term) if k in tangents else term
        return Jet(multiply(self.value, other.value), tangents)


def weight_jets(widths, ranks, draw):
    """Random weights (entries from draw()) whose tangents are the unit matrices."""
    layers, number = [], 0
    for a, d_in, d_out in zip(ranks, widths[:-1], widths[1:], strict=True):
        layer = []
        for height in (a, a, d_out):
            tangents = {}
            for i in range(height):
                for j in range(d_in):
                    unit = [[int((r, c) == (i, j)) for c in range(d_in)] for r in range(height)]
                    tangents[number] = unit
                    number += 1
            layer.append(Jet([[draw() for _ in range(d_in)] for _ in range(height)], tangents))
        layers.append(layer)
    return layers


def softmax_columns(scores, exps=None):
    """Columnwise softmax of a Jet; ``exps`` replaces the true exponentials of arb balls."""
    size = range(len(scores.value))
    if exps is None:
        exps = [[entry.exp() for entry in row] for row in scores.value]
    sums = [sum(exps[k][i] for k in size) for i in size]
    probs = [[exps[j][i] / sums[i] for i in size] for j in size]
    tangents = {}
    for number, ds in scores.tangents.items():
        mean = [sum(probs[k][i] * ds[k][i] for k in size) for i in size]
        tangents[number] = [[probs[j][i] * (ds[j][i] - mean[i]) for i in size] for j in size]
    return Jet(probs, tangents)


def forward(kind, layers, x, exps=None):
    """Jet of the network output; ``exps`` is a list with the exponentials of each layer."""
    for index, (key, query, value) in enumerate(layers):
        mixer = (key @ x).transpose() @ (query @ x)
        if kind == "softmax":
            mixer = softmax_columns(mixer, None if exps is None else exps[index])
        x = (value @ x) @ mixer
    return x


def self_test(p, seed):
    """Reverse mode and the forward product rule give the same Jacobian, entry by entry.

    Ranks alone would hide some wrong derivatives (a sign in the softmax rule, for example).
    """
    for kind, widths, ranks, tokens in (
        ("lightning", (3, 2, 4), (2, 1), 3),
        ("softmax", (3, 2, 4), (2, 1), 3),
        ("softmax", (2, 3, 2, 2), (1, 3, 2), 2),
    ):
        depth, samples = len(ranks), 3
        rng = np.random.default_rng(seed)
        layers = weight_jets(widths, ranks, lambda r=rng: flint.nmod(int(r.integers(1, p)), p))
        weights = [
            tuple(np.array([[int(v) for v in row] for row in jet.value]) for jet in layer)
            for layer in layers
        ]
        inputs = rng.integers(1, p, size=(samples, widths[0], tokens), dtype=np.int64)
        streams = [np.random.default_rng(seed + 1) for _ in range(2)]
        found = sampled_jacobian(kind, weights, inputs, p, streams[0], [False] * depth)
        exps = [random_exponentials(samples, tokens, p, streams[1], False) for _ in range(depth)]

        def residues(matrix):
            return [[flint.nmod(int(v), p) for v in row] for row in matrix]

        expected = np.zeros_like(found).reshape(samples, widths[-1], tokens, -1)
        for n in range(samples):
            given = [residues(layer[n]) for layer in exps]
            tangents = forward(kind, layers, Jet(residues(inputs[n])), given).tangents
            for number, matrix in tangents.items():
                expected[n, :, :, number] = [[int(v) for v in row] for row in matrix]
        if not np.array_equal(found, expected.reshape(found.shape)):
            raise AssertionError(f"derivatives disagree: {kind} {widths} {ranks} {tokens}")


def rational_rank(rows):
    """Rank over Q of a list of integer rows."""
    rows = [row for row in rows if any(row)]
    return flint.fmpz_mat(rows).rank() if rows else 0


def expanded_rank(widths, ranks, tokens, rng):
    """Rank of the Jacobian of the coefficients; polynomials in X, random integer weights."""
    names = [f"x{i}_{j}" for i in range(widths[0]) for j in range(tokens)]
    ring = flint.fmpz_mpoly_ctx.get(names, "degrevlex")
    gens = iter(ring.gens())
    x = Jet([[next(gens) for _ in range(tokens)] for _ in range(widths[0])])
    layers = weight_jets(
        widths, ranks, lambda: int(rng.integers(1, 60)) * (-1) ** int(rng.integers(2))
    )
    result = forward("lightning", layers, x)
    parameters = count_parameters(widths, ranks)
    rows = {}
    for number, matrix in result.tangents.items():
        for r, row in enumerate(matrix):
            for c, entry in enumerate(row):
                if isinstance(entry, int):
                    assert entry == 0
                    continue
                for monomial, coefficient in entry.to_dict().items():
                    key = (r, c, monomial)
                    rows.setdefault(key, [0] * parameters)[number] = coefficient
    return rational_rank(list(rows.values()))


def symbolic_weights_rank(widths, ranks, tokens, rng):
    """As ``expanded_rank``, but expanded in X and the weights and differentiated by flint."""
    parameters = count_parameters(widths, ranks)
    coordinates = widths[0] * tokens
    names = [f"x{i}" for i in range(coordinates)] + [f"w{i}" for i in range(parameters)]
    ring = flint.fmpz_mpoly_ctx.get(names, "degrevlex")
    gens = iter(ring.gens())
    x = [[next(gens) for _ in range(tokens)] for _ in range(widths[0])]
    for a, d_in, d_out in zip(ranks, widths[:-1], widths[1:], strict=True):
        key, query, value = (
            [[next(gens) for _ in range(d_in)] for _ in range(h)] for h in (a, a, d_out)
        )
        key_x, query_x = multiply(key, x), multiply(query, x)
        scores = multiply([list(col) for col in zip(*key_x, strict=True)], query_x)
        x = multiply(multiply(value, x), scores)
    point = [int(v) for v in rng.integers(1, 10**6, size=parameters)]
    rows = {}
    for r, row in enumerate(x):
        for c, entry in enumerate(row):
            for number in range(parameters):
                derivative = entry.derivative(coordinates + number)
                for monomial, coefficient in derivative.to_dict().items():
                    for exponent, at in zip(monomial[coordinates:], point, strict=True):
                        if exponent:
                            coefficient = coefficient * at ** int(exponent)
                    key = (r, c, monomial[:coordinates])
                    target = rows.setdefault(key, [0] * parameters)
                    target[number] = target[number] + coefficient
    return rational_rank(list(rows.values()))


def ball_rank(widths, ranks, tokens, rng, bits):
    """Certified lower bound for the real softmax rank at a random rational point, and the gap."""
    flint.ctx.prec = bits
    parameters = count_parameters(widths, ranks)

    def draw():
        numerator = int(rng.integers(200, 1500)) * (-1) ** int(rng.integers(2))
        return flint.arb(flint.fmpq(numerator, 1009))

    layers = weight_jets(widths, ranks, draw)
    rows = []
    for _ in range(math.ceil(2 * parameters / (widths[-1] * tokens)) + 2):
        x = Jet([[draw() for _ in range(tokens)] for _ in range(widths[0])])
        tangents = forward("softmax", layers, x).tangents
        for r in range(widths[-1]):
            for c in range(tokens):
                rows.append(
                    [
                        flint.arb(tangents[k][r][c]) if k in tangents else flint.arb(0)
                        for k in range(parameters)
                    ]
                )
    # Complete pivoting; only balls that exclude zero may become pivots.
    rank, smallest = 0, flint.arb(1)
    while True:
        best, place = flint.arb(0), None
        for i in range(rank, len(rows)):
            for j in range(rank, parameters):
                size = rows[i][j].abs_lower()
                if size > best:
                    best, place = size, (i, j)
        if place is None:
            break
        i, j = place
        rows[rank], rows[i] = rows[i], rows[rank]
        for row in rows:
            row[rank], row[j] = row[j], row[rank]
        top = rows[rank]
        pivot = top[rank]
        smallest = min(smallest, best)
        for row in rows[rank + 1 :]:
            factor = row[rank] / pivot
            for k in range(rank + 1, parameters):
                row[k] = row[k] - factor * top[k]
        rank += 1
        if rank == parameters:
            return rank, None
    rest = max(
        rows[i][j].abs_upper() for i in range(rank, len(rows)) for j in range(rank, parameters)
    )
    if rest == 0:
        return rank, None
    return rank, int(float((smallest / rest).log().mid()) / math.log(2))


# --------------------------------------------------------------------------------------------
# Which architectures
# --------------------------------------------------------------------------------------------

DEPTH_2 = [
    (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5), (6, 6, 6),
    (4, 3, 2), (5, 4, 1), (6, 4, 2), (5, 2, 1), (6, 5, 1), (6, 5, 2), (6, 6, 1), (3, 3, 1),
    (2, 3, 4), (1, 3, 5), (2, 4, 6), (1, 2, 2), (3, 5, 6),
    (3, 5, 2), (2, 6, 2), (3, 4, 2), (3, 2, 4), (5, 2, 5), (6, 3, 5),
    (4, 1, 4), (2, 1, 3), (1, 4, 4), (4, 4, 1), (6, 1, 1), (1, 1, 5), (1, 6, 1), (2, 2, 1),
]  # fmt: skip
DEPTH_3 = [
    (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (4, 4, 4, 4), (5, 5, 5, 5), (6, 6, 6, 6),
    (5, 4, 3, 2), (6, 5, 4, 1), (6, 6, 3, 1), (4, 3, 3, 1), (6, 6, 4, 1), (5, 5, 5, 1),
    (2, 3, 4, 5), (1, 2, 3, 4), (3, 4, 5, 6), (2, 4, 3, 5), (4, 2, 5, 3), (5, 2, 4, 4),
    (3, 1, 3, 3), (3, 3, 1, 3), (4, 2, 1, 2), (1, 3, 3, 2), (2, 5, 1, 1), (3, 6, 6, 2),
]  # fmt: skip
DEPTH_4 = [
    (1, 1, 1, 1, 1), (2, 2, 2, 2, 2), (3, 3, 3, 3, 3), (4, 4, 4, 4, 4), (5, 5, 5, 5, 5),
    (6, 5, 4, 3, 2), (6, 6, 5, 4, 1), (6, 6, 6, 6, 1), (4, 4, 3, 3, 1), (2, 3, 4, 5, 6),
    (1, 2, 3, 4, 5), (4, 5, 2, 3, 4), (3, 2, 4, 2, 3), (3, 3, 1, 3, 3), (2, 1, 2, 3, 2),
    (3, 3, 3, 1, 2), (1, 4, 2, 4, 1), (3, 3, 2, 3, 1), (5, 3, 5, 3, 5), (2, 2, 1, 2, 1),
]  # fmt: skip
RANKS = {
    2: [(1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2), (7, 1), (1, 7), (4, 5)],
    3: [
        (1, 1, 1), (1, 2, 3), (2, 1, 2), (2, 2, 1), (1, 1, 2), (1, 3, 1), (3, 1, 1), (2, 2, 2),
        (3, 2, 4), (5, 3, 2), (2, 7, 1), (3, 1, 3),
    ],
    4: [
        (1, 1, 1, 1), (1, 2, 2, 2), (2, 1, 2, 3), (2, 2, 1, 2), (2, 2, 2, 1), (2, 2, 2, 2),
        (3, 1, 1, 2), (1, 3, 1, 3), (3, 2, 3, 2), (4, 2, 1, 1), (1, 1, 3, 3), (2, 1, 5, 1),
    ],
}  # fmt: skip


def architectures(rng):
    """A list of (kind, widths, ranks, tokens) without repetitions, in a fixed order."""
    chosen = dict.fromkeys(STATED)
    tokens_of = {"lightning": (1, 2, 2, 3), "softmax": (2, 2, 3)}
    for d in range(1, 7):
        for a in range(1, 8):
            for tokens in (1, 2, 3):
                if tokens == 3 and (a + d) % 2:
                    continue
                d_out = int(rng.integers(1, 7))
                chosen[("lightning", (d, d_out), (a,), tokens)] = None
            if a <= d + 1:
                d_out = int(rng.integers(1, 7))
                chosen[("softmax", (d, d_out), (a,), 2 + (a + d) % 2)] = None
    for d in range(1, 7):
        chosen[("lightning", (d, 1), (1,), 2)] = None
        chosen[("lightning", (d, 1), (1,), 1)] = None
    for kind, counts in (("lightning", (4, 4, 4)), ("softmax", (2, 2, 2))):
        for family, count in zip((DEPTH_2, DEPTH_3, DEPTH_4), counts, strict=True):
            patterns = RANKS[len(family[0]) - 1]
            for widths in family:
                picks = rng.choice(len(patterns), size=count, replace=False)
                for pick in picks:
                    tokens = tokens_of[kind][int(rng.integers(len(tokens_of[kind])))]
                    chosen[(kind, widths, patterns[pick], tokens)] = None
    # The same network for every number of tokens; slits and collapses on purpose.
    for widths, ranks in (
        ((3, 3, 2), (2, 2)), ((4, 4, 4), (1, 3)), ((4, 4, 4), (3, 1)), ((5, 4, 1), (1, 1)),
        ((6, 6, 1), (2, 1)), ((6, 6, 2), (1, 1)), ((6, 5, 1), (1, 1)), ((3, 3, 3, 3), (2, 1, 2)),
        ((6, 6, 6, 1), (2, 1, 1)), ((6, 6, 6, 1), (3, 2, 1)), ((5, 5, 4, 1), (1, 1, 1)),
        ((6, 6, 6, 6, 1), (2, 1, 1, 1)), ((2, 2, 2, 2, 2), (2, 1, 2, 1)),
    ):  # fmt: skip
        for tokens in (1, 2, 3):
            chosen[("lightning", widths, ranks, tokens)] = None
            chosen[("softmax", widths, ranks, tokens)] = None
    return list(chosen)


def small_lightning(widths, tokens, parameters):
    """Small enough for the expansion in X?"""
    degree = 3 ** (len(widths) - 1)
    monomials = math.comb(degree + widths[0] * tokens - 1, degree)
    budget = {1: 10**5, 2: 80_000, 3: 60_000, 4: 30_000}[len(widths) - 1]
    return monomials * parameters <= budget


# --------------------------------------------------------------------------------------------
# Formulas to compare with (reporting only)
# --------------------------------------------------------------------------------------------


def formula(kind, widths, ranks, tokens):
    """The dimension according to sections 4 and 5 of the notes (3 and 5 for t = 1)."""
    depth = len(ranks)
    if kind == "softmax" and tokens == 1:
        least = min(widths)
        return least * (widths[0] + widths[-1] - least)
    r = [min(widths[: i + 1]) for i in range(depth + 1)]
    e = [0] * depth + [widths[-1]]
    for i in range(depth, 1, -1):
        e[i - 1] = min(r[i - 1], 2 * ranks[i - 1] + e[i])
    e[0] = widths[0]
    total, rho = 0, min(tokens, widths[0])
    for i in range(1, depth + 1):
        alpha = min(ranks[i - 1], e[i - 1])
        if kind == "softmax" or rho >= 2:
            total += alpha * (2 * e[i - 1] - alpha)
        else:
            s = min(2 * ranks[i - 1], e[i - 1])
            total += s * e[i - 1] - s * (s - 1) // 2
        total += e[i] * e[i - 1]
        rho = min(rho, alpha, e[i])
    total -= sum(e[i] ** 2 for i in range(1, depth))
    return total - depth if kind == "lightning" else total


# --------------------------------------------------------------------------------------------


def make_entry(architecture, index, seed, primes, checks):
    """Compute one entry; raises when two methods disagree."""
    kind, widths, ranks, tokens = architecture
    rngs = [np.random.default_rng([seed, index, k]) for k in range(5)]
    depth = len(ranks)
    symmetric = [kind == "softmax" and min(widths[: i + 1]) == 1 for i in range(depth)]
    results = [
        sampled_rank(kind, widths, ranks, tokens, p, rng, symmetric)
        for p, rng in zip(primes, rngs, strict=False)
    ]
    rank = results[0][0]
    if results[1][0] != rank:
        raise AssertionError(f"{architecture}: primes disagree, {results}")
    parameters = count_parameters(widths, ranks)
    entry = {
        "kind": kind, "widths": list(widths), "ranks": list(ranks), "tokens": tokens,
        "parameters": parameters, "rank": rank, "primes": list(primes),
        "method": "modular, residues for exponentials" if kind == "softmax" else "modular",
        "samples": 4 * results[0][1],
    }  # fmt: skip
    if any(symmetric):
        entry["symmetric_from"] = symmetric.index(True) + 1
        free, _ = sampled_rank(kind, widths, ranks, tokens, primes[0], rngs[2], [False] * depth)
        if free != rank:
            entry["rank_free_exponentials"] = free
    stated = STATED.get(architecture)
    if stated is not None and stated != rank:
        entry["stated"] = stated
    if not checks:
        return entry
    second = {}
    if kind == "lightning" and small_lightning(widths, tokens, parameters):
        second["expanded"] = expanded_rank(widths, ranks, tokens, rngs[3])
        if depth == 1 and parameters <= 30:
            name = "expanded with symbolic weights"
            second[name] = symbolic_weights_rank(widths, ranks, tokens, rngs[4])
    elif kind == "softmax" and parameters <= 64:
        second["arb"], gap = ball_rank(widths, ranks, tokens, rngs[3], 1024)
        if gap is not None:
            entry["gap_bits"] = gap
    if second:
        entry["check"] = list(second)
        if set(second.values()) != {rank}:
            entry["check_ranks"] = list(second.values())
    return entry


def main():
    parser = argparse.ArgumentParser(description="Write the table of generic Jacobian ranks.")
    parser.add_argument("--seed", type=int, default=20240817)
    parser.add_argument("--output", type=Path, default=HERE / "dimensions.json")
    parser.add_argument("--no-checks", action="store_true", help="skip the second methods")
    parser.add_argument("--limit", type=int, default=None, help="only the first N architectures")
    parser.add_argument("-v", "--verbose", action="store_true", help="print every entry")
    args = parser.parse_args()

    start = time.perf_counter()
    rng = np.random.default_rng(args.seed)
    primes = (random_prime(rng), random_prime(rng))
    assert primes[0] != primes[1]
    self_test(primes[0], args.seed)
    entries, off_formula, bad = [], [], []
    for index, architecture in enumerate(architectures(rng)[: args.limit]):
        began = time.perf_counter()
        entry = make_entry(architecture, index, args.seed, primes, not args.no_checks)
        entries.append(entry)
        if args.verbose:
            print(f"{time.perf_counter() - began:7.2f}s", json.dumps(entry), flush=True)
        predicted = formula(*architecture)
        if predicted != entry["rank"]:
            off_formula.append((architecture, entry["rank"], predicted))
        if "check_ranks" in entry or "stated" in entry:
            bad.append(entry)

    head = {
        "description": "Generic ranks of Jacobians of attention networks; see make_oracle.py.",
        "seed": args.seed,
    }
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    text = json.dumps(head)[:-1] + ', "entries": [\n' + lines + "\n]}\n"
    args.output.write_text(text, encoding="utf-8")

    by_kind = {k: sum(e["kind"] == k for e in entries) for k in ("lightning", "softmax")}
    checked = {}
    for entry in entries:
        for name in entry.get("check", []):
            checked[name] = checked.get(name, 0) + 1
    gaps = [entry["gap_bits"] for entry in entries if "gap_bits" in entry]
    print(f"{len(entries)} entries {by_kind}; second methods {checked}")
    print(f"smallest gap {min(gaps, default=None)} bits; {len(text)} bytes")
    print(f"{len(bad)} entries where methods or stated values differ")
    for entry in bad:
        print("  ", json.dumps(entry))
    print(f"{len(off_formula)} entries off the formulas (computed, formula)")
    for architecture, rank, predicted in off_formula:
        print("  ", *architecture, rank, predicted)
    print(f"{time.perf_counter() - start:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
