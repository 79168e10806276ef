"""The pages of crews and desks: what there is to do, and the steps that do it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from layers import registry
from layers.errors import (
    CivicError,
    Conflict,
    InvalidInput,
    NotAllowed,
    SignInNeeded,
    add_to_form,
)
from layers.http import Request, in_city_time
from reports import (
    gallery,
    identifiers,
    incidents,
    lifecycle,
    nearby,
    photos,
    queries,
    questions,
    tracking,
)
from reports.incidents import Incident
from reports.masking import SHOW_PHOTOS
from reports.models import Report, Sensitivity
from reports.nearby import Similar
from reports.workflow import UNFINISHED, Phase, State, steps_from, way_back

PAGE_SIZE = 100
VIEWS = ("list", "map")

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]


@dataclass(frozen=True)
class Queue:
    """One of the two lists of a crew, as the address names it."""

    code: str
    title: str | Promise
    phases: tuple[Phase, ...]
    last_changed_first: bool


TO_DO = Queue("todo", gettext_lazy("To do"), UNFINISHED, False)
ENDED = Queue("done", gettext_lazy("Done"), (Phase.DONE, Phase.CLOSED), True)
QUEUES = (TO_DO, ENDED)


@dataclass(frozen=True)
class Card:
    """One incident in the list, with its age in words."""

    incident: Incident
    age: str


class StepForm(forms.Form):
    """A step, its note, and the version of the report that the person saw."""

    target = forms.ChoiceField(choices=State.choices)
    note = forms.CharField(
        label=gettext_lazy("What was done, or why"),
        required=False,
        max_length=lifecycle.NOTE_LIMIT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Whoever reported it reads this; where the report is open, everybody does."
        ),
    )
    other = forms.CharField(
        label=gettext_lazy("Number of the other report"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"list": "others", "autocomplete": "off"}),
        help_text=gettext_lazy("For joining alone: the report of the same problem that stays."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def for_members(view: View[P]) -> View[P]:
    """Let members of crews and desks in; tell everybody else how they could become one.

    What they see is exact and personal: no copy of it may stay in a cache.
    """

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.viewer.user_id is None:
            raise SignInNeeded(_("Sign in to see what your crew has to do."))
        if not request.viewer.duties:
            message = _(
                "You are in no crew and at no desk yet, so there is nothing here for you to work "
                "on. Ask a dispatcher or an administrator to add you to one."
            )
            raise NotAllowed(message)
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return cast("View[P]", in_city_time(guarded))


def _choice(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """Return the address's value of `name`, or the first of those allowed."""
    value = request.GET.get(name, allowed[0])
    if value not in allowed:
        message = _("%(name)s is “%(value)s”; choose among %(allowed)s.") % {
            "name": name,
            "value": value,
            "allowed": ", ".join(allowed),
        }
        raise InvalidInput(message, field=name)
    return value


def _card(incident: Incident) -> Card:
    age = timesince(incident.report.reported_at, timezone.now(), depth=1)
    return Card(incident, age)


def _count_in_words(queue: Queue, count: int) -> str:
    if queue is TO_DO:
        text = ngettext("%(n)d incident to do", "%(n)d incidents to do", count)
    else:
        text = ngettext("%(n)d incident done", "%(n)d incidents done", count)
    return text % {"n": count}


@for_members
@require_safe
def crew(request: Request) -> HttpResponse:
    """Show the incidents of the viewer's crews and desks, as list and map."""
    viewer = request.viewer
    shown = _choice(request, "show", tuple(queue.code for queue in QUEUES))
    queue = next(queue for queue in QUEUES if queue.code == shown)
    counts = incidents.count(viewer, *(queue.phases for queue in QUEUES))
    after = request.GET.get("after", "")
    found = incidents.queue_of(
        viewer,
        queue.phases,
        after=after,
        last_changed_first=queue.last_changed_first,
        limit=PAGE_SIZE + 1,
    )
    cards = [_card(incident) for incident in found[:PAGE_SIZE]]
    context = {
        "crews": incidents.crews_of(viewer),
        "cards": cards,
        "queue": queue,
        "queues": list(zip(QUEUES, counts, strict=True)),
        "count": _count_in_words(queue, counts[QUEUES.index(queue)]),
        "view": _choice(request, "view", VIEWS),
        "after": after,
        "next": cards[-1].incident.report.public_id if len(found) > PAGE_SIZE else "",
        "bounds": incidents.bounds_of_duties(viewer),
        "layers": [layer.slug for layer in registry.visible(viewer)],
    }
    return render(request, "reports/crew/list.html", context)


def _context(
    request: Request, incident: Incident, form: StepForm, error: CivicError | None = None
) -> dict[str, Any]:
    report = incident.report
    steps = steps_from(report.state)
    return {
        "incident": incident,
        "report": report,
        "age": timesince(report.reported_at, timezone.now(), depth=1),
        "is_restricted": report.sensitivity >= Sensitivity.CRIME,
        "answers": questions.in_words(report.category.questions, report.answers),
        "me_too": queries.me_too_of(report.pk),
        "verdicts": tracking.verdicts_of(report.pk),
        "entries": list(queries.whole_history(report.pk)),
        "photos": gallery.of_own(report.pk),
        "may_hide": report.sensitivity in SHOW_PHOTOS,
        "steps": steps,
        "needing_note": [step for step in steps if step.needs_note],
        "may_join": any(step.needs_other for step in steps),
        "others": _others(incident),
        "joined": report.joined.order_by("reported_at"),
        "form": form,
        "conflict": error if isinstance(error, Conflict) else None,
        "point": None if incident.lon is None else (incident.lon, incident.lat),
        "bounds": incidents.bounds_of_duties(request.viewer),
        "layers": [layer.slug for layer in registry.visible(request.viewer)],
    }


def _others(incident: Incident) -> list[Similar]:
    """Return what lies near that an incident may be joined with; of open kinds alone."""
    if incident.lon is None or incident.lat is None:
        return []
    found = nearby.similar(incident.report.category.code, incident.lon, incident.lat)
    return [one for one in found if one.row.public_id != incident.report.public_id]


@for_members
@require_safe
def incident(request: Request, public_id: str) -> HttpResponse:
    """Show one incident: its exact place, its reporter, its history and what may follow."""
    found = incidents.of_public_id(public_id, request.viewer)
    return render(request, "reports/crew/incident.html", _context(request, found, StepForm()))


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: Request, public_id: str) -> HttpResponse:
    """Move an incident on; a refusal is shown where it happened, with what was typed.

    Who comes back here by signing in again (a GET) is led to the incident.
    """
    if request.method != "POST":
        return redirect("crew_incident", public_id)
    form = StepForm(request.POST)
    error: CivicError | None = None
    if form.is_valid():
        try:
            report = _take_step(request, public_id, form)
        except (InvalidInput, Conflict) as refused:
            error = refused
            add_to_form(form, refused)
        else:
            messages.success(request, _what_happened(report))
            return redirect("crew_incident", report.public_id)
    found = incidents.of_public_id(public_id, request.viewer)
    context = _context(request, found, form, error)
    status = error.status if error else InvalidInput.status
    return render(request, "reports/crew/incident.html", context, status=status)


@for_members
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: Request, public_id: str, key: str) -> HttpResponse:
    """Hide a photo of an incident, or (`turn` is `show`) show it again."""
    if request.method == "POST":
        number = identifiers.normalise(public_id)
        if request.POST.get("turn") == "show":
            photos.show(number, key, request.viewer)
            messages.success(request, _("The photo is shown again."))
        else:
            photos.hide(number, key, request.viewer)
            said = _("The photo is hidden. To take it back, choose “Show it again” beside it.")
            messages.success(request, said)
    return redirect("crew_incident", public_id)


def _take_step(request: Request, public_id: str, form: StepForm) -> Report:
    return lifecycle.transition(
        identifiers.normalise(public_id),
        State(form.cleaned_data["target"]),
        request.viewer,
        note=form.cleaned_data["note"],
        other=form.cleaned_data["other"],
        version=form.cleaned_data["version"],
    )


def _what_happened(report: Report) -> str:
    """Say what the step did, and how to take it back where the workflow has a way."""
    said = _("%(title)s: now “%(state)s”.") % {
        "title": _(report.category.title),
        "state": State(report.state).label,
    }
    *_earlier, before, _now = queries.timeline(report.pk)
    if back := way_back(before.state, report.state):
        said += " " + _("To take it back, choose “%(label)s” below.") % {"label": back.label}
    return said
