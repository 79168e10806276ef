"""What is stored about places: the city, its areas, streets, addresses, assets and data sets.

Geometry is EPSG:4326 (longitude, latitude). Beside it stands a generated EPSG:3857 column with
an index of its own, from which tiles are cut and places are found; the database keeps the two in
step. Areas, which places are looked for in as they are stored, have an index of both.
"""

from typing import Any

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

import layers.importing.models
import layers.sync.models  # noqa: F401 - the tables of both are this app's
from layers.jobs import Job


def mercator(output: "type[models.GeometryField[Any, Any]]", source: str) -> models.GeneratedField:
    """Return the generated EPSG:3857 twin of the column `source`."""
    return models.GeneratedField(
        expression=Transform(F(source), 3857),
        output_field=output(srid=3857, null=True, spatial_index=False),
        db_persist=True,
    )


class City(models.Model):
    """The one city of this installation."""

    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    metric_srid = models.PositiveIntegerField(
        null=True, blank=True, help_text="EPSG code in metres or feet; empty: the UTM zone."
    )
    ward_kind = models.ForeignKey(
        "AreaKind",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="The kind of area that is shown where a place may not be.",
    )
    emergency_number = models.CharField(max_length=20, default="112")
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="layers_city_only_one")]


class Source(models.Model):
    """Where a set of places came from, and under which terms."""

    name = models.CharField(max_length=200, unique=True)
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    imported_at = models.DateTimeField(auto_now=True)


class AreaKind(models.Model):
    """A way of dividing the city: wards, neighbourhoods, crew zones, parks."""

    slug = models.SlugField(primary_key=True, max_length=40)
    title = models.CharField(max_length=80)
    title_plural = models.CharField(max_length=80)


class Area(models.Model):
    """One area of a kind."""

    kind = models.ForeignKey(AreaKind, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    geometry = models.MultiPolygonField(srid=4326)
    geometry_3857 = mercator(models.MultiPolygonField, "geometry")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="layers_area_code")]
        indexes = [GistIndex(fields=["geometry_3857"], name="layers_area_3857")]


class StreetSegment(models.Model):
    """One piece of a street's centre line, as its source drew it."""

    code = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200, blank=True)
    street_class = models.CharField(
        max_length=40, blank=True, help_text="OpenStreetMap's words: primary, residential, …"
    )
    is_bridge = models.BooleanField(default=False)
    is_tunnel = models.BooleanField(default=False)
    level = models.SmallIntegerField(default=0, help_text="Lines of unequal level do not meet.")
    is_oneway = models.BooleanField(
        db_default=False, help_text="Vehicles go from the line's first point to its last alone."
    )
    speed_kmh = models.PositiveSmallIntegerField(null=True, help_text="Limit, where one is known.")
    surface = models.CharField(
        max_length=40,
        db_default="",
        blank=True,
        help_text="OpenStreetMap's words: asphalt, sett, …",
    )
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    geometry = models.LineStringField(srid=4326, spatial_index=False)
    geometry_3857 = mercator(models.LineStringField, "geometry")

    class Meta:
        indexes = [
            GistIndex(fields=["geometry_3857"], name="layers_street_3857"),
            models.Index(fields=["name"], name="layers_street_name"),
        ]


class Address(models.Model):
    """A postal address: what makes a place private when few share it."""

    code = models.CharField(max_length=80, db_default="", blank=True)
    street_name = models.CharField(max_length=200)
    number = models.CharField(max_length=20)
    residents = models.PositiveIntegerField(null=True, help_text="How many live there, if known.")
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    geometry = models.PointField(srid=4326, spatial_index=False)
    geometry_3857 = mercator(models.PointField, "geometry")

    class Meta:
        indexes = [
            GistIndex(fields=["geometry_3857"], name="layers_address_3857"),
            models.Index(fields=["street_name", "number"], name="layers_address_street"),
        ]


class AssetKind(models.Model):
    """A kind of thing that the city looks after: hydrants, lamps, bins."""

    slug = models.SlugField(primary_key=True, max_length=40)
    title = models.CharField(max_length=80)
    title_plural = models.CharField(max_length=80)


class Asset(models.Model):
    """One thing that the city looks after."""

    kind = models.ForeignKey(
        AssetKind, on_delete=models.CASCADE, related_name="assets", db_index=False
    )
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=200, blank=True)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT)
    geometry = models.PointField(srid=4326, spatial_index=False)
    geometry_3857 = mercator(models.PointField, "geometry")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="layers_asset_code")]
        indexes = [GistIndex(fields=["geometry_3857"], name="layers_asset_3857")]


class Dataset(models.Model):
    """A layer made by an import or a study: one row here, one typed table beside.

    The table's name is generated, never text of a user; it has ``fid`` (bigint, primary key),
    ``geometry`` (EPSG:4326), ``geometry_3857`` (generated) and the columns that `fields` names.
    """

    class Origin(models.TextChoices):
        """Who made it; also the schema that its table stands in."""

        IMPORTED = "imported"
        RESULTS = "results"

    class Audience(models.TextChoices):
        """Who may see it."""

        PUBLIC = "public"
        STAFF = "staff"
        PLANNERS = "planners"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    origin = models.CharField(max_length=20, choices=Origin.choices)
    table_name = models.CharField(max_length=63, unique=True)
    geometry_type = models.CharField(max_length=20)
    fields = models.JSONField(default=list)
    style = models.JSONField(default=dict)
    audience = models.CharField(max_length=20, choices=Audience.choices, default=Audience.PLANNERS)
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    feature_count = models.PositiveIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)


class Upload(models.Model):
    """Files that an administrator sent to import; ``importing/uploads.py`` knows where they lie."""

    key = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    files = models.JSONField(help_text="Name and size in bytes of each, in their order.")
    uploaded_at = models.DateTimeField(auto_now_add=True)


class ImportJob(Job):
    """An import of places that was asked for on a page."""

    class Target(models.TextChoices):
        """What a file becomes."""

        LAYER = "layer", _("A layer of its own")
        AREAS = "areas", _("Areas")
        STREETS = "streets", _("Streets")
        ADDRESSES = "addresses", _("Addresses")
        ASSETS = "assets", _("Things")
        OSM = "osm", _("OpenStreetMap")
        RASTER = "raster", _("Picture or raster")

    NOUN = gettext_noop("import")
    REMEDY = gettext_noop("Cut the file into parts.")

    upload = models.ForeignKey(Upload, null=True, on_delete=models.SET_NULL)
    target = models.CharField(max_length=12, choices=Target.choices)
    file_name = models.CharField(max_length=100)
    asked = models.JSONField(help_text="What was typed, by the names of the form's fields.")
    outcome = models.JSONField(default=dict, help_text="Counts, and what was left out and why.")

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="layers_importjob_newest")]


class Raster(models.Model):
    """A raster: one row here, its cells in a Cloud-Optimised GeoTIFF of the site's own folder.

    The file's name is generated, never text of a user, and new with each change of the cells: who
    began to read the old file ends with it.
    """

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=63, unique=True)
    file_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the file that was brought.")
    srid = models.PositiveIntegerField(null=True, help_text="EPSG code, where its system has one.")
    bounds = models.PolygonField(srid=4326, spatial_index=False)
    width = models.PositiveIntegerField(help_text="Cells from west to east.")
    height = models.PositiveIntegerField(help_text="Cells from north to south.")
    dtype = models.CharField(max_length=16)
    nodata = models.CharField(max_length=40, blank=True, help_text="The value of empty cells.")
    bands = models.JSONField(help_text="Of each: name, unit, least and greatest value.")
    licence = models.CharField(max_length=200, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    audience = models.CharField(
        max_length=20, choices=Dataset.Audience.choices, default=Dataset.Audience.PLANNERS
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)


class RateCount(models.Model):
    """How often one address has tried something in its current window."""

    key = models.CharField(max_length=120, primary_key=True)
    window_end = models.DateTimeField()
    tries = models.PositiveIntegerField()


class PlaceName(models.Model):
    """A name that people look for, and where it lies: made anew from streets, addresses and areas.

    A street stands once for each place that has its name; see ``sql/gazetteer.sql``.
    """

    name = models.CharField(max_length=200)
    spellings = ArrayField(
        models.CharField(max_length=200), help_text="Of a street, as its sources write it."
    )
    area = models.OneToOneField(Area, null=True, on_delete=models.CASCADE)
    point = models.PointField(
        srid=4326, spatial_index=False, help_text="On the street, or amid the area."
    )
    point_3857 = mercator(models.PointField, "point")
    bounds = models.PolygonField(srid=3857, spatial_index=False)
    size_m = models.FloatField(help_text="Length of a street, square root of an area.")
    rank = models.SmallIntegerField(help_text="Zoom from which an area has room for its name.")
    weight = models.FloatField(help_text="Sum of what its words weigh.")

    class Meta:
        indexes = [GistIndex(fields=["point_3857"], name="layers_placename_3857")]


class PlaceWord(models.Model):
    """A word of a name, folded as the search compares it, or the whole name as one word."""

    pk = models.CompositePrimaryKey("word", "place_id")
    word = models.CharField(max_length=200, db_collation="C")
    place = models.ForeignKey(PlaceName, on_delete=models.CASCADE, related_name="words")
    weight = models.FloatField(help_text="The rarer the word, the more.")
    is_whole = models.BooleanField()


class Word(models.Model):
    """A word that stands in names of places."""

    word = models.CharField(primary_key=True, max_length=200, db_collation="C")
    letters = models.CharField(max_length=200, help_text="The same letters in order.")
    places = models.PositiveIntegerField(help_text="How many names have it.")
    is_whole = models.BooleanField(help_text="A whole name as one word, and no other's word.")

    class Meta:
        # Half of all whole names end in the same word: in one index with the words they would
        # answer for it. A list of what came last would be read by every search until it is cleared.
        indexes = [
            models.Index(fields=["letters"], name="layers_word_letters"),
            GinIndex(
                fields=["word"],
                opclasses=["gin_trgm_ops"],
                name="layers_word_trigrams",
                fastupdate=False,
                condition=Q(is_whole=False),
            ),
            GinIndex(
                fields=["word"],
                opclasses=["gin_trgm_ops"],
                name="layers_word_whole_trigrams",
                fastupdate=False,
                condition=Q(is_whole=True),
            ),
        ]
