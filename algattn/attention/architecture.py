"""The shape of a network: widths, ranks of the attention matrices, number of tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeGuard

from algattn.arguments import checked_with, wrap_methods
from algattn.errors import InputError, ShapeError
from algattn.words import quoted, quoted_keys, refuse

MAX_WIDTH = 1_000_000
MAX_LAYERS = 10_000


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


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


_NOT_BUILT = (
    "in this version a layer is one head and nothing else: no mask, residual connection, bias, "
    "position, normalisation, dropout or dense layer"
)
_RANKS = "ranks is the number of rows of K and Q"
_WIDTHS = "widths=(d_0, .., d_l) has the input width, and one width for each layer"
#: Words of other libraries, and features that this one does not have.
EXPLAINED = (
    dict.fromkeys(
        (
            *("heads", "n_heads", "num_heads", "n_head", "causal", "is_causal", "mask", "masked"),
            *("attn_mask", "residual", "residuals", "skip", "bias", "biases", "qkv_bias"),
            *("positions", "position", "positional", "rope", "alibi", "norm", "layer_norm"),
            *("normalization", "dropout", "mlp", "ffn", "d_ff", "activation", "kv_heads"),
        ),
        _NOT_BUILT,
    )
    | dict.fromkeys(("head_dim", "d_head", "d_k", "rank", "a"), _RANKS)
    | dict.fromkeys(
        ("d_model", "d", "dim", "embed_dim", "layers", "n_layers", "num_layers", "depth"),
        _WIDTHS,
    )
    | dict.fromkeys(("seq_len", "n_tokens", "context", "length", "t"), "tokens=2")
    | dict.fromkeys(
        ("softmax", "linear", "kind", "attention"), "the class says it: Lightning or Softmax"
    )
    | dict.fromkeys(("scale", "temperature"), "the scores are not scaled; scale K or A instead")
    | dict.fromkeys(("field", "weights", "seed"), "it belongs to weights: net.random_weights(seed)")
)


@checked_with(EXPLAINED)
@dataclass(frozen=True)
class Architecture:
    """Widths ``(d_0, .., d_l)``, ranks ``(a_1, .., a_l)`` and the number of tokens ``t``.

    Parameters
    ----------
    widths : sequence of int
        Input width first, output width last; one more than there are layers.
    ranks : int or sequence of int
        Bound on the rank of ``A_i = K_i^T Q_i``; one number stands for every layer.
    tokens : int
        Columns of the input X.

    Raises
    ------
    ShapeError
        Numbers below 1, above the limits, or of the wrong count.
    """

    widths: tuple[int, ...]
    ranks: tuple[int, ...]
    tokens: int

    kind: ClassVar[str] = "architecture"
    kinds: ClassVar[dict[str, type[Architecture]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        wrap_methods(cls)
        if "kind" in cls.__dict__:  # a base of several kinds has none itself
            Architecture.kinds[cls.kind] = cls

    def __init__(self, widths: Sequence[int], ranks: int | Sequence[int], tokens: int = 2) -> None:
        if not _is_list(widths):
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
        if _is_list(ranks):
            if len(ranks) != layers:
                raise ShapeError(
                    "describe a network",
                    f"{layers} layers and {len(ranks)} ranks",
                    "give one rank for each layer, or one number for all",
                )
            many = tuple(ranks)
        else:
            many = (ranks,) * layers
        object.__setattr__(
            self,
            "widths",
            tuple(_positive(d, f"width {i}", MAX_WIDTH) for i, d in enumerate(widths)),
        )
        object.__setattr__(
            self,
            "ranks",
            tuple(
                _positive(a, f"the rank of layer {i + 1}", MAX_WIDTH) for i, a in enumerate(many)
            ),
        )
        object.__setattr__(self, "tokens", _positive(tokens, "tokens", MAX_WIDTH))

    @property
    def layers(self) -> int:
        """The number of layers."""
        return len(self.ranks)

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
        """Number of entries of all K, Q and V."""
        return sum(
            2 * a * m + n * m
            for a, m, n in zip(self.ranks, self.widths, self.widths[1:], strict=False)
        )

    def to_data(self) -> dict[str, Any]:
        """The network as JSON data, as in an input file."""
        return {
            "kind": self.kind,
            "widths": list(self.widths),
            "ranks": list(self.ranks),
            "tokens": self.tokens,
        }

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The network from JSON data, of the class that its kind names."""
        asked = "read a network"
        if not isinstance(data, Mapping):
            raise InputError(asked, "it is not an object", 'write {"widths": [2, 2], "ranks": 2}')
        known = {"kind", "widths", "ranks", "tokens"}
        extra, missing = set(data) - known, {"widths", "ranks"} - set(data)
        if extra or missing:
            raise InputError(
                asked,
                f"unknown keys {quoted_keys(extra)}, missing keys {quoted_keys(missing)}",
                f"use the keys {sorted(known)}",
            )
        name = data.get("kind", "lightning")
        target = Architecture.kinds.get(name) if isinstance(name, str) else None
        if target is None and isinstance(name, str):
            from importlib import import_module

            import_module("algattn.model")  # the classes people use register themselves there
            target = Architecture.kinds.get(name)
        if target is None or not issubclass(target, cls):
            refuse(name, sorted(Architecture.kinds), asked, "kind")
        return target(data["widths"], data["ranks"], data.get("tokens", 2))

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}(widths={self.widths}, ranks={self.ranks}, tokens={self.tokens})"
