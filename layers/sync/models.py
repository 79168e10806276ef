"""What is stored of sources: their runs, and what is known of their features."""

from django.db import models
from django.utils.translation import gettext_noop

from layers.jobs import Job


class SyncRun(Job):
    """One run of a source: what it brought."""

    NOUN = gettext_noop("synchronisation")
    REMEDY = gettext_noop("Look at the source; the next run goes on where this one stopped.")

    source = models.CharField(max_length=80, help_text="The name of its file.")
    from_the_start = models.BooleanField(default=False)
    came = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    vanished = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list, help_text="What a person should know, a line each.")
    memory = models.JSONField(default=dict, help_text="What the next run must know.")

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="layers_syncrun_source")]


class SyncedFeature(models.Model):
    """A feature as it came the last time: its key in the source and a digest of its content."""

    pk = models.CompositePrimaryKey("source", "generation", "key")
    source = models.CharField(max_length=80)
    generation = models.BigIntegerField()
    key = models.TextField()
    digest = models.BinaryField(max_length=16)
