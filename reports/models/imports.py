"""An import of reports that was asked for on a page."""

from django.db import models
from django.utils.translation import gettext_noop

from layers.jobs import Job
from layers.models import Upload


class ReportImport(Job):
    """One run over the files of a source; a trial counts all and keeps nothing."""

    NOUN = gettext_noop("import")
    REMEDY = gettext_noop("Cut the files into parts.")

    upload = models.ForeignKey(Upload, null=True, on_delete=models.SET_NULL)
    source = models.CharField(max_length=80)
    files = models.JSONField(help_text="Names of the files.")
    mapping = models.TextField(help_text="TOML, as the shell takes it.")
    is_trial = models.BooleanField(default=False)
    summary = models.JSONField(default=dict, help_text="Counts that add up to the rows read.")
    first_rows = models.JSONField(default=list, help_text="Some reports as they are, or would be.")
    rejects = models.BinaryField(null=True, help_text="CSV of the rejected rows, gzipped.")

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="reports_import_newest")]
