"""Mail about a report, sent to a real SMTP server that keeps what it gets."""

import email.policy
import re
import socket
import uuid
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import connection
from django.utils import translation
from procrastinate.contrib.django.models import ProcrastinateJob

from layers.access import ANONYMOUS, acting_as
from reports import followers, intake, lifecycle, mail
from reports.models import Follower, FollowerAddress
from reports.submission import Contact, NewReport
from reports.workflow import State
from tests.database.conftest import WEST_POINT
from tests.database.doors import RUNNING, number_from


class Sink:
    """Takes every mail; `messages` are parsed as a mail program parses them."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the server's name
        parser = BytesParser(policy=email.policy.default)
        self.messages.append(parser.parsebytes(envelope.content))
        return "250 OK"


@pytest.fixture
def sink(settings):
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.MAIL_DELAY_S = 0
    yield sink
    server.stop()


TASKS = {
    followers.CONFIRMATION_TASK: mail.send_confirmation,
    followers.RECEIPT_TASK: mail.send_receipt,
    followers.NEWS_TASK: mail.send_news,
}


def send_what_is_queued() -> None:
    """Do what the worker does with the jobs of mail that were queued."""
    for job in ProcrastinateJob.objects.filter(task_name__in=TASKS).order_by("id"):
        TASKS[job.task_name](**job.args)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")


def submit(category="pothole", **kwargs):
    contact = Contact(email="ada@example.org")
    return intake.submit(
        NewReport(category, WEST_POINT, contact=contact, client_uuid=uuid.uuid4(), **kwargs)
    )


def link(message: EmailMessage, part: str) -> str:
    found = re.search(rf"{re.escape(settings.ADDRESS.url)}(/{part}/\S+)", text(message))
    assert found, text(message)
    return found.group(1)


def text(message: EmailMessage) -> str:
    return message.get_body(("plain",)).get_content()


def html(message: EmailMessage) -> str:
    return message.get_body(("html",)).get_content()


def follow(client, public_id, address="bo@example.org"):
    return client.post(f"/reports/{public_id}/follow/", {"email": address}, follow=True)


def test_whoever_wishes_gets_the_receipt_by_mail(small_city, sink, client):
    sent = submit(wants_mail=True)
    send_what_is_queued()
    (message,) = sink.messages
    assert message["To"] == "ada@example.org"
    assert link(message, "r") == f"/r/{sent.receipt}/"
    assert f"/r/{sent.receipt}/" in html(message)
    assert client.get(link(message, "r")).status_code == 200


def test_the_receipt_is_mailed_to_a_program_without_a_uuid_as_well(small_city, sink, client):
    contact = Contact(email="ada@example.org")
    intake.submit(NewReport("theft", WEST_POINT, contact=contact, wants_mail=True))
    send_what_is_queued()
    assert client.get(link(sink.messages[0], "r")).status_code == 200


def test_who_does_not_wish_it_gets_no_mail(small_city, sink):
    submit()
    send_what_is_queued()
    assert sink.messages == []


def test_a_repeat_mails_the_receipt_once(small_city, sink):
    report = NewReport(
        "pothole",
        WEST_POINT,
        contact=Contact(email="ada@example.org"),
        client_uuid=uuid.uuid4(),
        wants_mail=True,
    )
    intake.submit(report)
    intake.submit(report)
    send_what_is_queued()
    assert len(sink.messages) == 1


def test_a_crime_is_not_named_in_a_mail(small_city, sink, people):
    sent = submit("assault", description="By the neighbour", wants_mail=True)
    lifecycle.transition(
        sent.public_id, State.REJECTED, people.viewer("crime_desk"), note="Ask the neighbour"
    )
    send_what_is_queued()
    assert len(sink.messages) == 2
    for message in sink.messages:
        said = f"{message['Subject']} {text(message)} {html(message)}".lower()
        assert "assault" not in said
        assert "neighbour" not in said


def test_a_follower_confirms_before_anything_is_told(small_city, sink, client, people):
    sent = submit()
    follow(client, sent.public_id)
    send_what_is_queued()
    lifecycle.transition(sent.public_id, State.ACCEPTED, people.viewer("roads_west"))
    send_what_is_queued()
    (asked,) = sink.messages
    assert asked["To"] == "bo@example.org"
    confirm = link(asked, "follow")
    assert "Yes, write to me" in client.get(confirm).content.decode()
    assert client.post(confirm, follow=True).status_code == 200
    lifecycle.transition(sent.public_id, State.ASSIGNED, people.viewer("roads_west"))
    send_what_is_queued()
    news = sink.messages[-1]
    assert "Assigned" in news["Subject"]
    assert f"/reports/{sent.public_id}/" in text(news)


def test_looking_at_the_link_confirms_and_ends_nothing(small_city, sink, client):
    follow(client, submit().public_id)
    send_what_is_queued()
    confirm = link(sink.messages[0], "follow")
    client.get(confirm)
    client.get(f"{confirm}stop/")
    assert Follower.objects.get().confirmed_at is None


def test_one_click_of_a_mail_program_ends_the_mails(small_city, sink, client, people):
    sent = submit(wants_mail=True)
    send_what_is_queued()
    (message,) = sink.messages
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = message["List-Unsubscribe"].strip(" <>\r\n").removeprefix(settings.ADDRESS.url)
    stranger = type(client)(enforce_csrf_checks=True)
    answer = stranger.post(stop, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert Follower.objects.count() == 0
    with acting_as(ANONYMOUS.holding(sent.report_id)):
        assert FollowerAddress.objects.count() == 0
    lifecycle.transition(sent.public_id, State.ACCEPTED, people.viewer("roads_west"))
    send_what_is_queued()
    assert len(sink.messages) == 1
    assert client.get(stop).status_code == 404


def test_what_is_taken_back_at_once_is_not_told(small_city, sink, people):
    sent = submit(wants_mail=True)
    crew = people.viewer("roads_west")
    lifecycle.transition(sent.public_id, State.ACCEPTED, crew)
    lifecycle.transition(sent.public_id, State.ASSIGNED, crew)
    send_what_is_queued()
    assert [m["Subject"].split(":")[0] for m in sink.messages[1:]] == ["Assigned"]


def test_mails_speak_the_readers_language_and_are_one_when_sent_twice(small_city, sink, people):
    sent = submit(wants_mail=True, language="es")
    lifecycle.transition(sent.public_id, State.ACCEPTED, people.viewer("roads_west"))
    number = 2
    mail.send_news(sent.report_id, number)
    mail.send_news(sent.report_id, number)
    first, second = sink.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert '<html lang="es"' in html(first)
    with translation.override("es"):
        assert str(State.ACCEPTED.label) in first["Subject"]


def test_a_mail_tells_no_running_number(client, small_city, sink, people):
    """Whoever gets two of them would learn how much came in between, hidden reports among it."""
    number_from(RUNNING)
    sent = submit(wants_mail=True)
    follow(client, sent.public_id)
    send_what_is_queued()
    client.post(link(sink.messages[-1], "follow"))
    lifecycle.transition(sent.public_id, State.ACCEPTED, people.viewer("roads_west"))
    send_what_is_queued()
    assert sent.report_id >= RUNNING
    assert len(sink.messages) == 4
    assert [m for m in sink.messages if str(RUNNING)[:7] in m.as_string()] == []


def test_nobody_reads_the_addresses_of_followers(small_city, people):
    sent = submit(wants_mail=True)
    for viewer in (ANONYMOUS, people.viewer("dispatcher"), ANONYMOUS.holding(sent.report_id + 1)):
        with acting_as(viewer):
            assert FollowerAddress.objects.count() == 0
    assert FollowerAddress.objects.count() == 0


@pytest.mark.parametrize("category", ["neighbour-noise", "theft", "sexual-assault"])
def test_only_openly_shown_reports_can_be_followed_by_all(small_city, client, category):
    assert follow(client, submit(category).public_id).status_code == 404
    assert Follower.objects.count() == 0


def test_a_wrong_address_is_named_and_following_twice_is_one(small_city, sink, client):
    sent = submit()
    assert "not complete" in follow(client, sent.public_id, "bo@").content.decode()
    first = follow(client, sent.public_id).content
    second = follow(client, sent.public_id, "Bo@example.org").content
    assert b"Look into your mail" in first
    assert b"Look into your mail" in second
    assert Follower.objects.count() == 1


def test_the_reporter_follows_later_by_the_receipt(small_city, sink, client):
    sent = submit("theft")
    client.post(f"/r/{sent.receipt}/follow/", {"email": "ada@example.org"})
    send_what_is_queued()
    assert link(sink.messages[0], "follow")
    assert Follower.objects.get().is_reporter


@pytest.mark.parametrize("token", ["1-guess", "x", "-", "9" * 30, "1-" + "é" * 24])
def test_a_guessed_token_opens_nothing(small_city, client, token):
    assert client.get(f"/follow/{token}/").status_code == 404
    assert client.post(f"/follow/{token}/stop/").status_code == 404


def test_where_no_mail_is_sent_nothing_offers_it(small_city, client, settings):
    sent = submit()
    settings.SENDS_MAIL = False
    assert follow(client, sent.public_id).status_code == 404
    assert b"follow-email" not in client.get(f"/reports/{sent.public_id}/").content
