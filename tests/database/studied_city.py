"""The small city with a known cluster of dark street lights, for tests of studies."""

from datetime import UTC, datetime, timedelta

import numpy as np
import shapely

from layers.access import Viewer
from layers.importing.load import load_areas
from layers.models import AreaKind
from planning import runs, studies
from planning.models import Run
from reports.intake import submit_many
from reports.submission import NewReport
from tests.database.conftest import SOURCE, frame

LIGHT = "street-light"
CLUSTER = (0.0151, 0.0052)
START = datetime(2025, 1, 1, tzinfo=UTC)
SCATTERED, GATHERED = 60, 40


def light_reports() -> list[NewReport]:
    """Sixty scattered over the city and forty within about 60 m, over six months."""
    chance = np.random.default_rng(7)
    anywhere = chance.uniform((0.0005, 0.0005), (0.0195, 0.0095), (SCATTERED, 2))
    gathered = chance.normal(CLUSTER, 0.0003, (GATHERED, 2))
    return [
        NewReport(LIGHT, (float(lon), float(lat)), reported_at=START + timedelta(days=1.8 * day))
        for day, (lon, lat) in enumerate(np.concatenate([anywhere, gathered]))
    ]


def submit_lights() -> None:
    submit_many(light_reports())


def execute(method: str, viewer: Viewer, **asked) -> Run:
    """Create, prepare and execute a study here and now."""
    run = runs.prepare(studies.create(method, viewer, **asked), viewer)
    ended = runs.execute(run.pk)
    assert ended is not None
    return ended


def widen_the_city(side_degrees: float) -> None:
    """Give the city an area so large that small cells keep a study busy for seconds."""
    box = shapely.box(0, 0, side_degrees, side_degrees)
    city = frame(code=["city"], name=["Testville"], geometry=[box])
    load_areas(city, AreaKind.objects.get(slug="city"), SOURCE)
