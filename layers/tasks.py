"""Background jobs: imports, second chances for the jobs of a killed worker, tidying up."""

from contextlib import suppress
from functools import partial

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from layers import jobs
from layers.errors import Conflict
from layers.importing import asked, uploads
from layers.sync import runs

SILENT_S = 15
"""A worker that has not been heard of for this long is dead (its heart beats every 5 s)."""
KEPT_HOURS = 72


@app.task(
    name=asked.TASK,
    queue=jobs.QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=100, retry_exceptions=[JobAborted]),
)
def import_places(context: JobContext, importjob_id: int, language: str = "") -> None:
    """Execute one import."""
    jobs.execute_in_worker(context, language, partial(asked.execute, importjob_id))


@app.periodic(cron="* * * * * */15")
@app.task(name="layers.retry_stalled", queue="quick", queueing_lock="layers.retry_stalled")
async def retry_stalled(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Queue the jobs of killed workers again; each verb copes with being called twice."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_S):
        await app.job_manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="layers.forget_old_jobs", queue="quick")
async def forget_old_jobs(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Remove the queue's memory of jobs that ended days ago."""
    await app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


@app.periodic(cron="37 * * * *")
@app.task(name="layers.sweep_uploads", queue="quick", queueing_lock="layers.sweep_uploads")
def sweep_uploads(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Remove the files that nobody has imported for a day."""
    uploads.sweep()


@app.periodic(cron="*/5 * * * *")
@app.task(name="layers.queue_due_syncs", queue="quick", queueing_lock="layers.queue_due_syncs")
def queue_due_syncs(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Queue the sources whose time has come."""
    runs.queue_due()


@app.task(
    name=runs.TASK,
    queue=jobs.QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=100, retry_exceptions=[JobAborted]),
)
def run_sync(context: JobContext, syncrun_id: int, language: str = "") -> None:
    """Run one source; where somebody runs it by hand just now, that is enough."""
    with suppress(Conflict):
        jobs.execute_in_worker(context, language, partial(runs.execute, syncrun_id))
