"""A study is a recipe, a run is evidence."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_noop

from layers.jobs import Job
from layers.models import Dataset
from planning.sentences import in_words


class Study(models.Model):
    """A recipe: a method, its parameters, and what it is asked about."""

    title = models.CharField(max_length=200)
    method = models.CharField(max_length=40)
    source = models.CharField(max_length=80, help_text="Slug of the layer that is studied.")
    filters = models.JSONField(default=dict, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)


class Run(Job):
    """One execution of a study, with all that is needed to get the same figures again."""

    NOUN = gettext_noop("run")
    REMEDY = gettext_noop("Try larger cells or a shorter period.")

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="runs")
    method = models.CharField(max_length=40)
    source = models.CharField(max_length=80)
    filters = models.JSONField(default=dict)
    parameters = models.JSONField(default=dict)
    seed = models.BigIntegerField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="Of the data it read.")
    versions = models.JSONField(default=dict, help_text="Of the libraries it ran on.")
    timings = models.JSONField(default=dict, help_text="Seconds by step.")
    summary = models.JSONField(default=dict, help_text="Counts and figures of the finding.")
    finding = models.JSONField(default=list, help_text="Sentences, as planning.sentences has them.")
    result = models.OneToOneField(Dataset, null=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="planning_run_newest")]

    @property
    def finding_in_words(self) -> str:
        """The finding in the language that is active; empty before there is one."""
        return in_words(self.finding)
