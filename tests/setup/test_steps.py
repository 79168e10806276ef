import os
import sys
import time
from contextlib import suppress
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
