"""Strange command lines and strange files, each drawn from a seed."""

from __future__ import annotations

import copy
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mutations import at, changed, leaves

ROOT = Path(__file__).parents[2]

#: Values that options do not expect; the short ones come often.
WORDS = ["nan", "inf", "-inf", "-1", "0", "1", "2", "3", "7", "-7", "1.5", "1e400", "", " ", "x"]
WORDS += [",", ";", ":", "2,2", "2,,2", "2;2", "1:4", "4:1", "0:0", "1/0", "1/2", "-1/2", "None"]
WORDS += ["true", "[]", "{}", "[[1]]", "\u0663", "１", "é", "\udc80", "🙂", "a\nb", "\x1b[2J", "%s"]
WORDS += ["-", "--", "-o", "..", "/", "/nonexistent/x", "/dev/null", "out.txt", "out.png", "1_0"]
WORDS += ["999999999", "9" * 30, "9" * 5000, "x" * 10_000, "-" * 300, "2," * 3000, "1e999999"]
WORDS += ["s^999999999", "s^-1", "2s", "s*", "(s)", "s/t", "1/0*s", "y_1", "s t", "s^2-t^3", "json"]
WORDS += ["sage", "KQV", "symmetric", "softmax", "text", "4", "8388593", "2147483648", "0x10"]

#: Values that many options do expect; half of all are of this kind, to get past the first check.
MILD = ["0", "1", "2", "3", "4", "5", "7", "1,1", "1,2", "2,1", "2,2", "3,2", "2,2,1", "1,1,1"]
MILD += [
    "1/2",
    "0.5",
    "1:2",
    "json",
    "text",
    "latex",
    "html",
    "AV",
    "QKV",
    "s",
    "s^2",
    "s*t",
    "t^3-1",
]
MILD += ["2*s-1/2", "s^5*t", "0,1;0,1", "-1,1", "0,1/2", "softmax", "unit", "builtin", "out.txt"]

#: What can stand in a JSON file instead of a value.
VALUES: list[Any] = [None, True, False, 0, 1, -1, 2, 3, 7, 1.5, -0.0, 1e300, 1e-300, 2**63, 10**30]
VALUES += [10**400, "", "1", "-1", "1/2", "2/4", "1/0", "nan", "inf", "1e5", " 1", "\u0663", "0x1"]
VALUES += ["9" * 5000, "x" * 20_000, "a\u0000b", "\ud800", "t^2-2", "uniform", "softmax", "last"]
VALUES += [[], {}, [[]], [[[]]], [None], [1], [[1]], [[1, 2], [3]], [[[1, 2], [3, 4]]], {"a": 1}]
VALUES += [{"kind": []}, {"kind": "uniform"}, {"kind": "fixed"}, [0] * 50, [[1, 2], [3, 4]], [True]]

NUMBERS: list[Any] = [
    0,
    0,
    1,
    1,
    -1,
    2,
    3,
    4,
    5,
    -7,
    "1/2",
    "-2/3",
    0.5,
    1e-8,
    1e8,
    1e30,
    1e61,
    1e300,
]
NUMBERS += [10**20, "1" + 30 * "0", "1/" + "7" * 60, "1" + 400 * "0", "9" * 5000, 2**53 + 1]

_LAYER = {
    "network": {"kind": "lightning", "widths": [2, 2], "ranks": 1, "tokens": 2},
    "weights": {"K": [[[1, 2]]], "Q": [[["1/2", -1]]], "V": [[[1, -1], [3, -3]]]},
}
_DEEP = {
    "network": {"widths": [2, 1, 1], "ranks": [1, 1], "tokens": 2},
    "weights": {"A": [[[1, 2], [2, 4]], [[3]]], "V": [[[1, -1]], [[2]]]},
}
_SOFT = {
    "network": {"kind": "softmax", "widths": [2, 2], "ranks": 1, "tokens": 2},
    "weights": {"K": [[[1, 2]]], "Q": [[[3, -1]]], "V": [[[1, -1], [3, -3]]]},
}
_PATHS = {
    "heads": [2],
    "widths": [4, 4],
    "variances": [1, "1/2", 1],
    "attention": [["uniform", {"kind": "fixed", "matrix": [["1/3", 0], ["2/3", 1]]}]],
    "readout": "last",
    "temperature": "1/10",
    "task": "auto",
    "X": [[[1, 2], [0, 1]], [[0, 1], [1, 1]]],
    "Y": [1, -1],
    "U": [[1, 0], [0, 1]],
}
_ONE = {"heads": [1], "widths": [4, 4], "attention": [["uniform"]], "temperature": "1/10"}
_ONE |= {"X": [[[1, 2]], [[0, 1]]], "Y": [1, -1]}
_BIAS = {"sequences": [[[1, 0], [0, 1], [1, 1]], [[2, 1], [0, 1]]], "labels": [1, -1]}
_BIAS |= {"decoder": [1, "1/2"], "queries": [[1, 0], [0, 1]], "selection": [0, 1]}
_HEAD = {"keys": [[0, 0], [1, "1/2"], [0, 2]], "biases": [0, 1, 0], "values": [[1], [2], [3]]}
_HEADS = {"heads": [{"keys": [[0], [1]]}, {"keys": [[0], [2]], "biases": [1, 0]}]}
_HEAD1 = {"keys": [[0], [1], [3]], "biases": [0, 1, 0], "values": [[1], [2], [3]]}
_STACK = {"layers": [{"heads": [_HEAD1], "skip": "identity"}, {"heads": [_HEAD1]}]}
_MAP = {"polynomials": {"x": "(a+b)/(1+a^2)", "y": "2/3*a*b"}, "parameters": ["a", "b"]}
_MAP |= {"field": "QQ", "assume_nonzero": ["a"], "symmetries": {"none": {"a": "0"}}}
_BLOCKS = {"polynomials": ["v_1_1*s", "v_1_2+s^2", "s"], "denominators": ["1", 2, "s+1"]}
_BLOCKS |= {"parameters": {"v": [1, 2], "s": []}, "coordinates": ["x", "y", "z"]}
_ROOT = {"polynomials": ["theta*t^2", "t^3/(theta+1)"]}
_ROOT |= {"field": {"modulus": [-2, 0, 1], "root": 1}}
_ROW = {"kind": "lightning", "widths": "2 2", "ranks": "1", "tokens": 2, "parameters": 8}
_ROW |= {"dimension": 6, "lower": 6, "upper": 6, "expected": 6, "status": "PROVED"}
_CSV = ",".join(_ROW) + "\n" + ",".join(map(str, _ROW.values())) + "\n"

#: Good files by their kind.
FILES: dict[str, list[Any]] = {
    "network": [_LAYER, _DEEP, _SOFT, {"network": _LAYER["network"]}],
    "paths": [_PATHS, _ONE],
    "bias": [_BIAS],
    "tropical": [_HEAD, _HEADS, _STACK, _HEAD1],
    "rows": [[_ROW], _CSV],
    "map": [_MAP, _BLOCKS, _ROOT, {"polynomials": ["(s+t)^2", "s*t"], "field": "GF(7)"}],
}

_SHAPE = ["--widths", "2,2", "--ranks", "1", "--seed", "1"]
_TINY = ["--widths", "2,1", "--ranks", "1", "--tokens", "2"]

_TRY = ["paths", "experiment", "--examples", "4", "--tests", "4", "--tokens", "3"]
_TRY += ["--features", "4"]

#: Good command lines; @kind is a file of that kind.
COMMANDS: list[list[str]] = [
    ["report", *_TINY],
    ["report", "@network", "--floats"],
    ["derive", *_SHAPE, "--params", "AV"],
    ["derive", "@network", "--format", "latex"],
    ["verify", "@result"],
    ["verify", "@result", "--quiet"],
    ["engines", "--explain", "degree", "--weights", "--prime", "7"],
    ["cite", "HMK", "--bibtex"],
    ["dimension", "--widths", "3,2", "--ranks", "1", "--kind", "softmax", "--method", "auto"],
    ["dimension", *_SHAPE, "--prime", "8388593", "--time-limit", "2", "--format", "json"],
    ["dimension", "@network", "--local"],
    ["dimension", "@network", "--report"],
    ["sweep", "--widths", "1:2", "--ranks", "1", "--layers", "1", "--tokens", "1:2"],
    ["sweep", "--shapes", "2,1;2,2", "--ranks", "1,2", "--kind", "both", "--time-limit", "1"],
    ["sweep", "--shapes", "2,2", "--ranks", "1", "--format", "csv", "-o", "@rows"],
    ["sweep", "--shapes", "2,2", "--ranks", "1", "--format", "json", "-o", "@rows"],
    ["equivalent", "@network", "@network", "--floats"],
    ["equivalent", "@network", "@network", "--format", "json"],
    ["fiber", "@network", "--params", "QKV"],
    ["fiber", *_SHAPE, "--generic"],
    ["canonical", "@network", "--fingerprint"],
    ["canonical", *_SHAPE, "--format", "html"],
    ["recover", "@network"],
    ["classify", "@network"],
    ["classify", *_TINY, "--format", "json"],
    ["strata", *_TINY, "--format", "json"],
    ["degree", *_TINY, "--ed", "unit"],
    ["degree", *_TINY],
    ["ideal", *_TINY, "--max-degree", "2", "--time-limit", "2", "--jobs", "1"],
    ["ideal", *_TINY, "--max-degree", "2", "--complete", "--time-limit", "2"],
    ["stable", "--max-degree", "2", "--rank", "1", "--tokens", "2", "--time-limit", "2"],
    ["implicitize", "s^2", "s*t", "t^2", "--max-degree", "2", "--time-limit", "2"],
    ["implicitize", "--names", "x,y", "--prime", "7", "--time-limit", "2", "--", "s^2-1", "s^3-s"],
    ["implicitize", "t^2", "t^3", "--method", "graded", "--max-degree", "3", "--time-limit", "2"],
    ["implicitize", "t^2", "t^3", "--engine", "builtin", "--time-limit", "2"],
    ["map", "@map", "show"],
    ["map", "@map", "dimension", "--seed", "1", "--time-limit", "2"],
    ["map", "@map", "dimension", "--format", "json"],
    ["map", "@map", "implicitize", "--max-degree", "2", "--degree", "1,2", "--time-limit", "2"],
    ["map", "@map", "fiber", "--point", "1,2", "--time-limit", "2"],
    ["map", "--form", "AV", "@network", "show"],
    ["paths", "kernels", "@paths", "--blocks"],
    ["paths", "kernels", "@paths", "--format", "json"],
    ["paths", "solve", "@paths", "--starts", "1", "--seed", "1", "--time-limit", "2"],
    ["paths", "solve", "@paths", "--temperature", "0.1", "--certify", "--time-limit", "2"],
    ["paths", "points", "@paths", "--temperature", "1/10"],
    [*_TRY, "--widths", "4", "--seed", "1"],
    [*_TRY, "--widths", "3,5", "--noise-perp", "0.5", "--two-paths"],
    ["bias", "solve", "@bias", "--floats", "--time-limit", "2"],
    ["bias", "solve", "@bias", "--all", "--format", "json"],
    ["bias", "train", "@bias", "--steps", "5", "--rate", "0.1", "--batch", "1", "--rank", "1"],
    ["bias", "train", "@bias", "--method", "polyak", "--steps", "5", "--loss", "logistic"],
    ["bias", "diagnose", "@bias", "--examine", "3"],
    ["tropical", "regions", "@tropical", "--box", "0,1;0,1", "--time-limit", "2"],
    ["tropical", "diagram", "@tropical", "--format", "json"],
    ["tropical", "bounds", "--heads", "2", "--keys", "3", "--dimension", "2", "--depth", "2"],
    ["tropical", "stability", "@tropical", "--error", "1/100", "--box", "0,1;0,1"],
    ["tropical", "stability", "@tropical", "--error", "1/100", "--cell", "0", "--gap", "1/10"],
]


@dataclass
class Case:
    """One call of the program, or of a reader, with the files that it reads."""

    argv: list[str]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def command(self) -> str:
        """The words of the command, for the table."""
        if self.argv and self.argv[0] == "read":
            return f"(reader) {self.argv[1]}"
        known = {tuple(c[:2]) for c in COMMANDS if c[0] in {"paths", "bias", "tropical"}}
        if tuple(self.argv[:2]) in known:
            return " ".join(self.argv[:2])
        plain = self.argv[0] if self.argv else ""
        return plain if plain in {c[0] for c in COMMANDS} else "(none)"


def stored_results(most: int = 8000) -> list[Any]:
    """Results of version 0.1 that are short."""
    folder = ROOT / "tests" / "golden" / "v01"
    names = sorted(f for f in folder.glob("*.json") if f.name != "verdicts.json")
    return [json.loads(f.read_text()) for f in names if f.stat().st_size < most]


def draw(rng: random.Random, results: list[Any]) -> Case:
    """One case: a reader with a file, or a command line; most with one or two strange parts."""
    every = FILES | {"result": results}
    if rng.random() < 0.3:
        kind = rng.choice([*every, "polynomial"])
        if kind == "polynomial":
            return Case(["read", kind, _strange_polynomial(rng)])
        return Case(["read", kind, "f0"], {"f0": _strange_file(rng, rng.choice(every[kind]))})
    argv = list(rng.choice(COMMANDS))
    files = {}
    has_files = any(word.startswith("@") for word in argv)
    in_file = has_files and rng.random() < 0.7
    for i, word in enumerate(argv):
        if word.startswith("@"):
            name = f"f{len(files)}"
            good = rng.choice(every[word[1:]])
            files[name] = _strange_file(rng, good) if in_file else _encode(good)
            argv[i] = name
    for _ in range(rng.choice((0, 0, 1)) if in_file else rng.choice((1, 1, 1, 2, 3))):
        argv = _strange_line(rng, argv)
    return Case(argv, files)


def _strange_line(rng: random.Random, argv: list[str]) -> list[str]:
    out = list(argv)
    place = rng.randrange(1, len(out)) if len(out) > 1 else 0
    move = rng.randrange(16)
    if move >= 8:  # another value of the same look
        places = [i for i in range(1, len(out)) if re.match(r"-?[0-9a-z]", out[i])]
        if places:
            place = rng.choice(places)
            out[place] = _alike(rng, out[place])
    elif move <= 3:  # a value, or a name of an option, that is another one
        values = [i for i in range(1, len(out)) if not out[i].startswith("-")]
        words = rng.choice((WORDS, MILD))
        out[rng.choice(values) if values and move else place] = rng.choice(words)
    elif move == 4:
        del out[place]
    elif move == 5:  # an option of any command
        other = rng.choice(COMMANDS)
        i = rng.choice([i for i, w in enumerate(other) if w.startswith("--")] or [0])
        out[place:place] = other[i : i + rng.choice((1, 2))]
    elif move == 6:
        out.insert(place, rng.choice(WORDS))
    else:
        out += out[place : place + 2]
    return [w for w in out if "\0" not in w]  # no system passes that on


def _alike(rng: random.Random, word: str) -> str:
    if re.fullmatch(r"-?\d+", word):
        few = ("0", "1", "2", "3", "4", "5", "6", "10", "-1", "50", "1000", "999999999", "9" * 25)
        return rng.choice(few)
    if re.fullmatch(r"[\d,:;/]+", word):
        mark = "," if "," in word else ":" if ":" in word else "/"
        numbers = [rng.choice(("0", "1", "1", "2", "2", "3", "4", "9", "77")) for _ in range(4)]
        return mark.join(numbers[: rng.randrange(1, 4)])
    if re.fullmatch(r"\d*\.\d*", word):
        return rng.choice(
            ("0", "0.0", "1e-300", "1e300", "1e-9", "-0.5", "3", "nan", "inf", "0.25")
        )
    return rng.choice(MILD)


def _encode(good: Any) -> bytes:
    text = good if isinstance(good, str) else json.dumps(good)
    return text.encode("utf-8", "surrogatepass")


def _strange_file(rng: random.Random, good: Any) -> bytes:
    data = copy.deepcopy(good)
    if not isinstance(data, str):
        for _ in range(rng.choice((1, 1, 1, 2))):
            data = _strange_data(rng, data)
    raw = _encode(data)
    if isinstance(good, str) or rng.random() < 0.3:
        raw = _strange_bytes(rng, raw)
    return raw


def _strange_data(rng: random.Random, data: Any) -> Any:
    places = list(leaves(data))
    if not places:
        return rng.choice(VALUES)
    path = rng.choice(places)
    old = at(data, path)
    move = rng.randrange(7)
    if isinstance(old, int | float) and rng.random() < 0.6:
        return changed(data, path, rng.choice(NUMBERS))
    if move <= 2:
        return changed(data, path, rng.choice(VALUES))
    if move == 3:  # a value from elsewhere in the file
        return changed(data, path, at(data, rng.choice(places)))
    if move == 4:
        return changed(data, path, [old] if rng.random() < 0.5 else {"a": old})
    if isinstance(old, list):
        longer = [*old, *old[-1:]] if rng.random() < 0.5 else old[:-1]
        return changed(data, path, longer)
    if isinstance(old, dict) and old:
        gone = rng.choice(sorted(old))
        rest = {k: v for k, v in old.items() if k != gone}
        return changed(data, path, rest if move == 5 else old | {"x" * rng.choice((1, 9999)): 1})
    return changed(data, path, rng.choice(VALUES))


def _strange_bytes(rng: random.Random, raw: bytes) -> bytes:
    i = rng.randrange(len(raw) + 1)
    j = min(len(raw), i + rng.randrange(1, 20))
    move = rng.randrange(12)
    junk = [b"\0", b"\xff", b"\xef\xbb\xbf", b"NaN", b"1e999999", b"-Infinity", b"\r", b"'", b'"']
    junk += [
        b"9" * 5000,
        b"[" * 3000,
        b"{",
        b"\xed\xa0\x80",
        b",",
        b"-",
        b"\n\n",
        "\u0663".encode(),
    ]
    if move == 0:
        return raw[:i]
    if move == 1:
        return raw[:i] + raw[j:]
    if move == 2:
        return raw[:i] + raw[i:j] * 3 + raw[j:]
    if move == 3:
        return rng.choice(junk) + raw
    if move == 4:
        return rng.choice((b"", b" ", b"[]", b"{}", b"null", b"1", b'"a"', b"[" * 100_000))
    if move <= 7:  # a number
        found = list(re.finditer(rb"\d+", raw))
        if found:
            m = rng.choice(found)
            return raw[: m.start()] + rng.choice(junk) + raw[m.end() :]
    if move == 8 and raw[:1] == b"{":  # a key twice
        return b'{"network": 1, "keys": 1, "heads": 1, ' + raw[1:]
    return raw[:i] + rng.choice(junk) + raw[i:]


def _strange_polynomial(rng: random.Random) -> str:
    parts = [
        "s",
        "t",
        "1",
        "2/3",
        "^",
        "*",
        "+",
        "-",
        "(",
        ")",
        "/",
        " ",
        "0",
        "^2",
        "^-1",
        "_",
        ",",
    ]
    parts += [
        "s^2",
        "s*t",
        "9" * 5000,
        "^999999999",
        "1/0",
        "é",
        "\n",
        "\0",
        "e5",
        "1.5",
        "**",
        "x",
    ]
    return "".join(rng.choice(parts) for _ in range(rng.randrange(12)))
