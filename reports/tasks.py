"""Background jobs of reports: the mails, and each night what is published of the masks."""

from functools import partial

from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from layers import jobs
from reports import followers, mail, mask_versions, photos
from reports.importing import asked as importing
from reports.quarters import count_quarters

# A mail server that is away is tried for about a day: 1, 4, 9 … minutes apart.
AGAIN = RetryStrategy(max_attempts=12, exponential_wait=4)


@app.task(name=followers.CONFIRMATION_TASK, queue=followers.QUEUE, retry=AGAIN)
def mail_confirmation(follower_id: int) -> None:
    """Ask an address whether it wants mail."""
    mail.send_confirmation(follower_id)


@app.task(name=followers.RECEIPT_TASK, queue=followers.QUEUE, retry=AGAIN)
def mail_receipt(follower_id: int) -> None:
    """Mail a receipt."""
    mail.send_receipt(follower_id)


@app.task(name=followers.NEWS_TASK, queue=followers.QUEUE, retry=AGAIN)
def tell_followers(report_id: int, number: int) -> None:
    """Mail what happened to a report."""
    mail.send_news(report_id, number)


@app.task(
    name=importing.TASK,
    queue=jobs.QUEUE,
    pass_context=True,
    retry=RetryStrategy(max_attempts=100, retry_exceptions=[JobAborted]),
)
def import_reports(context: JobContext, reportimport_id: int, language: str = "") -> None:
    """Execute one import."""
    jobs.execute_in_worker(context, language, partial(importing.execute, reportimport_id))


@app.periodic(cron="41 3 * * *")
@app.task(name="reports.audit_masks", queue="quick", queueing_lock="reports.audit_masks")
def audit_masks(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Count how many addresses share each point that masks a report, and publish it."""
    for version in mask_versions.used_versions():
        mask_versions.audit(version)


@app.periodic(cron="53 3 * * *")
@app.task(name="reports.count_quarters", queue="quick", queueing_lock="reports.count_quarters")
def count_ended_quarters(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Count the hidden class of a quarter that has ended, once."""
    count_quarters(timezone.now())


@app.periodic(cron="29 * * * *")
@app.task(name="reports.forget_photos", queue="quick", queueing_lock="reports.forget_photos")
def forget_photos(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Remove the photos of reports that nobody has sent for a week."""
    photos.forget_unsent()
