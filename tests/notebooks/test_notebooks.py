"""Every notebook runs on the demo city, in a kernel of its own, and finds what was planted."""

import json
import os
from pathlib import Path
from urllib.parse import urlencode

import nbformat
import pytest
import shapely
from django.conf import settings
from django.db import connection
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell
from psycopg.conninfo import conninfo_to_dict

from fixtures.city import DemoCity, make_city
from geo import environment
from geo.demo import load_demo
from layers.crs import metric_srid, to_metres
from layers.queries import city

NOTEBOOKS = Path(settings.BASE_DIR) / "notebooks"
NAMES = [path.name for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
CELL_SECONDS = 60


def notebook(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


@pytest.fixture
def demo_city(transactional_db, settings, tmp_path) -> DemoCity:
    """The demo city, committed for the kernel's own connection; a state folder of its own."""
    settings.STATE_DIR = tmp_path
    city = make_city(reports=5000)
    load_demo(city)
    return city


def kernel_environment(state: Path) -> dict[str, str]:
    """The environment of a kernel on the test database, as the web role."""
    parts = conninfo_to_dict(os.environ["DATABASE_URL"]) | {
        "dbname": connection.settings_dict["NAME"]
    }
    name = parts.pop("dbname")
    return os.environ | {
        "DATABASE_URL": f"postgresql:///{name}?{urlencode(parts)}",
        "CIVICGRID_WEB_PASSWORD": environment.secret("web_password"),
        "CIVICGRID_STATE": str(state),
    }


def run(name: str, state: Path, ask: str) -> dict:
    """Execute a notebook; return what the expression `ask` is worth at its end."""
    shown = notebook(name)
    shown.cells.append(new_code_cell(f"import json\nprint(json.dumps({ask}))"))
    client = NotebookClient(
        shown, timeout=CELL_SECONDS, resources={"metadata": {"path": str(NOTEBOOKS)}}
    )
    client.execute(env=kernel_environment(state))
    return json.loads(shown.cells[-1].outputs[0].text)


@pytest.mark.notebook
def test_hot_spots_finds_what_was_planted(demo_city, tmp_path):
    found = run(
        "hot_spots.ipynb",
        tmp_path,
        """{
            "category": category,
            "hot": [polygon.wkt for polygon in grid.polygons()[hot]],
            "hottest": grid.polygons()[local.z.argmax()].wkt,
            "counted": int(count.sum()),
            "located": len(located),
            "components": figures.components,
            "dead_ends": figures.dead_ends,
        }""",
    )
    truth = demo_city.truth.hot_spots[0]
    assert found["category"] == truth.category
    (planted,) = to_metres(shapely.points([[truth.lon, truth.lat]]), metric_srid(city()))
    circle = planted.buffer(truth.radius_m)
    hot = shapely.union_all(shapely.from_wkt(found["hot"]))
    assert shapely.area(hot & circle) > 0.7 * circle.area
    assert shapely.from_wkt(found["hottest"]).distance(planted) < truth.radius_m
    assert found["counted"] == found["located"]
    # The mainland, the island whose bridge is left out, and what a gap cuts off.
    assert found["components"] == 2 + sum(gap.cuts_off for gap in demo_city.street_truth.gaps)
    assert found["dead_ends"] > 0
    html = (tmp_path / "hot_spots.html").read_text()
    assert f"{len(found['hot'])} of " in html
    assert html.count("http") == html.count("http://www.w3.org/2000/svg") + html.count("http-equiv")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_kept_without_outputs(name):
    for cell in notebook(name).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("name", NAMES)
def test_it_names_no_address(name):
    for cell in notebook(name).cells:
        assert "://" not in cell.source


def test_each_notebook_is_in_the_readme():
    readme = (NOTEBOOKS / "README.md").read_text()
    assert NAMES
    assert all(f"`{name}`" in readme for name in NAMES)
