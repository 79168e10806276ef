"""The points that stand for places that may not be shown, and counts of what has no point."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from layers.models import Area, mercator


class MaskVersion(models.Model):
    """One set of snap points; reports keep the version that masked them."""

    name = models.CharField(max_length=20, unique=True)
    made_at = models.DateTimeField()
    is_current = models.BooleanField(default=False)
    address_count = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64, default="", help_text="SHA-256 of its points.")
    figures = models.JSONField(default=list, help_text="What the last audit found, by k.")
    audited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=models.Q(is_current=True),
                name="reports_mask_version_current",
            )
        ]


class SnapPoint(models.Model):
    """A public place that stands for its catchment, which never crosses a ward's border."""

    version = models.ForeignKey(MaskVersion, on_delete=models.CASCADE, related_name="points")
    k = models.PositiveSmallIntegerField(help_text="How many addresses its catchment must hold.")
    ward = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL)
    name = models.CharField(max_length=200, blank=True)
    address_count = models.PositiveIntegerField()
    is_open_space = models.BooleanField(default=False)
    point = models.PointField(srid=4326)
    catchment = models.MultiPolygonField(srid=4326)
    catchment_3857 = mercator(models.MultiPolygonField, "catchment")

    class Meta:
        indexes = [GistIndex(fields=["catchment_3857"], name="reports_snap_3857")]


class QuarterCount(models.Model):
    """How many reports of class P3 came in a quarter that is over; stored once, never changed.

    `wards` lists ``{"code", "name", "count"}``; a count that is too small to be told is null.
    """

    quarter = models.DateField(unique=True, help_text="Its first day.")
    total = models.PositiveIntegerField(null=True)
    wards = models.JSONField(default=list)
