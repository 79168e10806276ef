"""Background jobs of planning: studies."""

from functools import partial

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from layers import jobs
from planning import runs


@app.task(
    name=runs.TASK,
    queue=jobs.QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=100, retry_exceptions=[JobAborted]),
)
def run_study(context: JobContext, run_id: int, language: str = "") -> None:
    """Execute one run."""
    jobs.execute_in_worker(context, language, partial(runs.execute, run_id))
