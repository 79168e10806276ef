"""What happened to a report, and who read its exact place."""

from django.conf import settings
from django.db import models

from reports.models.people import Crew
from reports.models.reports import Report, where_there
from reports.workflow import ASIDE, State


class Steps(models.Manager["HistoryEntry"]):
    """The entries that are steps of a report on its way."""

    def get_queryset(self) -> models.QuerySet["HistoryEntry"]:
        """Leave out what happens aside."""
        return super().get_queryset().exclude(event__in=ASIDE)


class HistoryEntry(models.Model):
    """One thing that happened to a report; append-only, chained by digests."""

    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, related_name="history", db_index=False
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, db_index=False
    )
    crew = models.ForeignKey(Crew, null=True, on_delete=models.PROTECT, db_index=False)
    text_digest = models.BinaryField(max_length=32, help_text="Salted, of the erasable text.")
    digest = models.BinaryField(max_length=32, help_text="Of the entry and the one before it.")

    objects = models.Manager["HistoryEntry"]()
    steps = Steps()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reports_history_number")
        ]
        indexes = [
            where_there("actor", "reports_history_actor"),
            where_there("crew", "reports_history_crew"),
        ]

    @property
    def is_aside(self) -> bool:
        """Whether it is no step of the report, but happened to one of its photos."""
        return self.event in ASIDE


class HistoryText(models.Model):
    """The personal part of an entry: it can be erased and the chain still holds."""

    entry = models.OneToOneField(
        HistoryEntry, primary_key=True, on_delete=models.CASCADE, related_name="text"
    )
    salt = models.BinaryField(max_length=16)
    note = models.TextField()


class ExactRead(models.Model):
    """The log of exact places that staff have read; append-only."""

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=20)
    reports = models.JSONField(help_text="Keys of the reports.")
