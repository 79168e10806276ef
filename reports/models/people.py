"""Who works on reports: departments, crews and desks, their zones and members."""

from django.conf import settings
from django.db import models

from layers.models import Area
from reports.models.kinds import Category, Sensitivity


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
