"""A new report: the form, the stop before it where somebody may be in danger, the last look, sent.

One address serves people without a script, one button a stage, and the script, which walks the
same form in four steps and asks for parts of it by the header ``X-Fragment``: ``questions`` (of a
kind), ``token`` (against forgery, when the page's own is too old), ``check`` (the last look) and
``sent``.
"""

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_http_methods

from layers import gazetteer, throttle
from layers.errors import PROBLEM_JSON, CivicError, Conflict, InvalidInput, problem
from layers.http import Request, in_city_time
from layers.queries import city_bounds
from reports import nearby, photos, queries, questions, uploads
from reports.intake import examine, submit
from reports.preview import preview
from reports.web import private
from reports.web.forms import ReportForm, is_on_map, parse_place
from reports.web.maps import map_context

SEND_WINDOW_S = 600
STARTING_FIELDS = ("family", "category", "lat", "lon")
LOOKING = ("find", "find_kind", "remove_photo", "change")
"""Buttons that show the form once more with what was typed, and find no fault with it."""


@require_http_methods(["GET", "HEAD", "POST"])
@in_city_time
def report(request: Request) -> HttpResponse:
    """Show or take the form of a new report; a form without a button's name is sent at once."""
    if request.method != "POST":
        response = _begin(request)
    elif refusal := _take_photos(request):
        typed = ReportForm.typed(request.POST, queries.categories())
        response = _show_form(request, typed, status=refusal.status, photo_error=refusal.message)
    elif _button(request) in LOOKING:
        typed = ReportForm.typed(request.POST, queries.categories())
        response = _show_form(request, typed)
    elif _button(request) == "check":
        response = _check(request)
    else:
        response = _send(request)
    # What was typed must not come back by the button Back on somebody else's screen.
    if request.method == "POST":
        patch_cache_control(response, no_store=True)
    patch_vary_headers(response, ["X-Fragment"])
    return response


@in_city_time
def show_again(request: Request) -> HttpResponse:
    """Show what was typed in a form whose token was too old to be taken, to be sent once more.

    A form of another site keeps no key: whoever made it could come by the report's receipt.
    """
    form = ReportForm.typed(request.POST, queries.categories())
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        form.initial["client_uuid"] = str(uuid.uuid4())
    return _show_form(request, form, status=403, is_late=True)


def _button(request: Request) -> str:
    """Return the name of the button that sent the form; empty for Send and for none."""
    return next((button for button in (*LOOKING, "check") if button in request.POST), "")


# ---- stages ----


def _take_photos(request: Request) -> CivicError | None:
    """Take the photos that came with a form; return what is wrong with some of them."""
    form = ReportForm.typed(request.POST, [])
    if draft := form.draft():
        try:
            uploads.take(request, draft)
        except Conflict as error:
            # A second click comes with the photos of the first, and gets its answer.
            return error if _button(request) else None
        except CivicError as error:
            return error
    return None


def _begin(request: Request) -> HttpResponse:
    match request.headers.get("X-Fragment"):
        case "token":
            return JsonResponse({"token": get_token(request)})
        case "questions":
            form = ReportForm.typed(request.GET, queries.categories())
            return render(request, "reports/report/questions.html", {"form": form})
    # Never its key: whoever made a link with a known key could repeat the report and so
    # come by its receipt.
    start = {name: request.GET.get(name, "") for name in STARTING_FIELDS}
    start["client_uuid"] = str(uuid.uuid4())
    form = ReportForm(initial=start, categories=queries.categories())
    if form.kind:
        form.initial["family"] = form.kind.family
    return _show_form(request, form)


def _check(request: Request) -> HttpResponse:
    """Show the last look before sending; first, whether somebody is in danger."""
    form = ReportForm(request.POST, categories=queries.categories())
    if not _is_script(request) and (asked_first := _ask_first(request, form)):
        return asked_first
    if form.is_valid() and (point := form.point()):
        form.check_place(gazetteer.at(*point))
        try:
            examine(form.new_report())
        except InvalidInput as error:
            form.show(error)
    if not form.is_valid():
        return _refuse(request, form, InvalidInput.status)
    return _show_typed(request, "check", form)


def _ask_first(request: Request, form: ReportForm) -> HttpResponse | None:
    """Ask whether somebody is in danger, then the kind's questions; the script has done both."""
    if form.may_be_about_danger():
        return _show_typed(request, "stop", form)
    if form.leaves_questions_unasked():
        typed = ReportForm.typed(request.POST, form.categories)
        return _show_form(request, typed, has_questions=True)
    return None


def _send(request: Request) -> HttpResponse:
    form = ReportForm(request.POST, categories=queries.categories())
    if not form.is_valid():
        return _refuse(request, form, InvalidInput.status)
    try:
        throttle.enter(request, "report", tries=settings.REPORT_TRIES, seconds=SEND_WINDOW_S)
        answer = submit(form.new_report(), request.viewer)
    except CivicError as error:
        form.show(error)
        if isinstance(error, Conflict):
            form.renew()
        return _refuse(request, form, error.status)
    receipt = reverse("receipt", args=[answer.receipt]) + "?sent=1"
    if _is_script(request):
        return JsonResponse({"url": receipt})
    return redirect(receipt)


# ---- answers ----


def _is_script(request: Request) -> bool:
    return "X-Fragment" in request.headers


def _refuse(request: Request, form: ReportForm, status: int) -> HttpResponse:
    """Say what is wrong with a form: beside its fields, or to the script as a problem document."""
    if not _is_script(request):
        return _show_form(request, form, status=status)
    wrong = [
        {"field": field, "detail": str(message)}
        for field, messages in form.errors.items()
        for message in messages
    ]
    body = problem(InvalidInput(wrong[0]["detail"])) | {"status": status, "errors": wrong}
    key = {"client_uuid": form["client_uuid"].value()} if status == Conflict.status else {}
    return JsonResponse(body | key, status=status, content_type=PROBLEM_JSON)


def _show_typed(request: Request, stage: str, form: ReportForm) -> HttpResponse:
    """Show a page that carries what was typed and asks for a decision."""
    context = {"form": form, "kind": form.kind}
    if stage == "check":
        context |= _last_look(request, form)
    if _is_script(request):
        return render(request, f"reports/report/{stage}.html", context)
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        if name in form.fields
        for value in values
    ]
    return render(request, f"reports/report_{stage}.html", context | {"typed": typed})


def _last_look(request: Request, form: ReportForm) -> dict[str, Any]:
    """Return what everybody will see of a valid form, and what stays private."""
    values, point, kind = form.cleaned_data, form.point(), form.kind
    seen = preview(values["category"], point, values["description"])
    schema, answers = (kind.questions if kind else {}), form.answers()
    shown = questions.public_part(schema, answers) if seen.shows_text else {}
    hidden = {name: answer for name, answer in answers.items() if name not in shown}
    pictures = photos.of_draft(values["client_uuid"]) if values["client_uuid"] else []
    typed = private.Typed(
        place=gazetteer.at(*point).label if point else "",
        thing=form.thing(),
        answers=questions.in_words(schema, hidden),
        photos=len(pictures),
    )
    return map_context(request, queries.ward_bounds(seen.ward)) | {
        "seen": seen,
        "shown_answers": questions.in_words(schema, shown),
        "photos": pictures,
        "similar": nearby.similar(values["category"], *point) if point else [],
        "private": private.lines_of(form, seen, typed),
    }


def _show_form(
    request: Request, form: ReportForm, *, status: int = 200, **notes: str | bool
) -> HttpResponse:
    found = [(f"{place.lon},{place.lat}", place) for place in form.found_places()]
    chosen = form["place"].value()
    if "find" in request.POST and found and (len(found) == 1 or found[0][1].kind == "address"):
        chosen = found[0][0]
    point = parse_place(chosen or "") or form.point()
    context = map_context(request, city_bounds()) | {
        "form": form,
        "is_search": "find" in request.POST,
        "is_kind_search": "find_kind" in request.POST,
        "places": found,
        "chosen": chosen,
        "around": gazetteer.at(*point) if point and is_on_map(point) else None,
        "photos": photos.of_draft(draft) if (draft := form.draft()) else [],
        "found_kinds": [kind.code for kind in form.found_kinds()],
        "frequent_kinds": queries.frequent_categories(),
        **notes,
    }
    return render(request, "reports/report.html", context, status=status)
