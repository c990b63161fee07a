"""The shape of a network: widths, ranks, tokens, and for each layer heads, mask, biases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Self

from algattn.arguments import checked_with, wrap_methods
from algattn.attention.formula import network_latex
from algattn.attention.masks import (
    Mask,
    Window,
    as_masks,
    is_sequence,
    mask_data,
    mask_from_data,
)
from algattn.attention.spaces import BIASES, LayerShape
from algattn.errors import HypothesisError, InputError, ShapeError
from algattn.words import quoted, quoted_keys, refuse

MAX_WIDTH = 1_000_000
MAX_LAYERS = 10_000
MAX_HEADS = 4096


def _positive(value: Any, what: str, largest: int) -> int:
    number = value.__index__() if hasattr(value, "__index__") else None
    if number is None or isinstance(value, bool):
        raise ShapeError("describe a network", f"{what} is {quoted(value)}", "give a whole number")
    if number < 1:
        raise ShapeError("describe a network", f"{what} is {number}", "give at least 1")
    if number > largest:
        raise ShapeError(
            "describe a network", f"{what} is {number}, above the limit {largest}", "use less"
        )
    return int(number)


_LATER = "this version has no positions, norms or scaling of the scores"
_RANKS = "ranks is the number of rows of K and Q of each head"
_WIDTHS = "widths=(d_0, .., d_l) has the input width, and one width for each layer"
_BIASES = 'biases="qkvo": the letters of the maps that have one'
#: Words of other libraries, and features that this one does not have.
EXPLAINED = (
    dict.fromkeys(
        (
            *("dropout", "mlp", "ffn", "d_ff", "activation", "final_norm", "qk_norm", "post_norm"),
            "normalization",
        ),
        "a layer is attention only: no dropout, dense layer or other normalisation",
    )
    | dict.fromkeys(("position", "positional", "rope", "alibi", "layer_norm"), _LATER)
    | dict.fromkeys(("n_heads", "num_heads", "n_head"), "heads=, one number or one for each layer")
    | dict.fromkeys(
        ("num_kv_heads", "n_kv_heads", "groups", "num_key_value_heads"),
        "kv_heads=, one number or one for each layer",
    )
    | dict.fromkeys(("causal", "is_causal"), 'mask="causal"')
    | dict.fromkeys(("masked", "attn_mask", "window"), 'mask="causal", Window(n) or pairs')
    | dict.fromkeys(("residuals", "skip"), "residual=True")
    | dict.fromkeys(("bias", "qkv_bias"), _BIASES)
    | dict.fromkeys(("d_v", "value_rank", "v"), "value_ranks=, the number of rows of W")
    | dict.fromkeys(("head_dim", "d_head", "d_k", "rank", "a"), _RANKS)
    | dict.fromkeys(
        ("d_model", "d", "dim", "embed_dim", "layers", "n_layers", "num_layers", "depth"),
        _WIDTHS,
    )
    | dict.fromkeys(("seq_len", "n_tokens", "context", "length", "t"), "tokens=2")
    | dict.fromkeys(
        ("softmax", "linear", "kind", "attention"), "the class says it: Lightning or Softmax"
    )
    | dict.fromkeys(("temperature",), "the scores are not scaled; scale K or A instead")
    | dict.fromkeys(("field", "weights", "seed"), "it belongs to weights: net.random_weights(seed)")
)


@checked_with(EXPLAINED)
@dataclass(frozen=True, eq=False)
class Architecture:
    """Widths ``(d_0, .., d_l)``, ranks ``(a_1, .., a_l)``, tokens ``t``, and what layers have.

    Parameters
    ----------
    widths : sequence of int
        Input width first, output width last; one more than there are layers.
    ranks : int or sequence of int
        Rows of K and Q of each head; one number stands for every layer.
    tokens : int
        Columns of the input X.
    heads : int or sequence of int
        Heads of each layer.
    kv_heads : int or sequence of int, optional
        Groups of heads that share keys and values; as many as heads unless given.  Head h (from
        0) is in group ``h // (heads / kv_heads)``.
    value_ranks : int or sequence of int, optional
        Rows of W, with ``V_h = O_h W_g``; unless given each head has a full matrix V_h.
    mask : None, "causal", Window, Mask or pairs (key, query) from 0, or a tuple of these
        What queries see; a tuple (or list) of one for each layer.
    residual : bool
        Whether every layer adds its input to its output.
    biases : str
        Letters of "qkvo": which maps of a layer have one.
    positions, norm, norm_bias, scale
        Not in this version: anything but the default is refused.

    Raises
    ------
    ShapeError
        Numbers below 1, above the limits, of the wrong count, or that do not divide.
    InputError
        For other words, and for combinations that make no sense.
    HypothesisError
        For what this version does not have.
    """

    widths: tuple[int, ...]
    ranks: tuple[int, ...]
    tokens: int
    heads: tuple[int, ...] = field(kw_only=True)
    kv_heads: tuple[int, ...] = field(kw_only=True)
    value_ranks: tuple[int, ...] | None = field(kw_only=True)
    mask: tuple[str | Window | Mask | None, ...] = field(kw_only=True)
    residual: bool = field(kw_only=True)
    biases: str = field(kw_only=True)

    kind: ClassVar[str] = "architecture"
    #: What is done to scores, in LaTeX.
    _weighting: ClassVar[str] = ""
    #: The class of each kind: the last one defined, so the one with questions where it is imported.
    kinds: ClassVar[dict[str, type[Architecture]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        wrap_methods(cls)
        if "kind" in cls.__dict__:  # a base of several kinds has none itself
            Architecture.kinds[cls.kind] = cls

    def __init__(
        self,
        widths: Sequence[int],
        ranks: int | Sequence[int],
        tokens: int = 2,
        *,
        heads: int | Sequence[int] = 1,
        kv_heads: int | Sequence[int] | None = None,
        value_ranks: int | Sequence[int] | None = None,
        mask: Any = None,
        residual: bool = False,
        biases: str = "",
        positions: None = None,
        norm: None = None,
        norm_bias: bool = False,
        scale: int = 1,
    ) -> None:
        if not is_sequence(widths):
            raise ShapeError("describe a network", f"widths is {quoted(widths)}", "widths=(2, 2)")
        if len(widths) < 2:
            raise ShapeError(
                "describe a network",
                f"widths has {len(widths)} entries",
                "give the input width and one width for each layer",
            )
        layers = len(widths) - 1
        if layers > MAX_LAYERS:
            raise ShapeError(
                "describe a network", f"{layers} layers, above the limit {MAX_LAYERS}", "use fewer"
            )
        _refuse_later(positions=positions, norm=norm, norm_bias=norm_bias, scale=scale)
        tokens_ = _positive(tokens, "tokens", MAX_WIDTH)
        found: dict[str, Any] = {
            "widths": tuple(_positive(d, f"width {i}", MAX_WIDTH) for i, d in enumerate(widths)),
            "ranks": _each(ranks, layers, "rank"),
            "tokens": tokens_,
            "heads": _each(heads, layers, "heads", MAX_HEADS),
        }
        found["kv_heads"] = (
            found["heads"] if kv_heads is None else _each(kv_heads, layers, "kv_heads", MAX_HEADS)
        )
        found["value_ranks"] = (
            None if value_ranks is None else _each(value_ranks, layers, "value rank")
        )
        found["mask"] = as_masks(mask, layers, tokens_)
        found["residual"] = _truth(residual, "residual")
        found["biases"] = _letters(biases)
        for name, value in found.items():
            object.__setattr__(self, name, value)
        self._fits()

    def _fits(self) -> None:
        asked = "describe a network"
        for i, (h, g) in enumerate(zip(self.heads, self.kv_heads, strict=True), 1):
            if h % g:
                raise ShapeError(
                    asked,
                    f"layer {i} has {h} heads and {g} groups of keys, which does not divide",
                    "take kv_heads that divide heads",
                )
            if self.value_ranks is None and h != g:
                raise InputError(
                    asked,
                    f"layer {i} has {h} heads with full value matrices in {g} groups",
                    "give value_ranks, so that heads of a group share W, or leave kv_heads out",
                )
        if self.residual and len(set(self.widths)) > 1:
            raise ShapeError(
                asked, f"the widths {self.widths} of residual layers differ", "use one width"
            )
        blind = [i for i, m in enumerate(self.mask, 1) if isinstance(m, Mask) and self._is_blind(m)]
        if blind:
            raise ShapeError(
                asked,
                f"in layer {blind[0]} some query sees no key, so there is no softmax",
                "let every query see a key",
            )

    def _is_blind(self, mask: Mask) -> bool:
        """Whether a query without keys has no value under this mask; lightning has 0 there."""
        return False

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.ranks)

    @cached_property
    def shapes(self) -> tuple[LayerShape, ...]:
        """The layers, with their spaces and maps."""
        values = self.value_ranks or (None,) * self.layers
        return tuple(
            LayerShape(
                number=i + 1,
                d=self.widths[i],
                e=self.widths[i + 1],
                rank=self.ranks[i],
                heads=self.heads[i],
                groups=self.kv_heads[i],
                value_rank=values[i],
                tokens=self.tokens,
                mask=self.mask[i],
                residual=self.residual,
                biases=self.biases,
            )
            for i in range(self.layers)
        )

    def alone(self, shape: LayerShape) -> Self:
        """The network that consists of one of its layers: the inverse of :attr:`shapes`.

        >>> net = LightningArchitecture((3, 2, 1), 1, heads=(1, 2))
        >>> net.alone(net.shapes[1])
        Lightning(widths=(2, 1), ranks=(1,), tokens=2, heads=2)
        """
        return type(self)(
            (shape.d, shape.e),
            shape.rank,
            shape.tokens,
            heads=shape.heads,
            kv_heads=shape.groups,
            value_ranks=shape.value_rank,
            mask=shape.mask,
            residual=shape.residual,
            biases=shape.biases,
        )

    @property
    def d_in(self) -> int:
        """Width of the input."""
        return self.widths[0]

    @property
    def d_out(self) -> int:
        """Width of the output."""
        return self.widths[-1]

    @property
    def map_degree(self) -> int:
        """Degree of a lightning network in X, ``3**layers``."""
        return int(3**self.layers)

    @property
    def parameters(self) -> int:
        """Number of entries of all matrices of weights."""
        return sum(shape.count for shape in self.shapes)

    def options(self) -> dict[str, Any]:
        """What differs from one head without mask, residual and bias, as JSON data."""
        found: dict[str, Any] = {}
        if set(self.heads) != {1}:
            found["heads"] = _common(self.heads)
        if self.kv_heads != self.heads:
            found["kv_heads"] = _common(self.kv_heads)
        if self.value_ranks is not None:
            found["value_ranks"] = _common(self.value_ranks)
        if any(m is not None for m in self.mask):
            masks = [mask_data(m) for m in self.mask]
            found["mask"] = masks[0] if all(m == masks[0] for m in masks) else {"layers": masks}
        if self.residual:
            found["residual"] = True
        if self.biases:
            found["biases"] = self.biases
        return found

    def to_data(self) -> dict[str, Any]:
        """The network as JSON data, as in an input file."""
        return {
            "kind": self.kind,
            "widths": list(self.widths),
            "ranks": list(self.ranks),
            "tokens": self.tokens,
        } | self.options()

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The network from JSON data, of the class that its kind names."""
        asked = "read a network"
        if not isinstance(data, Mapping):
            raise InputError(asked, "it is not an object", 'write {"widths": [2, 2], "ranks": 2}')
        extra, missing = set(data) - KEYS, {"widths", "ranks"} - set(data)
        if extra or missing:
            raise InputError(
                asked,
                f"unknown keys {quoted_keys(extra)}, missing keys {quoted_keys(missing)}",
                f"use the keys {sorted(KEYS)}",
            )
        name = data.get("kind", "lightning")
        target = Architecture.kinds.get(name) if isinstance(name, str) else None
        if target is None or not issubclass(target, cls):
            refuse(name, sorted(Architecture.kinds), asked, "kind")
        options = {key: value for key, value in data.items() if key in OPTIONS}
        if "mask" in options:
            options["mask"] = mask_from_data(options["mask"])
        return target(data["widths"], data["ranks"], data.get("tokens", 2), **options)

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        return (self.kind, *(getattr(self, f.name) for f in fields(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Architecture) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        rest = {
            "heads": _common(self.heads) if set(self.heads) != {1} else None,
            "kv_heads": _common(self.kv_heads) if self.kv_heads != self.heads else None,
            "value_ranks": None if self.value_ranks is None else _common(self.value_ranks),
            "mask": self.mask[0] if len(set(self.mask)) == 1 else self.mask,
            "residual": self.residual or None,
            "biases": self.biases or None,
        }
        parts = [f"widths={self.widths}", f"ranks={self.ranks}", f"tokens={self.tokens}"]
        parts += [f"{name}={value!r}" for name, value in rest.items() if value is not None]
        return f"{self.kind.capitalize()}({', '.join(parts)})"

    def _repr_latex_(self) -> str:
        return f"${network_latex(self.shapes, self._weighting)}$"


class LightningArchitecture(Architecture):
    """A lightning network as data; :class:`algattn.Lightning` has the questions."""

    kind: ClassVar[str] = "lightning"


class SoftmaxArchitecture(Architecture):
    """A softmax network as data; :class:`algattn.Softmax` has the questions."""

    kind: ClassVar[str] = "softmax"
    _weighting: ClassVar[str] = r"\operatorname{softmax}"

    def _is_blind(self, mask: Mask) -> bool:
        return bool(mask.blind)


#: The keys of a network in an input file, and those of them that are options of the constructor.
OPTIONS = frozenset(
    {
        *("heads", "kv_heads", "value_ranks", "mask", "residual", "biases"),
        *("positions", "norm", "norm_bias", "scale"),
    }
)
KEYS = OPTIONS | {"kind", "widths", "ranks", "tokens"}


def _each(value: Any, layers: int, what: str, largest: int = MAX_WIDTH) -> tuple[int, ...]:
    """One number for each layer."""
    many = tuple(value) if is_sequence(value) else (value,) * layers
    if len(many) != layers:
        raise ShapeError(
            "describe a network",
            f"{layers} layers and {len(many)} {what if what[-1] == 's' else what + 's'}",
            f"give one {what} for each layer, or one number for all",
        )
    return tuple(_positive(n, f"the {what} of layer {i}", largest) for i, n in enumerate(many, 1))


def _common(values: tuple[int, ...]) -> int | list[int]:
    """One number where all are equal."""
    return values[0] if len(set(values)) == 1 else list(values)


def _truth(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise InputError("describe a network", f"{what} is {quoted(value)}", "True or False")
    return value


def _letters(value: Any) -> str:
    if not isinstance(value, str) or set(value) - set(BIASES) or len(set(value)) < len(value):
        raise InputError(
            "describe a network",
            f"biases is {quoted(value)}",
            f"letters of {BIASES!r}, each at most once: which maps have a bias",
        )
    return "".join(letter for letter in BIASES if letter in value)


def _refuse_later(**options: Any) -> None:
    """Refuse by name what this version does not have."""
    nothing = {"positions": None, "norm": None, "norm_bias": False, "scale": 1}
    for name, value in options.items():
        default = nothing[name]
        if value is not default and (isinstance(value, bool) or value != default):
            raise HypothesisError(
                "describe a network",
                f"{name} is {quoted(value)}, and this version has networks without {name} only",
                f"leave {name} out",
            )
