"""A report and what everybody may see of it.

Two locations, two tables: the exact point in `ExactLocation`, under row-level security, and what
everybody may see in `PublicReport`. Public readers read `ShownReport`, the view over it that keeps
to the batches, and nothing else.
"""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db.models import Case, Q, Value, When

from layers.models import Area, Asset, StreetSegment, mercator
from reports.models.kinds import Category, Family, Sensitivity
from reports.models.masks import SnapPoint
from reports.models.people import Crew
from reports.workflow import PHASE_OF, Phase, State


class Precision(models.TextChoices):
    """Whose point it is: the exact place, or one that its source already masked."""

    EXACT = "exact"
    MASKED_BY_SOURCE = "masked_by_source"


def _phase(of: str = "state") -> models.GeneratedField:
    return models.GeneratedField(
        expression=Case(
            *(When(**{of: s.value}, then=Value(phase.value)) for s, phase in PHASE_OF.items())
        ),
        output_field=models.CharField(max_length=10, choices=Phase.choices, null=True),
        db_persist=True,
    )


def where_there(field: str, name: str) -> models.Index:
    """Return an index of the rows that have a value of a key."""
    there = Q(**{f"{field}__isnull": False})
    return models.Index(fields=[field], condition=there, name=name)


class Report(models.Model):
    """A citizen's report, without its place and without its reporter."""

    public_id = models.CharField(max_length=10)
    receipt_digest = models.BinaryField(null=True, max_length=32)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_index=False)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    phase = _phase()
    description = models.TextField(blank=True)
    street = models.ForeignKey(StreetSegment, null=True, on_delete=models.SET_NULL)
    street_name = models.CharField(max_length=200, blank=True)
    is_located = models.BooleanField()
    precision = models.CharField(max_length=20, choices=Precision.choices)
    channel = models.CharField(max_length=20)
    answers = models.JSONField(default=dict, help_text="To its category's own questions.")
    asset = models.ForeignKey(Asset, null=True, on_delete=models.SET_NULL, db_index=False)
    language = models.CharField(max_length=10, blank=True, help_text="Of whoever reported it.")
    promised_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(
        null=True, help_text="When somebody said that it is not fixed; empty again once it ends."
    )
    crew = models.ForeignKey(Crew, null=True, on_delete=models.SET_NULL, db_index=False)
    joined_with = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="joined",
        db_index=False,
        help_text="The report of the same problem that is worked on in place of this one.",
    )
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    areas = models.ManyToManyField(Area, through="ReportArea")

    class Meta:
        # A report writes into every index of seven tables, so they are few. A unique text column
        # would have a second one, for patterns that nobody asks for; what begins another index
        # needs none of its own; and of keys that most reports lack, only those that are there.
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="reports_report_public_id"),
            models.UniqueConstraint(
                fields=["receipt_digest"],
                condition=Q(receipt_digest__isnull=False),
                name="reports_report_receipt",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("reported_at")),
                name="reports_report_closed_after_reported",
            ),
        ]
        indexes = [
            models.Index(fields=["category", "phase", "-reported_at"], name="reports_report_queue"),
            where_there("asset", "reports_report_asset"),
            where_there("crew", "reports_report_crew"),
            where_there("joined_with", "reports_report_joined"),
        ]


class ReportArea(models.Model):
    """An area that holds the exact place of a report, or that its source named."""

    pk = models.CompositePrimaryKey("report_id", "area_id")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, db_index=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE)


class ExactLocation(models.Model):
    """Where it is, exactly. Row-level security: duty or receipt."""

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE)
    point = models.PointField(srid=4326, spatial_index=False)
    point_3857 = mercator(models.PointField, "point")

    class Meta:
        indexes = [GistIndex(fields=["point_3857"], name="reports_exact_3857")]


class Contact(models.Model):
    """Who reported it. Row-level security: duty or receipt."""

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)


class PublicReport(models.Model):
    """The public projection, as it is written; the public reads it through `ShownReport`.

    Its key is random, so that neither number nor order tells when a report came. Class P2 has no
    `public_id`; class P3 has no row. What is shown in batches (P1 by the day, P2 by the month)
    stands here before it is shown: the report until `public_from`, its newest state until
    `later_from`.
    """

    key = models.CharField(primary_key=True, max_length=10)
    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="public")
    public_id = models.CharField(max_length=10, null=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, db_index=False)
    family = models.CharField(max_length=10, choices=Family.choices)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    phase = _phase()
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    place_name = models.CharField(max_length=200, blank=True)
    ward = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, db_index=False)
    point = models.PointField(srid=4326, null=True)
    point_3857 = mercator(models.PointField, "point")
    mask_version = models.CharField(max_length=20)
    snap_point = models.ForeignKey(SnapPoint, null=True, on_delete=models.PROTECT, db_index=False)
    is_located = models.BooleanField()
    shown_at = models.DateTimeField(help_text="Cut to the minute, the day or the month by class.")
    closed_at = models.DateTimeField(null=True, help_text="Cut as shown_at is.")
    promised_at = models.DateTimeField(null=True, help_text="Where the class shows it.")
    me_too = models.PositiveIntegerField(default=0, help_text="How many say: it affects me too.")
    photo_count = models.PositiveSmallIntegerField(default=0, help_text="That everybody may see.")
    answers = models.JSONField(default=dict, help_text="Those that everybody may see.")
    public_from = models.DateTimeField(null=True, help_text="Its batch; empty: at once.")
    later_state = models.CharField(
        max_length=10, choices=State.choices, blank=True, db_default="", help_text="Not shown yet."
    )
    later_phase = _phase("later_state")
    later_closed_at = models.DateTimeField(null=True)
    later_from = models.DateTimeField(null=True, help_text="When the later state is shown.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="reports_public_public_id")
        ]
        indexes = [
            GistIndex(fields=["point_3857"], name="reports_public_3857"),
            models.Index(fields=["-shown_at", "key"], name="reports_public_newest"),
            models.Index(fields=["category", "-shown_at"], name="reports_public_category"),
            models.Index(fields=["ward", "-shown_at"], name="reports_public_ward"),
            where_there("snap_point", "reports_public_snap"),
            # New trigrams wait in a list (4 MB at most, which a search goes through in 2 ms): put
            # where they belong name after name, they are half of what a report costs.
            GinIndex(
                fields=["place_name"], opclasses=["gin_trgm_ops"], name="reports_public_place"
            ),
        ]


class ShownReport(models.Model):
    """What everybody may see now: the view ``reports_shown``, the one thing public readers query.

    Its columns are those of `PublicReport` without what comes later; declared are those that are
    read through models.
    """

    key = models.CharField(primary_key=True, max_length=10)
    report = models.OneToOneField(Report, on_delete=models.DO_NOTHING, related_name="shown")
    public_id = models.CharField(max_length=10, null=True)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    ward = models.ForeignKey(Area, null=True, on_delete=models.DO_NOTHING)
    mask_version = models.CharField(max_length=20)
    snap_point = models.ForeignKey(SnapPoint, null=True, on_delete=models.DO_NOTHING)
    shown_at = models.DateTimeField()
    me_too = models.PositiveIntegerField()
    photo_count = models.PositiveSmallIntegerField()
    answers = models.JSONField()

    class Meta:
        managed = False
        db_table = "reports_shown"


class SubmissionKey(models.Model):
    """Makes a repeat return the first answer: a client's UUID, or a source's own key."""

    scope = models.CharField(max_length=60, help_text="'client', or the name of the source.")
    key = models.CharField(max_length=120)
    digest = models.BinaryField(max_length=32)
    report = models.ForeignKey(Report, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="reports_submission_once")
        ]
