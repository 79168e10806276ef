"""The decoder's own process: what it may do, how it is ended, and how little it is believed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.decoding import jpeg, process
from reports.decoding.process import BusyError, decode
from reports.decoding.refusal import Refusal
from tests import pictures

BARE = decode(pictures.photo()).small


def confined(statements: str) -> subprocess.CompletedProcess[str]:
    """Run Python under the decoder's limits; what it needs is imported before."""
    program = (
        "import os, signal, socket, subprocess, threading\n"
        "from reports.decoding import limits\n"
        f"limits.CPU_S = 1\nlimits.confine()\n{statements}"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=process.PROJECT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def decoder_that(monkeypatch, statements: str) -> None:
    """Put another program in the decoder's place."""
    program = f"import os, sys, time\nout = sys.stdout.buffer\n{statements}"
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", program))


def refused() -> Refusal:
    with pytest.raises(Refusal) as caught:
        decode(pictures.photo())
    return caught.value


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_every_format_is_decoded_under_the_limits(kind):
    made = decode(pictures.photo(kind))
    assert (made.width, made.height) == (128, 96)
    assert (made.place, made.taken) == (pictures.PLACE, pictures.TAKEN)
    assert jpeg.is_bare(made.large)


def test_a_refusal_comes_through_with_its_facts():
    with pytest.raises(Refusal) as caught:
        decode(pictures.huge("png"))
    assert caught.value.reason == "too_many_pixels"
    assert caught.value.facts == {"width": 30_000, "height": 30_000}


def test_the_largest_picture_that_is_taken_fits_into_the_memory_that_is_given():
    made = decode(pictures.photo("png", pictures.scene(8000, 6250), compress_level=1))
    assert (made.width, made.height) == (1600, 1250)


# ---- what it may do ----


@pytest.mark.parametrize(
    "forbidden",
    [
        "open('/etc/hostname')",
        "socket.socket()",
        "os.pipe()",
        "os.fork()",
        "subprocess.run(['true'])",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.unlink('/tmp/nothing-of-this-name')",
    ],
)
def test_it_can_open_connect_start_and_reach_nothing(forbidden):
    assert "PermissionError" in confined(forbidden).stderr.splitlines()[-1]


def test_it_has_no_rights_of_root():
    ids = confined("print(open('/proc/self/status').read())")
    assert "PermissionError" in ids.stderr
    # Who it is, the kernel says from outside.
    child = subprocess.Popen(
        [sys.executable, "-c", "from reports.decoding import limits; limits.confine(); input()"],
        cwd=process.PROJECT,
        stdin=subprocess.PIPE,
    )
    try:
        end = time.monotonic() + 10
        status = ""
        while "Seccomp:\t2" not in status and time.monotonic() < end:
            with open(f"/proc/{child.pid}/status") as found:  # noqa: PTH123
                status = found.read()
            time.sleep(0.02)
    finally:
        child.communicate(b"\n")
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status


def test_its_threads_may_run():
    assert confined("t = threading.Thread(target=print, args=['ran']); t.start(); t.join()").stdout


def test_it_gets_no_more_memory_than_the_limit():
    assert "MemoryError" in confined("bytearray(2 << 30)").stderr


def test_it_gets_no_more_time_than_the_limit():
    assert confined("while True: pass").returncode == -signal.SIGXCPU


def test_it_can_write_no_more_than_two_photos():
    written = os.memfd_create("answer")
    program = (
        "from reports.decoding import limits; import os; limits.confine()\n"
        "os.write(1, bytes(9_000_000)); os.write(1, b'more')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=process.PROJECT,
        stdout=written,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert ended.returncode != 0
    assert os.fstat(written).st_size <= 8_000_000
    os.close(written)


# ---- how it is ended ----


def test_one_that_does_not_end_is_killed_with_all_that_it_started(monkeypatch, tmp_path):
    note = tmp_path / "pid"
    decoder_that(
        monkeypatch,
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '60'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\ntime.sleep(60)",
    )
    monkeypatch.setattr(process, "WALL_CLOCK_S", 1.0)
    assert refused().reason == "too_costly"
    started = int(note.read_text())
    end = time.monotonic() + 5
    while _runs(started) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(started)


def _runs(pid: int) -> bool:
    """Tell whether a process runs; one that waits for its parent to notice does not."""
    try:
        with open(f"/proc/{pid}/stat") as found:  # noqa: PTH123
            return found.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_that_used_up_its_time_was_too_costly(monkeypatch):
    decoder_that(monkeypatch, "import signal; os.kill(os.getpid(), signal.SIGXCPU)")
    assert refused().reason == "too_costly"


def test_one_that_crashes_is_noted_and_the_photo_refused(monkeypatch, caplog):
    decoder_that(monkeypatch, "os.abort()")
    assert refused().reason == "damaged"
    assert "ended with -6" in caplog.text


def test_only_so_many_run_at_once(monkeypatch):
    monkeypatch.setattr(process, "WAIT_S", 0.05)
    for _ in range(process.AT_ONCE):
        assert process.slots.acquire(timeout=0)
    try:
        with pytest.raises(BusyError):
            decode(pictures.photo())
    finally:
        process.slots.release(process.AT_ONCE)
    assert decode(pictures.photo()).width == 128


# ---- how little it is believed ----


def answer(large: bytes, small: bytes, **said: object) -> str:
    head = {"large": len(large), "width": 1, "height": 1, "place": None, "taken": None, **said}
    content = b"\n".join([json.dumps(head).encode(), large + small])
    return f"out.write({content!r})"


@pytest.mark.parametrize(
    "statements",
    [
        answer(pictures.photo(), BARE),
        answer(BARE, pictures.photo()),
        answer(BARE, BARE + b"GIF89a"),
        answer(b"<script>", b"<script>"),
        answer(BARE, BARE, width="wide"),
        answer(BARE, BARE, place=[1]),
        answer(BARE, BARE, taken="<script>"),
        "out.write(b'')",
        "out.write(b'[]\\n')",
        "out.write(b'{}\\n')",
        "out.write(b'\\xff\\xfe')",
        """out.write(b'{"refused": "damaged", "facts": {"reason": 1}}\\n')""",
    ],
)
def test_an_answer_that_is_not_two_plain_pictures_is_refused(monkeypatch, caplog, statements):
    decoder_that(monkeypatch, statements)
    assert refused().reason == "damaged"
    assert caplog.messages


def test_an_answer_of_two_plain_pictures_is_taken(monkeypatch):
    decoder_that(monkeypatch, answer(BARE, BARE, width=9))
    assert decode(b"").width == 9


# ---- anything ----


def spoilt(data: bytes, changes: Sequence[tuple[int, int]]) -> bytes:
    made = bytearray(data)
    for place, value in changes:
        made[place % len(made)] = value
    return bytes(made)


@pytest.mark.slow
@pytest.mark.parametrize("kind", pictures.FORMATS)
@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=12))
def test_whatever_comes_is_a_plain_picture_or_a_refusal(kind, changes):
    try:
        made = decode(spoilt(pictures.photo(kind), changes))
    except Refusal:
        return
    assert jpeg.is_bare(made.large)
    assert jpeg.is_bare(made.small)
    assert not [trace for trace in pictures.TRACES if trace in made.large]
