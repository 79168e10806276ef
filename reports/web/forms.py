"""The form of a new report: what was typed becomes a `NewReport`, or says what is missing."""

import uuid
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext, gettext_lazy

from layers import gazetteer
from layers.errors import CivicError
from layers.models import Asset
from reports import kinds, photos, questions
from reports.models import Category, Family
from reports.submission import DESCRIPTION_LIMIT, Contact, NewReport

CREW_WORDS = gettext_lazy("What should the crew know?")
CRIME_WORDS = gettext_lazy("What happened?")
MISSING_KIND = gettext_lazy("Choose what is wrong.")
MISSING_PLACE = gettext_lazy("Say where it is: type a street, press Find and choose one.")
UNKNOWN_ASSET = gettext_lazy("This thing is not on our list. Choose one of the list, or none.")
OFF_THE_MAP = gettext_lazy(
    "This place is not on the map. Give a longitude from -180 to 180 and a latitude from -85 to 85."
)
MOST_LON, MOST_LAT = 180.0, 85.0
BEYOND = gettext_lazy(
    "Then the neighbouring town looks after it. Report it there, or choose another place."
)
LARGEST_KEY = 2**63 - 1
DEGREES = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
ANSWER = "answers-"
"""What the fields of a kind's own questions begin with."""
# What the intake calls a value, and the field that it comes from.
FIELD_OF = {"point": "search"}


def words_of(kind: Category) -> str:
    """Return what is asked for the description of a kind."""
    return str(CRIME_WORDS if kind.family == Family.CRIME else CREW_WORDS)


def is_on_map(point: tuple[float, float]) -> bool:
    """Tell whether longitude and latitude lie within the map's projection."""
    return abs(point[0]) <= MOST_LON and abs(point[1]) <= MOST_LAT


def parse_place(value: str) -> tuple[float, float] | None:
    """Return longitude and latitude of a chosen place's value, or None when it is none."""
    try:
        lon, lat = (float(part) for part in value.split(","))
    except ValueError:
        return None
    return lon, lat


class ReportForm(forms.Form):
    """What somebody reports. `place` is one that was looked up; `lon` and `lat` the map's.

    The questions of the chosen kind are fields as well, with names that begin with ``answers-``;
    `asked` names the kind whose questions were shown, `safe` the one of which somebody said that
    nobody is in danger.
    """

    search = forms.CharField(
        label=gettext_lazy("Address or place"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "street-address",
                "placeholder": gettext_lazy("Search an address or a place"),
            }
        ),
    )
    place = forms.CharField(required=False, max_length=60)
    lat = forms.FloatField(label=gettext_lazy("Latitude"), required=False, widget=DEGREES)
    lon = forms.FloatField(label=gettext_lazy("Longitude"), required=False, widget=DEGREES)
    asset = forms.IntegerField(
        label=gettext_lazy("The thing it is about"),
        required=False,
        min_value=1,
        max_value=LARGEST_KEY,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), UNKNOWN_ASSET),
    )
    is_here = forms.ChoiceField(
        label=gettext_lazy("On which side is it?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
    )
    family = forms.ChoiceField(choices=Family.choices, required=False)
    kind_search = forms.CharField(
        label=gettext_lazy("Say it in your own words"),
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "placeholder": gettext_lazy("Dark lamp, hole in the road, noise …"),
            }
        ),
    )
    category = forms.CharField(
        label=gettext_lazy("What is wrong?"), error_messages={"required": MISSING_KIND}
    )
    safe = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    asked = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    photos = forms.CharField(label=gettext_lazy("Photos"), required=False)
    description = forms.CharField(
        label=CREW_WORDS,
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
    wants_mail = forms.BooleanField(
        label=gettext_lazy("Send me the receipt and news by e-mail"), required=False
    )
    client_uuid = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, categories: list[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = categories
        self.kind = next((c for c in categories if c.code == self["category"].value()), None)
        if self.kind:
            self.fields["description"].label = words_of(self.kind)
            asked = questions.form_fields(self.kind.questions)
            self.fields |= {ANSWER + name: field for name, field in asked.items()}

    @classmethod
    def typed(cls, data: QueryDict, categories: list[Category]) -> "ReportForm":
        """Return a form that shows what was typed so far and finds no fault with it."""
        form = cls(initial={"category": data.get("category", "")}, categories=categories)
        form.initial = {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in form.fields.items()
        }
        return form

    @property
    def families(self) -> list[Family]:
        """Return the families that have kinds, in their order."""
        return [family for family in Family if any(c.family == family for c in self.categories)]

    def questions(self) -> list[forms.BoundField]:
        """Return the questions of the chosen kind."""
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    def draft(self) -> uuid.UUID | None:
        """Return the key that the report is sent with; None where it has none of ours."""
        try:
            return uuid.UUID(str(self["client_uuid"].value()))
        except ValueError:
            return None

    def may_be_about_danger(self) -> bool:
        """Tell whether somebody may be in danger, and nobody has said otherwise."""
        kind = self.kind
        return (
            kind is not None
            and kinds.warns_of_emergency(kind)
            and self["safe"].value() != kind.code
        )

    def leaves_questions_unasked(self) -> bool:
        """Tell whether the chosen kind has questions that the form has not shown yet."""
        asked = self["asked"].value()
        return self.kind is not None and bool(self.questions()) and asked != self.kind.code

    def found_places(self) -> list[gazetteer.Place]:
        """Return the places that the words typed for it may mean, best first."""
        return gazetteer.find(self["search"].value() or "")

    def found_kinds(self) -> list[Category]:
        """Return the kinds that the words typed for it may mean, best first."""
        return kinds.find(self.categories, self["kind_search"].value() or "")

    def clean_category(self) -> str:
        """Accept a kind that is offered now."""
        code: str = self.cleaned_data["category"]
        if self.kind is None:
            raise forms.ValidationError(MISSING_KIND)
        return code

    def clean(self) -> dict[str, Any]:
        """Ask for a kind of the family in sight, for a place, and for an address for mail."""
        values: dict[str, Any] = super().clean() or {}
        family = values.get("family")
        if self.kind and family and self.kind.family != family:
            message = gettext("Choose what is wrong under “%(family)s”.")
            self.add_error("category", message % {"family": Family(family).label})
        point = self.point()
        if point is None and "search" not in self.errors:
            self.add_error("search", MISSING_PLACE)
        elif point and not is_on_map(point):
            self.add_error("search", OFF_THE_MAP)
        if values.get("wants_mail") and not values.get("email") and "email" not in self.errors:
            self.add_error("email", gettext("Give the address to write to, or ask for no mail."))
        return values

    def point(self) -> tuple[float, float] | None:
        """Return the place as longitude and latitude, or None while there is none."""
        values = self.cleaned_data if self.is_bound else self.initial
        if chosen := parse_place(values.get("place") or ""):
            return chosen
        return parse_place(f"{values.get('lon')},{values.get('lat')}")

    def check_place(self, spot: gazetteer.Whereabouts) -> None:
        """Refuse a place outside; on the border, ask on which side it is and never guess."""
        side = self.cleaned_data.get("is_here")
        if not spot.is_inside:
            self.add_error("search", spot.message)
        elif spot.border_m is not None and side == "no":
            self.add_error("is_here", BEYOND)
        elif spot.border_m is not None and side != "yes":
            self.add_error("is_here", gettext("Say on which side of the border it is."))

    def thing(self) -> str:
        """Return what the chosen thing of the city is called; empty where none is chosen."""
        asset = Asset.objects.select_related("kind").filter(pk=self.cleaned_data["asset"]).first()
        return f"{gettext(asset.kind.title)} {asset.code}" if asset else ""

    def answers(self) -> Mapping[str, Any]:
        """Return the answers of a valid form to the kind's questions."""
        given = {
            name.removeprefix(ANSWER): value
            for name, value in self.cleaned_data.items()
            if name.startswith(ANSWER)
        }
        return questions.from_form(self.kind.questions, given) if self.kind else {}

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
            photos=photos.keys_of(values["client_uuid"]),
            answers=self.answers(),
            asset=values["asset"],
            language=get_language() or "",
            wants_mail=values["wants_mail"],
            must_be_inside=True,
        )

    def show(self, error: CivicError) -> None:
        """Show what the intake refused, at the field that it is about."""
        field = (error.field or "").replace("answers.", ANSWER)
        field = FIELD_OF.get(field, field)
        self.add_error(field if field in self.fields else None, error.message)

    def renew(self) -> None:
        """Give the form a key of its own, so that sending it once more makes a new report."""
        data = cast("QueryDict", self.data).copy()
        data["client_uuid"] = str(uuid.uuid4())
        self.data = data
