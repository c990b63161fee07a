"""Files are written whole or not at all, through links, pipes and sockets."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from algattn import saving
from algattn.errors import InputError
from algattn.saving import check_writable, save_text, sole_writer, write_bytes


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    target.chmod(0o640)
    before = target.stat().st_ino
    write_bytes(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.stat().st_ino != before
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_new_file_has_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write_bytes(tmp_path / "a.txt", b"")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for name in ("there/old.txt", "there/new.txt"):  # the second does not exist yet
        link = tmp_path / "link"
        link.symlink_to(name)
        (tmp_path / "there/old.txt").write_text("old")
        save_text("new", link)
        assert link.is_symlink()
        assert (tmp_path / name).read_text() == "new"
        link.unlink()


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving.os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_bytes(target, b"new")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("name", ["", ".", "none/a.txt", "a\0b", "x" * 300, "loop", "new/"])
def test_names_that_cannot_be_written(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    for write in (check_writable, lambda n: write_bytes(n, b"")):
        with pytest.raises(InputError, match=r"write .* Try: ") as error:
            write(name)
        assert len(str(error.value)) < 250
    assert os.listdir() == ["loop"]


def test_a_pipe_is_written_through(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_writable(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        write_bytes(pipe, b"hello")
        assert reader.communicate()[0] == b"hello"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_socket_is_written_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # names of sockets are short
    got = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        server.listen()

        def serve() -> None:
            link, _ = server.accept()
            with link:
                while part := link.recv(100):
                    got.append(part)

        thread = threading.Thread(target=serve)
        thread.start()
        write_bytes("socket", b"hello")
        thread.join()
    assert b"".join(got) == b"hello"


def test_descriptors_of_the_process_are_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    code = """
import sys
from algattn.saving import write_bytes
print("one")
write_bytes("/dev/stdout", b"two\\n")
write_bytes("/dev/fd/1", b"three\\n")
"""
    with log.open("a") as sink:
        subprocess.run([sys.executable, "-c", code], stdout=sink, check=True)
    assert log.read_text() == "before\none\ntwo\nthree\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a full device")
def test_a_full_device_and_an_empty_one() -> None:
    write_bytes("/dev/null", b"hello")
    with pytest.raises(InputError, match="No space left on device"):
        write_bytes("/dev/full", b"hello")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    with sole_writer(target):
        with pytest.raises(InputError, match="another run is writing it"), sole_writer(target):
            pass
        with sole_writer(tmp_path / "other.csv"):
            pass
    with sole_writer(target):  # the lock is gone
        pass
    assert os.listdir(tmp_path) == []


def test_a_writer_that_was_killed_locks_nobody_out(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    code = f"""
import os, signal
from algattn.saving import sole_writer
with sole_writer({str(target)!r}):
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = os.listdir(tmp_path)
    assert re.fullmatch(r"\.algattn-[0-9a-f]{16}\.lock", left)
    with sole_writer(target):
        pass
    assert os.listdir(tmp_path) == []
