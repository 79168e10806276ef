"""A crew set up from the shell, and what it then sees."""

import pytest
from django.core.management import CommandError, call_command

from geo.accounts.models import User
from geo.viewer import viewer_of
from reports import incidents
from reports.crews import add_crew
from reports.intake import submit
from reports.models import Crew
from reports.submission import NewReport
from reports.workflow import Phase
from tests.database.conftest import EAST_POINT, WEST_POINT


def shell(name="Lights west", **options):
    given = {"department": "Works", "area": ["ward:West ward"], "category": ["street-light"]}
    call_command("add_crew", name, **{**given, **options})


def test_a_member_sees_the_crew_s_categories_in_its_area_alone(small_city, capsys):
    user = User.objects.create_user("ada@example.org", "correct horse battery")
    shell(member=["Ada@example.org"])
    said = "Lights west: West ward; categories: street-light; members: Ada@example.org"
    assert said in capsys.readouterr().out
    mine = submit(NewReport("street-light", WEST_POINT))
    submit(NewReport("street-light", EAST_POINT))
    submit(NewReport("pothole", WEST_POINT))
    viewer = viewer_of(user)
    (incident,) = incidents.queue_of(viewer, [Phase.NEW])
    assert incident.report.pk == mine.report_id
    assert (incident.lon, incident.lat) == WEST_POINT
    assert incidents.count(viewer, [Phase.NEW]) == [1]


def test_a_crew_without_an_area_looks_after_the_whole_city(small_city):
    shell(area=[])
    assert Crew.objects.get().zone is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"area": ["ward:Atlantis"]}, "no ward called 'Atlantis'. Write KIND:NAME"),
        ({"area": ["parish:West"]}, "no kind of area 'parish'"),
        ({"category": ["dragon"]}, "no category 'dragon'. Choose among: graffiti"),
        ({"member": ["nobody@example.org"]}, "no account 'nobody@example.org'"),
    ],
    ids=["area", "kind", "category", "member"],
)
def test_it_names_what_there_is_not_and_makes_nothing(small_city, options, message):
    with pytest.raises(CommandError, match=message):
        shell(**options)
    assert not Crew.objects.exists()


def test_a_name_is_given_once(small_city):
    shell()
    with pytest.raises(CommandError, match="a crew called 'Lights west' already"):
        shell()
    with pytest.raises(Exception, match="a zone called 'Zone west' already"):
        add_crew("Zone west", department="Works", areas=[small_city.west], categories=[])
