"""Bad input to public methods: which error, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from algattn import GF, Lightning, Softmax, Weights, load, read_network_file, verify

Problem = tuple[str, Callable[[], object]]

NUMBERS: dict[str, Any] = {
    **{"zero": 0, "negative": -1, "float": 1.5, "whole-float": 2.0, "nan": float("nan")},
    **{"infinite": float("inf"), "none": None, "true": True, "text": "two", "digits": "2"},
    **{"list": [1], "empty": [], "huge": 10**30, "large": 10**6 + 1, "complex": 1j, "dict": {}},
}
MATRICES: dict[str, Any] = {
    **{"none": None, "number": 3, "text": "abc", "empty": [], "empty-layer": [[]]},
    **{"flat": [[1, 2]], "ragged": [[[1, 2], [3]]], "float": [[[0.5, 1], [1, 2]]]},
    **{"nan": [[[float("nan"), 1], [1, 2]]], "word": [[["x", 1], [1, 2]]]},
    **{"zero-denominator": [[["1/0", 1], [1, 2]]], "none-entry": [[[None, 1], [1, 2]]]},
    **{"bool": [[[True, 1], [1, 2]]], "wide": [[[1, 2, 3], [4, 5, 6]]]},
    **{"two-layers": [[[1, 2], [3, 4]]] * 2, "huge": [[[10**400, 1], [1, 2]]]},
    **{"inf": [[[float("inf"), 1], [1, 2]]], "decimal": [[["0.5", 1], [1, 2]]]},
    **{"complex": [[[1j, 1], [1, 2]]], "dict": {"a": 1}, "row-text": [["12", "34"]]},
}
GOOD = [[[1, 2], [3, 4]]]
METHODS = (
    *("fiber", "classify", "canonical", "local_dimension", "function", "virtual", "fiber_ideal"),
    *("report", "ed_degree"),
)
OF_FUNCTIONS = ("contains", "recover", "classify_function")
PLAIN = (
    *("dimension", "dimension_report", "generic_fiber", "degree", "singular_locus", "boundary"),
    *("strata", "parametrization", "random_weights", "random_gauge"),
)


def _net() -> Lightning:
    return Lightning((2, 2), 2)


def _make(kind: type[Any], **options: Any) -> object:
    return repr(kind(**options))


def _architectures() -> Iterator[Problem]:
    for kind in (Lightning, Softmax):
        head = f"rejected/{kind.__name__}"
        for name, x in NUMBERS.items():
            good: dict[str, Any] = {"widths": (2, 2), "ranks": 1, "tokens": 2}
            for key in good:
                yield f"{head}/{key}={name}", partial(_make, kind, **(good | {key: x}))
            yield f"{head}/width={name}", partial(_make, kind, **(good | {"widths": (2, x)}))
            yield f"{head}/rank={name}", partial(_make, kind, **(good | {"ranks": (x,)}))
        yield f"{head}/one-width", partial(_make, kind, widths=(2,), ranks=1)
        yield f"{head}/many-ranks", partial(_make, kind, widths=(2, 2), ranks=(1, 1))
        yield f"{head}/unknown", partial(_make, kind, widths=(2, 2), ranks=1, heads=2)
        yield f"{head}/nothing", partial(_make, kind)
        yield f"{head}/text-widths", partial(_make, kind, widths="22", ranks=1)


def _weights(**options: Any) -> object:
    return Weights(**options)


def _from_data(data: Any) -> object:
    return Weights.from_data(data)


def _given_weights() -> Iterator[Problem]:
    for name, x in MATRICES.items():
        good: dict[str, Any] = {"K": GOOD, "Q": GOOD, "V": GOOD}
        for key in good:
            bad = good | {key: x}
            yield f"rejected/Weights/{key}={name}", partial(_weights, **bad)
            yield f"rejected/Weights.from_data/{key}={name}", partial(_from_data, bad)
            yield f"rejected/fiber-mapping/{key}={name}", partial(_call, "fiber", bad)
        yield f"rejected/Weights/A={name}", partial(_weights, A=x, V=GOOD)
        yield f"rejected/Weights/GF,A={name}", partial(_weights, A=x, V=GOOD, field=GF(7))
    for name, given in {
        "A,K": {"A": GOOD, "K": GOOD, "Q": GOOD, "V": GOOD},
        "K": {"K": GOOD, "V": GOOD},
        "V": {"V": GOOD},
        "nothing": {},
        "unknown": {"A": GOOD, "V": GOOD, "B": GOOD},
        "field": {"A": GOOD, "V": GOOD, "field": "RR"},
        "field-none": {"A": GOOD, "V": GOOD, "field": None},
    }.items():
        yield f"rejected/Weights/{name}", partial(_weights, **given)
        yield f"rejected/Weights.from_data/{name}", partial(_from_data, given)
    for name, x in NUMBERS.items():
        yield f"rejected/Weights.from_data/{name}", partial(_from_data, x)
        yield f"rejected/GF/{name}", partial(_field, x)
    for n in (1, 4, 15, 91, 561, 2**61 + 1):
        yield f"rejected/GF/{n}", partial(_field, n)


def _field(p: Any) -> object:
    return repr(GF(p))


def _call(method: str, /, *given: Any, **options: Any) -> object:
    return getattr(_net(), method)(*given, **options)


def _methods() -> Iterator[Problem]:
    wrong: dict[str, Any] = {
        "other-widths": {"K": [[[1]]], "Q": [[[1]]], "V": [[[1]]]},
        "two-layers": {"A": GOOD * 2, "V": GOOD * 2},
        "none": None,
        "text": "weights",
        "number": 7,
        "empty": {},
        "list": [],
        "unknown-key": {"A": GOOD, "V": GOOD, "B": 1},
        "floats": {"A": [[[0.5, 0], [0, 1]]], "V": GOOD},
    }
    good = {"A": GOOD, "V": GOOD}
    for method in METHODS:
        for name, x in wrong.items():
            if (method, name) not in {("ed_degree", "none"), ("report", "none")}:
                yield f"rejected/{method}/{name}", partial(_call, method, x)
        yield f"rejected/{method}/unknown-option", partial(_call, method, good, colour="red")
        yield f"rejected/{method}/too-many", partial(_call, method, good, good, good, good)
    for method in OF_FUNCTIONS:
        for name, x in (wrong | {"good-weights": good}).items():
            yield f"rejected/{method}/{name}", partial(_call, method, x)
        yield f"rejected/{method}/other-shape", partial(_other_function, method)
        yield f"rejected/{method}/unknown-option", partial(_call, method, None, colour="red")
    for name, x in wrong.items():
        yield f"rejected/equivalent/first={name}", partial(_call, "equivalent", x, good)
        yield f"rejected/equivalent/second={name}", partial(_call, "equivalent", good, x)
    for method in PLAIN:
        yield f"rejected/{method}/unknown-option", partial(_call, method, colour="red")
        yield f"rejected/{method}/positional", partial(_call, method, "KQV", 1, 2)


def _other_function(method: str) -> object:
    other = Lightning((3, 1), 1)
    return _call(method, other.function(other.random_weights(1)))


def _options() -> Iterator[Problem]:
    good = {"A": GOOD, "V": GOOD}
    words = {k: v for k, v in NUMBERS.items() if k not in {"huge", "large"}} | {"lower": "av"}
    for name, x in words.items():
        for key in ("method", "seed", "prime", "time_limit"):
            if key == "time_limit" and name in {"zero", "negative"}:
                continue  # whether nothing is too long depends on the machine
            yield f"rejected/dimension/{key}={name}", partial(_call, "dimension", **{key: x})
        yield f"rejected/parametrization/params={name}", partial(_call, "parametrization", x)
        yield f"rejected/fiber/params={name}", partial(_call, "fiber", good, params=x)
        yield f"rejected/random_weights/form={name}", partial(_call, "random_weights", 1, form=x)
        yield f"rejected/random_weights/size={name}", partial(_call, "random_weights", 1, size=x)
        for method in ("random_weights", "generic_fiber", "dimension_report"):
            yield f"rejected/{method}/seed={name}", partial(_call, method, seed=x)
        yield (
            f"rejected/local_dimension/seed={name}",
            partial(_call, "local_dimension", good, seed=x),
        )
        yield f"rejected/equivalent/seed={name}", partial(_call, "equivalent", good, good, seed=x)
    for p in (4, 15, 101, 2**31 - 1, 2**61 - 1, 2**70 + 1):
        yield f"rejected/dimension/prime={p}", partial(_call, "dimension", prime=p)


FILES: dict[str, str] = {
    **{"empty": "", "not-json": "{", "list": "[]", "number": "3", "null": "null", "nan": "[NaN]"},
    **{"twice": '{"a": 1, "a": 2}', "deep": "[" * 100000, "object": "{}", "huge": "9" * 5000},
    **{"schema": '{"schema": "algattn/result/9"}', "only-schema": '{"schema": "algattn/result/1"}'},
}


def _texts() -> Iterator[Problem]:
    net = {"widths": [2, 2], "ranks": 2}
    data: dict[str, Any] = {
        "unknown-key": {"network": net, "colour": 1},
        "no-network": {"weights": {}},
        "network-list": {"network": [2, 2]},
        "network-kind": {"network": net | {"kind": "linear"}},
        "network-kind-number": {"network": net | {"kind": 3}},
        "network-extra": {"network": net | {"heads": 2}},
        "network-float": {"network": {"widths": [2.0, 2], "ranks": 2}},
        "weights-floats": {"network": net, "weights": {"A": [[[0.5, 1], [1, 2]]], "V": GOOD}},
        "weights-shape": {"network": net, "weights": {"A": GOOD, "V": [[[1, 2, 3]]]}},
        "weights-list": {"network": net, "weights": []},
        "function-list": {"network": net, "function": [1]},
        "function-empty": {"network": net, "function": {}},
        "schema": {"network": net, "schema": "algattn/input/9"},
        "good": {"network": net, "weights": {"A": GOOD, "V": GOOD}},
        "result-kind": {"schema": "algattn/result/1", "kind": "no.such"},
        "result-parts": {"schema": "algattn/result/1", "kind": "dimension.network"},
        "result-claims": {
            **{"schema": "algattn/result/1", "kind": "dimension.network", "problem": {}},
            **{"detail": {}, "claims": [3]},
        },
    }
    for name, text in (FILES | {k: json.dumps(v) for k, v in data.items()}).items():
        yield f"rejected/read_network_file/{name}", partial(read_network_file, text)
        yield f"rejected/read_network_file/floats/{name}", partial(_floats, text)
        yield f"rejected/load/{name}", partial(load, text)
        yield f"rejected/verify/{name}", partial(verify, text)
    for name, x in NUMBERS.items():
        yield f"rejected/load/{name}-itself", partial(load, x)
        yield f"rejected/verify/{name}-itself", partial(verify, x)
        yield f"rejected/read_network_file/{name}-itself", partial(read_network_file, x)


def _floats(text: str) -> object:
    return read_network_file(text, floats=True)


def problems() -> Iterator[Problem]:
    yield from _architectures()
    yield from _given_weights()
    yield from _methods()
    yield from _options()
    yield from _texts()
