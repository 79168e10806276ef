"""What others say of a report: it affects me too, it is (not) fixed, tell me what happens."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models

from reports.models.reports import Report


class MeToo(models.Model):
    """One device that says: it affects me too."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="me_toos")
    device_digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "device_digest"], name="reports_me_too_once")
        ]


class Verdict(models.Model):
    """What one device says of a closing: fixed, partly or not."""

    class Answer(models.TextChoices):
        """How well it was mended."""

        FIXED = "fixed"
        PARTLY = "partly"
        NOT_FIXED = "not_fixed"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="verdicts")
    closing = models.PositiveIntegerField(help_text="The number of the closing history entry.")
    device_digest = models.BinaryField(max_length=32)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    is_reporter = models.BooleanField(default=False)
    note = models.TextField(blank=True, help_text="What is left to do, in their words.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report", "closing", "device_digest"], name="reports_verdict_once"
            )
        ]


class Follower(models.Model):
    """Somebody who wants mail about a report; the address stands in a table of its own.

    Outside the database a follower is named by `key`: running numbers in two mails would tell how
    many people asked for mail in between, about reports that nobody may know of.
    """

    key = models.UUIDField(unique=True, db_default=RandomUUID())
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="followers")
    is_reporter = models.BooleanField(default=False)
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)


class FollowerAddress(models.Model):
    """Where to write to. Row-level security."""

    follower = models.OneToOneField(
        Follower, primary_key=True, on_delete=models.CASCADE, related_name="address"
    )
    email = models.EmailField()
