import os
import time

import pytest
from bootstrap import processes
from bootstrap.place import Place
from bootstrap.steps import SetupError


def revive_for_ever(service: processes.Service) -> None:
    while True:
        service.revive()
        time.sleep(0.05)


def test_a_process_that_dies_is_started_again(place: Place, capsys: pytest.CaptureFixture[str]):
    service = processes.Service(
        "quick worker", ["-c", "import time; time.sleep(60)"], place, os.environ
    )
    try:
        first = service.child
        service.revive()
        assert service.child is first
        first.kill()
        first.wait()
        service.revive()
        assert service.child is not first
        assert service.child.poll() is None
        assert "quick worker ended (exit -9); it is started again" in capsys.readouterr().out
    finally:
        processes.end_all([service])
    assert service.child.returncode is not None


def test_one_that_cannot_stay_up_ends_the_site_with_its_last_words(
    place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(processes, "MOST_RESTARTS", 1)
    service = processes.Service(
        "web server", ["-c", "raise SystemExit('no such module')"], place, os.environ
    )
    with pytest.raises(SetupError, match=r"no such module\n.*web server ended 1 times"):
        revive_for_ever(service)
