"""A category's own questions: one JSON Schema asks, checks and says the answers.

A schema is an object of JSON Schema 2020-12 whose properties are of these kinds: a string (one of
an ``enum``, a ``date``, or free with a ``maxLength``), a boolean, an integer, or an array of some
of an ``enum``. Words stand in ``title`` and ``description``; those of an enum in ``x-titles``, in
its order. ``x-order`` puts the questions in order, since JSON keeps none; ``x-public`` says that
everybody may see the answer where the category's class shows text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from layers.errors import InvalidInput

Schema = Mapping[str, Any]
Answers = dict[str, Any]

TEXT_LIMIT = 200


@dataclass(frozen=True)
class Question:
    """One question of a category: a property of its schema."""

    name: str
    rule: Schema
    is_required: bool

    @property
    def title(self) -> str:
        """The question in the reader's language."""
        return _(self.rule["title"])

    @property
    def hint(self) -> str:
        """What helps to answer; may be empty."""
        return _(self.rule["description"]) if self.rule.get("description") else ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The answers to choose from, each with its words; empty for a free answer."""
        rule = self.rule["items"] if self.rule["type"] == "array" else self.rule
        return [
            (value, _(words))
            for value, words in zip(rule.get("enum", ()), rule.get("x-titles", ()), strict=True)
        ]

    def field(self) -> forms.Field:
        """Return the form field that asks it."""
        common: dict[str, Any] = {
            "label": self.title,
            "help_text": self.hint,
            "required": self.is_required,
        }
        match self.rule:
            case {"type": "array"}:
                return forms.MultipleChoiceField(
                    choices=self.choices, widget=forms.CheckboxSelectMultiple, **common
                )
            case {"type": "string", "enum": _values}:
                return _one_of(self.choices, **common)
            case {"type": "string", "format": "date"}:
                return forms.DateField(widget=forms.DateInput({"type": "date"}), **common)
            case {"type": "boolean"}:
                yes_or_no = [("yes", _("Yes")), ("no", _("No"))]
                return _one_of(yes_or_no, coerce=lambda value: value == "yes", **common)
            case {"type": "integer"}:
                least, most = self.rule.get("minimum"), self.rule.get("maximum")
                return forms.IntegerField(min_value=least, max_value=most, **common)
            case _:
                return forms.CharField(max_length=self.rule.get("maxLength", TEXT_LIMIT), **common)

    def words(self, answer: Any) -> str:
        """Say an answer in the reader's language."""
        named = dict(self.choices)
        match answer:
            case bool():
                return _("Yes") if answer else _("No")
            case int():
                return number_format(answer, use_l10n=True)
            case list():
                return ", ".join(named.get(one, str(one)) for one in answer)
            case str() if self.rule.get("format") == "date":
                return date_format(date.fromisoformat(answer), _("j F Y"))
            case _:
                return named.get(answer, str(answer))


def _one_of(choices: list[tuple[str, str]], *, required: bool, **options: Any) -> forms.Field:
    """Return the field of one choice; where none is needed, not knowing is one of them."""
    if not required:
        choices = [*choices, ("", _("I do not know"))]
    return forms.TypedChoiceField(
        choices=choices, widget=forms.RadioSelect, required=required, empty_value=None, **options
    )


def of_schema(schema: Schema) -> list[Question]:
    """Return the questions of a schema in their order; none of an empty one."""
    required = schema.get("required", ())
    properties = schema.get("properties", {}).items()
    in_order = sorted(properties, key=lambda named: (named[1].get("x-order", 0), named[0]))
    return [Question(name, rule, name in required) for name, rule in in_order]


def form_fields(schema: Schema) -> dict[str, forms.Field]:
    """Return the form fields that ask a schema's questions, by name, in their order.

    What such a form has cleaned becomes answers by `from_form`.
    """
    return {question.name: question.field() for question in of_schema(schema)}


def from_form(schema: Schema, cleaned: Mapping[str, Any]) -> Answers:
    """Return the answers that a form of `form_fields` has cleaned; what was left out is not there.

    ``cleaned`` may hold other fields as well.
    """
    given = {q.name: cleaned.get(q.name) for q in of_schema(schema)}
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
        if value not in (None, "", [])
    }


def check(schema: Schema, answers: Mapping[str, Any], *, must_answer: bool = True) -> Answers:
    """Return the answers as they are to be stored: blank ones left out, texts without their edges.

    `must_answer` is false for reports of another system, which was never asked.

    Raises
    ------
    InvalidInput
        For an answer that the schema refuses, or one that is missing; names the question.
    """
    given = _without_blanks(answers)
    if not given and not (must_answer and schema.get("required")):
        return given
    rule = {**schema, "additionalProperties": False}
    if not must_answer:
        rule.pop("required", None)
    validator = Draft202012Validator(rule, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in sorted(validator.iter_errors(given), key=lambda e: list(map(str, e.path))):
        raise _refusal(schema, given, error)
    return given


def _without_blanks(answers: Mapping[str, Any]) -> Answers:
    cleaned = {name: _storable(value) for name, value in answers.items()}
    return {name: value for name, value in cleaned.items() if value not in (None, "", [])}


def _storable(value: Any) -> Any:
    """Return what PostgreSQL takes of a text: no zero characters, no halves of characters."""
    if isinstance(value, str):
        return value.encode(errors="ignore").decode().replace("\0", "").strip()
    # JSON has one kind of number, and so has its schema: 3.0 is a whole one.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _refusal(schema: Schema, given: Answers, error: ValidationError) -> InvalidInput:
    known = {question.name: question for question in of_schema(schema)}
    if error.validator == "additionalProperties":
        name = next(name for name in given if name not in known)
        return InvalidInput(_unknown(name, known), field=f"answers.{name}")
    if error.validator == "required":
        name = next(n for n in schema["required"] if n not in given)
        message = _("Answer the question “%(question)s”.") % {"question": known[name].title}
        return InvalidInput(message, field=f"answers.{name}")
    question = known[str(error.path[0])]
    message = _("“%(question)s”: %(remedy)s") % {
        "question": question.title,
        "remedy": _remedy(question, error),
    }
    return InvalidInput(message, field=f"answers.{question.name}")


def _unknown(name: str, known: Iterable[str]) -> str:
    asked = ", ".join(known)
    if not asked:
        return _("This kind of report has no questions of its own; leave the answers out.")
    return _("There is no question “%(name)s” here. Known are: %(asked)s.") % {
        "name": name,
        "asked": asked,
    }


REMEDIES: Mapping[str, Promise] = {
    "enum": gettext_lazy("Choose among: %(allowed)s."),
    "uniqueItems": gettext_lazy("Name each thing once."),
    "minimum": gettext_lazy("Give %(limit)s or more."),
    "maximum": gettext_lazy("Give %(limit)s or less."),
    "maxLength": gettext_lazy("Use %(limit)s characters or fewer."),
    "format": gettext_lazy("Give a date such as 2026-03-31."),
    "array": gettext_lazy("Give a list of answers."),
    "boolean": gettext_lazy("Say true or false."),
    "integer": gettext_lazy("Give a whole number."),
    "string": gettext_lazy("Give a text."),
}
"""What would be an answer, by the rule that was broken, or by the type where that was wrong."""


def _remedy(question: Question, error: ValidationError) -> str:
    rule = error.validator_value if error.validator == "type" else error.validator
    allowed = ", ".join(value for value, _words in question.choices)
    return str(REMEDIES[str(rule)]) % {"allowed": allowed, "limit": error.validator_value}


def public_part(schema: Schema, answers: Mapping[str, Any]) -> Answers:
    """Return those of checked answers that everybody may see where the class shows text."""
    properties = schema.get("properties", {})
    return {name: value for name, value in answers.items() if properties[name].get("x-public")}


def in_words(schema: Schema, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return questions and answers in the reader's language, in their order.

    An answer whose question the city has since removed stands last, under its name.
    """
    known = of_schema(schema)
    said = [(q.title, q.words(answers[q.name])) for q in known if q.name in answers]
    gone = answers.keys() - {question.name for question in known}
    return said + [(name, str(answers[name])) for name in sorted(gone)]
