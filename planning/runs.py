"""Runs a study: asks for it, executes it, stops it, publishes its result.

A run is a job (see `layers.jobs`). Its result table, the row that describes it and the end of the
run are one transaction: nobody ever sees half of it.
"""

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from layers import datasets, jobs, registry
from layers.access import ANONYMOUS, Viewer
from layers.datasets import NewDataset
from layers.errors import Conflict
from layers.jobs import Watch
from layers.models import Dataset
from planning import queries
from planning.methods import Method, method_of
from planning.models import Run, Study
from planning.progress import Progress, no_progress
from planning.provenance import versions
from planning.results import Outcome
from planning.sentences import in_words

TASK = "planning.run_study"


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
        jobs.queue(run, TASK)
    return run


def cancel(run: Run, viewer: Viewer) -> Run:
    """Stop a run, as `jobs.cancel` does.

    Raises
    ------
    NotAllowed
        When the viewer is neither planner nor administrator.
    Conflict
        When it has ended already.
    """
    queries.require_planner(viewer)
    return jobs.cancel(run)


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
        message = gettext("Run %(number)s has no result to show.")
        raise Conflict(message % {"number": run.pk})
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
        if current.is_under_way():
            message = gettext("Run %(number)s has not ended; stop it first.")
            raise Conflict(message % {"number": run.pk})
        result = current.result
        current.delete()
        if result:
            datasets.drop(result)


# ---- executing ----


def execute(run_id: int, progress: Progress = no_progress) -> Run | None:
    """Run it to its end, as `jobs.execute` does."""
    return jobs.execute(Run, run_id, _work, progress)


def _work(run: Run, watch: Watch) -> None:
    method = method_of(run.method)
    clock = Clock()
    watch(0.0, "Reading the data")
    source = method.bring(run.source, run.filters)
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
        jobs.still_wanted(run)
        clock.lap("save")
        run.result = result
        run.fingerprint = source.fingerprint
        run.summary = {
            **outcome.summary,
            "taken": source.taken,
            "left_out": dict(source.left_out),
        }
        run.finding = [sentence.stored() for sentence in outcome.finding]
        run.versions = versions()
        run.timings = clock.laps
        jobs.succeed(run)


def _answer(
    method: Method[Any], source: Any, parameters: Mapping[str, Any], progress: Progress
) -> Outcome:
    try:
        return method.run(source, parameters, progress)
    except ValueError as error:
        raise method.explain(error) from error


def _dataset(run: Run, method: Method[Any], outcome: Outcome) -> NewDataset:
    with translation.override(settings.LANGUAGE_CODE):
        finding = in_words([sentence.stored() for sentence in outcome.finding])
    return NewDataset(
        slug=f"{method.slug}-{run.pk}",
        title=run.study.title,
        origin=Dataset.Origin.RESULTS,
        columns=outcome.columns,
        geometry_type=outcome.geometry_type,
        description=finding,
        style=outcome.style,
        attribution=registry.resolve(run.source, ANONYMOUS).attribution(),
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
