"""The form of a question, made from what its method and source may be asked with."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from layers.access import Viewer
from layers.errors import InvalidInput
from planning import studies, wording
from planning.methods import Method
from planning.models import Study
from planning.parameters import Choice, Parameter, Value
from planning.sources import point_layers

ALL = _("All")


def as_typed(value: Any) -> Any:
    """Return a value as people would type it: 200, not 200.0."""
    return f"{value:.15g}" if isinstance(value, float) else value


class ParameterField(forms.Field):
    """One parameter: what was typed becomes its typed value, or its own refusal.

    Left empty it takes its default, so nothing is required and nothing is called optional.
    """

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter
        unit = f" ({parameter.unit})" if parameter.unit else ""
        super().__init__(
            label=f"{gettext(parameter.title)}{unit}",
            initial=parameter.default,
            help_text=_help(parameter),
            widget=_widget(parameter),
        )

    def prepare_value(self, value: Any) -> Any:
        """Return what stands in the field."""
        return as_typed(value)

    def clean(self, value: Any) -> Value:
        """Return the typed value."""
        try:
            return self.parameter.parse(value)
        except InvalidInput as refused:
            raise forms.ValidationError(refused.message) from refused


def _help(parameter: Parameter) -> str:
    is_number = parameter.type in {"number", "integer"}
    limits = f"{parameter.allowed()[:1].upper()}{parameter.allowed()[1:]}." if is_number else ""
    said = gettext(parameter.help) if parameter.help else ""
    return f"{said} {limits}".strip()


def _widget(parameter: Parameter) -> forms.Widget:
    match parameter.type:
        case "choice":
            none = [("", ALL)] if parameter.default == "" else []
            return forms.Select(
                choices=none + [(c.value, gettext(c.title)) for c in parameter.choices]
            )
        case "boolean":
            return forms.Select(choices=[("true", _("Yes")), ("false", _("No"))])
        case "date":
            return forms.DateInput(attrs={"type": "date"})
        case "number" | "integer":
            step = "1" if parameter.type == "integer" else "any"
            return forms.NumberInput(attrs={"step": step, "inputmode": "decimal"})


def _source_of(method: Method[Any]) -> Parameter:
    """Ask which layer is counted: the method's own, or one whose points are things."""
    own = Choice(method.source, str(wording.SOURCES[method.source]))
    return Parameter(
        "source",
        gettext_noop("Reports or things"),
        "choice",
        method.source,
        help=gettext_noop("The choices below narrow reports alone; leave them empty for things."),
        choices=(own, *(Choice(layer.slug, layer.title) for layer in point_layers())),
    )


class QuestionForm(forms.Form):
    """What a study asks. `method` says which fields there are."""

    use_required_attribute = False

    def __init__(self, *args: Any, method: Method[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.method = method
        self.filters = method.filters
        if method.read_points:
            self.fields["source"] = ParameterField(_source_of(method))
        for parameter in (*self.filters, *method.parameters):
            self.fields[parameter.name] = ParameterField(parameter)
        self.fields["title"] = forms.CharField(
            label=_("Name of this study"),
            required=False,
            max_length=studies.TITLE_LENGTH,
            help_text=_("Left empty, it is named after the question."),
        )

    def subject(self) -> list[forms.BoundField]:
        """Return the fields that say what is counted."""
        source = [self["source"]] if "source" in self.fields else []
        return source + [self[parameter.name] for parameter in self.filters]

    def measure(self) -> list[forms.BoundField]:
        """Return the fields that say how it is measured."""
        return [self[parameter.name] for parameter in self.method.parameters]

    def save(self, viewer: Viewer) -> Study:
        """Store the study of a valid form.

        Raises
        ------
        InvalidInput
            When values that are fine by themselves contradict each other.
        """
        values: Mapping[str, Any] = self.cleaned_data
        source = values.get("source", self.method.source)
        filters = {parameter.name: values[parameter.name] for parameter in self.filters}
        return studies.create(
            self.method.slug,
            viewer,
            source=source,
            parameters={p.name: values[p.name] for p in self.method.parameters},
            filters=filters,
            title=values["title"] or wording.title_of(self.method, source, filters),
        )
