"""Background jobs of reports: the mails, and photos that nobody sent."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from reports import followers, mail, photos

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


@app.periodic(cron="29 * * * *")
@app.task(name="reports.forget_photos", queue="quick", queueing_lock="reports.forget_photos")
def forget_photos(timestamp: int) -> None:  # noqa: ARG001 - what a periodic task is given
    """Remove the photos of reports that nobody has sent for a week."""
    photos.forget_unsent()
