"""Photos of a report, re-encoded; they come before the report and are attached when it is sent."""

from django.db import models

from reports.models.reports import Report


class Photo(models.Model):
    """One photo. Its key is random; its bytes stand beside it, under row-level security."""

    key = models.CharField(primary_key=True, max_length=26)
    draft = models.UUIDField(help_text="The client's UUID of the report that it is meant for.")
    report = models.ForeignKey(Report, null=True, on_delete=models.CASCADE, related_name="photos")
    place = models.PositiveSmallIntegerField(help_text="Its place among the report's photos.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    uploaded_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, help_text="When staff hid it from everybody.")

    class Meta:
        indexes = [models.Index(fields=["draft"], name="reports_photo_draft")]


class PhotoContent(models.Model):
    """The bytes of a photo: JPEG without metadata, large and small."""

    photo = models.OneToOneField(
        Photo, primary_key=True, on_delete=models.CASCADE, related_name="content"
    )
    large = models.BinaryField()
    small = models.BinaryField()
