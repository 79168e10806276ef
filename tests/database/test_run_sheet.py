"""A run's result to take along: the standalone page, and the features."""

import doctest
import re
from html import escape

import geopandas as gpd
import pandas as pd
import pytest
from django.utils import timezone

from layers.errors import NotFound
from layers.queries import city
from planning import runs, sentences, studies, wording
from planning.models import Run
from planning.render.folium_map import standalone_page
from planning.render.sheet import geojson_of, sheet_of
from tests.database.studied_city import GATHERED, LIGHT, SCATTERED, execute, submit_lights

NASTY = "<script>alert(1)</script>"


@pytest.fixture
def hot_run(small_city, people) -> Run:
    submit_lights()
    planner = people.viewer("planner")
    return execute("hot-spots", planner, filters={"category": LIGHT}, title=NASTY)


def test_the_page_of_a_run_says_what_its_summary_counts(hot_run, people):
    html = standalone_page(sheet_of(hot_run, people.viewer("planner")))
    counts = [int(text) for text in re.findall(r"<b>(\d+)</b></li>", html)]
    by_class = hot_run.summary["cells_by_class"]
    assert counts == [by_class[str(value)] for value in range(3, -4, -1)]
    assert counts[0] > 0
    assert f'<p class="finding">{escape(hot_run.finding_in_words)}</p>' in html
    assert f"<h1>{escape(NASTY)}</h1>" in html
    assert NASTY not in html


def test_the_page_of_a_run_tells_how_it_was_made(hot_run, people):
    html = standalone_page(sheet_of(hot_run, people.viewer("planner")))
    for said in (
        "category Street light",
        "100 used",
        "200 m",
        f"#{hot_run.pk}",
        hot_run.fingerprint,
    ):
        assert said in html


def test_a_study_of_one_phase_says_what_else_it_shows(hot_run, people):
    one_phase = execute("hot-spots", people.viewer("planner"), filters={"phase": "new"})
    assert "how long they stay in it" in wording.care(one_phase)
    assert "how long they stay in it" not in wording.care(hot_run)


@pytest.mark.parametrize(
    ("method", "said"),
    [("street-grid", "Part of the main network"), ("trend", "More from month to month")],
)
def test_every_method_has_a_page(small_city, people, method, said):
    submit_lights()
    planner = people.viewer("planner")
    html = standalone_page(sheet_of(execute(method, planner), planner))
    assert said in html


def test_times_are_told_in_the_active_zone(small_city, people):
    submit_lights()
    planner = people.viewer("planner")
    run = execute("trend", planner)
    with timezone.override("Pacific/Auckland"):
        local = sheet_of(run, planner).result["start"]
    assert str(local.dt.tz) == "Pacific/Auckland"
    assert local.min() == pd.Timestamp(run.summary["start"], tz=city().time_zone)


def test_figures_are_written_as_their_examples_say():
    assert doctest.testmod(sentences).failed == 0


def test_only_who_may_see_the_result_gets_its_page(hot_run, people):
    with pytest.raises(NotFound):
        sheet_of(hot_run, people.viewer("citizen"))
    runs.publish(hot_run, people.viewer("planner"))
    hot_run.refresh_from_db()
    assert len(sheet_of(hot_run, people.viewer("citizen")).result) == hot_run.summary["cells"]


def test_a_run_without_a_result_has_no_page(people):
    planner = people.viewer("planner")
    run = runs.prepare(studies.create("hot-spots", planner), planner)
    with pytest.raises(NotFound, match="no result"):
        sheet_of(run, planner)


def test_geojson_holds_every_feature_with_its_values(hot_run, people, tmp_path):
    path = tmp_path / "result.geojson"
    path.write_text(geojson_of(hot_run, people.viewer("planner")))
    frame = gpd.read_file(path)
    assert len(frame) == hot_run.summary["cells"]
    assert frame["count"].sum() == SCATTERED + GATHERED
    assert set(frame["class"]) <= set(range(-3, 4))
