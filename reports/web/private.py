"""Names what of a report stays private, by the person's own words, before it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.models import Sensitivity
from reports.preview import Preview
from reports.web.forms import ReportForm


@dataclass(frozen=True)
class Line:
    """One thing that everybody else does not see; `icon` is a name of the sprite."""

    icon: str
    words: str
    hint: str = ""


@dataclass(frozen=True)
class Typed:
    """What somebody is about to send, in words: place, thing, answers that stay private, photos."""

    place: str
    thing: str
    answers: list[tuple[str, str]]
    photos: int


def lines_of(form: ReportForm, seen: Preview, typed: Typed) -> list[Line]:
    """Return what stays private of a valid form."""
    return [*_contact(form), *_report(form, seen, typed), _position()]


def _contact(form: ReportForm) -> Iterator[Line]:
    values = form.cleaned_data
    if email := values["email"]:
        hint = _("Only used to write to you about this report")
        if values["wants_mail"]:
            hint = _("The receipt and news of this report go there")
        yield Line("mail", email, hint)
    if name := values["name"]:
        yield Line("circle-user-round", name, _("Only for the people who work on it"))
    if phone := values["phone"]:
        yield Line("phone", phone, _("Only for questions of the people who work on it"))


def _report(form: ReportForm, seen: Preview, typed: Typed) -> Iterator[Line]:
    readers = _("Only for the people who work on it")
    if seen.sensitivity == Sensitivity.VICTIM:
        readers = _("Only for the desk that is trained for this")
    if seen.point != form.point():
        yield Line("map-pin", _("The exact place: %(place)s") % {"place": typed.place}, readers)
    if typed.thing:
        yield Line("signpost", typed.thing, readers)
    if form.cleaned_data["description"] and not seen.shows_text:
        yield Line("message-square", _("What you wrote"), readers)
    for question, answer in typed.answers:
        yield Line("message-square", f"{question} {answer}", readers)
    if typed.photos and seen.sensitivity != Sensitivity.OPEN:
        words = ngettext("Your photo", "Your %(n)s photos", typed.photos) % {"n": typed.photos}
        yield Line("camera", words, readers)


def _position() -> Line:
    return Line("map-pin-off", _("Where you stood when you reported"), _("We do not keep it"))
