"""After a closing: fixed, partly or not; what is not fixed is opened again."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from layers.errors import Conflict, InvalidInput, NotFound
from reports import history, lifecycle, tracking, voices
from reports.intake import submit
from reports.lifecycle import transition
from reports.models import Category, HistoryEntry, PublicReport, Report, Verdict
from reports.submission import NewReport
from reports.voices import Outcome, judge, judge_own, take_own_verdict_back, take_verdict_back
from reports.web import crew, verdicts
from reports.workflow import Event, State
from tests.database.conftest import WEST_POINT
from tests.database.test_voices import at_once

TO_DONE = (State.ACCEPTED, State.ASSIGNED, State.PROGRESS, State.DONE)


@pytest.fixture
def done(people):
    """A pothole that a crew has filled."""
    answer = submit(NewReport("pothole", WEST_POINT))
    finish(answer, people)
    return answer


def finish(answer, people, who="roads_west") -> None:
    state = Report.objects.get(pk=answer.report_id).state
    for target in TO_DONE[TO_DONE.index(state) + 1 :] if state in TO_DONE else TO_DONE:
        transition(answer.public_id, target, people.viewer(who), note="Seen to")


def report_of(answer) -> Report:
    return Report.objects.get(pk=answer.report_id)


def closing_of(answer) -> int:
    closing = tracking.closing_of(answer.report_id)
    assert closing is not None
    return closing.number


def say(answer, device: str, words: str, note: str = "") -> Outcome:
    return judge(answer.public_id, device, words, closing_of(answer), note)


def say_own(answer, words: str, note: str = "") -> Outcome:
    return judge_own(answer.receipt, words, closing_of(answer), note)


def events(answer) -> list[str]:
    entries = HistoryEntry.objects.filter(report=answer.report_id).order_by("number")
    assert history.first_broken(entries) is None
    return [entry.event for entry in entries]


def test_not_fixed_opens_it_again_with_its_crew_on_top_and_a_new_promise(done):
    before = report_of(done)
    assert say_own(done, "not_fixed") is Outcome.REOPENED
    after = report_of(done)
    assert (after.state, after.closed_at, after.crew) == ("accepted", None, before.crew)
    assert after.reopened_at == after.changed_at
    assert after.promised_at == after.reopened_at + timedelta(days=14)
    assert after.version == before.version + 1
    shown = PublicReport.objects.get(report=after)
    assert (shown.state, shown.closed_at) == ("accepted", None)
    assert shown.promised_at == after.promised_at
    assert events(done)[-1] == Event.REOPENED_BY_REPORTER


@pytest.mark.parametrize("words", ["fixed", "partly"])
def test_any_other_word_is_written_down_and_changes_nothing(done, words):
    before = report_of(done)
    assert say(done, "mine", words, note=" The edge ") is Outcome.RECORDED
    (verdict,) = tracking.verdicts_of(done.report_id)
    assert (verdict.answer, verdict.note, verdict.is_reporter) == (words, "The edge", False)
    assert report_of(done).version == before.version


def test_the_last_word_of_a_device_counts_and_its_note_stays(done):
    for words in ("fixed", "partly", "partly"):
        say(done, "mine", words)
    say(done, "mine", "partly", note="The edge is loose")
    say(done, "mine", "partly")
    (verdict,) = tracking.verdicts_of(done.report_id)
    assert (verdict.answer, verdict.note) == ("partly", "The edge is loose")


def test_saying_it_twice_reopens_once(done):
    assert say(done, "mine", "not_fixed") is Outcome.REOPENED
    assert say(done, "mine", "not_fixed") is Outcome.ALREADY_OPEN
    assert say(done, "yours", "not_fixed") is Outcome.ALREADY_OPEN
    assert events(done).count(Event.REOPENED_BY_PUBLIC) == 1


def test_people_reopen_it_twice_and_its_reporter_as_often_as_needed(done, people):
    for device in ("first", "second"):
        assert say(done, device, "not_fixed") is Outcome.REOPENED
        finish(done, people)
    assert say(done, "third", "not_fixed") is Outcome.NOT_REOPENED
    assert report_of(done).state == State.DONE
    assert [v.answer for v in tracking.verdicts_of(done.report_id)] == ["not_fixed"]
    assert say_own(done, "not_fixed") is Outcome.REOPENED


def test_a_page_that_was_read_before_the_last_closing_says_nothing_of_it(done, people):
    seen = closing_of(done)
    say_own(done, "not_fixed")
    finish(done, people)
    assert judge(done.public_id, "mine", "not_fixed", seen) is Outcome.OUTDATED
    assert report_of(done).state == State.DONE
    assert not tracking.verdicts_of(done.report_id)


@pytest.mark.parametrize(("days", "may"), [(59, True), (61, False)])
def test_a_closing_is_judged_for_sixty_days(small_city, days, may):
    closed_at = timezone.now() - timedelta(days=days)
    reported_at = closed_at - timedelta(days=1)
    new = NewReport(
        "pothole", WEST_POINT, state=State.DONE, reported_at=reported_at, closed_at=closed_at
    )
    answer = submit(new)
    assert tracking.voices_of(report_of(answer), "mine").can_judge is may
    assert say_own(answer, "not_fixed") is (Outcome.REOPENED if may else Outcome.OUTDATED)


@pytest.mark.parametrize("state", [State.NEW, State.REJECTED, State.MERGED])
def test_what_never_was_done_is_not_judged(small_city, state):
    answer = submit(NewReport("pothole", WEST_POINT, state=state))
    assert judge_own(answer.receipt, "not_fixed", 1) is Outcome.OUTDATED
    assert report_of(answer).state == state


@pytest.mark.parametrize("category", ["illegal-parking", "theft"])
def test_other_classes_are_judged_by_their_reporter_alone(people, category):
    answer = submit(NewReport(category, WEST_POINT))
    finish(answer, people, "roads_west" if category == "illegal-parking" else "crime_desk")
    with pytest.raises(NotFound):
        say(answer, "mine", "not_fixed")
    assert not tracking.voices_of(report_of(answer), "mine").can_judge
    assert say_own(answer, "not_fixed") is Outcome.REOPENED
    shown = PublicReport.objects.get(report=answer.report_id)
    assert shown.promised_at is None


def test_only_the_three_words_and_a_short_note_are_taken(done):
    with pytest.raises(InvalidInput, match="fixed, partly fixed or not fixed"):
        say(done, "mine", "broken")
    with pytest.raises(InvalidInput, match="501 characters"):
        say(done, "mine", "partly", note="x" * 501)
    with pytest.raises(NotFound):
        judge_own("0" * 24, "fixed", 1)


def test_taking_back_closes_it_again_as_it_was(done):
    before = report_of(done)
    closing = closing_of(done)
    say(done, "mine", "not_fixed")
    take_verdict_back(done.public_id, "mine")
    after = report_of(done)
    assert (after.state, after.closed_at) == ("done", before.closed_at)
    assert (after.reopened_at, after.promised_at) == (None, before.promised_at)
    assert PublicReport.objects.get(report=after).promised_at == before.promised_at
    assert events(done)[-2:] == [Event.REOPENED_BY_PUBLIC, Event.TAKEN_BACK]
    assert closing_of(done) == closing
    assert not Verdict.objects.exists()


def test_taking_back_a_word_that_changed_nothing_forgets_it(done):
    say_own(done, "fixed")
    take_own_verdict_back(done.receipt)
    take_own_verdict_back(done.receipt)
    assert not Verdict.objects.exists()
    assert report_of(done).state == State.DONE


def test_it_stays_open_while_somebody_else_says_so_too(done):
    say(done, "mine", "not_fixed")
    say(done, "yours", "not_fixed")
    take_verdict_back(done.public_id, "mine")
    assert report_of(done).state == State.ACCEPTED
    take_verdict_back(done.public_id, "yours")
    assert report_of(done).state == State.DONE


def test_what_a_crew_has_begun_is_not_closed_by_taking_back(done, people):
    say(done, "mine", "not_fixed")
    transition(done.public_id, State.ASSIGNED, people.viewer("roads_west"))
    take_verdict_back(done.public_id, "mine")
    assert report_of(done).state == State.ASSIGNED
    with pytest.raises(Conflict, match="works on it again"):
        lifecycle.close_again(report_of(done), report_of(done).changed_at)


def test_an_earlier_reopening_keeps_its_promise_when_a_later_one_is_taken_back(done, people):
    say_own(done, "not_fixed")
    first = report_of(done).promised_at
    finish(done, people)
    say_own(done, "not_fixed")
    assert report_of(done).promised_at > first
    take_own_verdict_back(done.receipt)
    assert report_of(done).promised_at == first


def test_a_kind_without_a_promise_has_none_after_reopening(done):
    Category.objects.update(promise_days=None)
    say_own(done, "not_fixed")
    assert report_of(done).promised_at is None


def test_an_open_report_is_not_opened_again(small_city):
    answer = submit(NewReport("pothole", WEST_POINT))
    with pytest.raises(Conflict, match="not closed"):
        lifecycle.reopen(report_of(answer), Event.REOPENED_BY_PUBLIC)


def test_voices_tell_what_a_device_said_and_may_say(done):
    say(done, "mine", "partly")
    say(done, "yours", "fixed")
    told = tracking.voices_of(report_of(done), "mine")
    assert told.can_judge
    assert told.reopens
    assert told.can_take_back
    assert told.verdict is not None
    assert told.verdict.answer == "partly"
    assert told.counts == {"partly": 1, "fixed": 1}
    assert not told.counts_me_too
    assert tracking.voices_of(report_of(done), "").verdict is None


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_reopens_it(done):
    closing = closing_of(done)
    at_once(
        lambda: judge(done.public_id, "mine", "not_fixed", closing),
        lambda: judge_own(done.receipt, "not_fixed", closing),
    )
    assert report_of(done).state == State.ACCEPTED
    assert sum(event.startswith("reopened") for event in events(done)) == 1
    assert Verdict.objects.filter(answer="not_fixed").count() == 2


# ---- pages ----


def public_page(client, answer) -> str:
    return client.get(f"/reports/{answer.public_id}/").content.decode()


def own_page(client, answer) -> str:
    return client.get(f"/r/{answer.receipt}/").content.decode()


def tap(client, path: str, about, /, **form):
    return client.post(path, {"closing": closing_of(about), **form}, follow=True)


def test_one_tap_on_the_receipt_opens_it_again_and_one_more_takes_it_back(done):
    client = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    path = f"/r/{done.receipt}/verdict/"
    assert "Is it fixed?" in own_page(client, done)
    html = tap(client, path, done, answer="not_fixed").content.decode()
    assert "You say: not fixed" in html
    assert "Opened again" in html
    assert "Whoever reported it says that it is not fixed." in html
    html = tap(client, path, done, answer="not_fixed", note="The edge").content.decode()
    assert "<q>The edge</q>" in html
    html = tap(client, path, done, undo="1").content.decode()
    assert "Who had it opened again took that back." in html
    assert "Is it fixed?" in html


def test_one_tap_on_the_public_page_is_remembered_by_the_browser(client, done):
    path = f"/reports/{done.public_id}/verdict/"
    html = tap(client, path, done, answer="partly", note="Ada Lovelace saw it").content.decode()
    assert "You say: partly fixed" in html
    assert "Ada Lovelace saw it" in html
    others = public_page(Client(), done)
    assert "Is it fixed?" in others
    assert "1 says partly" in others
    assert "Ada Lovelace" not in others
    html = tap(client, path, done, answer="not_fixed").content.decode()
    assert "It is open again, and the crew sees it first." in html
    assert "Somebody says that it is not fixed." in public_page(Client(), done)
    assert "Does it affect you too?" in public_page(Client(), done)


def test_the_public_page_needs_its_token(done):
    client = Client(enforce_csrf_checks=True)
    path = f"/reports/{done.public_id}/verdict/"
    assert client.post(path, {"answer": "fixed", "closing": closing_of(done)}).status_code == 403


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"answer": "broken"}, "broken is not one of the available choices"),
        ({"answer": "fixed", "closing": "last"}, "Enter a whole number"),
        ({"answer": "fixed", "closing": 1}, "It has changed since you opened this page"),
        ({"answer": "partly", "note": "x" * 501}, "at most 500 characters"),
    ],
)
def test_what_cannot_be_taken_is_said_on_the_page(client, done, form, words):
    html = tap(client, f"/reports/{done.public_id}/verdict/", done, **form).content.decode()
    assert words in html
    assert not Verdict.objects.exists()


def test_one_address_reopens_a_few_and_is_held_back_then(client, done):
    path = f"/reports/{done.public_id}/verdict/"
    tries = [
        client.post(path, {"closing": 1, "answer": "not_fixed"}).status_code
        for _ in range(verdicts.REOPENING_TRIES + 1)
    ]
    assert tries == [302] * verdicts.REOPENING_TRIES + [429]


def test_a_crowd_is_told_that_it_stays_closed(client, done, people):
    for device in ("first", "second"):
        say(done, device, "not_fixed")
        finish(done, people)
    assert "opened again twice already" in public_page(client, done)
    path = f"/reports/{done.public_id}/verdict/"
    html = tap(client, path, done, answer="not_fixed").content.decode()
    assert "the crew reads what you say" in html
    assert "You say: not fixed" in html


# ---- the crew ----


def listed(client, address: str = "/crew/") -> list[str]:
    cards = client.get(address).context["cards"]
    return [card.incident.report.public_id for card in cards]


def test_what_is_to_be_done_again_leads_the_crews_list(client, people, monkeypatch):
    old, again, once_more, new = (submit(NewReport("pothole", WEST_POINT)) for _ in range(4))
    for answer in (once_more, again):
        finish(answer, people)
        say_own(answer, "not_fixed")
    client.force_login(people.roads_west)
    everything = [once_more.public_id, again.public_id, old.public_id, new.public_id]
    assert listed(client) == everything
    monkeypatch.setattr(crew, "PAGE_SIZE", 1)
    pages, address = [], "/crew/"
    while address:
        pages += listed(client, address)
        last = client.get(address).context["next"]
        address = f"/crew/?after={last}" if last else ""
    assert pages == everything
    assert "Opened again" in client.get("/crew/").content.decode()


def test_the_crew_reads_answers_notes_and_counts(client, people):
    answer = submit(NewReport("pothole", WEST_POINT, answers={"size": "door"}))
    voices.say_me_too(answer.public_id, "mine")
    finish(answer, people)
    say_own(answer, "not_fixed", note="The edge is loose")
    client.force_login(people.roads_west)
    html = client.get(f"/crew/{answer.public_id}/").content.decode()
    for words in (
        "How large is it?",
        "1 person says: me too",
        "After it was done: 1 says not fixed",
        "<q>The edge is loose</q>",
        "whoever reported it",
        "Opened again",
        "Whoever reported it says that it is not fixed.",
    ):
        assert words in html
