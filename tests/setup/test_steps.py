import os
import subprocess
import sys
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from bootstrap import steps
from bootstrap.place import Place


def members(session: int) -> list[int]:
    """The living processes of a session: fields 3 (state) and 6 (session) of /proc/PID/stat."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _parent, _group, leader = path.read_text().rpartition(") ")[2].split()[:4]
            if int(leader) == session and state != "Z":
                found.append(int(path.parent.name))
    return found


def test_a_step_says_what_it_does_and_how_long_it_took(capsys: pytest.CaptureFixture[str]):
    with steps.step("Laying the ground"):
        pass
    assert capsys.readouterr().out == "Laying the ground … 0.0 s\n"


def test_a_failure_shows_the_end_of_the_log_and_the_remedy(place: Place):
    log = place.logs / "failing.log"
    program = "import sys; [print(f'line {n}.') for n in range(50)]; sys.exit(7)"
    with pytest.raises(steps.SetupError) as said:
        steps.run([sys.executable, "-c", program], log=log, remedy="Buy a new one.")
    text = str(said.value)
    assert "line 49." in text
    assert "line 9." not in text
    assert "failed (exit 7). Buy a new one." in text
    assert str(log) in text


def test_a_child_has_a_session_of_its_own():
    child = steps.spawn(["sleep", "60"], log=None, env=os.environ, cwd=Path("/"))
    try:
        assert os.getsid(child.pid) == child.pid
    finally:
        steps.end([child], 5)


@pytest.mark.parametrize("stubborn", ["", "trap '' TERM INT; "])
def test_an_end_leaves_nothing_of_a_child_s_session(place: Place, stubborn: str):
    script = f"{stubborn}sleep 60 & sleep 60 & echo ready; wait"
    log = place.logs / "child.log"
    child = steps.spawn(["sh", "-c", script], log=log, env=os.environ, cwd=Path("/"))
    while log.read_text() != "ready\n":
        pass
    assert len(members(child.pid)) == 3
    steps.end([child], 0.2)
    assert child.returncode is not None
    deadline = time.monotonic() + 10
    while members(child.pid) and time.monotonic() < deadline:  # killed, not yet buried
        time.sleep(0.01)
    assert members(child.pid) == []


@dataclass(frozen=True)
class Sleeping:
    child: subprocess.Popen[bytes]
    seconds: float


def sleeping(seconds: float) -> Sleeping:
    words = ["sleep", str(seconds)]
    child = steps.spawn(words, log=None, env=dict(os.environ), cwd=Path("/"))
    return Sleeping(child, seconds)


def test_as_many_run_side_by_side_as_there_are_places():
    running = [partial(sleeping, seconds) for seconds in (0.6, 0.2, 0.1)]
    ended = [each.seconds for each in steps.side_by_side(running, 2)]
    assert ended == [0.2, 0.1, 0.6]


def test_those_that_still_run_end_when_nobody_waits_for_them():
    begun: list[Sleeping] = []

    def start(seconds: float) -> Sleeping:
        begun.append(sleeping(seconds))
        return begun[-1]

    with closing(steps.side_by_side([partial(start, 0.1), partial(start, 60)], 2)) as ended:
        next(ended)
    assert [each.child.poll() is not None for each in begun] == [True, True]
