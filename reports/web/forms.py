"""The form of a new report: what was typed becomes a `NewReport`, or says what is missing."""

import uuid
from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from layers.errors import CivicError
from reports.intake import DESCRIPTION_LIMIT, Contact, NewReport
from reports.models import Category, Family

MISSING_KIND = gettext_lazy("Choose what is wrong.")
MISSING_PLACE = gettext_lazy("Say where it is: type a street, press Find and choose one.")
DEGREES = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})


def parse_place(value: str) -> tuple[float, float] | None:
    """Return longitude and latitude of a chosen place's value, or None when it is none."""
    try:
        lon, lat = (float(part) for part in value.split(","))
    except ValueError:
        return None
    return lon, lat


class ReportForm(forms.Form):
    """What somebody reports. `place` is one that was looked up; `lon` and `lat` the map's."""

    family = forms.ChoiceField(choices=Family.choices, required=False)
    category = forms.CharField(
        label=gettext_lazy("What is wrong?"), error_messages={"required": MISSING_KIND}
    )
    search = forms.CharField(
        label=gettext_lazy("Street and number"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "street-address"}),
    )
    place = forms.CharField(required=False, max_length=60)
    lat = forms.FloatField(label=gettext_lazy("Latitude"), required=False, widget=DEGREES)
    lon = forms.FloatField(label=gettext_lazy("Longitude"), required=False, widget=DEGREES)
    description = forms.CharField(
        label=gettext_lazy("What should the crew know?"),
        required=False,
        max_length=DESCRIPTION_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        error_messages={
            "invalid": gettext_lazy("This address is not complete. Write it as name@example.org.")
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    client_uuid = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, categories: list[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = categories

    def kinds(self) -> list[tuple[Family, list[Category]]]:
        """Return the families in their order, each with its kinds."""
        order = Family.values.index
        ordered = sorted(self.categories, key=lambda category: order(category.family))
        grouped = groupby(ordered, key=lambda category: category.family)
        return [(Family(family), list(kinds)) for family, kinds in grouped]

    def clean_category(self) -> str:
        """Accept a kind that is offered now."""
        code: str = self.cleaned_data["category"]
        if code not in {category.code for category in self.categories}:
            raise forms.ValidationError(MISSING_KIND)
        return code

    def clean(self) -> dict[str, Any]:
        """Ask for a kind of the family in sight, and for a place."""
        values: dict[str, Any] = super().clean() or {}
        family = values.get("family")
        chosen = next((c for c in self.categories if c.code == values.get("category")), None)
        if chosen and family and chosen.family != family:
            message = gettext("Choose what is wrong under “%(family)s”.")
            self.add_error("category", message % {"family": Family(family).label})
        if self.point() is None and "search" not in self.errors:
            self.add_error("search", MISSING_PLACE)
        return values

    def point(self) -> tuple[float, float] | None:
        """Return the place as longitude and latitude, or None while there is none."""
        values = self.cleaned_data
        if chosen := parse_place(values.get("place") or ""):
            return chosen
        lon, lat = values.get("lon"), values.get("lat")
        return None if lon is None or lat is None else (lon, lat)

    def new_report(self) -> NewReport:
        """Return the report of a valid form."""
        values = self.cleaned_data
        return NewReport(
            category=values["category"],
            point=self.point(),
            description=values["description"],
            contact=Contact(values["name"], values["email"], values["phone"]),
            channel="web",
            client_uuid=values["client_uuid"],
            must_be_inside=True,
        )

    def show(self, error: CivicError) -> None:
        """Show what the intake refused, at the field that it is about."""
        field = "search" if error.field == "point" else error.field
        self.add_error(field if field in self.fields else None, error.message)

    def renew(self) -> None:
        """Give the form a key of its own, so that sending it once more makes a new report."""
        self.data = {**dict(self.data.items()), "client_uuid": str(uuid.uuid4())}
