"""The blocks of weights, for each layer one or one for each head: reading and checking them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.spaces import LayerShape
from algattn.attention.theorems import own_keys
from algattn.errors import FieldError, InputError, ShapeError
from algattn.exact import Field, Matrix, PrimeField, RationalField
from algattn.words import quoted

__all__ = [
    "ONCE",
    "VECTORS",
    "Blocks",
    "heads_of",
    "is_list",
    "one_or_many",
    "owner",
    "place",
    "read_blocks",
]

#: The blocks that are vectors; they are kept as matrices of one column.
VECTORS = ("bq", "bk", "bv", "bo")
#: The blocks that a layer has once, however many heads it has.
ONCE = ("bo",)

#: For each layer the blocks of a name.
Blocks = tuple[tuple[Matrix, ...], ...]


def owner(name: str, full_values: bool) -> str:
    """Of what a layer has several of these blocks: "head", "group", or nothing for bo."""
    if name in ONCE:
        return ""
    return "group" if name in ("K", "W", "bk") or (name == "bv" and not full_values) else "head"


def place(layer: int, index: int, heads: int, of: str) -> str:
    """A block of a layer in words, as it was typed: the head only where there are several."""
    return f"layer {layer + 1}" + (f", {of} {index + 1}" if heads > 1 and of else "")


def one_or_many(blocks: Sequence[Any], flat: bool) -> Any:
    """The blocks of a layer as people write them: the single one in a layer of one head."""
    return blocks[0] if flat else tuple(blocks)


def is_list(value: Any) -> bool:
    """Whether it has parts in an order; text, sets and mappings have not."""
    if type(value) is list:
        return True
    if isinstance(value, str | bytes | dict | set | frozenset) or not hasattr(value, "__iter__"):
        return False
    return getattr(value, "ndim", 1) != 0  # arrays of numpy may have no axis


def read_blocks(name: str, value: Any, field: Field, full_values: bool = True) -> Blocks:
    """For each layer the blocks of a name, from nested lists or matrices.

    A layer is given by one matrix (or vector), or by a list with one for each head or group.  Over
    a number field a list of rational numbers is a number; so there matrices of several heads need
    entries that are elements of the field or lists.

    Raises
    ------
    InputError, ShapeError, FieldError
        Naming the layer, head, row and column.
    """
    asked, kind = f"read the weights {name}", "vector" if name in VECTORS else "matrix"
    if not is_list(value):
        wrong = f"{quoted(value)} is not a list"
        raise InputError(asked, wrong, f"give one {kind} per layer")
    out = []
    for i, given in enumerate(value):
        if not isinstance(given, Matrix) and not is_list(given):
            wrong = f"entry {i + 1} is not a {kind}"
            raise InputError(asked, wrong, f"give nested lists, one {kind} per layer")
        parts, of = [given], owner(name, full_values)
        if of and not isinstance(given, Matrix):
            given = [x if isinstance(x, Matrix) or not is_list(x) else list(x) for x in given]
            parts = given if _several(name, given, field) else [given]
        out.append(
            tuple(
                _block(name, place(i, j, len(parts), of), part, field)
                for j, part in enumerate(parts)
            )
        )
    return tuple(out)


def _several(name: str, table: list[Any], field: Field) -> bool:
    """Whether a layer is a list of blocks, and not of the rows of one matrix or the entries."""
    if any(isinstance(part, Matrix) for part in table):
        return True
    rows = [table] if name in VECTORS else [row for row in table if is_list(row)]
    entries = [x for row in rows[:1] for x in row if is_list(x)]
    if isinstance(field, RationalField | PrimeField) or not entries:
        return bool(entries)
    # A list here is a number, unless it has parts that no number has.
    inner = [x for row in rows for entry in row if is_list(entry) for x in entry]
    return any(is_list(x) or hasattr(x, "field") for x in inner)


def _block(name: str, where: str, value: Any, field: Field) -> Matrix:
    asked, kind = f"read {name} of {where}", "vector" if name in VECTORS else "matrix"
    if isinstance(value, Matrix):
        if kind == "vector" and value.shape[1] != 1:
            raise ShapeError(asked, f"it has {value.shape[1]} columns", "give a vector")
        return value if value.field == field else Matrix(field, value.rows, value.shape)
    table = list(value) if is_list(value) else []
    if kind == "vector" and table:
        return _matrix(asked, [[x] for x in table], field, "entry {0}")
    if not table or any(not is_list(row) for row in table):
        raise InputError(
            f"read the weights {name}",
            f"the {kind} of {where} is not a list of {'numbers' if kind == 'vector' else 'rows'}",
            f"give nested lists, one {kind} per layer (even for a single layer)",
        )
    return _matrix(asked, table, field, "row {0}, column {1}")


def _matrix(asked: str, table: list[Any], field: Field, where: str) -> Matrix:
    """A matrix whose errors name the entry that is wrong."""
    rows = [list(row) for row in table]
    try:
        return Matrix(field, rows)
    except ShapeError as error:
        raise ShapeError(asked, error.wrong, error.hint) from None
    except FieldError:
        for i, row in enumerate(rows, 1):
            for j, x in enumerate(row, 1):
                try:
                    field(x)
                except FieldError as error:
                    said = f"{asked}, {where.format(i, j)}"
                    raise FieldError(said, error.wrong, error.hint) from None
        raise


def heads_of(blocks: Mapping[str, Blocks]) -> list[int]:
    """The number of heads of each layer, after a check that the blocks fit each other.

    Raises
    ------
    InputError, ShapeError
    """
    asked, first = "make weights", "A" if "A" in blocks else "Q"
    count, full = len(blocks[first]), "V" in blocks
    for name, layers in blocks.items():
        if (n := len(layers)) != count:
            wrong, hint = (
                (f"{n} matrices K and {count} Q", "match them")
                if name == "K"
                else (f"{count} attention matrices and {n} value matrices", _EVERY)
                if name == "V"
                else (f"{count} layers of {first} and {n} of {name}", _EVERY)
            )
            raise ShapeError(asked, wrong, hint)
    for i in range(count):
        _check_layer(i, {name: layers[i] for name, layers in blocks.items()}, first, full)
    return [len(layer) for layer in blocks[first]]


_EVERY = "give one of each for every layer"


def _check_layer(i: int, layer: Mapping[str, tuple[Matrix, ...]], first: str, full: bool) -> None:
    asked, heads = "make weights", len(layer[first])
    groups = len(layer.get("K", layer[first]))
    counts = {"head": heads, "group": groups, "": 1}
    if heads % groups or (full and heads != groups):
        values = f"full value matrices and {groups} groups of keys"
        wrong = values if full else f"heads and {groups} groups of keys, which does not divide"
        hint = "give W and O, or one K for each head" if full else "give Q for each head"
        raise ShapeError(asked, f"layer {i + 1} has {heads} {wrong}", hint)
    for name, found in layer.items():
        of = owner(name, full)
        if len(found) != counts[of]:
            wrong = f"layer {i + 1} has {len(found)} {name}, {heads} heads and {groups} groups"
            raise ShapeError(asked, wrong, f"give one {name} for each {of or 'layer'}")
    for j, (m, n) in enumerate(a.shape for a in layer.get("A", ())):
        if m != n:
            wrong = f"A of {place(i, j, heads, 'head')} is {m}x{n}"
            raise ShapeError(asked, wrong, "A = K^T Q is square, d x d")
    if "K" not in layer:
        return
    (a, d), first_key = layer["K"][0].shape, "K" + (" of group 1" if heads > 1 else "")
    for name, of in (("K", "group"), ("Q", "head")):
        for j, (m, n) in enumerate(found.shape for found in layer[name]):
            if (m, n) != (a, d):
                said = f"{name} of {of} {j + 1}" if heads > 1 else name
                wrong = f"layer {i + 1}: {first_key} is {a}x{d} and {said} is {m}x{n}"
                raise ShapeError(asked, wrong, "give K and Q the same shape, a x d")


#: What a bias is added to.
_BIASED = {"bq": "queries", "bk": "keys", "bv": "values", "bo": "the output"}


def check_names(names: Sequence[str], network: Architecture, asked: str) -> None:
    """Raise :class:`~algattn.errors.InputError` unless these are the blocks of a network."""
    values = ("V",) if network.value_ranks is None else ("W", "O")
    biases = tuple(f"b{letter}" for letter in network.biases)
    has, give = f"the network has biases {network.biases!r}", " and ".join
    if "A" in names and (wrong := own_keys.fails(network)):
        raise InputError(asked, f"{wrong}, so A is not enough", "give K and Q")
    if "A" in names and (both := [b for b in biases if b in ("bk", "bq")]):
        raise InputError(asked, f"{has}, so A is not enough", f"give K, Q, {give(both)}")
    if any(name not in names for name in values):
        ranks = "no value ranks" if len(values) == 1 else f"value ranks {network.value_ranks}"
        raise InputError(asked, f"the network has {ranks}", f"give {give(values)}")
    if missing := [name for name in biases if name not in names]:
        raise InputError(asked, has, f"give {give(missing)}")
    if extra := [name for name in names if name in VECTORS and name not in biases]:
        wrong = f"the network has no bias of {' or '.join(_BIASED[name] for name in extra)}"
        raise InputError(asked, wrong, f"leave {give(extra)} out, or take another network")


def check_fit(shape: LayerShape, blocks: Mapping[str, Sequence[Matrix]], asked: str) -> None:
    """Raise :class:`~algattn.errors.ShapeError` unless these are the blocks of a layer."""
    mend = "mend the weights or the network"
    for name in filter(blocks.__contains__, ("V", "W", "O", "K", "Q", "A", *VECTORS)):
        found, sizes = blocks[name], shape.sizes[name]
        of = owner(name, shape.value_rank is None)
        if len(found) != len(sizes):
            wrong = f"layer {shape.number} has {len(found)} {name} instead of {len(sizes)}"
            raise ShapeError(asked, wrong, f"give one {name} for each {of}")
        for j, (matrix, (a, b)) in enumerate(zip(found, sizes, strict=True)):
            m, n = matrix.shape
            binds = name == "A" and shape.rank < a
            if (m, n) == (a, b) and not binds:
                continue
            where = place(shape.number - 1, j, shape.heads, of)
            if (m, n) != (a, b):
                is_ = f"is {m}x{n} instead of {a}x{b}"
                is_ = f"has {m} entries instead of {a}" if name in VECTORS else is_
                raise ShapeError(asked, f"{name} of {where} {is_}", mend)
            if (rank := matrix.rank()) > shape.rank:
                wrong = f"A of {where} has rank {rank}, above the allowed {shape.rank}"
                raise ShapeError(asked, wrong, "raise ranks or use another A")
