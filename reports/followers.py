"""Who wants mail about a report: asked for, confirmed, ended.

An address is confirmed by a link before anything else is written to it; whoever reported and asked
for the receipt has confirmed by that. Mails are jobs, queued in the transaction of what they tell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from layers.access import ANONYMOUS, acting_as
from layers.errors import InvalidInput, NotFound
from reports import identifiers
from reports.models import Follower, FollowerAddress, Sensitivity, ShownReport

RECEIPT_TASK = "reports.mail_receipt"
CONFIRMATION_TASK = "reports.mail_confirmation"
NEWS_TASK = "reports.tell_followers"
QUEUE = "quick"
MOST_FOLLOWERS = 200


@dataclass(frozen=True)
class Following:
    """What a token stands for."""

    follower_id: int
    report_id: int
    title: str
    number: str
    is_confirmed: bool


def follow(public_id: str, email: str) -> None:
    """Ask for mail about a report that everybody may see; the address gets a link to confirm it.

    Whether the address follows already is not told; it is written to once more only while it has
    not confirmed.

    Raises
    ------
    NotFound
        When there is no such report of class P0: news of others would tell when they happened.
    InvalidInput
        When very many follow this report already.
    """
    row = (
        ShownReport.objects.filter(
            public_id=identifiers.normalise(public_id), sensitivity=Sensitivity.OPEN
        )
        .values_list("report_id", flat=True)
        .first()
    )
    if row is None:
        raise NotFound(_("There is no report that can be followed by this number."))
    follow_by_mail(row, email)


def follow_by_mail(report_id: int, email: str, *, is_reporter: bool = False) -> None:
    """Add a follower who is to confirm; see `follow`."""
    with acting_as(ANONYMOUS.holding(report_id)):
        known = Follower.objects.filter(report_id=report_id, address__email__iexact=email).first()
        if known is None:
            if Follower.objects.filter(report_id=report_id).count() >= MOST_FOLLOWERS:
                message = _(
                    "Very many people follow this report already. Look at its page now and then."
                )
                raise InvalidInput(message, field="email")
            known = _add(report_id, email, get_language() or "", is_reporter=is_reporter)
        if known.confirmed_at is None:
            _queue(CONFIRMATION_TASK, follower_id=known.pk)


def follow_own(reports: Sequence[tuple[int, str, str]]) -> None:
    """Mail their receipts to people who wished so: report, address and language of each."""
    for report_id, email, language in reports:
        with acting_as(ANONYMOUS.holding(report_id)):
            follower = _add(report_id, email, language, is_reporter=True)
            Follower.objects.filter(pk=follower.pk).update(confirmed_at=timezone.now())
            _queue(RECEIPT_TASK, follower_id=follower.pk)


def _add(report_id: int, email: str, language: str, *, is_reporter: bool) -> Follower:
    follower = Follower.objects.create(
        report_id=report_id,
        is_reporter=is_reporter,
        language=language or settings.LANGUAGE_CODE,
        created_at=timezone.now(),
    )
    FollowerAddress.objects.create(follower=follower, email=email)
    return follower


def _queue(task: str, *, delay_s: int = 0, **arguments: int) -> None:
    job = app.configure_task(task, queue=QUEUE, schedule_in={"seconds": delay_s})
    job.defer(**arguments)


def tell(report_id: int, number: int) -> None:
    """Queue the news of a history entry; called in the transaction that writes it."""
    followers = Follower.objects.filter(report_id=report_id, confirmed_at__isnull=False)
    if followers.exists():
        delay = settings.MAIL_DELAY_S
        _queue(NEWS_TASK, delay_s=delay, report_id=report_id, number=number)


def following(token: str) -> Following:
    """Return what a token stands for.

    Raises
    ------
    NotFound
        When nobody has this token, or has it no more.
    """
    known = identifiers.follower_of(token)
    follower = (
        Follower.objects.filter(key__in=[] if known is None else [known])
        .select_related("report__category")
        .first()
    )
    if follower is None:
        raise NotFound(_("This link is used up: nothing is mailed for it any more."))
    report = follower.report
    is_open = report.sensitivity == Sensitivity.OPEN
    return Following(
        follower.pk,
        report.pk,
        _(report.category.title) if is_open else "",
        identifiers.in_halves(report.public_id),
        follower.confirmed_at is not None,
    )


def confirm(token: str) -> Following:
    """Begin to mail; doing it again changes nothing."""
    found = following(token)
    waiting = Follower.objects.filter(pk=found.follower_id, confirmed_at__isnull=True)
    waiting.update(confirmed_at=timezone.now())
    return found


@transaction.atomic
def stop(token: str) -> Following:
    """End the mails and forget the address."""
    found = following(token)
    with acting_as(ANONYMOUS.holding(found.report_id)):
        Follower.objects.get(pk=found.follower_id).delete()
    return found
