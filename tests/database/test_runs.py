"""Runs: evidence that can be repeated, stopped, published and removed."""

from contextlib import suppress

import pytest
from django.db import connection

from layers import jobs, registry
from layers.access import ANONYMOUS, Viewer
from layers.errors import Conflict, InvalidInput, NotAllowed, NotFound
from layers.jobs import InterruptedJobError
from layers.models import Dataset
from planning import queries, runs, studies
from planning.models import Run
from tests.database.studied_city import LIGHT, execute, submit_lights, widen_the_city

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))


def prepared(method: str = "hot-spots", **asked) -> Run:
    return runs.prepare(studies.create(method, PLANNER, **asked), PLANNER)


def result_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'results'")
        return cursor.fetchone()[0]


# ---- evidence ----


def test_a_run_keeps_all_that_is_needed_to_repeat_it(small_city):
    submit_lights()
    run = execute("hot-spots", PLANNER, filters={"category": LIGHT})
    assert run.state == Run.State.SUCCEEDED
    assert (run.method, run.source, run.filters) == ("hot-spots", "reports", {"category": LIGHT})
    assert run.parameters == {"cell_m": 200.0, "shape": "hexagon", "alpha": 0.05}
    assert len(run.fingerprint) == 64
    assert {"civicgrid", "numpy", "scipy", "shapely", "postgis", "python"} <= run.versions.keys()
    assert list(run.timings) == ["read", "compute", "save"]
    assert (run.progress, run.attempts, run.error) == (1.0, 1, "")
    assert run.started_at <= run.finished_at


def test_the_same_recipe_on_the_same_data_gives_the_same_figures(small_city):
    submit_lights()
    study = studies.create("hot-spots", PLANNER)
    first, second = (runs.execute(runs.prepare(study, PLANNER).pk) for _ in range(2))
    assert first.pk != second.pk
    assert (first.fingerprint, first.summary, first.finding) == (
        second.fingerprint,
        second.summary,
        second.finding,
    )


def test_a_run_holds_the_recipe_as_it_was_when_it_was_asked(small_city):
    submit_lights()
    study = studies.create("hot-spots", PLANNER)
    run = runs.prepare(study, PLANNER)
    study.parameters = {"cell_m": 1000.0, "shape": "square", "alpha": 0.05}
    study.save()
    assert runs.execute(run.pk).parameters["cell_m"] == 200.0


def test_a_question_without_an_answer_fails_with_a_sentence(small_city):
    run = runs.execute(prepared().pk)
    assert run.state == Run.State.FAILED
    assert run.error.startswith("No report with a place")
    assert run.result is None


def test_too_many_cells_fail_with_the_field_and_a_remedy(small_city):
    submit_lights()
    widen_the_city(0.3)
    run = runs.execute(prepared(parameters={"cell_m": 5, "shape": "square"}).pk)
    assert run.state == Run.State.FAILED
    assert run.error.startswith("Cell size 5 m: the area would take about 44,")
    # 33 km by 33 km are 1.1e9 m²: a million squares of 33.3 m.
    assert run.error.endswith("choose cells of 34 m or more.")


def test_a_defect_leaves_a_sentence_and_no_trace_on_the_page(small_city):
    submit_lights()
    run = prepared()
    # A parameter that no form lets through: what a defect in a method would look like.
    Run.objects.filter(pk=run.pk).update(parameters={"shape": "hexagon"})
    with pytest.raises(KeyError):
        runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert f"about run {run.pk}" in run.error
    assert "KeyError" not in run.error
    assert result_tables() == 0


# ---- stopping ----


def test_a_waiting_run_stops_at_once(small_city):
    run = runs.cancel(prepared(), PLANNER)
    assert (run.state, run.step) == (Run.State.CANCELLED, jobs.STOPPED)
    assert runs.execute(run.pk) is None


def test_a_working_run_stops_at_its_next_sign_of_progress_and_leaves_nothing(small_city):
    submit_lights()
    run = prepared()

    def stop_it(share: float, _what: str) -> None:
        if share >= 0.8:
            Run.objects.filter(pk=run.pk).update(cancel_asked=True)

    ended = runs.execute(run.pk, stop_it)
    assert (ended.state, ended.step, ended.result) == (Run.State.CANCELLED, jobs.STOPPED, None)
    assert result_tables() == 0
    assert not Dataset.objects.exists()


def test_an_interrupt_in_the_shell_stops_it_cleanly(small_city):
    submit_lights()

    def press_ctrl_c(share: float, _what: str) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    ended = runs.execute(prepared().pk, press_ctrl_c)
    assert (ended.state, ended.step) == (Run.State.CANCELLED, jobs.STOPPED)
    assert result_tables() == 0


def test_a_run_whose_worker_must_stop_waits_for_the_next_one(small_city):
    submit_lights()
    run = prepared()

    def give_way(share: float, _what: str) -> None:
        if share > 0.5:
            raise InterruptedJobError

    with pytest.raises(InterruptedJobError):
        runs.execute(run.pk, give_way)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.progress) == (Run.State.QUEUED, 0, 0.0)
    assert runs.execute(run.pk).state == Run.State.SUCCEEDED


def test_what_another_worker_has_taken_over_is_void(small_city):
    submit_lights()
    run = prepared()

    def lose_it(share: float, _what: str) -> None:
        if share >= 0.8:
            Run.objects.filter(pk=run.pk).update(attempts=2)

    assert runs.execute(run.pk, lose_it) is None
    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.RUNNING, 2)
    assert result_tables() == 0


def test_it_gives_up_after_three_deaths(small_city):
    submit_lights()
    run = prepared()
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, attempts=3)
    assert runs.execute(run.pk) is None
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "stopped 3 times" in run.error


def test_a_run_that_nobody_works_on_any_more_stops_when_asked_again(small_city):
    run = prepared()
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, attempts=1)
    assert runs.cancel(run, PLANNER).state == Run.State.RUNNING
    assert runs.cancel(run, PLANNER).state == Run.State.CANCELLED


@pytest.mark.parametrize("late", [InterruptedJobError(), InvalidInput("too late")])
def test_what_was_stopped_at_once_stays_stopped_whatever_its_worker_meets(small_city, late):
    submit_lights()
    run = prepared()

    def stop_twice_and_fail(share: float, _what: str) -> None:
        if share > 0.5:
            runs.cancel(run, PLANNER)
            runs.cancel(run, PLANNER)
            raise late

    with suppress(InterruptedJobError):
        runs.execute(run.pk, stop_twice_and_fail)
    run.refresh_from_db()
    assert (run.state, run.error, run.attempts) == (Run.State.CANCELLED, "", 1)


def test_what_has_ended_cannot_be_stopped(small_city):
    run = runs.execute(prepared().pk)
    with pytest.raises(Conflict, match="ended already"):
        runs.cancel(run, PLANNER)


# ---- publishing and removing ----


def test_a_result_is_the_planners_until_it_is_published(small_city):
    submit_lights()
    run = execute("hot-spots", PLANNER)
    slug = run.result.slug
    with pytest.raises(NotFound):
        registry.resolve(slug, ANONYMOUS)
    with pytest.raises(NotFound):
        queries.run_of(run.pk, ANONYMOUS)
    runs.publish(run, PLANNER)
    assert registry.resolve(slug, ANONYMOUS).slug == slug
    assert queries.run_of(run.pk, ANONYMOUS) == run
    assert queries.runs(ANONYMOUS) == [run]
    runs.unpublish(run, PLANNER)
    with pytest.raises(NotFound):
        registry.resolve(slug, ANONYMOUS)
    assert queries.runs(ANONYMOUS) == []


def test_a_run_without_a_result_cannot_be_published(small_city):
    with pytest.raises(Conflict, match="no result"):
        runs.publish(prepared(), PLANNER)


def test_discarding_a_run_removes_its_table(small_city):
    submit_lights()
    run = execute("street-grid", PLANNER)
    assert result_tables() == 1
    runs.discard(run, PLANNER)
    assert result_tables() == 0
    assert not Run.objects.exists()
    assert not Dataset.objects.exists()


def test_a_run_that_has_not_ended_cannot_be_discarded(small_city):
    with pytest.raises(Conflict, match="stop it first"):
        runs.discard(prepared(), PLANNER)


@pytest.mark.parametrize("act", [runs.cancel, runs.publish, runs.unpublish, runs.discard])
def test_only_planners_act_on_runs(small_city, act):
    submit_lights()
    run = execute("hot-spots", PLANNER)
    with pytest.raises(NotAllowed):
        act(run, Viewer(user_id=1, roles=frozenset({"staff", "crew", "dispatcher"})))
