"""What a person says of a closing, as forms send it, and what we answer."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from layers import throttle
from layers.errors import InvalidInput
from layers.http import Request
from reports.models import Verdict
from reports.voices import NOTE_LIMIT, Outcome

TRIES = 20
REOPENING_TRIES = 6
WINDOW_S = 3600

ANSWERS: Mapping[Outcome, Promise] = {
    Outcome.RECORDED: _("Thank you. We have written it down."),
    Outcome.REOPENED: _("Thank you. It is open again, and the crew sees it first."),
    Outcome.ALREADY_OPEN: _("Thank you. It is open again."),
    Outcome.NOT_REOPENED: _(
        "Thank you. It was opened again twice already, so it stays closed; the crew reads what you "
        "say."
    ),
    Outcome.OUTDATED: _("It has changed since you opened this page. Look again, then say."),
}
TAKEN_BACK = _("Taken back.")


class VerdictForm(forms.Form):
    """One of three buttons, the closing that the person saw, and what is left to do."""

    answer = forms.ChoiceField(choices=Verdict.Answer.choices)
    closing = forms.IntegerField()
    note = forms.CharField(required=False, max_length=NOTE_LIMIT)


def parse(request: Request) -> tuple[str, int, str]:
    """Return answer, closing and note of a form that was sent.

    Raises
    ------
    InvalidInput
        When there is no such answer, or the note is too long.
    """
    form = VerdictForm(request.POST)
    for field, errors in form.errors.items():
        raise InvalidInput(str(errors[0]), field=field)
    values = form.cleaned_data
    return values["answer"], values["closing"], values["note"]


def hold_back(request: Request) -> None:
    """Count one try of the caller; one that would open a report again counts for more.

    Raises
    ------
    TooMany
        Beyond what one address may say in an hour.
    """
    throttle.enter(request, "verdict", tries=TRIES, seconds=WINDOW_S)
    if request.POST.get("answer") == Verdict.Answer.NOT_FIXED:
        throttle.enter(request, "reopening", tries=REOPENING_TRIES, seconds=WINDOW_S)


def reply(request: Request, outcome: Outcome) -> None:
    """Say on the next page what became of it."""
    tell = messages.warning if outcome is Outcome.OUTDATED else messages.success
    tell(request, str(ANSWERS[outcome]))
