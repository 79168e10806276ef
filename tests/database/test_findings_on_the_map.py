"""A published finding can be laid over the public map; what is not published stays unknown."""

import pytest
import shapely

from layers import datasets
from layers.datasets import Column, NewDataset
from layers.models import Dataset
from tests.database.conftest import frame


@pytest.fixture
def finding(small_city) -> Dataset:
    described = NewDataset(
        slug="hot-spots-1",
        title="Where lamps fail",
        origin=Dataset.Origin.RESULTS,
        columns=(Column("class", "Class", "integer"),),
        geometry_type="polygon",
    )
    return datasets.create(described, frame(**{"class": [3]}, geometry=[shapely.box(0, 0, 1, 1)]))


def test_a_finding_of_planners_is_neither_offered_nor_drawn(client, finding):
    assert "Where lamps fail" not in client.get("/").content.decode()
    assert client.get("/", {"layer": finding.slug}).status_code == 404


def test_a_published_finding_is_offered_and_drawn_when_chosen(client, finding):
    Dataset.objects.filter(pk=finding.pk).update(audience=Dataset.Audience.PUBLIC)
    offered = client.get("/").content.decode()
    assert "Where lamps fail" in offered
    assert "data-result" not in offered
    drawn = client.get("/", {"layer": finding.slug}).content.decode()
    assert f'data-result="{finding.slug}"' in drawn
    assert "data-legend" in drawn


def test_the_list_keeps_the_finding_in_its_addresses(client, finding):
    Dataset.objects.filter(pk=finding.pk).update(audience=Dataset.Audience.PUBLIC)
    chosen = client.get("/", {"layer": finding.slug}).content.decode()
    assert f'<option value="{finding.slug}" selected>' in chosen


def test_what_the_base_map_draws_is_no_finding(client, finding):
    Dataset.objects.filter(pk=finding.pk).update(audience=Dataset.Audience.PUBLIC, slug="railways")
    html = client.get("/", {"layer": "railways"}).content.decode()
    assert "Where lamps fail" not in html
    assert "data-result" not in html
