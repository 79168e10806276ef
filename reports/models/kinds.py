"""What can be reported, and how much of it everybody may see."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sensitivity(models.IntegerChoices):
    """How much of a report everybody may see."""

    OPEN = 0, "P0 open"
    PERSONAL = 1, "P1 personal"
    CRIME = 2, "P2 crime"
    VICTIM = 3, "P3 victim-critical"


class Family(models.TextChoices):
    """The five groups that a citizen chooses from first."""

    CRIME = "crime", _("Crime and safety")
    ROADS = "roads", _("Roads and lights")
    WATER = "water", _("Water")
    WASTE = "waste", _("Waste")
    OTHER = "other", _("Something else")


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
    questions = models.JSONField(
        default=dict, blank=True, help_text="JSON Schema of an object: what else to ask."
    )
    asset_kind = models.SlugField(
        max_length=40, blank=True, help_text="The kind of asset that such a problem is about."
    )
    promise_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="By when the city means to be done; empty: no promise."
    )
    warns_of_emergency = models.BooleanField(default=False)
    kin = models.CharField(
        max_length=300, blank=True, help_text="Codes of kinds that people take for this one."
    )
