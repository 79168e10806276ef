"""Studies of things: lamps, benches and whatever else stands on a layer of points."""

from io import StringIO

import pytest
import shapely
from django.core.management import call_command
from django.test import Client

from layers import features, registry
from layers.access import Viewer
from layers.errors import InvalidInput
from layers.importing.load import load_assets
from layers.models import AssetKind, Dataset
from planning import sources, studies
from planning.models import Run
from tests.database.conftest import SOURCE, frame
from tests.database.studied_city import (
    CLUSTER,
    GATHERED,
    LIGHT,
    SCATTERED,
    execute,
    light_reports,
)

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))
LAMPS = SCATTERED + GATHERED


def rows_of(run: Run):
    return features.read(registry.resolve(run.result.slug, PLANNER), PLANNER)


def lamp_places() -> list[tuple[float, float]]:
    """Return where the reports of the planted cluster are, as if each were a lamp."""
    return [report.point for report in light_reports()]


def load_lamps(places: list[tuple[float, float]]) -> None:
    kind, _ = AssetKind.objects.get_or_create(
        slug="lamp", defaults={"title": "Street lamp", "title_plural": "Street lamps"}
    )
    load_assets(frame(geometry=[shapely.Point(place) for place in places]), kind, SOURCE)


@pytest.fixture
def lamps(small_city) -> str:
    """The slug of a layer of lamps that gather where dark lights do."""
    load_lamps(lamp_places())
    return "assets-lamp"


def test_hot_spots_counts_the_things_of_a_layer_by_their_own_name(lamps):
    run = execute("hot-spots", PLANNER, source=lamps, parameters={"cell_m": 100})
    rows = rows_of(run)
    assert run.source == "assets-lamp"
    assert "cells hold more street lamps than chance explains" in run.finding_in_words
    assert "report" not in run.finding_in_words
    assert rows["count"].sum() == run.summary["points"] == run.summary["taken"] == LAMPS
    assert rows.loc[rows.z.idxmax()].geometry.centroid.coords[0] == pytest.approx(
        CLUSTER, abs=0.0015
    )
    assert run.result.attribution == "Test city makers"
    assert {f["name"]: f["title"] for f in run.result.fields}["count"] == "Street lamps"


def test_things_outside_are_left_out_and_the_fingerprint_is_of_their_places(lamps):
    before = sources.read_points(lamps)
    load_lamps([*lamp_places(), (0.5, 0.5)])
    with_one_outside = sources.read_points(lamps)
    assert dict(with_one_outside.left_out) == {sources.OUTSIDE: 1}
    assert with_one_outside.fingerprint == before.fingerprint
    load_lamps([*lamp_places(), (0.001, 0.001)])
    assert sources.read_points(lamps).fingerprint != before.fingerprint


def test_things_outside_alone_are_no_study(lamps):
    load_lamps([(0.5, 0.5)])
    with pytest.raises(InvalidInput, match="None of the 1 features of “Street lamps” lies"):
        sources.read_points(lamps)


def test_an_imported_layer_of_points_can_be_counted_and_others_cannot(lamps, tmp_path):
    path = tmp_path / "benches.csv"
    path.write_text("lon,lat\n0.001,0.002\n0.003,0.004\n")
    for slug, audience in (("benches", "public"), ("secret-benches", "planners")):
        call_command("import_layer", path, slug=slug, audience=audience)
    assert [layer.slug for layer in sources.point_layers()] == ["assets-lamp", "benches"]
    assert sources.read_points("benches").taken == 2
    for refused in ("secret-benches", "place-names", "streets", "incidents"):
        with pytest.raises(InvalidInput, match=f"“{refused}” is nothing that can be counted"):
            studies.create("hot-spots", PLANNER, source=refused)


def test_things_cannot_be_narrowed_and_have_no_trend(lamps):
    with pytest.raises(InvalidInput, match="“Street lamps” cannot be narrowed") as refused:
        studies.create("hot-spots", PLANNER, source=lamps, filters={"category": LIGHT})
    assert refused.value.field == "category"
    with pytest.raises(InvalidInput, match="“Trend by month” studies “reports”"):
        studies.create("trend", PLANNER, source=lamps)


def test_the_shell_counts_things(lamps):
    out = StringIO()
    call_command("study", "hot-spots", "--source", lamps, "--param", "cell_m=100", stdout=out)
    assert "cells hold more street lamps than chance explains" in out.getvalue()
    assert Dataset.objects.get().slug.startswith("hot-spots-")
    call_command("study", "--list", stdout=out)
    assert "--source --family" in out.getvalue()


@pytest.fixture
def planner(people) -> Client:
    client = Client()
    client.force_login(people.planner)
    return client


def test_the_form_offers_things_and_asks_about_them(planner, lamps):
    html = planner.get("/planning/new/hot-spots/?source=assets-lamp").content.decode()
    assert '<option value="reports">Reports as everybody sees them</option>' in html
    assert '<option value="assets-lamp" selected>Street lamps</option>' in html
    assert 'name="source"' not in planner.get("/planning/new/trend/").content.decode()
    planner.post("/planning/new/hot-spots/", {"source": lamps})
    run = Run.objects.select_related("study").get()
    assert (run.source, run.study.title) == (lamps, "Hot spots: Street lamps")


def test_the_form_refuses_filters_of_things_at_their_field(planner, lamps):
    response = planner.post("/planning/new/hot-spots/", {"source": lamps, "category": LIGHT})
    assert response.status_code == InvalidInput.status
    assert "“Street lamps” cannot be narrowed; leave this empty." in response.content.decode()


def test_a_result_page_speaks_of_things_even_when_their_layer_is_gone(planner, lamps):
    run = execute("hot-spots", PLANNER, source=lamps, parameters={"cell_m": 100})
    html = planner.get(f"/planning/runs/{run.pk}/").content.decode()
    assert "Street lamps; 100 used" in html
    assert "whether more of them are needed there" in html
    assert '<option value="assets-lamp" selected>' in html
    AssetKind.objects.all().delete()
    html = planner.get(f"/planning/runs/{run.pk}/").content.decode()
    assert "assets-lamp; 100 used" in html
