"""Studies: recipes from forms and the shell, answered by the registry's methods."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from layers import features, registry
from layers.access import Viewer
from layers.errors import InvalidInput, NotAllowed, NotFound
from layers.models import Dataset
from planning import studies
from planning.methods import method_of, methods
from planning.models import Run, Study
from reports.intake import submit_many
from reports.submission import NewReport
from tests.database.conftest import WEST_POINT
from tests.database.studied_city import CLUSTER, GATHERED, LIGHT, execute, submit_lights

pytestmark = pytest.mark.django_db

PLANNER = Viewer(roles=frozenset({"planner"}))


def rows_of(run: Run):
    return features.read(registry.resolve(run.result.slug, PLANNER), PLANNER)


# ---- recipes ----


def test_what_is_not_given_gets_the_default():
    study = studies.create("hot-spots", PLANNER, parameters={"cell_m": "150"})
    assert study.parameters == {"cell_m": 150.0, "shape": "hexagon", "alpha": 0.05}
    assert (study.source, study.filters, study.title) == ("reports", {}, "Hot spots")


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"parameters": {"cell_m": "wide"}}, "cell_m", "Cell size is “wide”; give a number from"),
        ({"parameters": {"cell_m": "1"}}, "cell_m", "from 5 to 10,000 m"),
        ({"parameters": {"cell_m": "nan"}}, "cell_m", "Cell size is “nan”"),
        ({"parameters": {"alpha": "0.15"}}, "alpha", "a number from 0.0001 to 0.1"),
        ({"parameters": {"shape": "round"}}, "shape", "one of hexagon, square"),
        ({"parameters": {"size": "5"}}, "size", "what can be set is: cell_m"),
        ({"filters": {"category": "ufo"}}, "category", "Category is “ufo”"),
        ({"filters": {"since": "yesterday"}}, "since", "a date such as 2026-03-31"),
        ({"filters": {"since": "2026-02-01", "until": "2026-01-01"}}, "until", "swap the two"),
    ],
)
def test_it_refuses_what_makes_no_sense_and_names_it(asked, field, words):
    with pytest.raises(InvalidInput, match=words) as refused:
        studies.create("hot-spots", PLANNER, **asked)
    assert refused.value.field == field


def test_it_knows_its_methods_by_name():
    with pytest.raises(NotFound, match="hot-spots, street-grid, trend"):
        studies.create("horoscope", PLANNER)


@pytest.mark.parametrize("roles", [(), ("staff", "crew"), ("staff", "dispatcher")])
def test_only_planners_and_administrators_ask(roles):
    with pytest.raises(NotAllowed, match="planners"):
        studies.create("hot-spots", Viewer(user_id=1, roles=frozenset(roles)))


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.slug)
def test_every_default_is_one_of_its_own_values(method):
    for parameter in method.parameters:
        assert parameter.parse(str(parameter.default)) == parameter.default


def test_a_kernels_refusal_names_the_field_of_the_form():
    explained = method_of("hot-spots").explain(ValueError("cell_m=3: choose cells of 9 m or more"))
    assert explained.field == "cell_m"
    assert explained.message == "Cell size 3: choose cells of 9 m or more."


# ---- answers ----


def test_hot_spots_finds_the_planted_cluster(small_city):
    submit_lights()
    run = execute("hot-spots", PLANNER, filters={"category": LIGHT}, parameters={"cell_m": 100})
    rows = rows_of(run)
    hottest = rows.loc[rows.z.idxmax()]
    assert hottest["class"] == 3
    assert hottest.geometry.centroid.coords[0] == pytest.approx(CLUSTER, abs=0.0015)
    assert "in East ward" in run.finding_in_words
    assert rows["count"].sum() == run.summary["points"] == run.summary["taken"] == 100
    assert run.summary["points_in_hot_cells"] >= GATHERED
    assert sum(run.summary["cells_by_class"].values()) == run.summary["cells"] == len(rows)


def test_hot_spots_says_no_evidence_where_there_is_none(small_city):
    submit_lights()
    run = execute("hot-spots", PLANNER, filters={"category": LIGHT}, parameters={"cell_m": 3000})
    assert run.state == Run.State.SUCCEEDED
    assert "no evidence" in run.finding_in_words


def test_the_style_counts_what_the_table_holds(small_city):
    submit_lights()
    run = execute("hot-spots", PLANNER, parameters={"cell_m": 100, "shape": "square"})
    counts = rows_of(run)["class"].value_counts().to_dict()
    style = run.result.style
    assert (style["kind"], style["field"]) == ("hot-cold", "class")
    assert [shown["value"] for shown in style["classes"]] == list(range(-3, 4))
    assert {s["value"]: s["count"] for s in style["classes"] if s["count"]} == counts


def test_street_grid_counts_pieces_and_dead_ends(small_city):
    run = execute("street-grid", PLANNER)
    rows = rows_of(run)
    # Three streets: two lanes end on the long one, which they cut into three edges.
    assert run.summary["components"] == 1
    assert (run.summary["nodes"], run.summary["edges"], run.summary["dead_ends"]) == (6, 5, 4)
    assert run.summary["beta"] == pytest.approx(5 / 6)
    assert "in one piece" in run.finding_in_words
    assert rows.is_dead_end.sum() == 4
    assert rows.length_m.sum() == pytest.approx(run.summary["length_m"])


def test_trend_holds_months_beside_the_window(small_city):
    submit_lights()
    run = execute("trend", PLANNER, filters={"category": LIGHT}, parameters={"cell_m": 400})
    rows = rows_of(run)
    window, months = rows[rows.period == "window"], rows[rows.period == "month"]
    # 100 reports every 1.8 days from 1 January reach into the last days of June.
    assert run.summary["months"] == 5
    assert (run.summary["start"], run.summary["end"]) == ("2025-01-01", "2025-06-01")
    assert window.geometry.notna().all()
    assert months.geometry.isna().all()
    assert (rows.start < rows.end).all()
    assert months.groupby("cell").size().unique().tolist() == [5]
    assert (
        months.groupby("start").end.first().iloc[:-1].to_numpy()
        == sorted(months.start.unique())[1:]
    ).all()
    by_cell = months.groupby("cell")["count"].sum()
    assert by_cell.equals(window.set_index("cell").loc[by_cell.index, "count"])
    assert window["count"].sum() == run.summary["reports"]


def test_trend_names_where_reports_grow_more_frequent_and_counts_them(small_city):
    growing = [
        NewReport(LIGHT, WEST_POINT, reported_at=datetime(2025, month, 1 + day, 12, tzinfo=UTC))
        for month in range(1, 8)
        for day in range(3 * month)
    ]
    submit_many(growing)
    run = execute("trend", PLANNER, filters={"until": "2025-06-30"}, parameters={"cell_m": 500})
    assert run.summary["cells_by_trend"]["increasing"] == 1
    assert run.finding_in_words == (
        "All reports: over 6 months reports grow more frequent in 1 and less frequent in 0 of "
        f"{run.summary['cells']} cells. Of the cells where they grow more frequent, 1 in West ward."
    )


def test_trend_wants_whole_months(small_city):
    submit_lights()
    cut = execute("trend", PLANNER, filters={"since": "2025-01-02", "until": "2025-05-30"})
    short = execute("trend", PLANNER, filters={"since": "2025-01-02", "until": "2025-03-31"})
    assert (cut.summary["start"], cut.summary["end"]) == ("2025-02-01", "2025-05-01")
    assert short.state == Run.State.FAILED
    assert "there are 2 whole months in the period and at least 3 are needed" in short.error


def test_trend_counts_no_month_outside_the_time_that_reports_are_of(small_city):
    submit_lights()
    wide = execute("trend", PLANNER, filters={"since": "2015-06-15", "until": "2099-12-31"})
    # 100 reports every 1.8 days from 1 January reach into the last days of June.
    assert (wide.summary["start"], wide.summary["end"]) == ("2025-01-01", "2025-06-01")
    assert min(wide.summary["reports_by_month"]) > 0


# ---- the shell ----


def shell(*words: str) -> str:
    out = StringIO()
    call_command("study", *words, stdout=out)
    return out.getvalue()


def test_the_shell_lists_methods_and_what_they_take():
    listed = shell("--list")
    for method in methods():
        assert method.question in listed
        for parameter in method.parameters:
            assert f"--param {parameter.name}={parameter.default}" in listed


def test_the_shell_prints_the_finding_and_the_layer(small_city):
    submit_lights()
    printed = shell("hot-spots", "--param", "cell_m=100", "--category", LIGHT, "--title", "Dark")
    result = Dataset.objects.get(title="Dark")
    assert "East ward" in printed
    assert f"tiles: /tiles/{result.slug}.json" in printed


def test_the_shell_writes_the_map_as_one_page(small_city, tmp_path):
    submit_lights()
    page = tmp_path / "map.html"
    assert f"map: {page}" in shell("hot-spots", "--category", LIGHT, "--output", str(page))
    assert "East ward" in page.read_text()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "Which method"),
        (("horoscope",), 4, "There is no method"),
        (("hot-spots", "--param", "cell_m"), 2, "name=value"),
        (("hot-spots", "--param", "cell_m=-1"), 2, "Cell size"),
        (("hot-spots", "--output", "/nowhere/map.html"), 2, "There is no folder '/nowhere'"),
        (("hot-spots",), 1, "No report with a place"),
    ],
)
def test_the_shell_says_what_is_wrong_in_one_sentence(small_city, words, code, says):
    with pytest.raises(CommandError, match=says) as failed:
        shell(*words)
    assert failed.value.returncode == code
    assert Study.objects.count() == (1 if code == 1 else 0)
