"""What people see: commands with their exit codes and output, the blocks of README, faces."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from golden_record import steady

from algattn import Lightning, Softmax, load, verify
from algattn.cli import main
from algattn.results import Result

Problem = tuple[str, Callable[[], object]]
ROOT = Path(__file__).resolve().parents[3]
#: Numbers in floating point keep this many digits; a face may print more of them than are sure.
_FLOAT = re.compile(r"-?\d+\.\d{4,}(?:e[+-]?\d+)?")
SMALL = "--widths 2,1 --ranks 1"
FORMATS = ("text", "json", "latex", "html")
HEAD = {"keys": [[0, 0], [2, 0], [0, 2]], "values": [[0], [1], [1]], "biases": [0, -1, "-1/2"]}
TOKENS = {"sequences": [[[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]], "labels": [1, -1],
          "decoder": [1, 2]}  # fmt: skip
PATHS: dict[str, Any] = {
    "heads": [2],
    "widths": [5, 6],
    "attention": [[{"kind": "uniform"}, {"kind": "fixed", "matrix": [[1, "1/2"], [0, "1/2"]]}]],
    "X": [[[1, 2], [0, 1]], [[3, -1], [1, 1]], [[0, 2], [-2, 1]]],
    "Y": [1, -1, 1],
    "temperature": "1/10",
}
ONE_PATH = PATHS | {"heads": [1], "attention": [["uniform"]], "task": "regression"}
OTHER = {"network": {"kind": "lightning", "widths": [2, 2], "ranks": 1, "tokens": 2},
         "weights": {"K": [[[1, 1]]], "Q": [[[1, 0]]], "V": [[[1, 0], [0, 1]]]}}  # fmt: skip
INPUTS = {"other weights": OTHER, "head": HEAD, "heads": {"heads": [HEAD, HEAD]},
          "tokens": TOKENS, "paths": PATHS, "one path": ONE_PATH}  # fmt: skip


def rounded(text: str) -> str:
    """Text without what depends on the run or the machine."""
    text = _FLOAT.sub(lambda m: f"{float(m[0]):.4g}" if abs(float(m[0])) > 1e-6 else "0.0", text)
    return steady(text.replace(str(ROOT), "."))


@lru_cache(maxsize=8)  # the whole output and its first line are two problems
def invoke(command: str, given: str | None) -> Any:
    words = [str(ROOT / w) if w.startswith("examples/") else w for w in command.split()]
    return CliRunner().invoke(main, words, input=given)


def shown(command: str, given: str | None = None) -> Iterator[Any]:
    """The exit code, the first line and, as the whole is kept as a digest, all the others."""
    done = invoke(command, given)
    output = rounded(done.output)
    yield [done.exit_code, (output.splitlines() or [""])[0][:100]]
    yield output


def first_line(command: str, given: str | None = None) -> object:
    return next(shown(command, given))


def stored(command: str, given: str | None = None) -> object:
    """What a JSON output says: a result, or other data without versions and digests."""
    done = invoke(command, given)
    if done.exit_code:
        return [done.exit_code, rounded(done.output)]
    data = json.loads(done.stdout)
    if isinstance(data, dict) and str(data.get("schema", "")).startswith("algattn/result"):
        return load(done.stdout)
    return calm(data)


def calm(data: Any) -> Any:
    if isinstance(data, float):
        return 0.0 if abs(data) < 1e-6 else float(f"{data:.4g}")
    if isinstance(data, list):
        return [calm(x) for x in data]
    if isinstance(data, dict):
        return {k: calm(v) for k, v in data.items() if k not in {"versions", "digest", "seconds"}}
    return data


#: Commands that know the four formats, with the name of an input where they read one.
QUESTIONS = (
    ("report examples/one_layer.json", None), ("report examples/one_token.json", None),
    ("report examples/membership.json", None), (f"report {SMALL}", None),
    ("report --widths 2,2 --ranks 2 --seed 1", None),
    ("derive --widths 2,1 --ranks 2 --params QKV", None), (f"derive {SMALL}", None),
    (f"derive {SMALL} --params virtual", None),
    ("dimension --widths 256,256,256 --ranks 128 --kind softmax", None),
    ("dimension --widths 5,4,1 --ranks 1", None), ("dimension examples/deep.json", None),
    ("dimension --widths 4,4,4 --ranks 1,3 --report", None),
    ("dimension examples/one_layer.json --local", None),
    ("dimension --widths 3,3 --ranks 2 --tokens 3 --kind softmax --method balls", None),
    ("equivalent examples/one_layer.json examples/twin.json", None),
    ("equivalent examples/one_layer.json examples/one_layer.json", None),
    ("fiber examples/one_layer.json", None), ("fiber examples/one_token.json", None),
    ("fiber examples/deep.json", None), ("fiber --widths 2,2,1 --ranks 2,1 --generic", None),
    ("fiber examples/one_layer.json --params AV", None),
    ("canonical examples/one_layer.json", None), ("canonical examples/deep.json", None),
    ("classify examples/one_layer.json", None), ("classify examples/one_token.json", None),
    ("classify examples/membership.json", None),
    ("ideal --widths 2,1 --ranks 2 --max-degree 4", None),
    ("ideal --widths 2,1 --ranks 2 --max-degree 3 --complete", None),
    ("stable --max-degree 3", None), ("stable --max-degree 3 --rank 1", None),
    ("implicitize s^2 s*t t^2 --max-degree 2", None),
    ("implicitize s^2 s^3 --max-degree 6", None),
    ("equivalent examples/one_layer.json -", "other weights"),
    ("degree --widths 2,2 --ranks 2", None), ("degree --widths 4,2 --ranks 2", None),
    (f"degree {SMALL} --ed unit", None),
    ("bias solve -", "tokens"), ("bias solve - --all", "tokens"), ("bias diagnose -", "tokens"),
    ("tropical regions -", "head"), ("tropical regions -", "heads"),
    ("tropical regions - --box -1,1,-1,1", "head"), ("tropical regions - --box -1,1;-1,1", "head"),
    ("tropical stability - --error 1/10 --cell 0 --gap 1/2", "head"),
    ("tropical bounds --heads 2 --keys 4 --dimension 2", None),
    ("tropical bounds --heads 1 --keys 4 --dimension 2 --depth 3", None),
)  # fmt: skip
#: Commands with formats of their own.
OTHERS = (
    ("strata --widths 3,2 --ranks 2 --tokens 1", None), ("strata --widths 2,2 --ranks 1", None),
    ("strata --widths 2,2 --ranks 1 --format json", None), ("cite", None), ("cite --bibtex", None),
    ("cite SuLiu", None), ("recover examples/one_layer.json", None),
    ("recover examples/membership.json", None), ("recover examples/deep.json", None),
    ("canonical examples/one_layer.json --fingerprint", None),
    ("sweep --widths 2,3 --layers 1 --ranks 1,2", None),
    ("sweep --widths 2,3 --layers 2 --ranks 1 --kind both --format json", None),
    ("sweep --widths 2,3 --layers 1 --ranks 1 --format latex", None),
    ("paths kernels -", "paths"), ("paths kernels - --format json", "paths"),
    ("paths kernels - --blocks", "paths"), ("paths points -", "paths"),
    ("paths points - --temperature 1/2", "one path"),
    ("paths points - --temperature 1/2 --format json", "one path"),
    ("paths solve -", "paths"), ("paths solve - --certify", "one path"),
    ("bias train - --steps 50", "tokens"), ("bias train - --steps 50 --method gd", "tokens"),
    ("tropical diagram -", "head"), ("tropical diagram - --format json", "head"),
)  # fmt: skip
#: Bad input, false comparisons, limits, unknown words: exit codes 1 to 4.
REFUSED = (
    ("nonsense", None), ("paths nonsense", None), ("--nonsense", None), ("report", None),
    ("report no-such-file.json", None), ("report -", ""), ("report -", "{"), ("report -", "[]"),
    ("report -", '{"network": 1}'), ("report -", '{"schema": "algattn/input/9"}'),
    (f"report examples/one_layer.json {SMALL}", None), ("report --widths 2,x --ranks 1", None),
    ("report --widths 2 --ranks 1", None), ("report --widths 2,2 --ranks 0", None),
    ("report --widths 2,2 --ranks -1", None), (f"report {SMALL} --tokens 0", None),
    (f"report {SMALL} --format pdf", None), (f"report {SMALL} --seed x", None),
    ("equivalent examples/one_layer.json examples/deep.json", None),
    ("equivalent examples/one_layer.json", None), ("verify -", ""), ("verify -", "{}"),
    ("verify -", '{"schema": "algattn/result/1", "kind": "no.kind"}'),
    ("verify no-such-file.json", None), ("derive examples/deep.json --params words", None),
    ("dimension --widths 4000,3000,2000,100 --ranks 30,700,3 --time-limit 0", None),
    (f"dimension {SMALL} --method words", None), (f"dimension {SMALL} --prime 10", None),
    (f"dimension {SMALL} --method balls", None), ("dimension --widths 2,1", None),
    ("ideal --widths 2,1 --ranks 1", None), (f"ideal {SMALL} --max-degree 0", None),
    ("ideal --widths 3,2 --ranks 2 --max-degree 4 --time-limit 0", None),
    ("ideal --widths 2,2,1 --ranks 1 --max-degree 2", None), ("stable --max-degree -1", None),
    ("implicitize", None), ("implicitize s^", None), ("implicitize s t --engine magic", None),
    ("implicitize s t --prime 4", None), ("fiber -", '{"network": {}}'),
    ("classify examples/deep.json", None), ("strata examples/deep.json", None),
    ("degree examples/deep.json", None), ("cite Nobody", None), ("recover", None),
    ("recover examples/one_token.json", None), ("sweep --ranks 1", None),
    ("engines --explain magic", None), ("bias solve -", "{}"),
    ("bias train - --steps -1", "tokens"),
    ("bias solve -", '{"sequences": [[[0.5]]], "labels": [1], "decoder": [1]}'),
    ("paths kernels -", "{}"), ("paths solve - --time-limit -1", "paths"),
    ("tropical regions -", "{}"), ("tropical regions -", '{"keys": [[0.5]]}'),
    ("tropical stability - --error 0 --cell 0", "head"),
    ("tropical bounds --heads 0 --keys 1 --dimension 1", None),
    ("tropical bounds --heads 2", None), ("tropical regions - --box 1", "head"),
)  # fmt: skip


def given(name: str | None) -> str | None:
    """The text of a named input, or the text itself."""
    return json.dumps(INPUTS[name]) if name in INPUTS else name


def commands() -> Iterator[Problem]:
    for command, name in QUESTIONS:
        for form in FORMATS:
            full = f"{command} --format {form}"
            title = f"transcripts: {full}" + (f" of {name}" if name else "")
            if form == "json":
                yield title, lambda c=full, n=name: stored(c, given(n))
                continue
            yield title, lambda c=full, n=name: shown(c, given(n))
            yield f"{title}, first line", lambda c=full, n=name: first_line(c, given(n))
        if command != "report examples/deep.json":
            yield (
                f"transcripts: {command} of {name} verified",
                lambda c=command, n=name: verified(c, given(n)),
            )
    for command, name in (*OTHERS, *REFUSED):
        title = f"transcripts: {command}" + (f" of {name}" if name is not None else "")
        if command.endswith("--format json"):
            yield title, lambda c=command, n=name: stored(c, given(n))
            continue
        yield title, lambda c=command, n=name: shown(c, given(n))
        yield f"{title}, first line", lambda c=command, n=name: first_line(c, given(n))
    for command in ("engines", "engines --format json", "--version", "--help"):
        yield f"transcripts: {command}", lambda c=command: invoke(c, None).exit_code


def verified(command: str, text: str | None) -> Iterator[Any]:
    """The stored answer verifies on the command line, and a changed one does not."""
    done = invoke(f"{command} --format json", text)
    yield done.exit_code
    again = invoke("verify -", done.stdout)
    yield [again.exit_code, rounded(again.output)]
    yield invoke("verify - --quiet", done.stdout).exit_code
    changed = re.sub(r'"digest": ".', '"digest": "x', done.stdout)
    yield invoke("verify -", changed).exit_code


#: The Python block of README.
README = """\
from algattn import Lightning, Weights, load
net = Lightning(widths=(3, 2), ranks=1, tokens=2)
W = Weights(K=[[[1, 0, 2]]], Q=[[[0, 1, "-1/2"]]], V=[[[1, 0, 2], [3, 0, 6]]])
net.parametrization()["c_1_1_2_3"]
f = net.function(W)
net.dimension()
net.fiber(W)
net.classify(W)
net.contains(f), net.recover(f)
text = net.report(W).to_json()
load(text).verify()
"""


def blocks() -> Iterator[Problem]:
    yield "transcripts: README block", lambda: values_of(README)
    for number in range(len(README.splitlines())):
        yield (
            f"transcripts: README line {number + 1}",
            lambda n=number: list(values_of(README))[n : n + 1],
        )


def values_of(block: str) -> Iterator[Any]:
    space: dict[str, Any] = {}
    for line in block.splitlines():
        try:
            value = eval(line, space)
        except SyntaxError:
            exec(line, space)
            yield None
            continue
        yield rounded(str(value)) if isinstance(value, str) else rounded(repr(value))


@lru_cache(maxsize=1)
def answers() -> dict[str, Callable[[], Result]]:
    """One question for each kind of result that the commands do not show."""
    from algattn import critical_points
    from algattn.bias import instances, train
    from algattn.dimension import family
    from algattn.groebner.invariant_comparison import compare_families
    from algattn.paths import PathNetwork, one_head_points

    net = Lightning((2, 1), 1)
    full = Lightning((2, 1), 2)
    point = Lightning((1, 1), 1)
    paths = PathNetwork((1,), (5, 5), attention="uniform")
    X = [[[1, 2], [0, 1]], [[2, -1], [1, 1]]]
    outside = full.function(full.random_weights(1))
    return {
        "singular locus": net.singular_locus,
        "boundary": net.boundary,
        "contains": lambda: net.contains(net.function(net.random_weights(1))),
        "does not contain": lambda: net.contains(outside),
        "classify function": lambda: net.classify_function(outside),
        "satisfies": lambda: net.ideal(3).contains(net.function(net.random_weights(1))),
        "violates": lambda: net.ideal(3).contains(outside),
        "critical points": lambda: critical_points(point, [([[1, 2]], [[1, 1]])], engine="builtin"),
        "family": lambda: family(depth=2),
        "family of a network": lambda: family(Softmax((6, 4), 2)),
        "families of invariants": lambda: compare_families(2, 1, 3),
        "softmax equality": lambda: Softmax((2, 2), 1).equivalent(
            *(Softmax((2, 2), 1).random_weights(s) for s in (1, 2))
        ),
        "kernels": lambda: paths.path_kernels(X).result(),
        "box": lambda: paths.certify(X, [1, -1], temperature="1/4"),
        "one head": lambda: one_head_points([[1]], [3], widths=(4, 4)),
        "training": lambda: train(instances.two_sequences(), steps=40, records=10),
        "completeness": lambda: full.ideal(4).completeness(),
        "report of a function": lambda: net.report(function=outside),
    }


def faces() -> Iterator[Problem]:
    for name in answers():
        for face in ("text", "latex", "html", "sentence", "__repr__", "formula", "lines"):
            yield (
                f"transcripts: {name}, {face}",
                lambda n=name, f=face: rounded(str(getattr(answers()[n](), f)())),
            )
        yield f"transcripts: {name}, round trip", lambda n=name: round_trip(answers()[n]())


def round_trip(result: Result) -> Iterator[Any]:
    text = result.to_json()
    again = load(text)
    yield [verify(text), again == result, again.status is result.status, again.to_json() == text]
    yield again


def problems() -> Iterator[Problem]:
    yield from commands()
    yield from blocks()
    yield from faces()
