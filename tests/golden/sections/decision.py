"""ED degrees of decision boundaries of weights, with the readout given and not given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from algattn import Lightning

Problem = tuple[str, Callable[[], object]]
SHAPES: tuple[tuple[tuple[int, int], int, int], ...] = (
    *(((1, 1), 1, 1), ((1, 1), 1, 2), ((1, 2), 1, 1), ((2, 1), 1, 1), ((2, 2), 1, 1)),
)


def _ask(shape: tuple[tuple[int, int], int, int], seed: int, options: dict[str, Any]) -> object:
    net = Lightning(*shape)
    return net.ed_degree(net.random_weights(seed), **options)


def _readout(shape: tuple[tuple[int, int], int, int], zero: bool) -> list[list[int]]:
    (_, d_out), _, tokens = shape
    return [[0 if zero else 1 + i + 2 * j for j in range(tokens)] for i in range(d_out)]


def problems() -> Iterator[Problem]:
    for shape in SHAPES:
        for seed in (1, 2):
            given: dict[str, dict[str, Any]] = {
                "default-readout": {},
                "default-readout,generic": {"metric": "generic"},
                "W": {"W": _readout(shape, False)},
                "W,b=2": {"W": _readout(shape, False), "b": 2},
            }
            if seed == 2:
                given = {"default-readout": {}, "W=0": {"W": _readout(shape, True)}}
            for name, options in given.items():
                yield f"decision/{name}/{shape}/seed={seed}", partial(_ask, shape, seed, options)
