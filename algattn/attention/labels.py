"""The spelling of coordinates: labels in text and in LaTeX, and back.

A label is a tuple of 0-based numbers; in print everything is 1-based, as in the papers.

* ``(r, i, j, k)`` is the natural coordinate ``c_{r,ij,k}`` of one layer, in text ``c_1_1_2_2``: for
  t >= 2 (``i <= j``) the coefficient of ``x_i x_j y_k`` in row r of ``F(x, y) = (V x)(x^T A y)``,
  summed over the heads; for t = 1 (``i <= j <= k``) that of ``x_i x_j x_k``, ``c_{r,ijk}``.
* ``(r, monomial)``, in text ``y_1*x_1_1^2*x_2_1``, is the coefficient in row r of output column 1
  of a monomial of X, a tuple of ``(row, column, exponent)``.  The other columns follow by
  permuting tokens.
* ``(r, c, monomial)``, in text ``y_1_2*x_1_1^2*x_2_1``, is the coefficient in entry (r, c) of the
  output, where no permutation of tokens is a symmetry.
"""

from __future__ import annotations

import re
from typing import Any

from algattn.errors import InputError
from algattn.exact.polynomials import joined_indices, variable_latex
from algattn.words import quoted

Label = tuple[Any, ...]
Monomial = tuple[tuple[int, int, int], ...]
#: Row and column of an output, and a monomial of X.
OutputKey = tuple[int, int, Monomial]


def is_natural(label: Label) -> bool:
    """Whether a label belongs to a single layer."""
    return len(label) == 4


def cubic_monomial(*places: tuple[int, int]) -> Monomial:
    """The product of entries of X as a monomial.

    >>> cubic_monomial((1, 0), (0, 0), (1, 0))
    ((0, 0, 1), (1, 0, 2))
    """
    counts: dict[tuple[int, int], int] = {}
    for place in places:
        counts[place] = counts.get(place, 0) + 1
    return tuple((i, j, counts[i, j]) for i, j in sorted(counts))


def swap_columns(monomial: Monomial, c: int) -> Monomial:
    """The monomial with the columns 1 and c of X exchanged."""
    if c == 0:
        return monomial
    other = {0: c, c: 0}
    return tuple(sorted((i, other.get(j, j), e) for i, j, e in monomial))


def label_name(label: Label) -> str:
    """The label in text: a name for a variable, or a key in JSON.

    >>> label_name((0, 0, 1, 1)), label_name((0, ((0, 0, 2), (1, 0, 7)))), label_name((0, 1, ()))
    ('c_1_1_2_2', 'y_1*x_1_1^2*x_2_1^7', 'y_1_2*1')
    """
    if is_natural(label):
        return "c_" + "_".join(str(n + 1) for n in label)
    return "_".join(["y", *(str(n + 1) for n in label[:-1])]) + "*" + monomial_name(label[-1])


def monomial_name(monomial: Monomial) -> str:
    """A monomial of X in text, 1-based."""
    return (
        "*".join(f"x_{i + 1}_{j + 1}" + (f"^{e}" if e > 1 else "") for i, j, e in monomial) or "1"
    )


def label_latex(label: Label, tokens: int = 2) -> str:
    """The label in LaTeX, as people write it; indices above 9 stand in parentheses.

    >>> label_latex((0, 0, 1, 1)), label_latex((0, 0, 1, 1), 1), label_latex((0, 1, 9, 1))
    ('c_{1,12,2}', 'c_{1,122}', 'c_{1,(2,10),2}')
    >>> label_latex((0, ((0, 0, 2), (1, 0, 7))))
    'y_{1}[x_{11}^{2} x_{21}^{7}]'
    """
    if is_natural(label):
        if tokens > 1:
            return variable_latex(label_name(label))
        row, *rest = (str(n + 1) for n in label)
        return f"c_{{{row},{joined_indices(*rest)}}}"
    factors = [
        variable_latex(f"x_{i + 1}_{j + 1}") + (f"^{{{e}}}" if e > 1 else "")
        for i, j, e in label[-1]
    ]
    where = variable_latex("_".join(["y", *(str(n + 1) for n in label[:-1])]))
    return f"{where}[{' '.join(factors) or '1'}]"


_N = "([0-9]{1,7})"
_PAIR = rf"(?:([0-9])([0-9])|\({_N},{_N}\)|{_N}\.{_N})"
_TRIPLE = rf"(?:([0-9])([0-9])([0-9])|\({_N},{_N},{_N}\)|{_N}\.{_N}\.{_N})"
_NATURAL = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"c_{_N}_{_N}_{_N}_{_N}",
        rf"c_\{{{_N},{_PAIR},{_N}\}}",
        rf"c_\{{{_N},{_TRIPLE}\}}",
    )
]
_DEEP = re.compile(
    rf"[cy]_{_N}(?:_{_N})?\*(1|x_[0-9]{{1,7}}_[0-9]{{1,7}}(?:\^[0-9]{{1,9}})?"
    r"(?:\*x_[0-9]{1,7}_[0-9]{1,7}(?:\^[0-9]{1,9})?)*)",
    re.ASCII,
)
_FACTOR = re.compile(r"x_([0-9]+)_([0-9]+)(?:\^([0-9]+))?", re.ASCII)


def parse_label(name: Any) -> Label:
    """The label that :func:`label_name` or :func:`label_latex` wrote.

    >>> parse_label("c_1_1_2_2") == parse_label("c_{1,12,2}") == (0, 0, 1, 1)
    True
    >>> parse_label("c_{1,(2,10),2}"), parse_label("y_{1}[x_{11}^{2} x_{2,10}]")
    ((0, 1, 9, 1), (0, ((0, 0, 2), (1, 9, 1))))
    """
    if isinstance(name, str):
        text = name.replace(" ", "")
        for pattern in _NATURAL:
            if found := pattern.fullmatch(text):
                return tuple(int(n) - 1 for n in found.groups() if n is not None)
        if found := _DEEP.fullmatch(_plain(name)):
            factors = _FACTOR.findall(found[3])
            monomial = tuple(sorted((int(i) - 1, int(j) - 1, int(e or 1)) for i, j, e in factors))
            return (*(int(n) - 1 for n in found.groups()[:2] if n), monomial)
    raise InputError(
        "read a coefficient's name",
        f"{quoted(name)} is not one",
        "write c_1_1_2_2 or c_{1,12,2} (row, left indices, right index, all from 1)",
    )


def _plain(name: str) -> str:
    """A label by monomials in text, from LaTeX."""
    text = re.sub(r"\^\{(\d+)\}", r"^\1", name.strip())
    text = re.sub(r"_\{(\d)(\d)\}", r"_\1_\2", text)
    text = re.sub(
        r"_\{(\d+)(?:,(\d+))?\}", lambda m: "_" + "_".join(filter(None, m.groups())), text
    )
    if found := re.fullmatch(r"([cy][_\d]+)\[(.*)\]", text):
        return f"{found[1]}*{'*'.join(found[2].split())}"
    return text


def typed_label(given: Any) -> str:
    """A label as it was typed; a tuple by its name."""
    if isinstance(given, str):
        return given if len(given) < 80 else quoted(given)
    try:
        return label_name(tuple(given))
    except (TypeError, ValueError, IndexError):
        return quoted(given)
