"""The planners' room: who gets in, and what each page of it says and does."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from layers.models import Dataset
from planning import runs, studies
from planning.models import Run, Study
from planning.render import sheet
from tests.database.studied_city import LIGHT, execute, submit_lights

OTHERS = ("citizen", "roads_west", "crime_desk", "dispatcher")
FORM = {"category": LIGHT, "cell_m": "250", "shape": "square", "alpha": "0.05"}
NASTY = "<script>alert(1)</script>"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def planner(people) -> Client:
    return signed_in(people.planner)


@pytest.fixture
def viewer(people):
    return people.viewer("planner")


@pytest.fixture
def queued(viewer) -> Run:
    return runs.ask(studies.create("hot-spots", viewer, filters={"category": LIGHT}), viewer)


@pytest.fixture
def hot_run(viewer) -> Run:
    submit_lights()
    return execute("hot-spots", viewer, filters={"category": LIGHT}, title="Dark lights")


def in_state(run: Run, state: str, **fields) -> Run:
    Run.objects.filter(pk=run.pk).update(state=state, **fields)
    run.refresh_from_db()
    return run


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


# ---- who ----


def addresses(run: Run) -> dict[str, str]:
    own = f"/planning/runs/{run.pk}/"
    return {
        "/planning/": "get",
        "/planning/new/hot-spots/": "get",
        own: "get",
        f"{own}map.html": "get",
        f"{own}result.geojson": "get",
        f"/api/v1/runs/{run.pk}/": "get",
        f"{own}cancel/": "post",
        f"{own}again/": "post",
        f"{own}publish/": "post",
        f"{own}unpublish/": "post",
        f"{own}delete/": "post",
    }


@pytest.mark.parametrize("who", OTHERS)
def test_nobody_but_planners_gets_in(people, hot_run, who):
    client = signed_in(getattr(people, who))
    for address, method in addresses(hot_run).items():
        response = getattr(client, method)(address)
        assert response.status_code == 403, address
        assert "Ask an administrator for the role." in response.content.decode()
    assert client.post("/planning/new/hot-spots/", FORM).status_code == 403
    assert Run.objects.count() == 1


def test_strangers_are_led_to_the_sign_in(hot_run):
    for address, method in addresses(hot_run).items():
        response = getattr(Client(), method)(address)
        if address.startswith("/api/"):
            assert response.status_code == 401
        else:
            assert response.status_code == 302, address
            assert response["Location"].startswith("/sign-in/?next=")


def test_administrators_get_in(people, hot_run):
    client = signed_in(people.administrator)
    assert "Dark lights" in page(client, f"/planning/runs/{hot_run.pk}/")


@pytest.mark.parametrize("verb", ["cancel", "again", "publish", "unpublish", "delete"])
def test_what_changes_something_is_no_link(planner, hot_run, verb):
    assert planner.get(f"/planning/runs/{hot_run.pk}/{verb}/").status_code == 405


def test_planning_stands_in_the_top_bar_of_planners_alone(people, planner):
    link = '<a href="/planning/" aria-current="page">Planning</a>'
    assert link in " ".join(page(planner, "/planning/").split()).replace(" >", ">")
    assert "/planning/" not in page(signed_in(people.citizen), "/")


# ---- the room ----


def test_it_lists_the_questions_in_plain_words(planner):
    html = page(planner, "/planning/")
    assert "Where do reports gather?" in html
    assert "Is the street network connected?" in html
    assert "Where do reports become more frequent, and where less?" in html
    assert "Nothing was asked yet" in html


def test_it_lists_the_latest_runs_with_their_state(planner, hot_run, queued):
    html = page(planner, "/planning/")
    assert "Nothing was asked yet" not in html
    assert html.index("Waiting") < html.index("Dark lights") < html.index("Done")
    assert hot_run.finding_in_words in html


def test_a_finding_is_read_in_the_language_of_its_reader(planner, hot_run):
    hot = hot_run.summary["hot_cells"]
    spanish = planner.get(f"/planning/runs/{hot_run.pk}/", headers={"Accept-Language": "es"})
    said = spanish.content.decode()
    assert f"{hot} de {hot_run.summary['cells']} celdas contienen más avisos de lo que" in said
    assert "hold more" not in said
    assert f"{hot} of {hot_run.summary['cells']} cells hold more reports than" in page(
        planner, f"/planning/runs/{hot_run.pk}/"
    )


def test_the_legend_is_read_in_the_language_of_its_reader(planner, hot_run):
    def told(language: str) -> tuple[str, str]:
        response = planner.get(
            f"/tiles/{hot_run.result.slug}.json", headers={"Accept-Language": language}
        )
        assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))
        style = response.json()["civicgrid"]["style"]
        return style["title"], style["classes"][-1]["label"]

    assert told("en") == ("Street light out", "More than expected (≤ 1 % false)")
    assert told("es") == ("Farola apagada", "Más de lo esperado (≤ 1 % falsos)")


def test_fifty_runs_take_few_statements(planner, viewer, django_assert_max_num_queries):
    study = studies.create("street-grid", viewer)
    for _ in range(50):
        runs.prepare(study, viewer)
    page(planner, "/planning/")
    with django_assert_max_num_queries(10):
        html = page(planner, "/planning/")
    assert html.count('class="report"') == 50


# ---- asking ----


def test_the_form_offers_what_the_method_can_be_asked_with(planner):
    html = page(planner, "/planning/new/hot-spots/")
    for name in ("cat", "category", "phase", "since", "until", "cell_m", "shape", "alpha"):
        assert f'name="{name}"' in html
    assert 'value="200"' in html
    assert f'<option value="{LIGHT}">' in html


def test_a_question_becomes_a_queued_run(planner, people):
    response = planner.post("/planning/new/hot-spots/", FORM)
    run = Run.objects.select_related("study").get()
    assert response["Location"] == f"/planning/runs/{run.pk}/"
    assert run.state == Run.State.QUEUED
    assert run.asked_by == people.planner
    assert run.filters == {"category": LIGHT}
    assert run.parameters == {"cell_m": 250.0, "shape": "square", "alpha": 0.05}
    assert run.study.title == "Hot spots: Street light out"
    assert ProcrastinateJob.objects.get(pk=run.job_id).args == {"run_id": run.pk, "language": "en"}


def test_fields_left_empty_take_their_defaults(planner):
    planner.post("/planning/new/hot-spots/", {"title": "All of it"})
    run = Run.objects.select_related("study").get()
    assert run.filters == {}
    assert run.parameters == {"cell_m": 200.0, "shape": "hexagon", "alpha": 0.05}
    assert run.study.title == "All of it"


def test_every_refused_field_is_named_and_nothing_typed_is_lost(planner):
    wrong = FORM | {"cell_m": "1e9", "category": "unicorns", "since": "soon", "title": NASTY}
    response = planner.post("/planning/new/hot-spots/", wrong)
    html = response.content.decode()
    assert response.status_code == 422
    assert "3 things need another look" in html
    assert "Cell size is “1e9”; give a number from 5 to 10,000 m." in html
    assert "From is “soon”; give a date such as 2026-03-31." in html
    assert 'value="1e9"' in html
    assert 'aria-invalid="true"' in html
    assert NASTY not in html
    assert not Study.objects.exists()


def test_a_period_that_ends_before_it_begins_is_refused_at_its_field(planner):
    response = planner.post(
        "/planning/new/hot-spots/", {"since": "2026-03-31", "until": "2026-03-01"}
    )
    assert response.status_code == 422
    assert "before it begins on 2026-03-31; swap the two." in response.content.decode()
    assert not Run.objects.exists()


def test_the_address_can_fill_the_form_in(planner):
    html = page(planner, f"/planning/new/hot-spots/?category={LIGHT}&cell_m=350.0")
    assert f'<option value="{LIGHT}" selected>' in html
    assert 'value="350.0"' in html


def test_an_unknown_question_is_not_found(planner):
    response = planner.get("/planning/new/horoscope/")
    assert response.status_code == 404
    assert "there are hot-spots, street-grid" in response.content.decode()


# ---- a run, state by state ----


def test_a_waiting_run_says_so_and_can_be_stopped(planner, queued):
    html = page(planner, f"/planning/runs/{queued.pk}/")
    assert f'data-progress-url="/api/v1/runs/{queued.pk}/"' in html
    assert "Waiting for its turn" in html
    assert f'action="/planning/runs/{queued.pk}/cancel/"' in html
    assert "Look again" in html


def test_a_running_run_shows_its_step(planner, queued):
    in_state(queued, "running", progress=0.62, step="Counting reports")
    html = page(planner, f"/planning/runs/{queued.pk}/")
    assert "Counting reports" in html
    assert 'value="0.620"' in html


def test_a_stopped_run_says_that_nothing_was_saved(planner, queued):
    response = planner.post(f"/planning/runs/{queued.pk}/cancel/", follow=True)
    html = response.content.decode()
    assert "Stopped. Nothing was saved." in html
    assert "Run again" in html
    assert "data-progress-url" not in html
    queued.refresh_from_db()
    assert queued.state == Run.State.CANCELLED


def test_a_running_run_can_still_be_stopped_at_once_when_nobody_answers(planner, queued):
    in_state(queued, "running")
    stop = f"/planning/runs/{queued.pk}/cancel/"
    html = planner.post(stop, follow=True).content.decode()
    queued.refresh_from_db()
    assert (queued.state, queued.cancel_asked) == (Run.State.RUNNING, True)
    assert "Stopping at the next step" in html
    (button,) = re.findall(rf'action="{stop}">.*?(<button.*?</button>)', html, re.DOTALL)
    assert "Stop at once" in button
    assert "disabled" not in button
    assert "Nothing was saved" in planner.post(stop, follow=True).content.decode()
    queued.refresh_from_db()
    assert queued.state == Run.State.CANCELLED


def test_stopping_too_late_shows_the_result(planner, hot_run):
    html = planner.post(f"/planning/runs/{hot_run.pk}/cancel/", follow=True).content.decode()
    assert f"Run {hot_run.pk} has ended already" in html
    assert hot_run.finding_in_words in html


def test_a_failed_run_says_what_failed_and_what_to_do(planner, viewer):
    failed = execute("hot-spots", viewer, filters={"category": LIGHT}, parameters={"cell_m": 300})
    html = page(planner, f"/planning/runs/{failed.pk}/")
    assert "Widen the period or choose another category." in html
    (change,) = re.findall(r'"/planning/new/hot-spots/\?([^"]*)"', html)
    asked = parse_qs(unescape(change))
    assert asked["category"] == [LIGHT]
    assert asked["cell_m"] == ["300"]
    assert "Run again" in html


def test_a_result_shows_map_legend_finding_figures_and_recipe(planner, hot_run):
    html = page(planner, f"/planning/runs/{hot_run.pk}/")
    assert f'data-result="{hot_run.result.slug}"' in html
    assert "data-legend" in html
    assert hot_run.finding_in_words in html
    assert "cells with more reports than chance explains" in html
    assert "Read with care." in html
    for said in ("Reports as everybody sees them", "100 used", "200 m", hot_run.fingerprint):
        assert said in html
    assert hot_run.versions["numpy"] in html


def test_the_finding_is_read_before_the_question_is_asked_anew(planner, hot_run):
    html = page(planner, f"/planning/runs/{hot_run.pk}/")
    places = [html.index(mark) for mark in ('data-result="', "data-legend", "<h1", 'class="panel"')]
    assert places == sorted(places)


def test_the_legend_is_there_without_a_script_too(planner, hot_run):
    html = page(planner, f"/planning/runs/{hot_run.pk}/")
    legend = html[html.index("<ul data-legend>") : html.index("</ul>", html.index("data-legend"))]
    by_class = hot_run.summary["cells_by_class"]
    for value in range(-3, 4):
        assert f'<span class="num muted">{by_class[str(value)]}</span>' in legend


def test_a_result_says_what_was_left_out(planner, hot_run):
    hot_run.summary["left_out"] = {"without a place": 1234, "outside the study area": 2}
    hot_run.save()
    html = page(planner, f"/planning/runs/{hot_run.pk}/")
    assert "Left out: 1,234 without a place, 2 outside the study area." in html


@pytest.mark.parametrize("method", ["street-grid", "trend"])
def test_every_method_has_a_result_page(planner, viewer, method):
    submit_lights()
    run = execute(method, viewer)
    html = page(planner, f"/planning/runs/{run.pk}/")
    assert run.finding_in_words in html
    assert html.count('class="figure"') == 2


def test_a_title_is_text(planner, viewer):
    submit_lights()
    run = execute("hot-spots", viewer, title=NASTY)
    for address in ("/planning/", f"/planning/runs/{run.pk}/"):
        assert NASTY not in page(planner, address)


def test_a_result_page_takes_few_statements(planner, hot_run, django_assert_max_num_queries):
    page(planner, f"/planning/runs/{hot_run.pk}/")
    with django_assert_max_num_queries(20):
        page(planner, f"/planning/runs/{hot_run.pk}/")


def test_an_unknown_run_is_not_found(planner):
    assert planner.get("/planning/runs/4711/").status_code == 404


def test_running_again_asks_the_same_once_more(planner, hot_run):
    response = planner.post(f"/planning/runs/{hot_run.pk}/again/")
    new = Run.objects.exclude(pk=hot_run.pk).get()
    assert response["Location"] == f"/planning/runs/{new.pk}/"
    assert new.study == hot_run.study
    assert (new.filters, new.parameters) == (hot_run.filters, hot_run.parameters)
    assert new.state == Run.State.QUEUED


# ---- publishing ----


def test_publishing_shows_the_layer_to_everybody_and_can_be_taken_back(planner, hot_run):
    cache.clear()
    layer = f"/tiles/{hot_run.result.slug}.json"
    assert Client().get(layer).status_code == 404
    html = planner.post(f"/planning/runs/{hot_run.pk}/publish/", follow=True).content.decode()
    assert "Published. Everybody can see this layer now." in html
    assert "Take it back" in html
    assert Client().get(layer).status_code == 200
    assert "Public" in page(planner, "/planning/")
    html = planner.post(f"/planning/runs/{hot_run.pk}/unpublish/", follow=True).content.decode()
    assert "Publishing shows everybody the title, the map and the figures" in html
    assert Client().get(layer).status_code == 404
    assert Dataset.objects.get(pk=hot_run.result_id).audience == Dataset.Audience.PLANNERS


def test_a_deleted_result_takes_its_layer_along(planner, hot_run):
    layer = f"/tiles/{hot_run.result.slug}.json"
    assert planner.get(layer).status_code == 200
    html = planner.post(f"/planning/runs/{hot_run.pk}/delete/", follow=True).content.decode()
    assert "Deleted. The question can be asked again." in html
    assert planner.get(layer).status_code == 404
    assert planner.get(f"/planning/runs/{hot_run.pk}/").status_code == 404


def test_there_is_nothing_to_publish_without_a_result(planner, queued):
    response = planner.post(f"/planning/runs/{queued.pk}/publish/")
    assert response.status_code == 409
    assert "has no result to show" in response.content.decode()


# ---- taking along ----


def test_the_standalone_page_is_a_download_outside_the_site(planner, hot_run):
    response = planner.get(f"/planning/runs/{hot_run.pk}/map.html")
    assert response["Content-Disposition"] == (
        f'attachment; filename="dark-lights-{hot_run.pk}.html"'
    )
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert hot_run.finding_in_words in response.content.decode()


def test_a_result_too_large_for_a_page_offers_its_features_alone(planner, hot_run):
    Dataset.objects.filter(pk=hot_run.result_id).update(feature_count=sheet.MOST_ROWS + 1)
    html = page(planner, f"/planning/runs/{hot_run.pk}/")
    assert "too large for a map page" in html
    assert "map.html" not in html
    assert "result.geojson" in html
    refused = planner.get(f"/planning/runs/{hot_run.pk}/map.html")
    assert refused.status_code == 422
    assert "100,001 rows and a page holds 100,000" in refused.content.decode()


def test_the_features_are_a_download(planner, hot_run):
    response = planner.get(f"/planning/runs/{hot_run.pk}/result.geojson")
    assert response["Content-Type"] == "application/geo+json"
    assert response["Content-Disposition"].endswith(f'-{hot_run.pk}.geojson"')
    assert len(response.json()["features"]) == hot_run.summary["cells"]


# ---- progress ----


def test_progress_is_told_while_it_works(planner, queued):
    started = timezone.now() - timedelta(seconds=30)
    in_state(queued, "running", progress=0.75, step="Counting reports", started_at=started)
    response = planner.get(f"/api/v1/runs/{queued.pk}/")
    told = response.json()
    assert told.pop("seconds_left") in range(9, 13)
    assert told == {
        "id": queued.pk,
        "state": "running",
        "progress": 0.75,
        "step": "Counting reports",
        "url": None,
    }
    assert "no-store" in response["Cache-Control"]


def test_a_waiting_run_does_not_say_how_long(planner, queued):
    told = planner.get(f"/api/v1/runs/{queued.pk}/").json()
    assert (told["state"], told["seconds_left"], told["url"]) == ("queued", None, None)


def test_an_ended_run_says_where_its_result_is(planner, hot_run):
    told = planner.get(f"/api/v1/runs/{hot_run.pk}/").json()
    assert (told["state"], told["progress"]) == ("succeeded", 1.0)
    assert told["url"] == f"/planning/runs/{hot_run.pk}/"


def test_an_unknown_run_is_a_problem_document(planner):
    response = planner.get("/api/v1/runs/4711/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_progress_takes_few_statements(planner, queued, django_assert_max_num_queries):
    planner.get(f"/api/v1/runs/{queued.pk}/")
    with django_assert_max_num_queries(5):
        planner.get(f"/api/v1/runs/{queued.pk}/")
