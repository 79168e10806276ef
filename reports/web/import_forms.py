"""The form of a mapping: which column holds what, and what its values mean with us."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from layers.models import AreaKind
from layers.queries import city
from layers.web.forms import FilesField
from reports.importing.survey import MOST_VALUES, Asked, Survey
from reports.importing.written import as_toml
from reports.models import Category, Precision
from reports.workflow import State

Document = dict[str, Any]
NO_COLUMN = gettext_lazy("Not in these files")
CATEGORY, STATE = "category-", "state-"
"""What the names of fields for values begin with; their place in the survey follows."""


class ReportFilesForm(forms.Form):
    """Which files."""

    use_required_attribute = False

    file = FilesField(
        label=gettext_lazy("Files of one source"),
        help_text=gettext_lazy(
            "CSV (also packed), Excel, GeoJSON, JSON lines or Parquet; and a mapping (.toml), if "
            "you have one. Nothing is stored yet."
        ),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file.")},
    )


COLUMNS: Mapping[str, tuple[tuple[str, ...], Any]] = {
    "key": (("key",), gettext_lazy("Number or code of a report")),
    "description": (("description",), gettext_lazy("What people wrote")),
    "opened": (("time", "opened"), gettext_lazy("When it was reported")),
    "closed": (("time", "closed"), gettext_lazy("When it was closed")),
    "due": (("time", "due"), gettext_lazy("When it was promised for")),
    "longitude": (("place", "longitude"), gettext_lazy("Longitude or easting")),
    "latitude": (("place", "latitude"), gettext_lazy("Latitude or northing")),
    "text": (("place", "text"), gettext_lazy("Or both as one text")),
    "category": (("category", "column"), gettext_lazy("Kind of problem")),
    "state": (("state", "column"), gettext_lazy("State")),
    "area": (("area", "column"), gettext_lazy("Area of a report without a place")),
}
"""Name of the field: where the mapping has the column, and what it holds."""
VALUES: Mapping[str, tuple[str, ...]] = {
    "source": ("source",),
    "precision": ("precision",),
    "encoding": ("encoding",),
    "delimiter": ("delimiter",),
    "format": ("time", "format"),
    "zone": ("time", "zone"),
    "ambiguous": ("time", "ambiguous"),
    "impossible": ("time", "impossible"),
    "crs": ("place", "crs"),
    "order": ("place", "order"),
    "category_default": ("category", "default"),
    "state_default": ("state", "default"),
    "area_kind": ("area", "kind"),
}
"""Name of the field: where the mapping has what it says."""


USUAL: Mapping[str, str] = {"encoding": "utf-8", "delimiter": ","}
"""What a mapping need not say."""


class MappingForm(forms.Form):
    """What the columns and values of some files mean; what it does not show stays as it was."""

    use_required_attribute = False

    base = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    source = forms.CharField(
        label=gettext_lazy("Name of the source"),
        max_length=60,
        help_text=gettext_lazy(
            "With the number of a report it makes a second import add nothing: never change it."
        ),
    )
    precision = forms.ChoiceField(
        label=gettext_lazy("How exact the places are"),
        choices=[
            (Precision.EXACT, gettext_lazy("Exact: we mask what is private")),
            (Precision.MASKED_BY_SOURCE, gettext_lazy("Already masked by the source")),
        ],
        widget=forms.RadioSelect,
    )
    encoding = forms.CharField(label=gettext_lazy("Characters"), required=False, max_length=40)
    delimiter = forms.CharField(
        label=gettext_lazy("Mark between columns"), required=False, max_length=1, strip=False
    )
    format = forms.CharField(
        label=gettext_lazy("How times are written"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "formats"}),
        help_text=gettext_lazy("Such as %m/%d/%Y %I:%M:%S %p; or iso, epoch, epoch_ms."),
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones"}),
    )
    ambiguous = forms.ChoiceField(
        label=gettext_lazy("An hour that comes twice in autumn"),
        choices=[
            ("reject", gettext_lazy("Leave the row out")),
            ("first", gettext_lazy("Is the first")),
            ("second", gettext_lazy("Is the second")),
        ],
    )
    impossible = forms.ChoiceField(
        label=gettext_lazy("An hour that spring leaves out"),
        choices=[
            ("reject", gettext_lazy("Leave the row out")),
            ("shift", gettext_lazy("Is the hour after")),
        ],
    )
    crs = forms.IntegerField(
        label=gettext_lazy("Coordinate system (EPSG code)"), required=False, min_value=1000
    )
    order = forms.ChoiceField(
        label=gettext_lazy("Order in one text"),
        choices=[
            ("lat_lon", gettext_lazy("Latitude first")),
            ("lon_lat", gettext_lazy("Longitude first")),
        ],
        required=False,
    )
    points = forms.MultipleChoiceField(
        label=gettext_lazy("Points that stand for “we do not know where”"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    category_default = forms.ChoiceField(label=gettext_lazy("Every other kind is"), required=False)
    state_default = forms.ChoiceField(label=gettext_lazy("Every other state is"), required=False)
    area_kind = forms.ChoiceField(label=gettext_lazy("Kind of these areas"), required=False)

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.survey = survey
        for name, (_path, title) in COLUMNS.items():
            self.fields[name] = forms.ChoiceField(
                label=title,
                choices=[("", NO_COLUMN), *((column, column) for column in survey.columns)],
                required=name == "opened",
                error_messages={"required": _("Choose the column: a report has a time.")},
            )
        self.fields["key"].help_text = _(
            "Without one, a row is known by all that it says, and a change makes a new report."
        )
        kinds = [("", _("Left out")), *_kinds()]
        states = [("", _("Left out")), *State.choices]
        self.categories = list(survey.categories.most_common(MOST_VALUES))
        self.states = list(survey.states.most_common(MOST_VALUES))
        for prefix, values, choices in (
            (CATEGORY, self.categories, kinds),
            (STATE, self.states, states),
        ):
            for place, (value, _count) in enumerate(values):
                self.fields[f"{prefix}{place}"] = forms.ChoiceField(
                    label=value or _("(empty)"),
                    choices=[("", _("As every other")), *choices[1:]],
                    required=False,
                )
        self._choose("category_default", kinds)
        self._choose("state_default", states)
        self._choose("area_kind", [("", _("None")), *_area_kinds()])
        self._choose("points", self._points())

    def _choose(self, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - told to the type checker
        field.choices = choices

    def _points(self) -> list[tuple[str, str]]:
        said = [
            (f"{lon},{lat}", _("%(lon)s, %(lat)s: %(n)s rows") % {"lon": lon, "lat": lat, "n": n})
            for (lon, lat), n in self.survey.repeated_points()
        ]
        known = [
            f"{lon},{lat}"
            for lon, lat in _at(self.initial_document(), ("place", "default_points")) or ()
        ]
        return said + [(point, point) for point in known if point not in dict(said)]

    def initial_document(self) -> Document:
        """Return the mapping that the form began with."""
        text = self.data.get("base", "") if self.is_bound else self.initial.get("base", "")
        return parsed(text)

    # ---- what the page shows, part by part ----

    def about(self) -> list[forms.BoundField]:
        """Return the fields that say what source it is."""
        return [self[name] for name in ("source", "key", "description")]

    def reading(self) -> list[forms.BoundField]:
        """Return the fields that say how the files are read."""
        return [self[name] for name in ("encoding", "delimiter")]

    def times(self) -> list[forms.BoundField]:
        """Return the fields of times."""
        names = ("opened", "closed", "due", "format", "zone", "ambiguous", "impossible")
        return [self[name] for name in names]

    def places(self) -> list[forms.BoundField]:
        """Return the fields of places."""
        names = ("longitude", "latitude", "text", "order", "crs", "area", "area_kind")
        return [self[name] for name in names]

    def category_values(self) -> Iterator[tuple[forms.BoundField, int]]:
        """Yield a field for each value of the category column, and how many rows have it."""
        for place, (_value, count) in enumerate(self.categories):
            yield self[f"{CATEGORY}{place}"], count

    def state_values(self) -> Iterator[tuple[forms.BoundField, int]]:
        """Yield a field for each value of the state column, and how many rows have it."""
        for place, (_value, count) in enumerate(self.states):
            yield self[f"{STATE}{place}"], count

    # ---- what comes of it ----

    def mapping(self) -> str:
        """Return the mapping of a valid form as TOML."""
        values = self.cleaned_data
        document = parsed(values["base"])
        for name, (path, _title) in COLUMNS.items():
            before = _at(document, path)
            if values[name] != _first(before, self.survey.columns):
                _put(document, path, values[name])
        for name, path in VALUES.items():
            _put(document, path, "" if values[name] == USUAL.get(name) else values[name])
        points = [[float(part) for part in point.split(",")] for point in values["points"]]
        _put(document, ("place", "default_points"), points)
        if not values["text"]:
            _put(document, ("place", "order"), "")
        for prefix, table, found in (
            (CATEGORY, "category", self.categories),
            (STATE, "state", self.states),
        ):
            meanings = document.setdefault(table, {}).setdefault("values", {})
            for place, (value, _count) in enumerate(found):
                meanings.pop(value, None)
                if meaning := values[f"{prefix}{place}"]:
                    meanings[value] = meaning
        if not values["area"] or not values["area_kind"]:
            document.pop("area", None)
        return as_toml({name: value for name, value in document.items() if value != {}})


def parsed(text: str) -> Document:
    """Return a mapping's document; an empty one for what is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def asked_of(values: Mapping[str, Any]) -> Asked:
    """Return the columns to count, from what a form holds."""
    return Asked(
        *(str(values.get(name, "")) for name in ("category", "state", "longitude", "latitude"))
    )


def initial_of(document: Document, columns: Sequence[str]) -> dict[str, Any]:
    """Return what stands in the form of a mapping, but for the values of its columns."""
    initial: dict[str, Any] = {
        "precision": Precision.EXACT,
        "zone": city().time_zone,
        "format": "iso",
        **USUAL,
        "ambiguous": "reject",
        "impossible": "reject",
        "base": as_toml(document) if document else "",
    }
    for name, path in VALUES.items():
        if (value := _at(document, path)) is not None:
            initial[name] = value
    if isinstance(initial["format"], list):
        initial["format"] = initial["format"][0]
    for name, (path, _title) in COLUMNS.items():
        initial[name] = _first(_at(document, path), columns)
    return initial


def initial_values(document: Document, survey: Survey) -> dict[str, Any]:
    """Return what stands at the values of the category and the state, and at the points."""
    initial: dict[str, Any] = {}
    for prefix, table, found in (
        (CATEGORY, "category", survey.categories),
        (STATE, "state", survey.states),
    ):
        meanings = _at(document, (table, "values")) or {}
        for place, (value, _count) in enumerate(found.most_common(MOST_VALUES)):
            initial[f"{prefix}{place}"] = meanings.get(value, "")
    known = _at(document, ("place", "default_points"))
    if known is not None:
        wanted = {(float(lon), float(lat)) for lon, lat in known}
        initial["points"] = [
            f"{lon},{lat}"
            for (lon, lat), _n in survey.repeated_points()
            if (_number(lon), _number(lat)) in wanted
        ]
    else:
        initial["points"] = [
            f"{lon},{lat}" for (lon, lat), n in survey.repeated_points() if survey.is_suspicious(n)
        ]
    return initial


def zones() -> list[str]:
    """Return the names of time zones."""
    return sorted(zone for zone in available_timezones() if "/" in zone)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _at(document: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _put(document: Document, path: tuple[str, ...], value: Any) -> None:
    """Set a value; an empty one goes."""
    *tables, last = path
    for name in tables:
        document = document.setdefault(name, {})
    if value in ("", None, []):
        document.pop(last, None)
    else:
        document[last] = value


def _first(column: Any, columns: Sequence[str]) -> str:
    """Return the name under which the files have a column."""
    names = column if isinstance(column, list) else [column]
    return next((str(name) for name in names if str(name) in columns), "")


def _kinds() -> list[tuple[str, Any]]:
    by_family: dict[Any, list[tuple[str, str]]] = {}
    for kind in Category.objects.filter(is_active=True).order_by("family", "order"):
        by_family.setdefault(kind.get_family_display(), []).append((kind.code, _(kind.title)))
    return list(by_family.items())


def _area_kinds() -> list[tuple[str, str]]:
    return [(kind.slug, _(kind.title)) for kind in AreaKind.objects.order_by("title")]
