"""Snap points as they are made, kept, used by intake and audited."""

import math

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from layers.errors import InvalidInput
from layers.models import Address, Area, StreetSegment
from reports import mask_versions, tasks
from reports.intake import submit, submit_many
from reports.mask_versions import make_version
from reports.masking import AREA_ONLY, LEVELS
from reports.models import MaskVersion, Precision, PublicReport, SnapPoint
from reports.preview import preview
from reports.submission import NewReport
from tests.conftest import owner_connection
from tests.database.conftest import LONG_AGO
from tests.database.lived_in_city import HOME, LANE, homes, lived_in, load_homes

__all__ = ["lived_in"]
IN_PARK = (0.011, 0.001)
K_OF = {"illegal-parking": 8, "theft": 20}


def shown(answer) -> PublicReport:
    return PublicReport.objects.get(report=answer.report_id)


@pytest.mark.parametrize("category", K_OF)
def test_a_report_is_shown_by_the_point_whose_catchment_holds_it(lived_in, category):
    public = shown(submit(NewReport(category, HOME)))
    snap = public.snap_point
    assert public.point.coords == lived_in.shown(K_OF[category]) == snap.point.coords
    assert public.mask_version == lived_in.version.name == "snap-1"
    assert public.place_name == snap.name != LANE
    assert snap.address_count >= K_OF[category]
    assert math.dist(public.point.coords, HOME) > 0.0001


def test_an_open_report_keeps_its_exact_place(lived_in):
    public = shown(submit(NewReport("pothole", HOME)))
    assert public.point.coords == HOME
    assert (public.snap_point, public.place_name) == (None, LANE)


@pytest.mark.parametrize("category", K_OF)
def test_the_preview_shows_the_same_point_and_how_many_share_it(lived_in, category):
    seen = preview(category, HOME, "At the blue door")
    assert seen.point == lived_in.shown(K_OF[category])
    assert seen.addresses >= K_OF[category]
    assert seen.place.startswith("Near ")
    assert LANE not in seen.place


def test_a_place_in_the_park_is_shown_by_the_park(lived_in):
    public = shown(submit(NewReport("theft", IN_PARK)))
    assert public.place_name == "Mill Park"
    assert public.snap_point.is_open_space
    assert public.snap_point.address_count == 0


def test_every_spot_of_the_city_is_shown_inside_its_own_ward(lived_in):
    chance = np.random.default_rng(3)
    places = chance.uniform((0, 0), (0.02, 0.01), (300, 2)).tolist()
    submit_many([NewReport("theft", tuple(place)) for place in places])
    for public in PublicReport.objects.select_related("ward", "snap_point"):
        assert public.snap_point.ward_id == public.ward_id
        assert public.ward.geometry.covers(public.point)


def test_a_place_outside_all_wards_has_no_point(lived_in):
    public = shown(submit(NewReport("theft", (0.5, 0.5))))
    assert (public.point, public.ward, public.mask_version) == (None, None, AREA_ONLY)


def test_a_point_that_its_source_masked_is_not_masked_again(lived_in):
    new = NewReport("theft", HOME, precision=Precision.MASKED_BY_SOURCE)
    public = shown(submit(new))
    assert (public.point.coords, public.snap_point, public.mask_version) == (HOME, None, "source")


@pytest.mark.parametrize("category", K_OF)
def test_programs_read_what_it_is_near_and_no_street(lived_in, client, category):
    public = shown(submit(NewReport(category, HOME, reported_at=LONG_AGO)))
    (feature,) = client.get("/api/v1/reports/").json()["features"]
    assert tuple(feature["geometry"]["coordinates"]) == public.point.coords
    assert feature["properties"]["near"] == public.place_name
    assert "street" not in feature["properties"]


# ---- versions ----


def test_what_has_not_changed_makes_no_new_version(lived_in):
    again = make_version()
    assert (again.version, again.is_new) == (lived_in.version, False)
    assert MaskVersion.objects.count() == 1


def test_new_addresses_mask_new_reports_only(lived_in):
    before = shown(submit(NewReport("theft", HOME)))
    load_homes(np.concatenate([homes(), np.tile(HOME, (40, 1))]))
    made = make_version()
    after = shown(submit(NewReport("theft", HOME)))
    assert made.is_new
    assert (before.mask_version, after.mask_version) == ("snap-1", "snap-2")
    assert after.point.coords != before.point.coords
    before.refresh_from_db()
    assert before.point.coords == lived_in.shown(20)
    assert MaskVersion.objects.filter(is_current=True).get() == made.version


def test_without_addresses_the_area_alone_is_shown(lived_in):
    Address.objects.all().delete()
    assert make_version().version is None
    public = shown(submit(NewReport("illegal-parking", HOME)))
    assert (public.point, public.mask_version, public.place_name) == (None, AREA_ONLY, "")
    assert mask_versions.warning() == mask_versions.NO_POINTS


def test_a_ward_with_too_few_addresses_is_shown_by_its_area_alone(lived_in):
    places = homes()
    west, east = places[places[:, 0] < 0.01], places[places[:, 0] > 0.01]
    load_homes(np.concatenate([west, east[:19]]))
    made = make_version()
    assert shown(submit(NewReport("theft", HOME))).mask_version == AREA_ONLY
    assert shown(submit(NewReport("theft", (0.005, 0.005)))).mask_version == made.version.name
    assert mask_versions.audit(made.version)[1].area_alone == ("East ward",)


def test_without_wards_it_says_what_to_do(lived_in):
    Area.objects.filter(kind="ward").delete()
    with pytest.raises(InvalidInput, match="the kind ward"):
        make_version()


# ---- the audit ----


def test_the_audit_counts_each_catchment_and_publishes_what_it_found(lived_in, capsys):
    call_command("audit_masks")
    out = capsys.readouterr().out
    assert "snap-1 (current)" in out
    assert "catchments below 20: 0" in out
    version = MaskVersion.objects.get()
    for level, k in zip(version.figures, LEVELS, strict=True):
        assert (level["k"], level["below"], level["area_alone"]) == (k, 0, [])
        assert level["least"] >= k
        assert level["displacement_m"] > 5
        assert "reports" not in level


def test_the_audit_fails_when_homes_have_gone_and_names_the_reports(lived_in, capsys):
    submit(NewReport("illegal-parking", HOME, reported_at=LONG_AGO))
    load_homes(homes()[::2])
    with pytest.raises(CommandError, match="too few addresses now") as failed:
        call_command("audit_masks")
    assert failed.value.returncode == 1
    assert "1 reports are shown by points that fell below" in capsys.readouterr().out
    assert mask_versions.warning() == mask_versions.TOO_FEW


def test_it_is_told_that_addresses_have_come(lived_in):
    assert mask_versions.warning() is None
    load_homes(np.concatenate([homes(), [[0.005, 0.005]]]))
    assert mask_versions.warning() == mask_versions.OUTDATED


def test_a_crossing_of_streets_without_a_name_has_none(lived_in):
    StreetSegment.objects.update(name="")
    assert make_version().is_new
    assert set(SnapPoint.objects.filter(version__is_current=True).values_list("name")) == {
        ("",),
        ("Mill Park",),
    }
    assert preview("theft", HOME).place == "In East ward, shown by area"


def test_each_night_both_are_published_anew(lived_in, client):
    submit(NewReport("domestic-violence", HOME, reported_at=LONG_AGO))
    MaskVersion.objects.update(figures=[], audited_at=None)
    tasks.audit_masks(0)
    tasks.count_ended_quarters(0)
    body = client.get("/api/v1/privacy/").json()
    assert len(body["masks"]["levels"]) == len(LEVELS)
    assert {quarter["total"] for quarter in body["quarters"]} == {None}


def test_an_administrator_is_told_on_every_page_and_nobody_else_is(people, client):
    for who, is_told in (("administrator", True), ("planner", False), ("citizen", False)):
        client.force_login(getattr(people, who))
        html = client.get("/privacy/").content.decode()
        assert ("Import the city&#x27;s addresses, then run" in html) is is_told


def test_making_says_what_is_achieved(lived_in, capsys):
    call_command("make_masks")
    out = capsys.readouterr().out
    assert "snap-1: still fits" in out
    assert "k 8: " in out
    Address.objects.all().delete()
    call_command("make_masks")
    assert "Import the city's addresses" in capsys.readouterr().out


# ---- the page ----


def test_the_privacy_page_tells_the_classes_and_what_is_achieved(lived_in, client):
    html = client.get("/privacy/").content.decode()
    for words in ("8 addresses or more", "20 addresses or more", "Version snap-1", "Theft"):
        assert words in html
    body = client.get("/api/v1/privacy/").json()
    assert [level["k"] for level in body["masks"]["levels"]] == list(LEVELS)
    assert body["classes"][2]["time"] == "The month"


def test_without_points_the_page_says_what_is_shown_instead(small_city, client):
    assert "shown by their ward alone" in client.get("/privacy/").content.decode()
    assert client.get("/api/v1/privacy/").json()["masks"] is None


def test_the_catchments_are_a_layer_with_their_figures(lived_in, client):
    description = client.get("/tiles/catchments-8.json").json()
    assert set(description["vector_layers"][0]["fields"]) == {"name", "addresses", "lon", "lat"}
    assert b"Mill Park" in client.get("/tiles/catchments-8/12/2048/2047.mvt").content


# ---- the plan ----


@pytest.mark.django_db(transaction=True)
def test_finding_the_catchments_of_a_batch_reads_the_spatial_index(lived_in):
    with owner_connection() as owner:
        owner.execute(
            "INSERT INTO reports_snappoint (version_id, k, ward_id, name, address_count, "
            "is_open_space, point, catchment) SELECT version_id, k, ward_id, name, address_count, "
            "is_open_space, ST_Translate(point, 1 + n, 0), ST_Translate(catchment, 1 + n, 0) "
            "FROM reports_snappoint, generate_series(1, 100) AS n"
        )
        owner.execute("ANALYZE reports_snappoint")
    seen: list[str] = []

    def explain(execute, sql, params, many, context):
        with connection.cursor() as cursor:
            cursor.cursor.execute(f"EXPLAIN {sql}", params)
            seen.extend(line for (line,) in cursor.cursor.fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        preview("theft", HOME)
    assert "reports_snappoint_catchment" in "\n".join(seen)
    assert SnapPoint.objects.count() > 1000
