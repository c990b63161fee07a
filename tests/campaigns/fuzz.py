"""Strange inputs to the command line and to the readers, ten thousand and more.

    PYTHONPATH=. python tests/campaigns/fuzz.py --count 10000

Every input must end with one of the documented exit codes and a short message, or, in a reader,
with an AlgattnError; 1 is for `verify` and `equivalent` alone.  An input that takes longer than a
few seconds is interrupted and listed: it is not a failure, but somebody should look.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import re
import resource
import signal
import sys
import tempfile
import traceback
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fuzz_cases import Case, draw, stored_results

SECONDS, STUCK, MEMORY = 5.0, 60.0, 6 * 2**30
CODES = {0, 2, 3, 4}
#: Commands that may end with 1, and nothing else may.
COMPARE = {"verify", "equivalent"}


class Slow(BaseException):
    """Raised by the alarm."""


@dataclass
class Outcome:
    """What a case did: the exit code (a word for readers), and what is wrong with it."""

    code: Any
    wrong: str = ""
    slow: bool = False


def case_of(seed: int, number: int, results: list[Any]) -> Case:
    """Case `number` of a campaign; it does not depend on the others."""
    return draw(random.Random(f"{seed}/{number}"), results)


def run_case(case: Case) -> Outcome:
    """Run one case in a folder of its own, for a few seconds at most."""
    ringing = []

    def ring(*_: Any) -> None:
        ringing.append(True)
        raise Slow

    here = os.getcwd()
    old = signal.signal(signal.SIGALRM, ring)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, data in case.files.items():
            Path(name).write_bytes(data)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            outcome = _read(case) if case.argv[:1] == ["read"] else _call(case)
        except Slow:
            outcome = Outcome("slow")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, old)
            os.chdir(here)
    return Outcome("slow", slow=True) if ringing else outcome


def _call(case: Case) -> Outcome:
    from click.testing import CliRunner

    from algattn.cli import main

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        done = CliRunner().invoke(main, case.argv, input=b"")
    code, errors = done.exit_code, done.stderr
    wrong = []
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        wrong.append("".join(traceback.format_exception(done.exception))[-800:])
    if code not in CODES and not (code == 1 and case.command in COMPARE):
        wrong.append(f"exit code {code}: {errors[-600:]}")
    if "Traceback" in errors + done.stdout or re.search(
        "(Runtime|User|Deprecation)Warning", errors
    ):
        wrong.append(errors[:600])
    if len(errors) > 1500 and case.argv and "Commands:" not in errors:
        wrong.append(f"a message of {len(errors)} characters: {errors[:300]}")
    return Outcome(code, "; ".join(wrong))


def _read(case: Case) -> Outcome:
    from algattn.errors import AlgattnError

    kind, given = case.argv[1:]
    raw = case.files.get(given, b"")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Outcome("no text")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", UserWarning)
            _reader(kind)(given if kind == "polynomial" else text)
    except AlgattnError as error:
        long = len(str(error)) > 1000
        return Outcome("refused", f"a message of {len(str(error))}: {error}"[:400] if long else "")
    except Exception as error:
        return Outcome("fault", "".join(traceback.format_exception(error))[-800:])
    return Outcome("read")


def _reader(kind: str) -> Any:
    from algattn import PolynomialMap, load
    from algattn.attention import read_network_file
    from algattn.bias.data import TokenData
    from algattn.dimension.sweep import read_rows
    from algattn.maps.texts import read_texts
    from algattn.paths.files import read_paths_file
    from algattn.results import parse_json
    from algattn.tropical import read_tropical_file

    def rows(text: str) -> Any:
        style = {"[": "json", "\\": "latex"}.get(text[:1], "csv")
        return [row.network for row in read_rows(text, style)]

    return {
        "network": lambda text: [read_network_file(text, floats=f) for f in (True, False)],
        "paths": read_paths_file,
        "bias": lambda text: TokenData.from_data(parse_json(text), floats=True),
        "tropical": lambda text: read_tropical_file(text, floats=True),
        "result": load,
        "rows": rows,
        "map": PolynomialMap.from_file,
        "polynomial": lambda text: read_texts([text]),
    }[kind]


def _work(seed: int, start: int, stop: int, pipe: Any, whole: bool) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    results = stored_results()
    if whole:
        from corpus import corpus

        made = (json.loads(r.to_json()) for r in corpus().values())
        results += [data for data in made if len(json.dumps(data)) < 8000]
    for number in range(start, stop):
        case = case_of(seed, number, results)
        pipe.send((number, case.command, case.argv, None))
        pipe.send((number, case.command, case.argv, run_case(case)))
    pipe.send(None)


def campaign(seed: int, start: int, stop: int, whole: bool) -> tuple[dict[str, Counter[Any]], int]:
    """Run the cases in a process of its own, and begin a new one when one is stuck."""
    table: dict[str, Counter[Any]] = defaultdict(Counter)
    context = multiprocessing.get_context("spawn")
    faults = 0
    while start < stop:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(seed, start, stop, theirs, whole))
        child.start()
        theirs.close()
        number, command, argv = start, "", []
        try:
            while ours.poll(STUCK if command else 10 * STUCK):
                message = ours.recv()
                if message is None:
                    start = stop
                    break
                number, command, argv, outcome = message
                if outcome is None:
                    continue
                start = number + 1
                table[command][outcome.code] += 1
                if outcome.slow:
                    print(f"SLOW {number}: {str(argv)[:200]}", flush=True)
                if outcome.wrong:
                    faults += 1
                    print(f"WRONG {number}: {str(argv)[:200]}\n{outcome.wrong}\n", flush=True)
            else:
                print(f"STUCK {number}: {str(argv)[:200]}", flush=True)
                table[command]["stuck"] += 1
                start = number + 1
        except EOFError:
            faults += 1
            print(f"DIED {number}: {str(argv)[:200]}", flush=True)
            table[command]["died"] += 1
            start = number + 1
        child.kill()
        child.join()
    return table, faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="without the new results")
    given = parser.parse_args()
    stop = given.start + given.count
    table, faults = campaign(given.seed, given.start, stop, not given.quick)
    codes = sorted({code for row in table.values() for code in row}, key=str)
    print("command".ljust(24), "cases".rjust(6), *(str(c).rjust(8) for c in codes))
    for command, row in sorted(table.items()):
        numbers = (str(row[c] or "").rjust(8) for c in codes)
        print(command.ljust(24), str(sum(row.values())).rjust(6), *numbers)
    total = sum(sum(row.values()) for row in table.values())
    print(f"{total} cases, {faults} wrong")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
