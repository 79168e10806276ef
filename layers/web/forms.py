"""The forms of an import: which file, what it becomes, how it is read, under which terms."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from layers.importing.asked import IMPORTERS, Asked
from layers.importing.formats import Format
from layers.importing.inspection import Inspection
from layers.importing.load import Provenance
from layers.importing.reading import Options
from layers.importing.wanted import WANTED, Wanted, guess
from layers.models import AreaKind, AssetKind, Dataset, ImportJob
from layers.queries import city

Target = ImportJob.Target
NO_COLUMN = gettext_lazy("Not in this file")
COLUMN = "column-"
"""What the names of fields for columns begin with."""
ENCODINGS = ("utf-8", "cp1252", "latin-1", "cp1250", "cp1251", "mac-roman", "utf-16")


OSM_SUBJECTS = {
    "streets": gettext_lazy("Streets"),
    "areas": gettext_lazy("Areas"),
    "addresses": gettext_lazy("Addresses"),
    "points": gettext_lazy("Points of interest"),
    "assets": gettext_lazy("Things"),
}


TICKED = frozenset({True, "on", "True"})


class SeveralFiles(forms.ClearableFileInput):
    """A file field that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; cleaned, they are a list."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[bytes]]":
        """Return the files."""
        files = data or [None] if isinstance(data, list) else [data]
        return [
            cast("UploadedFile[bytes]", super(FilesField, self).clean(f, initial)) for f in files
        ]


class UploadForm(forms.Form):
    """Which files, and what they become."""

    use_required_attribute = False

    file = FilesField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "GeoPackage, GeoJSON, Shapefile (zipped, or its parts together), FlatGeobuf, KML, "
            "CSV and others. It is looked over first; nothing is stored yet."
        ),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    target = forms.ChoiceField(
        label=gettext_lazy("What it becomes"),
        choices=[(value, Target(value).label) for value in IMPORTERS],
        initial=Target.LAYER,
        widget=forms.RadioSelect,
    )


class ImportForm(forms.Form):
    """How a file is read and what it becomes; its fields are those that the target asks for."""

    use_required_attribute = False

    target = forms.ChoiceField(
        label=gettext_lazy("What it becomes"),
        choices=[(value, Target(value).label) for value in IMPORTERS],
    )
    layer = forms.ChoiceField(label=gettext_lazy("Layer of the file"), required=False)
    srid = forms.IntegerField(
        label=gettext_lazy("Coordinate system (EPSG code)"),
        required=False,
        min_value=1000,
        max_value=999_999,
        widget=forms.NumberInput(attrs={"list": "systems", "inputmode": "numeric"}),
        help_text=gettext_lazy("Left empty, the file is believed."),
    )
    is_swapped = forms.BooleanField(
        label=gettext_lazy("The file has latitude before longitude"), required=False
    )
    is_inside_only = forms.BooleanField(
        label=gettext_lazy("Leave out what lies far outside the city"), required=False
    )
    encoding = forms.ChoiceField(label=gettext_lazy("Characters"), required=False)
    longitude = forms.ChoiceField(label=gettext_lazy("Column of the longitude"), required=False)
    latitude = forms.ChoiceField(label=gettext_lazy("Column of the latitude"), required=False)
    wkt = forms.ChoiceField(label=gettext_lazy("Column of shapes as text"), required=False)
    kind = forms.ModelChoiceField(
        label=gettext_lazy("Kind"), queryset=AreaKind.objects.none(), required=True
    )
    new_kind = forms.CharField(
        label=gettext_lazy("Or a new kind"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("What one of them is called, such as Fire hydrant."),
    )
    title = forms.CharField(label=gettext_lazy("Name of the layer"), max_length=80)
    audience = forms.ChoiceField(label=gettext_lazy("Who may see it"), required=True)
    subjects = forms.MultipleChoiceField(
        label=gettext_lazy("Also beside what another source has brought"),
        choices=list(OSM_SUBJECTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    nodata = forms.FloatField(
        label=gettext_lazy("Value of cells without data"),
        required=False,
        help_text=gettext_lazy("Left empty, the file is believed."),
    )
    levels = forms.CharField(
        label=gettext_lazy("Which kind of area a level is"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Level and kind, with commas between: 9=ward, 10=neighbourhood."),
    )
    source = forms.CharField(
        label=gettext_lazy("Name of the source"),
        max_length=200,
        help_text=gettext_lazy(
            "Importing again under the same name replaces what came before under it."
        ),
    )
    licence = forms.CharField(
        label=gettext_lazy("Licence"),
        max_length=200,
        help_text=gettext_lazy("Such as ODbL-1.0 or CC-BY-4.0; “none stated” if it says none."),
        error_messages={"required": gettext_lazy("Say under which terms it may be used.")},
    )
    attribution = forms.CharField(
        label=gettext_lazy("Attribution"),
        max_length=300,
        help_text=gettext_lazy("Who is named on every map that shows it."),
        error_messages={"required": gettext_lazy("Say who made it: the map must name them.")},
    )

    def __init__(
        self,
        *args: Any,
        target: str,
        layers: Sequence[str],
        seen: Inspection | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.becomes = target
        self.wanted = WANTED.get(target, ())
        names = [field.name for field in seen.fields] if seen else []
        self._choose("layer", [(name, name) for name in layers])
        self._choose(
            "encoding", [("", _("As the file says")), *((name, name) for name in ENCODINGS)]
        )
        self._choose("audience", _audiences())
        for name in ("longitude", "latitude", "wkt"):
            self._choose(name, _columns(names))
        for wanted in self.wanted:
            self.fields[COLUMN + wanted.name] = self._column_field(wanted, names)
        for name in self._not_asked(layers, seen):
            del self.fields[name]
        if target == Target.ASSETS:
            kind = cast("forms.ModelChoiceField[Any]", self.fields["kind"])
            kind.queryset = AssetKind.objects.order_by("title")
            kind.required = False
        elif target == Target.AREAS:
            kind = cast("forms.ModelChoiceField[Any]", self.fields["kind"])
            kind.queryset = AreaKind.objects.order_by("title")

    def _choose(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def _column_field(self, wanted: Wanted, names: Sequence[str]) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=str(wanted.title),
            choices=_columns(names),
            required=wanted.is_required,
            initial=guess(wanted, names),
            error_messages={
                "required": _("Choose the column that holds it: without it nothing comes in.")
            },
        )

    def _not_asked(self, layers: Sequence[str], seen: Inspection | None) -> list[str]:
        """Return the fields that mean nothing for this file and target."""
        unwanted = []
        if len(layers) < 2:
            unwanted.append("layer")
        if seen is None or seen.format != Format.CSV:
            unwanted += ["longitude", "latitude", "wkt"]
        if self.becomes not in {Target.AREAS, Target.ASSETS}:
            unwanted.append("kind")
        if self.becomes != Target.ASSETS:
            unwanted.append("new_kind")
        if self.becomes not in {Target.LAYER, Target.RASTER}:
            unwanted.append("title")
        if self.becomes not in {Target.LAYER, Target.OSM, Target.RASTER}:
            unwanted.append("audience")
        if self.becomes in {Target.OSM, Target.RASTER}:
            unwanted += ["srid", "is_swapped", "is_inside_only", "encoding"]
        if self.becomes != Target.OSM:
            unwanted += ["subjects", "levels"]
        if self.becomes != Target.RASTER:
            unwanted.append("nodata")
        return unwanted

    def reading(self) -> list[forms.BoundField]:
        """Return the fields that say how the file is read."""
        names = ("layer", "srid", "encoding", "longitude", "latitude", "wkt")
        return [self[name] for name in names if name in self.fields]

    def columns(self) -> list[forms.BoundField]:
        """Return the fields that say which column holds what."""
        return [self[COLUMN + wanted.name] for wanted in self.wanted]

    def becoming(self) -> list[forms.BoundField]:
        """Return the fields that say what it becomes."""
        names = ("target", "kind", "new_kind", "title", "audience", "levels", "nodata")
        return [self[name] for name in names if name in self.fields]

    def terms(self) -> list[forms.BoundField]:
        """Return the fields that say whose it is."""
        return [self[name] for name in ("source", "licence", "attribution")]

    def clean(self) -> dict[str, Any]:
        """Ask for a kind of things, known or new."""
        values = super().clean() or {}
        if "new_kind" in self.fields and not (values.get("kind") or values.get("new_kind")):
            self.add_error("kind", _("Choose the kind, or name a new one."))
        return values

    def asked(self) -> Asked:
        """Return what a valid form asks for."""
        values: Mapping[str, Any] = self.cleaned_data
        kind, new_kind = values.get("kind"), values.get("new_kind", "")
        title = values.get("title", "")
        return Asked(
            target=self.becomes,
            options=options_of(values),
            provenance=Provenance(values["source"], values["licence"], values["attribution"]),
            columns={
                w.name: values[COLUMN + w.name] for w in self.wanted if values[COLUMN + w.name]
            },
            kind=kind.slug if kind else slugify(new_kind),
            slug=slugify(title),
            title=title or new_kind,
            audience=values.get("audience", ""),
            nodata=values.get("nodata"),
            subjects=tuple(values.get("subjects", ())),
            levels=tuple(filter(None, re.split(r"[,\s]+", values.get("levels", "")))),
        )


def options_of(values: Mapping[str, Any]) -> Options:
    """Return how a file is read, from what a form or an address says.

    What is no number stands for none: the form itself says so at its field.
    """
    srid = str(values.get("srid") or "")
    return Options(
        layer=values.get("layer", ""),
        srid=int(srid) if srid.isdecimal() else None,
        encoding=values.get("encoding", ""),
        longitude=values.get("longitude", ""),
        latitude=values.get("latitude", ""),
        wkt=values.get("wkt", ""),
        is_swapped=values.get("is_swapped") in TICKED,
        is_inside_only=values.get("is_inside_only") in TICKED,
    )


def initial_of(asked: Asked) -> dict[str, Any]:
    """Return what stands in the form of an import that was asked for before."""
    options = asked.options
    return {
        "target": asked.target,
        "layer": options.layer,
        "srid": options.srid,
        "is_swapped": options.is_swapped,
        "is_inside_only": options.is_inside_only,
        "encoding": options.encoding,
        "longitude": options.longitude,
        "latitude": options.latitude,
        "wkt": options.wkt,
        "kind": asked.kind,
        "title": asked.title,
        "audience": asked.audience,
        "subjects": list(asked.subjects),
        "levels": ", ".join(asked.levels),
        "nodata": asked.nodata,
        "source": asked.provenance.name,
        "licence": asked.provenance.licence,
        "attribution": asked.provenance.attribution,
        **{COLUMN + name: column for name, column in asked.columns.items()},
    }


def systems() -> list[tuple[int, str]]:
    """Return coordinate systems to propose: their EPSG codes and what they are."""
    proposed = [(4326, _("Longitude and latitude (WGS 84)")), (3857, _("Web map metres"))]
    if srid := city().metric_srid:
        proposed.insert(1, (srid, _("What this city measures in")))
    return proposed


def _columns(names: Sequence[str]) -> list[tuple[str, Any]]:
    return [("", NO_COLUMN), *((name, name) for name in names)]


def _audiences() -> list[tuple[str, Any]]:
    return [
        (Dataset.Audience.PLANNERS, _("Planners and administrators")),
        (Dataset.Audience.STAFF, _("Everybody who works here")),
        (Dataset.Audience.PUBLIC, _("Everybody")),
    ]


OPTION = re.compile(r"--(?P<name>[a-z]+)\b")
FIELDS: Mapping[str, Any] = {
    "crs": ImportForm.base_fields["srid"].label,
    "swapped": ImportForm.base_fields["is_swapped"].label,
    "inside": ImportForm.base_fields["is_inside_only"].label,
    "only": ImportForm.base_fields["subjects"].label,
    **{
        name: ImportForm.base_fields[name].label
        for name in ("encoding", "layer", "longitude", "latitude", "wkt", "nodata")
    },
    "code": gettext_lazy("Code"),
}
"""By the name of an option of the shell, the field that stands for it on a page."""


def by_fields(message: str) -> str:
    """Say a message of the shell's verbs to people who have a form before them."""

    def named(option: re.Match[str]) -> str:
        label = FIELDS.get(option["name"])
        return option[0] if label is None else _("“%(field)s”") % {"field": label}

    return OPTION.sub(named, message)
