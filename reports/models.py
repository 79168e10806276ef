"""What is stored about reports.

Two locations, two tables: the exact point in `ExactLocation`, under row-level security, and what
everybody may see in `PublicReport`. Nothing public reads any other table.
"""

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Case, Q, Value, When

from layers.models import Area, StreetSegment, mercator
from reports.workflow import PHASE_OF, Phase, State


class Sensitivity(models.IntegerChoices):
    """How much of a report everybody may see."""

    OPEN = 0, "P0 open"
    PERSONAL = 1, "P1 personal"
    CRIME = 2, "P2 crime"
    VICTIM = 3, "P3 victim-critical"


class Family(models.TextChoices):
    """The five groups that a citizen chooses from first."""

    CRIME = "crime", "Crime and safety"
    ROADS = "roads", "Roads and lights"
    WATER = "water", "Water"
    WASTE = "waste", "Waste"
    OTHER = "other", "Something else"


class Category(models.Model):
    """A kind of problem; its class is copied to each report at creation."""

    code = models.SlugField(max_length=60, unique=True)
    family = models.CharField(max_length=10, choices=Family.choices)
    title = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    open311_code = models.CharField(max_length=40, unique=True)
    keywords = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=40, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)


class Department(models.Model):
    """A part of the city's administration."""

    name = models.CharField(max_length=120, unique=True)


class Zone(models.Model):
    """The ground that a crew looks after: one or more areas."""

    name = models.CharField(max_length=120, unique=True)
    areas = models.ManyToManyField(Area)


class Crew(models.Model):
    """People who work on reports of a zone and some categories: a field crew or a desk.

    Classes P2 and P3 go to a desk that is cleared for them, never to a crew by default.
    """

    name = models.CharField(max_length=120, unique=True)
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    zone = models.ForeignKey(
        Zone, null=True, blank=True, on_delete=models.PROTECT, help_text="Empty: the whole city."
    )
    categories = models.ManyToManyField(Category, blank=True)
    is_desk = models.BooleanField(default=False)
    clearance = models.PositiveSmallIntegerField(
        choices=Sensitivity.choices, default=Sensitivity.PERSONAL
    )


class Membership(models.Model):
    """A user's place in a crew or at a desk."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    crew = models.ForeignKey(Crew, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "crew"], name="reports_membership_once")
        ]


class Precision(models.TextChoices):
    """Whose point it is: the exact place, or one that its source already masked."""

    EXACT = "exact"
    MASKED_BY_SOURCE = "masked_by_source"


def _phase() -> models.GeneratedField:
    return models.GeneratedField(
        expression=Case(
            *(When(state=state.value, then=Value(phase.value)) for state, phase in PHASE_OF.items())
        ),
        output_field=models.CharField(max_length=10, choices=Phase.choices, null=True),
        db_persist=True,
    )


class Report(models.Model):
    """A citizen's report, without its place and without its reporter."""

    public_id = models.CharField(max_length=10, unique=True)
    receipt_digest = models.BinaryField(null=True, unique=True, max_length=32)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    phase = _phase()
    description = models.TextField(blank=True)
    street = models.ForeignKey(StreetSegment, null=True, on_delete=models.SET_NULL)
    street_name = models.CharField(max_length=200, blank=True)
    is_located = models.BooleanField()
    precision = models.CharField(max_length=20, choices=Precision.choices)
    channel = models.CharField(max_length=20)
    crew = models.ForeignKey(Crew, null=True, on_delete=models.SET_NULL)
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    areas = models.ManyToManyField(Area, through="ReportArea")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=models.F("reported_at")),
                name="reports_report_closed_after_reported",
            )
        ]
        indexes = [
            models.Index(fields=["category", "phase", "-reported_at"], name="reports_report_queue"),
        ]


class ReportArea(models.Model):
    """An area that holds the exact place of a report, or that its source named."""

    pk = models.CompositePrimaryKey("report_id", "area_id")
    report = models.ForeignKey(Report, on_delete=models.CASCADE)
    area = models.ForeignKey(Area, on_delete=models.CASCADE)


class ExactLocation(models.Model):
    """Where it is, exactly. Row-level security: duty or receipt."""

    report = models.OneToOneField(Report, primary_key=True, on_delete=models.CASCADE)
    point = models.PointField(srid=4326)
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
    """The public projection: the one table that public readers may query.

    Its key is random, so that neither number nor order tells when a report came. Class P2 has no
    `public_id`; class P3 has no row.
    """

    key = models.CharField(primary_key=True, max_length=10)
    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="public")
    public_id = models.CharField(max_length=10, null=True, unique=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    family = models.CharField(max_length=10, choices=Family.choices)
    sensitivity = models.PositiveSmallIntegerField(choices=Sensitivity.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    phase = _phase()
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    place_name = models.CharField(max_length=200, blank=True)
    ward = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL)
    point = models.PointField(srid=4326, null=True)
    point_3857 = mercator(models.PointField, "point")
    mask_version = models.CharField(max_length=20)
    is_located = models.BooleanField()
    shown_at = models.DateTimeField(help_text="Cut to the minute, the day or the month by class.")
    closed_at = models.DateTimeField(null=True, help_text="Cut as shown_at is.")

    class Meta:
        indexes = [
            GistIndex(fields=["point_3857"], name="reports_public_3857"),
            models.Index(fields=["-shown_at", "key"], name="reports_public_newest"),
            models.Index(fields=["category", "-shown_at"], name="reports_public_category"),
            models.Index(fields=["ward", "-shown_at"], name="reports_public_ward"),
        ]


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


class HistoryEntry(models.Model):
    """One thing that happened to a report; append-only, chained by digests."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="history")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    crew = models.ForeignKey(Crew, null=True, on_delete=models.PROTECT)
    text_digest = models.BinaryField(max_length=32, help_text="Salted, of the erasable text.")
    digest = models.BinaryField(max_length=32, help_text="Of the entry and the one before it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="reports_history_number")
        ]


class HistoryText(models.Model):
    """The personal part of an entry: it can be erased and the chain still holds."""

    entry = models.OneToOneField(
        HistoryEntry, primary_key=True, on_delete=models.CASCADE, related_name="text"
    )
    salt = models.BinaryField(max_length=16)
    note = models.TextField()


class ExactRead(models.Model):
    """The log of exact places that staff have read; append-only."""

    at = models.DateTimeField(auto_now_add=True)
    user_id = models.BigIntegerField(null=True)
    address = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(max_length=20)
    reports = models.JSONField(help_text="Keys of the reports.")
