"""The points that stand for places that may not be shown, by version."""

from django.contrib.gis.db import models

from layers.models import Area, mercator


class MaskVersion(models.Model):
    """One set of snap points; reports keep the version that masked them."""

    name = models.CharField(max_length=20, unique=True)
    made_at = models.DateTimeField()
    is_current = models.BooleanField(default=False)
    address_count = models.PositiveIntegerField()

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
    ward = models.ForeignKey(Area, on_delete=models.CASCADE)
    name = models.CharField(max_length=200, blank=True)
    address_count = models.PositiveIntegerField()
    is_open_space = models.BooleanField(default=False)
    point = models.PointField(srid=4326)
    catchment = models.MultiPolygonField(srid=4326)
    catchment_3857 = mercator(models.MultiPolygonField, "catchment")
