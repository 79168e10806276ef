"""The planners' pages: questions, runs and their answers."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from layers import registry
from layers.errors import Conflict, InvalidInput, add_to_form
from layers.http import Request, in_city_time
from layers.models import Dataset
from layers.queries import city_bounds
from planning import queries, runs, wording
from planning.forms import QuestionForm, as_typed
from planning.guard import for_planners
from planning.methods import Method, method_of, methods
from planning.models import Run
from planning.render import inlined
from planning.render.folium_map import standalone_page
from planning.render.sheet import fits_a_page, geojson_of, sheet_of

RUNS_SHOWN = 50


@for_planners
@in_city_time
@require_safe
def planning(request: Request) -> HttpResponse:
    """Show the questions that can be asked, and the latest runs."""
    context = {"methods": methods(), "runs": queries.runs(request.viewer, RUNS_SHOWN)}
    return render(request, "planning/planning.html", context)


@for_planners
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: Request, method: str) -> HttpResponse:
    """Show a method's question, or ask it; the address may fill it in."""
    asked = method_of(method)
    if request.method != "POST":
        form = QuestionForm(method=asked, initial=request.GET.dict())
        return _show_question(request, asked, form)
    form = QuestionForm(request.POST, method=asked)
    if form.is_valid():
        try:
            with transaction.atomic():
                run = runs.ask(form.save(request.viewer), request.viewer)
        except InvalidInput as refused:
            add_to_form(form, refused)
        else:
            return redirect("run", run.pk)
    return _show_question(request, asked, form, status=InvalidInput.status)


def _show_question(
    request: Request, method: Method[Any], form: QuestionForm, status: int = 200
) -> HttpResponse:
    context = {"method": method, "form": form}
    return render(request, "planning/question.html", context, status=status)


@for_planners
@in_city_time
@require_safe
def run(request: Request, run_id: int) -> HttpResponse:
    """Show a run: how far it is, why it ended, or what it found."""
    found = queries.run_of(run_id, request.viewer)
    if found.result is None:
        context = {
            "run": found,
            "method": method_of(found.method),
            "change_url": _same_question(found),
        }
        return render(request, "planning/waiting.html", context)
    context = _result_context(request, found, found.result)
    return render(request, "planning/result.html", context)


def _same_question(run: Run) -> str:
    """Return the address of the question, filled in as this run asked it."""
    asked = {name: as_typed(value) for name, value in _as_asked(run).items()}
    return f"{reverse('question', args=[run.method])}?{urlencode(asked)}"


def _as_asked(run: Run) -> dict[str, Any]:
    """Return what a run was asked with, by the names of the form's fields."""
    return {"source": run.source, **run.filters, **run.parameters}


def _result_context(request: Request, run: Run, result: Dataset) -> dict[str, Any]:
    method = method_of(run.method)
    figures = wording.figures(run)
    layer = registry.resolve(result.slug, request.viewer)
    return {
        "run": run,
        "layer": layer,
        "is_public": layer.audience is None,
        "method": method,
        "form": QuestionForm(method=method, initial=_as_asked(run)),
        "headline": figures[: wording.HEADLINES],
        "figures": figures[wording.HEADLINES :],
        "classes": list(reversed(layer.style["classes"])),
        "care": wording.care(run),
        "recipe": wording.recipe(run, method),
        "fits_a_page": fits_a_page(result),
        "bounds": city_bounds(),
        "layers": [layer.slug for layer in registry.visible(request.viewer)],
    }


@for_planners
@require_POST
def cancel(request: Request, run_id: int) -> HttpResponse:
    """Stop a run; one that has ended meanwhile is shown as it ended."""
    found = queries.run_of(run_id, request.viewer)
    try:
        runs.cancel(found, request.viewer)
    except Conflict as too_late:
        messages.info(request, too_late.message)
    return redirect("run", run_id)


@for_planners
@require_POST
def again(request: Request, run_id: int) -> HttpResponse:
    """Ask the same study once more."""
    found = queries.run_of(run_id, request.viewer)
    return redirect("run", runs.ask(found.study, request.viewer).pk)


@for_planners
@require_POST
def publish(request: Request, run_id: int) -> HttpResponse:
    """Show the result to everybody."""
    runs.publish(queries.run_of(run_id, request.viewer), request.viewer)
    messages.success(request, _("Published. Everybody can see this layer now."))
    return redirect("run", run_id)


@for_planners
@require_POST
def unpublish(request: Request, run_id: int) -> HttpResponse:
    """Show the result to planners alone."""
    runs.unpublish(queries.run_of(run_id, request.viewer), request.viewer)
    messages.success(request, _("Taken back. Only planners can see this layer now."))
    return redirect("run", run_id)


@for_planners
@require_POST
def delete(request: Request, run_id: int) -> HttpResponse:
    """Remove a run that has ended, and its layer with it."""
    runs.discard(queries.run_of(run_id, request.viewer), request.viewer)
    messages.success(request, _("Deleted. The question can be asked again."))
    return redirect("planning")


@for_planners
@in_city_time
@require_safe
def standalone_map(request: Request, run_id: int) -> HttpResponse:
    """Return the result as one page to keep.

    Its scripts stand inside it, which the site's own policy forbids: it is a download, and its
    own policy keeps it out of the site's origin should somebody open it here.
    """
    found = queries.run_of(run_id, request.viewer)
    page = standalone_page(sheet_of(found, request.viewer))
    response = _download(page, "text/html; charset=utf-8", found, "html")
    response["Content-Security-Policy"] = f"sandbox allow-scripts; {inlined.POLICY}"
    return response


@for_planners
@require_safe
def geojson(request: Request, run_id: int) -> HttpResponse:
    """Return the result's features."""
    found = queries.run_of(run_id, request.viewer)
    features = geojson_of(found, request.viewer)
    return _download(features, "application/geo+json", found, "geojson")


def _download(content: str, content_type: str, run: Run, ending: str) -> HttpResponse:
    name = f"{slugify(run.study.title) or run.method}-{run.pk}.{ending}"
    return HttpResponse(
        content,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
