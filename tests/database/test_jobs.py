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
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.conninfo import conninfo_to_dict

from layers.access import Viewer
from layers.models import Dataset
from planning import runs, studies
from planning.models import Run
from tests.conftest import owner_connection
from tests.database.studied_city import submit_lights, widen_the_city

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Viewer(roles=frozenset({"planner"}))
BUSY_CELL_M = 10
"""Some 30,000 hexagons: a few seconds of work, on which progress is reported all along."""
PATIENCE_S = 60

Worker = subprocess.Popen[bytes]


@pytest.fixture
def busy_city(small_city) -> None:
    submit_lights()
    widen_the_city(0.015)


def address_of_the_test_database() -> str:
    """The owner's address, as every process is given it, with this test run's database."""
    url = os.environ["DATABASE_URL"]
    parts = conninfo_to_dict(url) | {"dbname": connection.settings_dict["NAME"]}
    return "postgresql:///?" + "&".join(
        f"{name}={value}" for name, value in parts.items() if value is not None
    )


@pytest.fixture
def start_worker() -> Iterator[Callable[[str], Worker]]:
    started: list[Worker] = []

    def start(queue: str) -> Worker:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "run_worker", queue],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": address_of_the_test_database()},
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
        worker.wait()


def wait_for(what: str, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.05)


def ask(cell_m: float = BUSY_CELL_M) -> Run:
    study = studies.create("trend", PLANNER, parameters={"cell_m": cell_m})
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
    assert (job.queue_name, job.args) == ("study", {"run_id": run.pk})


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
            "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'"
        )
    with suppress(AlreadyEnqueued):
        app.configure_task("planning.retry_stalled", queue="quick").defer(timestamp=0)
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
    widen_the_city(0.03)
    worker = start_worker("study")
    run = ask(cell_m=5)
    wait_until_half_way(run)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(PATIENCE_S) == 0
    wait_for_state(run, Run.State.QUEUED)
    assert (run.attempts, result_tables()) == (0, 0)
    assert ProcrastinateJob.objects.get(pk=run.job_id).status == "todo"


def test_looking_for_killed_workers_is_done_all_the_time():
    found = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert found["planning.retry_stalled"] == "* * * * * */15"
