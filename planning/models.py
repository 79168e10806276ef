"""A study is a recipe, a run is evidence."""

from django.conf import settings
from django.db import models

from layers.models import Dataset


class Study(models.Model):
    """A recipe: a method, its parameters, and what it is asked about."""

    title = models.CharField(max_length=200)
    method = models.CharField(max_length=40)
    source = models.CharField(max_length=80, help_text="Slug of the layer that is studied.")
    filters = models.JSONField(default=dict, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)


class Run(models.Model):
    """One execution of a study, with all that is needed to get the same figures again."""

    class State(models.TextChoices):
        """How far it is."""

        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        SUCCEEDED = "succeeded", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Stopped"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    method = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    filters = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the data it read.")
    versions = models.JSONField(default=dict, help_text="Of the libraries it ran on.")
    timings = models.JSONField(default=dict, help_text="Seconds by step.")
    summary = models.JSONField(default=dict, help_text="Counts and figures of the finding.")
    finding = models.TextField(blank=True, help_text="The finding in one sentence.")
    result = models.OneToOneField(Dataset, null=True, on_delete=models.SET_NULL)
    progress = models.FloatField(default=0.0)
    step = models.CharField(max_length=200, blank=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="planning_run_newest")]
