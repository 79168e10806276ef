"""The pages that bring reports in: files are sent, mapped, tried, imported and accounted for."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from layers.errors import CivicError, Conflict, InvalidInput, NotFound, add_to_form
from layers.guard import for_administrators
from layers.http import Request, in_city_time
from layers.importing import uploads
from layers.models import Upload
from reports.importing import asked as importing
from reports.importing.draft import draft
from reports.importing.draft_text import as_text
from reports.importing.sample import read_sample
from reports.importing.source import Reading
from reports.importing.surroundings import surroundings
from reports.importing.survey import Asked, Survey, survey
from reports.models import ReportImport
from reports.web.import_forms import (
    Document,
    MappingForm,
    ReportFilesForm,
    asked_of,
    initial_of,
    initial_values,
    parsed,
    zones,
)
from reports.workflow import State

SHOWN = 50
MAPPING = ".toml"
FORMATS = ("iso", "%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M", "%m/%d/%Y")


# ---- sending files ----


@for_administrators
@uploads.takes_large_files
@in_city_time
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: Request) -> HttpResponse:
    """Show what was imported last, and take files."""
    is_sent = request.method == "POST"
    form = ReportFilesForm(request.POST, request.FILES) if is_sent else ReportFilesForm()
    if is_sent and form.is_valid():
        try:
            upload = _taken(form, request)
        except CivicError as refused:
            add_to_form(form, refused)
        else:
            return redirect("reports_import_file", upload.key)
    status = InvalidInput.status if is_sent else 200
    context = {"form": form, "jobs": importing.latest(request.viewer, SHOWN)}
    return render(request, "reports/imports/imports.html", context, status=status)


def _taken(form: ReportFilesForm, request: Request) -> Upload:
    """Keep the files of a form, if they can be read."""
    upload = uploads.keep(form.cleaned_data["file"], request.viewer.user_id)
    try:
        _surveyed(upload, parsed(_mapping_of(upload)), Asked())
    except InvalidInput as refused:
        # Another encoding is said in the next step.
        if refused.field != "encoding":
            uploads.remove(upload)
            raise InvalidInput(refused.message, field="file") from refused
    return upload


def _mapping_of(upload: Upload) -> str:
    """Return the mapping that came with the files, else one that is guessed from them."""
    for path in uploads.paths_of(upload):
        if path.suffix.lower() == MAPPING:
            return path.read_text(encoding="utf-8-sig", errors="replace")
    return _drafted(tuple(importing.files_of(upload)))


@lru_cache(maxsize=16)
def _drafted(files: tuple[Path, ...]) -> str:
    return as_text(draft(read_sample(files), surroundings()))


# ---- saying what they mean ----


_survey = lru_cache(maxsize=16)(survey)
"""The files of an upload never change, so that each question is counted once."""


def _surveyed(upload: Upload, document: Document, asked: Asked) -> Survey:
    reading = Reading(
        encoding=str(document.get("encoding") or "utf-8"),
        delimiter=str(document.get("delimiter") or ","),
        has_header=document.get("header") is not False,
    )
    return _survey(tuple(importing.files_of(upload)), reading, asked)


@for_administrators
@in_city_time
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: Request, key: UUID) -> HttpResponse:
    """Show what files hold and what it would mean; try it, or import it."""
    upload = uploads.upload_of(key)
    if request.method != "POST":
        document = parsed(_first_mapping(request, upload))
        return _show_mapping(request, upload, document, {})
    document = parsed(request.POST.get("base", ""))
    reading = {name: request.POST.get(name, "") for name in ("encoding", "delimiter")}
    if _looks_again(request):
        return _show_mapping(request, upload, document | reading, request.POST.dict())
    found, refused = _found(upload, document | reading, asked_of(request.POST))
    form = MappingForm(request.POST, survey=found)
    if refused:
        form.full_clean()
        add_to_form(form, refused)
    if form.is_valid():
        try:
            is_trial = "try" in request.POST
            job = importing.ask(upload, form.mapping(), request.viewer, is_trial=is_trial)
        except CivicError as wrong:
            add_to_form(form, wrong)
        else:
            return redirect("reports_import_job", job.pk)
    return _render_mapping(request, upload, form, InvalidInput.status)


def _first_mapping(request: Request, upload: Upload) -> str:
    again = request.GET.get("again", "")
    if again.isdecimal():
        return importing.job_of(int(again), request.viewer).mapping
    return _mapping_of(upload)


def _looks_again(request: Request) -> bool:
    """Tell whether a form was sent to look once more: also when other columns are to be counted."""
    typed = request.POST
    counted = ",".join(typed.get(name, "") for name in ("category", "state"))
    return "look" in typed or typed.get("counted", "") != counted


def _found(upload: Upload, document: Document, asked: Asked) -> tuple[Survey, InvalidInput | None]:
    try:
        return _surveyed(upload, document, asked), None
    except InvalidInput as refused:
        return Survey(), refused


def _show_mapping(
    request: Request, upload: Upload, document: Document, typed: dict[str, Any]
) -> HttpResponse:
    """Show the form with what was typed, else with what the mapping says."""
    columns, refused = _found(upload, document, Asked())
    initial = initial_of(document, columns.columns) | _kept(typed)
    found, _same = _found(upload, document, asked_of(initial))
    initial = initial_values(document, found) | initial
    form = MappingForm(initial=initial, survey=found)
    return _render_mapping(request, upload, form, refused=refused)


def _kept(typed: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed, but for what belongs to the values that were counted before."""
    return {
        name: value
        for name, value in typed.items()
        if not name.startswith(("category-", "state-")) and name != "points"
    }


def _render_mapping(
    request: Request,
    upload: Upload,
    form: MappingForm,
    status: int = 200,
    refused: InvalidInput | None = None,
) -> HttpResponse:
    found = form.survey
    context = {
        "upload": upload,
        "form": form,
        "found": found,
        "refused": refused,
        "rows": [[row.get(name, "") for name in found.columns] for row in found.first],
        "counted": ",".join(str(form[name].value() or "") for name in ("category", "state")),
        "zones": zones(),
        "formats": FORMATS,
    }
    return render(request, "reports/imports/file.html", context, status=status)


# ---- following it ----


@for_administrators
@in_city_time
@require_safe
def import_job(request: Request, job_id: int) -> HttpResponse:
    """Show how far an import is, what came of it, or why nothing did."""
    job = importing.job_of(job_id, request.viewer)
    context = {"job": job, "first_rows": [_shown(row) for row in job.first_rows]}
    return render(request, "reports/imports/job.html", context)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return one of the first reports with its times and its state as a page says them."""
    times = {
        name: datetime.fromisoformat(row[name]) if row[name] else None
        for name in ("reported_at", "closed_at")
    }
    return row | times | {"state": State(row["state"]).label}


@for_administrators
@require_safe
def import_progress(request: Request, job_id: int) -> JsonResponse:
    """Return the state of an import; `url` is where its end is shown, null until then."""
    job = importing.job_of(job_id, request.viewer)
    return JsonResponse(job.told(reverse("reports_import_job", args=[job.pk])))


@for_administrators
@require_POST
def import_cancel(request: Request, job_id: int) -> HttpResponse:
    """Stop an import; one that has ended meanwhile is shown as it ended."""
    try:
        importing.cancel(importing.job_of(job_id, request.viewer), request.viewer)
    except Conflict as too_late:
        messages.info(request, too_late.message)
    return redirect("reports_import_job", job_id)


@for_administrators
@require_POST
def import_start(request: Request, job_id: int) -> HttpResponse:
    """Import what a trial tried, or what failed or was stopped, by the same mapping."""
    job = importing.job_of(job_id, request.viewer)
    if job.upload is None:
        raise NotFound(
            _("These files are no longer here: they are kept for a day. Send them again.")
        )
    started = importing.ask(job.upload, job.mapping, request.viewer)
    return redirect("reports_import_job", started.pk)


@for_administrators
@require_safe
def import_mapping(request: Request, job_id: int) -> HttpResponse:
    """Return the mapping of an import, as the shell takes it."""
    job = importing.job_of(job_id, request.viewer)
    return _download(job.mapping.encode(), "application/toml", f"{_stem(job)}{MAPPING}")


@for_administrators
@require_safe
def import_rejects(request: Request, job_id: int) -> HttpResponse:
    """Return the rows that an import rejected, each with its reason."""
    job = importing.job_of(job_id, request.viewer)
    return _download(
        importing.rejects_of(job), "text/csv; charset=utf-8", f"{_stem(job)}-rejects.csv"
    )


def _stem(job: ReportImport) -> str:
    return slugify(job.source) or "reports"


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)
