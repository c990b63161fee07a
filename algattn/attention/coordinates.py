"""Labels of the coefficients of a network function.

A label is a tuple of 0-based numbers; in print everything is 1-based, as in the papers.

* one layer, t >= 2: ``(r, i, j, k)`` with ``i <= j`` stands for ``c_{r,ij,k}``, the coefficient of
  ``x_i x_j y_k`` in row r of ``F(x, y) = (V x)(x^T A y)``;
* one layer, t = 1: ``(r, i, j, k)`` with ``i <= j <= k``, the coefficient of ``x_i x_j x_k``;
* deeper: ``(r, monomial)``, the coefficient in row r of output column 1 of a monomial of X, a
  tuple of ``(row, column, exponent)``.  The other columns follow by permuting tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations_with_replacement
from math import comb
from typing import Any

from algattn.errors import InputError
from algattn.words import quoted

Label = tuple[Any, ...]
Monomial = tuple[tuple[int, int, int], ...]


def natural_labels(d_in: int, d_out: int, tokens: int) -> Iterator[Label]:
    """The labels of one layer, in order.

    >>> list(natural_labels(2, 1, 1))
    [(0, 0, 0, 0), (0, 0, 0, 1), (0, 0, 1, 1), (0, 1, 1, 1)]
    """
    for r in range(d_out):
        if tokens == 1:
            for i, j, k in combinations_with_replacement(range(d_in), 3):
                yield (r, i, j, k)
        else:
            for i, j in combinations_with_replacement(range(d_in), 2):
                for k in range(d_in):
                    yield (r, i, j, k)


def natural_count(d_in: int, d_out: int, tokens: int) -> int:
    """How many coordinates one layer has: ``d' d C(d+1, 2)``, or ``d' C(d+2, 3)`` when t = 1.

    >>> natural_count(2, 1, 2), natural_count(2, 1, 1)
    (6, 4)
    """
    cubics = comb(d_in + 2, 3) if tokens == 1 else d_in * comb(d_in + 1, 2)
    return d_out * cubics


def is_natural(label: Label) -> bool:
    """Whether a label belongs to a single layer."""
    return len(label) == 4


def label_name(label: Label) -> str:
    """A name for a variable or a JSON key.

    >>> label_name((0, 0, 1, 1)), label_name((0, ((0, 0, 2), (1, 0, 7))))
    ('c_1_1_2_2', 'y_1*x_1_1^2*x_2_1^7')
    """
    if is_natural(label):
        return "c_" + "_".join(str(n + 1) for n in label)
    return f"y_{label[0] + 1}*{monomial_name(label[1])}"


def monomial_name(monomial: Monomial) -> str:
    """A monomial of X in text, 1-based."""
    return (
        "*".join(f"x_{i + 1}_{j + 1}" + (f"^{e}" if e > 1 else "") for i, j, e in monomial) or "1"
    )


def label_text(label: Label, tokens: int) -> str:
    """The label as people write it.

    >>> label_text((0, 0, 1, 1), 2), label_text((0, 0, 1, 1), 1)
    ('c_{1,12,2}', 'c_{1,122}')
    """
    if not is_natural(label):
        return label_name(label)
    r, *rest = (n + 1 for n in label)
    cut = "" if max(rest) < 10 else "."
    if tokens == 1:
        return f"c_{{{r},{cut.join(map(str, rest))}}}"
    i, j, k = rest
    return f"c_{{{r},{i}{cut}{j},{k}}}"


_NATURAL = re.compile(r"c_([0-9]{1,7})_([0-9]{1,7})_([0-9]{1,7})_([0-9]{1,7})", re.ASCII)
_DEEP = re.compile(r"y_([0-9]{1,7})((?:\*x_[0-9]{1,7}_[0-9]{1,7}(?:\^[0-9]{1,9})?)+)", re.ASCII)
_FACTOR = re.compile(r"x_([0-9]+)_([0-9]+)(?:\^([0-9]+))?", re.ASCII)


def parse_label(name: Any) -> Label:
    """The label that :func:`label_name` wrote.

    >>> parse_label("c_1_1_2_2")
    (0, 0, 1, 1)
    """
    if isinstance(name, str):
        if found := _NATURAL.fullmatch(name):
            return tuple(int(n) - 1 for n in found.groups())
        if found := _DEEP.fullmatch(name):
            factors = _FACTOR.findall(found[2])
            monomial = tuple(sorted((int(i) - 1, int(j) - 1, int(e or 1)) for i, j, e in factors))
            return (int(found[1]) - 1, monomial)
    raise InputError(
        "read a coefficient's name",
        f"{quoted(name)} is not one",
        "write c_1_1_2_2 (row, left indices, right index, all from 1)",
    )
