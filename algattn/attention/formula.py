"""The formula of a network in LaTeX, with the sizes of its matrices."""

from __future__ import annotations

from collections.abc import Sequence

from algattn.attention.masks import Mask, Window
from algattn.attention.spaces import LayerShape

__all__ = ["network_latex"]

#: Layers up to which each has its line; of more the first ones and the last.
_LINES = 4
_PAIRS = 6


def network_latex(shapes: Sequence[LayerShape], weighting: str) -> str:
    """The layers, one on each line, the input X, and where the matrices lie.

    Parameters
    ----------
    shapes : sequence of LayerShape
    weighting : str
        What is done to scores, in LaTeX; nothing for lightning.

    Examples
    --------
    >>> from algattn import Lightning
    >>> print(network_latex(Lightning((2, 3), 1).shapes, ""))
    X \\mapsto V X\\,X^\\top K^\\top Q X,\\quad X \\in \\mathbb{R}^{2 \\times 2},\\ \
K, Q \\in \\mathbb{R}^{1 \\times 2},\\ V \\in \\mathbb{R}^{3 \\times 2}
    """
    first, several = shapes[0], len(shapes) > 1
    given = rf"X \in {_space(first.d, first.tokens)}"
    if not several:
        return rf"X \mapsto {_layer(first, 'X', '', weighting)},\quad {given},\ {_sizes(first, '')}"
    lines = [rf"& {given}"]
    for shape in shapes if len(shapes) <= _LINES else (*shapes[: _LINES - 1], shapes[-1]):
        n = shape.number
        if n == len(shapes) > _LINES:
            lines.append(r"& \;\vdots")
        before = "X" if n == 1 else f"X_{{{n - 1}}}"
        layer = _layer(shape, before, str(n), weighting)
        lines.append(rf"X_{{{n}}} &= {layer},\quad {_sizes(shape, str(n))}")
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"


def _space(rows: int, columns: int) -> str:
    return rf"\mathbb{{R}}^{{{rows} \times {columns}}}"


def _sign(letter: str, *below: str, above: str = "") -> str:
    under = ",".join(filter(None, below))
    return letter + (f"_{{{under}}}" if under else "") + (f"^{{({above})}}" if above else "")


def _layer(shape: LayerShape, X: str, n: str, weighting: str) -> str:
    """What a layer does to X; n is its number, where there are several layers."""
    head = "h" if shape.heads > 1 else ""
    group = head
    if shape.heads > shape.groups:  # from 1, group g has the heads with g = ceil(h / size)
        size = shape.heads // shape.groups
        group = "1" if shape.groups == 1 else rf"\lceil h/{size} \rceil"

    def affine(name: str, above: str, letter: str, transposed: bool = False) -> str:
        linear = f"{_sign(name, n, above=above)} {X}"
        if letter in shape.biases:
            bias = _sign("b", letter.upper(), n, above=above)
            linear = rf"({linear} + {bias} \mathbf{{1}}^\top)"
        elif transposed and above:
            linear = f"({linear})"
        elif transposed:
            return rf"{X}^\top {_sign(name, n)}^\top"
        return rf"{linear}^\top" if transposed else linear

    full = shape.value_rank is None
    value = affine("V" if full else "W", head if full else group, "v")
    query = shape.maps[0].query.name
    scores = f"{affine('K', group, 'k', transposed=True)} {affine(query, head, 'q')}"
    mask = "" if shape.mask is None else _sign("M", n)
    if weighting:
        under = f"_{{{mask}}}" if mask else ""
        scores = rf"{weighting}{under}\bigl({scores}\bigr)"
    elif mask:
        scores = rf"\bigl({mask} \odot {scores}\bigr)"
    out = rf"{value}\,{scores}"
    if not full:
        out = f"{_sign('O', n, above=head)} {out}"
    if head:
        out = rf"\sum_{{h=1}}^{{{shape.heads}}} {out}"
    if "o" in shape.biases:
        out += rf" + {_sign('b', 'O', n)} \mathbf{{1}}^\top"
    return f"{X} + {out}" if shape.residual else out


def _sizes(shape: LayerShape, n: str) -> str:
    d, e, a, v = shape.d, shape.e, shape.rank, shape.value_rank
    names = dict.fromkeys((shape.maps[0].key.name, shape.maps[0].query.name))
    parts = [rf"{', '.join(_sign(name, n) for name in names)} \in {_space(a, d)}"]
    if v is None:
        parts.append(rf"{_sign('V', n)} \in {_space(e, d)}")
    else:
        parts += [rf"{_sign('W', n)} \in {_space(v, d)}", rf"{_sign('O', n)} \in {_space(e, v)}"]
    if shape.mask is not None:
        parts.append(_mask(shape.mask, n))
    return r",\ ".join(parts)


def _mask(mask: str | Window | Mask, n: str) -> str:
    """Which keys j a query i sees, from 1."""
    sign = _sign("M", n)
    if isinstance(mask, Mask):
        pairs = [f"({j + 1},{i + 1})" for j, i in sorted(mask.pairs)[:_PAIRS]]
        rest = [r"\dots"] if len(mask.pairs) > _PAIRS else []
        return rf"{sign} = \{{{', '.join(pairs + rest)}\}}"
    past = f"i - {mask.n} < " if isinstance(mask, Window) else ""
    return rf"{sign} = \{{(j,i) : {past}j \le i\}}"
