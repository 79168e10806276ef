"""Runs a study: asks for it, executes it, stops it, publishes its result.

A run goes from queued through running to succeeded, failed or cancelled. Its result table, the
row that describes it and the end of the run are one transaction: nobody ever sees half of it.
"""

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from procrastinate.contrib.django import app

from layers import datasets, registry
from layers.access import ANONYMOUS, Viewer
from layers.datasets import NewDataset
from layers.errors import CivicError, Conflict
from layers.models import Dataset
from planning import queries
from planning.methods import Method, method_of
from planning.models import Run, Study
from planning.progress import Progress, no_progress
from planning.provenance import versions
from planning.results import Outcome
from planning.watch import InterruptedRunError, StopAskedError, SupersededError, Watch

QUEUE = "study"
TASK = "planning.run_study"
MAX_ATTEMPTS = 3
UNDER_WAY = frozenset({Run.State.QUEUED, Run.State.RUNNING})
"""The states that a run has not ended in."""
STOPPED = "Stopped. Nothing was saved."
GAVE_UP = (
    "The computer stopped {attempts} times while it worked on this, perhaps for lack of memory. "
    "Try larger cells or a shorter period."
)
BROKEN = (
    "Something in this program failed; nothing was saved. The log of the study worker says more "
    "about run {run}."
)


# ---- asking ----


def prepare(study: Study, viewer: Viewer) -> Run:
    """Make a run that holds the recipe as it is now.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    """
    queries.require_planner(viewer)
    return Run.objects.create(
        study=study,
        method=study.method,
        source=study.source,
        filters=study.filters,
        parameters=study.parameters,
        asked_by_id=viewer.user_id,
    )


def ask(study: Study, viewer: Viewer) -> Run:
    """Queue a run of the study; its job is part of the caller's transaction.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    """
    with transaction.atomic():
        run = prepare(study, viewer)
        run.job_id = app.configure_task(TASK, queue=QUEUE).defer(run_id=run.pk)
        run.save(update_fields=["job_id"])
    return run


def cancel(run: Run, viewer: Viewer) -> Run:
    """Stop a run: at once while it waits, at its next sign of progress while it works.

    Asked for the second time it counts as stopped at once, in case whoever worked on it is dead;
    what a living one still does is void.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    Conflict
        When it has ended already.
    """
    queries.require_planner(viewer)
    with transaction.atomic():
        current = Run.objects.select_for_update().get(pk=run.pk)
        match current.state:
            case Run.State.QUEUED:
                _end(current, Run.State.CANCELLED, step=STOPPED)
            case Run.State.RUNNING if current.cancel_asked:
                _end(current, Run.State.CANCELLED, step=STOPPED)
            case Run.State.RUNNING:
                current.cancel_asked = True
                current.save(update_fields=["cancel_asked"])
            case _:
                message = f"Run {run.pk} has ended already; there is nothing to stop."
                raise Conflict(message)
    return current


# ---- publishing ----


def publish(run: Run, viewer: Viewer) -> Dataset:
    """Show the result to everybody.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    Conflict
        When there is no result.
    """
    return _show_to(run, viewer, Dataset.Audience.PUBLIC)


def unpublish(run: Run, viewer: Viewer) -> Dataset:
    """Show the result to planners alone; raises as `publish` does."""
    return _show_to(run, viewer, Dataset.Audience.PLANNERS)


def _show_to(run: Run, viewer: Viewer, audience: Dataset.Audience) -> Dataset:
    queries.require_planner(viewer)
    result = Dataset.objects.filter(run=run.pk).first()
    if result is None:
        message = f"Run {run.pk} has no result to show."
        raise Conflict(message)
    result.audience = audience
    result.save(update_fields=["audience", "changed_at"])
    return result


def discard(run: Run, viewer: Viewer) -> None:
    """Remove a run that has ended, and its result with it.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    Conflict
        While it waits or works: stop it first.
    """
    queries.require_planner(viewer)
    with transaction.atomic():
        current = Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if current.state in UNDER_WAY:
            message = f"Run {run.pk} has not ended; stop it first."
            raise Conflict(message)
        result = current.result
        current.delete()
        if result:
            datasets.drop(result)


# ---- executing ----


def execute(run_id: int, progress: Progress = no_progress) -> Run | None:
    """Run it to its end, whatever that is; the row says which.

    Parameters
    ----------
    run_id
        Key of a queued run, or of a running one whose worker has died: it starts anew.
    progress
        Called beside the run's own record; what it raises stops the run.

    Returns
    -------
    The run as it ended; None when there was nothing to do.

    Raises
    ------
    InterruptedRunError
        When `progress` raised it; the run is queued again.
    """
    run = _start(run_id)
    if run is None:
        return None
    try:
        _work(run, Watch(run, progress))
    except SupersededError:
        return None
    except (StopAskedError, KeyboardInterrupt):
        _end(run, Run.State.CANCELLED, step=STOPPED)
    except InterruptedRunError:
        Run.objects.filter(pk=run_id, attempts=run.attempts, state=Run.State.RUNNING).update(
            state=Run.State.QUEUED, attempts=F("attempts") - 1, progress=0.0, step=""
        )
        raise
    except CivicError as error:
        _end(run, Run.State.FAILED, error=error.message)
    except Exception:
        _end(run, Run.State.FAILED, error=BROKEN.format(run=run_id))
        raise
    return run


def _start(run_id: int) -> Run | None:
    """Take the run over; None when it has ended or is gone."""
    with transaction.atomic():
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.state not in UNDER_WAY:
            return None
        if run.cancel_asked:
            _end(run, Run.State.CANCELLED, step=STOPPED)
            return None
        if run.attempts >= MAX_ATTEMPTS:
            _end(run, Run.State.FAILED, error=GAVE_UP.format(attempts=run.attempts))
            return None
        run.state = Run.State.RUNNING
        run.attempts += 1
        run.progress, run.step, run.started_at = 0.0, "", timezone.now()
        run.save(update_fields=["state", "attempts", "progress", "step", "started_at"])
    return run


def _end(run: Run, state: Run.State, *, error: str = "", step: str = "") -> None:
    """Write the end of a run; only whoever works on it may, and only once."""
    fields = {"state": state, "error": error, "step": step, "finished_at": timezone.now()}
    Run.objects.filter(pk=run.pk, attempts=run.attempts, state__in=UNDER_WAY).update(**fields)
    run.refresh_from_db()


def _work(run: Run, watch: Watch) -> None:
    method = method_of(run.method)
    clock = Clock()
    watch(0.0, "Reading the data")
    source = method.read(run.filters)
    clock.lap("read")
    outcome = _answer(method, source, run.parameters, watch.between(0.2, 0.8))
    clock.lap("compute")
    watch(0.8, "Saving the result")
    frame = outcome.frame(source.ground.srid)
    with transaction.atomic():
        result = datasets.create(
            _dataset(run, method, outcome),
            frame,
            lambda share: watch.look(0.8 + 0.2 * share, "Saving the result"),
        )
        _still_wanted(run)
        clock.lap("save")
        run.result = result
        run.fingerprint = source.fingerprint
        run.summary = {
            **outcome.summary,
            "taken": source.taken,
            "left_out": dict(source.left_out),
        }
        run.finding = outcome.finding
        run.versions = versions()
        run.timings = clock.laps
        run.state, run.progress, run.step = Run.State.SUCCEEDED, 1.0, ""
        run.finished_at = timezone.now()
        run.save()


def _answer(
    method: Method[Any], source: Any, parameters: Mapping[str, Any], progress: Progress
) -> Outcome:
    try:
        return method.run(source, parameters, progress)
    except ValueError as error:
        raise method.explain(error) from error


def _still_wanted(run: Run) -> None:
    """Lock the run's row: from here to the end of the transaction nobody can stop or take it."""
    current = Run.objects.select_for_update().filter(pk=run.pk).first()
    if current is None or (current.attempts, current.state) != (run.attempts, Run.State.RUNNING):
        raise SupersededError
    if current.cancel_asked:
        raise StopAskedError


def _dataset(run: Run, method: Method[Any], outcome: Outcome) -> NewDataset:
    return NewDataset(
        slug=f"{method.slug}-{run.pk}",
        title=run.study.title,
        origin=Dataset.Origin.RESULTS,
        columns=outcome.columns,
        geometry_type=outcome.geometry_type,
        description=outcome.finding,
        style=outcome.style,
        attribution=registry.resolve(method.source, ANONYMOUS).attribution(),
        owner_id=run.asked_by_id,
    )


class Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, step: str) -> None:
        """Write down how long the step took that ends here."""
        now = time.perf_counter()
        self.laps[step] = round(now - self._since, 4)
        self._since = now
