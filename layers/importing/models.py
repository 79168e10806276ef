"""What is recorded of each import: what came, who brought it, and what it takes to undo it."""

from django.conf import settings
from django.db import models


class Import(models.Model):
    """One import of a subject, such as ``areas:ward`` or ``layer:flood-plain``."""

    subject = models.CharField(max_length=200)
    file_name = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was read.")
    recipe = models.JSONField(help_text="How it was read: the same file read so changes nothing.")
    source = models.CharField(max_length=200)
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    counts = models.JSONField(default=dict)
    findings = models.JSONField(default=list, help_text="Code, count and message of each.")
    before = models.JSONField(null=True, help_text="Of a layer: the row that it replaced.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "layers"
        indexes = [models.Index(fields=["subject", "-at"], name="layers_import_subject")]


class Replaced(models.Model):
    """A row as it was before an import changed or removed it, or a reference that it emptied.

    `row` is NULL for rows that the import added: those from `key` to `last_key`. What
    refers to a row has the key 0: of whichever type its own is, `row` holds it.
    """

    imported = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="replaced")
    relation = models.CharField(max_length=63)
    key = models.BigIntegerField()
    last_key = models.BigIntegerField(null=True, help_text="NULL: the one row of `key`.")
    row = models.JSONField(null=True)
    column = models.CharField(max_length=63, blank=True, help_text="Of a reference that emptied.")

    class Meta:
        app_label = "layers"
