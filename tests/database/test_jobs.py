"""Studies as jobs of real worker processes: stopped, killed, interrupted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from layers.access import Viewer
from layers.models import Dataset
from planning import runs, studies
from planning.models import Run
from tests.conftest import database_url, owner_connection
from tests.database.studied_city import submit_lights, widen_the_city

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Viewer(roles=frozenset({"planner"}))
CELL_M = 5
"""130,000 hexagons of a city 0.015 degrees wide take seconds, and 520,000 of twice that long."""
PATIENCE_S = 60

Process = subprocess.Popen[str]


@pytest.fixture
def busy_city(small_city) -> None:
    submit_lights()
    widen_the_city(0.03)


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def start(*command: str) -> Process:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": database_url()},
            stderr=subprocess.PIPE if command[0] == "study" else None,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def start_worker(start) -> Callable[[str], Process]:
    return lambda queue: start("run_worker", queue)


def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def ask() -> Run:
    study = studies.create("trend", PLANNER, parameters={"cell_m": CELL_M})
    return runs.ask(study, PLANNER)


def wait_until_half_way(run: Run) -> None:
    def is_half_way() -> bool:
        run.refresh_from_db()
        assert run.state in {Run.State.QUEUED, Run.State.RUNNING}, run.error
        return run.progress > 0

    wait_for("the run is half-way", is_half_way)


def wait_for_state(run: Run, state: Run.State) -> None:
    def is_there() -> bool:
        run.refresh_from_db()
        return run.state == state

    wait_for(f"the run is {state}", is_there)


def result_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'results'")
        return cursor.fetchone()[0]


def test_the_job_is_part_of_the_callers_transaction(small_city):
    with transaction.atomic():
        ask()
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()
    run = ask()
    job = ProcrastinateJob.objects.get(pk=run.job_id)
    assert (job.queue_name, job.args) == ("study", {"run_id": run.pk, "language": "en"})


def test_a_study_cancelled_half_way_leaves_nothing(busy_city, start_worker):
    start_worker("study")
    run = ask()
    wait_until_half_way(run)
    runs.cancel(run, PLANNER)
    wait_for_state(run, Run.State.CANCELLED)
    assert run.step == "Stopped. Nothing was saved."
    assert run.result is None
    assert result_tables() == 0
    assert not Dataset.objects.exists()


def test_a_study_whose_worker_is_killed_is_run_again(busy_city, start_worker):
    widen_the_city(0.015)
    start_worker("quick")
    killed = start_worker("study")
    run = ask()
    wait_until_half_way(run)
    killed.kill()
    killed.wait()
    assert result_tables() == 0
    # The test waits neither for its heart to be missed nor for the clock to strike.
    with owner_connection() as owner:
        owner.execute(
            "UPDATE procrastinate_workers "
            "SET last_heartbeat = last_heartbeat - interval '1 minute' "
            "WHERE id = (SELECT worker_id FROM procrastinate_jobs WHERE id = %s)",
            [run.job_id],
        )
    with suppress(AlreadyEnqueued):
        app.configure_task("layers.retry_stalled", queue="quick").defer(timestamp=0)
    start_worker("study")
    wait_for_state(run, Run.State.SUCCEEDED)
    assert run.attempts == 2
    assert result_tables() == 1
    assert [run.result] == list(Dataset.objects.all())
    wait_for(
        "the job has ended",
        lambda: ProcrastinateJob.objects.get(pk=run.job_id).status == "succeeded",
    )


def test_an_interrupted_worker_ends_in_time_and_the_study_waits_for_the_next(
    busy_city, start_worker
):
    worker = start_worker("study")
    run = ask()
    wait_until_half_way(run)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0
    wait_for_state(run, Run.State.QUEUED)
    assert (run.attempts, result_tables()) == (0, 0)
    assert ProcrastinateJob.objects.get(pk=run.job_id).status == "todo"


def test_ctrl_c_in_the_shell_stops_the_study_cleanly(busy_city, start):
    shell = start("study", "trend", "--param", f"cell_m={CELL_M}")
    wait_for("there is a run", Run.objects.exists)
    run = Run.objects.get()
    wait_until_half_way(run)
    shell.send_signal(signal.SIGINT)
    _, said = shell.communicate(timeout=PATIENCE_S)
    assert shell.returncode == 130
    assert said.strip().splitlines()[-1] == "CommandError: Stopped. Nothing was saved."
    assert "Traceback" not in said
    run.refresh_from_db()
    assert (run.state, result_tables()) == (Run.State.CANCELLED, 0)


def test_looking_for_killed_workers_is_done_all_the_time():
    found = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert found["layers.retry_stalled"] == "* * * * * */15"


def test_a_job_says_what_failed_in_the_language_of_who_asked(small_city, start_worker):
    submit_lights()
    never = {"since": "2001-01-01", "until": "2001-02-01"}
    with translation.override("es"):
        run = runs.ask(studies.create("hot-spots", PLANNER, filters=never), PLANNER)
    start_worker("study")
    wait_for("the run has ended", lambda: not Run.objects.get(pk=run.pk).is_under_way())
    assert "Amplíe el periodo o elija otro tipo" in Run.objects.get(pk=run.pk).error
