"""Where a report is accepted: keys, places, masks, history, repeats."""

import uuid

import pytest

from layers.access import ANONYMOUS, acting_as
from layers.errors import Conflict, InvalidInput
from reports import history, identifiers
from reports.intake import Outcome, submit, submit_many
from reports.models import (
    ExactLocation,
    HistoryEntry,
    PublicReport,
    Report,
    ReportArea,
    SubmissionKey,
)
from reports.submission import Contact, NewReport
from tests.database.conftest import EAST_POINT, WEST_POINT

ME = Contact("Ada", "ada@example.org", "")


def test_a_pothole_lands_on_its_street_in_its_ward(small_city):
    answer = submit(NewReport("pothole", WEST_POINT, "Deep hole"))
    report = Report.objects.get(pk=answer.report_id)
    shown = PublicReport.objects.get(report=report)
    assert report.street_name == "Long Street"
    assert shown.ward == small_city.west
    assert shown.point.coords == WEST_POINT
    assert shown.description == "Deep hole"
    assert set(ReportArea.objects.values_list("area__name", flat=True)) == {
        "West ward",
        "West zone",
    }


def test_a_repeat_with_the_same_uuid_returns_the_first_answer(small_city):
    new = NewReport("pothole", WEST_POINT, "Deep hole", ME, client_uuid=uuid.uuid4())
    first = submit(new)
    again = submit(new)
    assert again.outcome is Outcome.REPEATED
    assert (again.report_id, again.public_id, again.receipt) == (
        first.report_id,
        first.public_id,
        first.receipt,
    )
    assert Report.objects.count() == 1


def test_a_conflict_in_a_batch_does_not_hand_out_the_first_receipt(small_city):
    key = uuid.uuid4()
    kept, refused = submit_many(
        [NewReport("pothole", WEST_POINT, text, client_uuid=key) for text in ("mine", "yours")]
    )
    assert kept.receipt
    assert (refused.outcome, refused.receipt) == (Outcome.CONFLICT, "")


def test_the_same_uuid_with_other_content_is_a_conflict(small_city):
    key = uuid.uuid4()
    submit(NewReport("pothole", WEST_POINT, "Deep hole", client_uuid=key))
    with pytest.raises(Conflict, match="other content"):
        submit(NewReport("pothole", WEST_POINT, "Shallow hole", client_uuid=key))
    assert Report.objects.count() == 1


def test_equal_keys_within_one_batch_make_one_report(small_city):
    new = NewReport("pothole", WEST_POINT, source="s", source_key="1")
    first, second = submit_many([new, new])
    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.REPEATED)
    assert first.public_id == second.public_id
    assert Report.objects.count() == SubmissionKey.objects.count() == 1


def test_a_batch_is_all_or_nothing(small_city):
    with pytest.raises(InvalidInput, match=r"Report 2: there is no category “dragon”"):
        submit_many([NewReport("pothole", WEST_POINT), NewReport("dragon", WEST_POINT)])
    assert not Report.objects.exists()


def test_a_place_outside_the_city_is_refused_in_plain_words(small_city):
    with pytest.raises(InvalidInput, match="outside Testville"):
        submit(NewReport("pothole", (1.0, 1.0), must_be_inside=True))


def test_a_place_on_the_border_belongs_to_both_areas_and_one_ward(small_city):
    answer = submit(NewReport("pothole", (0.01, 0.005), must_be_inside=True))
    assert ReportArea.objects.filter(report=answer.report_id).count() == 4
    assert PublicReport.objects.get(report=answer.report_id).ward == small_city.west


def test_a_report_without_a_place_counts_in_the_areas_its_source_names(small_city):
    answer = submit(NewReport("pothole", None, source_areas=(small_city.east.pk,)))
    shown = PublicReport.objects.get(report=answer.report_id)
    assert not shown.is_located
    assert shown.point is None
    assert ReportArea.objects.get(report=answer.report_id).area == small_city.east


@pytest.mark.parametrize(
    ("category", "unit"), [("neighbour-noise", "day"), ("theft", "month")], ids=["P1", "P2"]
)
def test_personal_and_crime_reports_show_their_ward_alone(small_city, category, unit):
    answer = submit(NewReport(category, EAST_POINT, "At the blue door", ME))
    shown = PublicReport.objects.get(report=answer.report_id)
    assert shown.point is None
    assert shown.ward == small_city.east
    assert shown.description == ""
    assert shown.place_name == ""
    assert shown.shown_at.minute == 0
    assert (shown.public_id is None) == (category == "theft")
    assert unit == "day" or shown.shown_at.astimezone(shown.shown_at.tzinfo).day in {
        1,
        28,
        29,
        30,
        31,
    }


def test_a_victim_critical_report_is_listed_nowhere(small_city):
    answer = submit(NewReport("domestic-violence", EAST_POINT))
    assert not PublicReport.objects.filter(report=answer.report_id).exists()
    assert Report.objects.get(pk=answer.report_id).sensitivity == 3


def test_the_receipt_is_stored_as_a_digest_alone(small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    stored = Report.objects.get(pk=answer.report_id)
    assert bytes(stored.receipt_digest) == identifiers.receipt_digest(answer.receipt)
    assert len(answer.receipt) * 5 >= 100


def test_the_chain_of_a_new_report_holds_and_breaks_when_touched(small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    entries = list(HistoryEntry.objects.filter(report=answer.report_id).order_by("number"))
    assert history.first_broken(entries) is None
    entries[0].state = "done"
    assert history.first_broken(entries) == 1


def test_the_exact_place_is_hidden_even_from_the_code_that_inserted_it(small_city):
    submit(NewReport("pothole", WEST_POINT))
    assert not ExactLocation.objects.exists()
    with acting_as(ANONYMOUS):
        assert not ExactLocation.objects.exists()
