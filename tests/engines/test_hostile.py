"""Engines that are missing, lie, crash, hang or are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from algattn.engines import Dimension, GroebnerBasis, MinimalPrimes, clear_cache, explain, solve
from algattn.errors import (
    EngineCrashError,
    EngineNotFoundError,
    EngineOutputError,
    LimitError,
)
from algattn.exact import QQ, PolynomialRing

R = PolynomialRing(QQ, ("x", "y", "z"))
x, y, z = R.gens()
TASK = Dimension((x * y,))
Fake = Callable[[str, str], Path]

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


def cyclic(n: int) -> GroebnerBasis:
    gens = PolynomialRing(QQ, tuple(f"z{i}" for i in range(n))).gens()
    polys = []
    for k in range(1, n):
        total = gens[0] * 0
        for i in range(n):
            term = gens[i]
            for j in range(1, k):
                term = term * gens[(i + j) % n]
            total = total + term
        polys.append(total)
    product = gens[0]
    for g in gens[1:]:
        product = product * g
    return GroebnerBasis((*polys, product - 1), "lex")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def inside(folder: Path) -> list[str]:
    """The processes whose working directory lies in a folder."""
    out = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = os.readlink(entry / "cwd")
        except OSError:
            continue
        if where.startswith(str(folder)):
            out.append(where)
    return out


def eventually(condition: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def test_missing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALGATTN_SINGULAR", "/no/such/program")
    clear_cache()
    with pytest.raises(EngineNotFoundError, match="ALGATTN_SINGULAR=/no/such/program"):
        solve(TASK, "singular")
    reasons = dict(explain(TASK).reasons)
    assert "not a program" in reasons["singular"]
    assert solve(TASK) == 2  # by another engine
    clear_cache()


def test_missing_everything_names_the_install_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for engine in ("SINGULAR", "MACAULAY2", "MSOLVE"):
        monkeypatch.delenv(f"ALGATTN_{engine}", raising=False)
    clear_cache()
    with pytest.raises(EngineNotFoundError, match="apt-get install"):
        solve(MinimalPrimes((x * y,)))
    clear_cache()


def test_error_with_exit_status_zero(fake: Fake, private_tmp: Path) -> None:
    fake("SINGULAR", "echo '   ? x1 is not defined'; echo '   ? error occurred in line 3'; exit 0")
    with pytest.raises(EngineOutputError, match=r"x1 is not defined.*exit status 0") as caught:
        solve(TASK, "singular")
    assert "line 3" in caught.value.transcript
    assert not list(private_tmp.iterdir())


def test_error_before_a_complete_answer_still_spoils_it(fake: Fake) -> None:
    fake(
        "SINGULAR",
        "mark=$(sed -n 's/^string MARK = \"\\(.*\\) \";$/\\1/p')\n"
        "echo '   ? out of luck'\n"
        'echo "$mark count 1"; echo "$mark poly x1*x2"; echo "$mark end"',
    )
    with pytest.raises(EngineOutputError, match="out of luck"):
        solve(TASK, "singular")
    fake(
        "SINGULAR",
        "mark=$(sed -n 's/^string MARK = \"\\(.*\\) \";$/\\1/p')\n"
        'echo "$mark count 1"; echo "$mark poly x1*x2"; echo "$mark end"; exit 3',
    )
    assert solve(TASK, "singular") == 2  # the marker counts, not the status


def test_real_singular_error(need: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    from algattn.engines.singular import Singular

    need("singular")
    whole = Singular.script
    broken = lambda self, task, nonce: whole(self, task, nonce).replace("std(I)", "std(Q)")  # noqa: E731
    monkeypatch.setattr(Singular, "script", broken)
    with pytest.raises(EngineOutputError, match=r"Q.*exit status 0"):
        solve(TASK, "singular")


@pytest.mark.parametrize("body", ["kill -SEGV $$", "exit 1", "exit 0", "echo hello"])
def test_crash(fake: Fake, private_tmp: Path, body: str) -> None:
    fake("SINGULAR", body)
    with pytest.raises(EngineCrashError, match="before its end marker"):
        solve(TASK, "singular")
    assert not list(private_tmp.iterdir())


@pytest.mark.parametrize("answer", ["count abc", "count", "poly x1", "count 2", "count 1 2"])
def test_garbage(fake: Fake, private_tmp: Path, answer: str) -> None:
    fake(
        "SINGULAR",
        "mark=$(sed -n 's/^string MARK = \"\\(.*\\) \";$/\\1/p')\n"
        f'echo "$mark {answer}"; echo "$mark end"',
    )
    with pytest.raises(EngineOutputError, match="cannot be read"):
        solve(TASK, "singular")
    assert not list(private_tmp.iterdir())


def test_binary_garbage(fake: Fake) -> None:
    fake("SINGULAR", "head -c 100000 /dev/urandom")
    with pytest.raises((EngineCrashError, EngineOutputError)):
        solve(TASK, "singular")


def test_a_basis_that_does_not_contain_the_ideal_is_refused(fake: Fake) -> None:
    fake(
        "SINGULAR",
        "mark=$(sed -n 's/^string MARK = \"\\(.*\\) \";$/\\1/p')\n"
        'echo "$mark count 1"; echo "$mark poly x1^2"; echo "$mark end"',
    )
    with pytest.raises(EngineOutputError, match="not true that the generators reduce to zero"):
        solve(GroebnerBasis((x * y,)), "singular")


@linux
def test_time_limit_kills_the_whole_group(fake: Fake, private_tmp: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    fake("SINGULAR", f"sleep 1000 & echo $! $$ > {pids}\necho partial; wait")
    with pytest.raises(LimitError, match=r"time limit of (1|0\.9\d*) s is over") as caught:
        solve(TASK, "singular", time_limit=1.0)
    assert "partial" in caught.value.partial["transcript"]
    children = [int(p) for p in pids.read_text().split()]
    assert len(children) == 2
    assert eventually(lambda: not any(alive(p) for p in children))
    assert not list(private_tmp.iterdir())
    assert not inside(private_tmp)


@linux
@pytest.mark.parametrize("name", ["builtin", "sympy", "singular", "macaulay2", "msolve"])
def test_time_limit_stops_the_real_engines(
    name: str, need: Callable[[str], str], private_tmp: Path
) -> None:
    task = cyclic(9)
    if name == "msolve":
        task = GroebnerBasis(task.generators)
    with pytest.raises(LimitError):
        solve(task, need(name), time_limit=1.5)
    assert not list(private_tmp.iterdir())
    assert not inside(private_tmp)


@linux
def test_memory_limit(fake: Fake, private_tmp: Path) -> None:
    eat = "import time; time.sleep(0.3); print(len(bytearray(2 * 10**9)))"
    fake("SINGULAR", f"exec {sys.executable} -c '{eat}'")
    with pytest.raises(LimitError, match="500 MB") as caught:
        solve(TASK, "singular", memory_limit=500)
    assert "MemoryError" in caught.value.partial["transcript"]
    assert not list(private_tmp.iterdir())


#: SIGINT is ignored, and this inherited, where the test runner was started with & .
SCRIPT = """
import signal, sys, tempfile
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {here!r})
tempfile.tempdir = {tmp!r}
import importlib.util
spec = importlib.util.spec_from_file_location("hostile", {file!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
from algattn.engines import solve
solve(module.cyclic(9), "builtin", time_limit=None)
"""


@contextmanager
def long_run(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in which an engine runs for ever; it is gone after the block, whatever happens."""
    code = SCRIPT.format(here=os.getcwd(), tmp=str(folder), file=__file__)
    child = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        assert eventually(lambda: bool(inside(folder))), "the engine did not start"
        yield child
    finally:
        child.kill()
        child.communicate()


@linux
def test_ctrl_c_stops_the_engine_and_cleans_up(private_tmp: Path) -> None:
    with long_run(private_tmp) as child:
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=60)
        assert b"KeyboardInterrupt" in errors
        assert child.returncode != 0
    assert eventually(lambda: not inside(private_tmp))
    assert not list(private_tmp.iterdir())


@linux
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_a_dead_parent_leaves_no_orphan_and_no_folder(private_tmp: Path, death: int) -> None:
    with long_run(private_tmp) as child:
        child.send_signal(death)
        child.wait(timeout=60)
        assert eventually(lambda: not inside(private_tmp))
        assert eventually(lambda: not list(private_tmp.iterdir()))


MARK = "mark=$(sed -n 's/^string MARK = \"\\(.*\\) \";$/\\1/p')\n"


@linux
def test_an_answer_is_taken_at_its_end_mark(fake: Fake, private_tmp: Path, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    fake(
        "SINGULAR",
        f"{MARK}sleep 1000 & echo $! $$ > {pids}\n"
        'echo "$mark count 1"; echo "$mark poly x1*x2"; echo "$mark end"; wait',
    )
    assert solve(TASK, "singular", time_limit=None) == 2
    assert eventually(lambda: not any(alive(int(p)) for p in pids.read_text().split()))
    assert not list(private_tmp.iterdir())


def test_foreign_programs_get_a_clean_environment(
    fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "M2_X", "SECRET"):
        monkeypatch.setenv(name, "")
    fake(
        "SINGULAR",
        f'{MARK}env > {seen}; echo "$mark count 1"; echo "$mark poly x1"; echo "$mark end"',
    )
    assert solve(Dimension((x,)), "singular") == 2
    found = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    mine = {"PATH", "HOME", "TMPDIR", "LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"}
    assert found - {"PWD", "SHLVL", "_", "OLDPWD"} == mine


def test_a_program_that_hangs_is_probed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    program = tmp_path / "hang"
    program.write_text(f"#!/bin/sh\necho once >> {runs}\nsleep 1000\n")
    program.chmod(0o755)
    monkeypatch.setattr("algattn.engines.base.PROBE", 0.5)
    monkeypatch.setenv("ALGATTN_SINGULAR", str(program))
    clear_cache()
    for _ in range(3):
        with pytest.raises(EngineCrashError, match=r"no answer in 0\.5 s"):
            solve(TASK, "singular")
    assert "no answer" in dict(explain(TASK).reasons)["singular"]
    assert runs.read_text() == "once\n"
    clear_cache()


def test_required_engines_fail_instead_of_skipping(
    need: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALGATTN_SINGULAR", "/no/such/program")
    clear_cache()
    monkeypatch.delenv("ALGATTN_REQUIRE_ENGINES", raising=False)
    with pytest.raises(pytest.skip.Exception):
        need("singular")
    monkeypatch.setenv("ALGATTN_REQUIRE_ENGINES", "1")
    with pytest.raises(pytest.fail.Exception, match="is required"):
        need("singular")
    clear_cache()
