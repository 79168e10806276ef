"""The pages that bring places in: a file is sent, looked over, asked for, followed to its end."""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from layers import registry
from layers.errors import CivicError, Conflict, InvalidInput, NotFound, add_to_form
from layers.guard import for_administrators
from layers.http import Request, in_city_time
from layers.importing import asked as importing
from layers.importing import uploads
from layers.importing.asked import Asked
from layers.importing.findings import Code
from layers.importing.inspection import Inspection, inspect
from layers.importing.osm.extract import check
from layers.importing.reading import Options
from layers.importing.sample import layers_in, outline, sample
from layers.models import Address, Asset, ImportJob, Upload
from layers.queries import Bounds, city_bounds
from layers.rasters import inspecting as rasters
from layers.web.forms import (
    COLUMN,
    ImportForm,
    UploadForm,
    by_fields,
    initial_of,
    options_of,
    systems,
)

SHOWN = 50
NEARBY_DEGREES = 0.008
"""About 900 m to each side, where such points are drawn."""
Target = ImportJob.Target


# ---- sending a file ----


@for_administrators
@uploads.takes_large_files
@in_city_time
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: Request) -> HttpResponse:
    """Show what was imported last, and take a file; a script is answered in JSON."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        try:
            upload = _taken(form, request)
        except CivicError as refused:
            add_to_form(form, refused)
        else:
            target = form.cleaned_data["target"]
            return redirect(f"{reverse('layers_import_file', args=[upload.key])}?target={target}")
    status = InvalidInput.status if form.is_bound else 200
    context = {"form": form, "jobs": importing.latest(request.viewer, SHOWN)}
    return render(request, "layers/imports.html", context, status=status)


def _taken(form: UploadForm, request: Request) -> Upload:
    """Keep the files of a form, if they are of a kind that is read."""
    upload = uploads.keep(form.cleaned_data["file"], request.viewer.user_id)
    try:
        _layers_of(upload, form.cleaned_data["target"])
    except CivicError as refused:
        uploads.remove(upload)
        raise type(refused)(by_fields(refused.message), field="file") from refused
    return upload


# ---- looking it over ----


@dataclass(frozen=True)
class Look:
    """What was found in a file; or why it could not be read so."""

    layers: list[str]
    seen: Inspection | None
    options: Options
    refused: CivicError | None = None
    raster: rasters.Seen | None = None

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """Return where it lies, where that is known."""
        if self.raster:
            return self.raster.bounds
        return self.seen.extent if self.seen else None


WITHOUT_ROWS = frozenset({Target.OSM, Target.RASTER})
_raster = lru_cache(maxsize=32)(rasters.inspect)
_inspected = lru_cache(maxsize=32)(inspect)
"""The files of an upload never change, so that each way of reading them is looked at once."""


def _layers_of(upload: Upload, target: str) -> list[str]:
    path = uploads.main_of(upload)
    if target == Target.OSM:
        check(path)
        return []
    if target == Target.RASTER:
        _raster(path)
        return []
    return layers_in(path, Options())


def _look(upload: Upload, target: str, options: Options) -> Look:
    layers: list[str] = []
    try:
        layers = _layers_of(upload, target)
        if len(layers) > 1 and options.layer not in layers:
            options = replace(options, layer=layers[0])
        path = uploads.main_of(upload)
        seen = None if target in WITHOUT_ROWS else _inspected(path, options)
        raster = _raster(path) if target == Target.RASTER else None
        return Look(layers, seen, options, raster=raster)
    except CivicError as refused:
        return Look(layers, None, options, refused)


@for_administrators
@in_city_time
@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: Request, key: UUID) -> HttpResponse:
    """Show what a file holds and how it would be read, and start its import."""
    upload = uploads.upload_of(key)
    typed = _typed(request)
    target = typed.get("target", Target.LAYER)
    if target not in importing.IMPORTERS:
        raise NotFound(_("A file cannot become that."))
    look = _look(upload, target, options_of(typed))
    is_asked = request.method == "POST" and not _looks_again(request.POST)
    form = ImportForm(
        *([request.POST] if is_asked else []),
        target=target,
        layers=look.layers,
        seen=look.seen,
        initial=_likely(upload, target) | typed | {"target": target, "layer": look.options.layer},
    )
    if not is_asked:
        return _show(request, upload, look, form)
    job = _asked_for(request, upload, look, form)
    if job is None:
        return _show(request, upload, look, form, status=InvalidInput.status)
    return redirect("layers_import_job", job.pk)


def _looks_again(typed: QueryDict) -> bool:
    """Tell whether a form was sent to look once more: also when it is to become something else."""
    return bool({"look", "read_as"} & typed.keys()) or typed.get("shown") != typed.get("target")


def _typed(request: Request) -> dict[str, Any]:
    """Return what was typed, or was asked before; empty columns are guessed anew.

    The button “Read as …” chooses a system, or the other order of the axes.
    """
    again = request.GET.get("again", "")
    if request.method != "POST" and again.isdecimal():
        return initial_of(Asked.of(importing.job_of(int(again), request.viewer)))
    values = request.POST if request.method == "POST" else request.GET
    typed: dict[str, Any] = {
        name: value for name, value in values.dict().items() if value or not name.startswith(COLUMN)
    }
    typed["subjects"] = values.getlist("subjects")
    match typed.pop("read_as", ""):
        case "swapped":
            typed |= {"is_swapped": "on"}
        case str(code) if code:
            typed |= {"srid": code, "is_swapped": ""}
    return typed


def _likely(upload: Upload, target: str) -> dict[str, str]:
    """Return what a file is probably called, and the terms of what is known to have some."""
    if target == Target.OSM:
        return {
            "source": "OpenStreetMap",
            "licence": "ODbL-1.0",
            "attribution": "© OpenStreetMap contributors",
        }
    name = upload.files[0]["name"]
    title = name.split(".")[0].replace("_", " ").replace("-", " ").strip().capitalize()
    return {"title": title, "source": name}


def _asked_for(request: Request, upload: Upload, look: Look, form: ImportForm) -> ImportJob | None:
    """Queue the import of a valid form; None when something is wrong, which the form then says."""
    if not form.is_valid():
        return None
    try:
        if look.refused:
            raise look.refused
        if look.seen:
            look.seen.require_usable()
        return importing.ask(upload, form.asked(), request.viewer)
    except CivicError as refused:
        names = {"crs": "srid", "slug": "title"}
        add_to_form(
            form, type(refused)(by_fields(refused.message), field=names.get(refused.field or ""))
        )
        return None


def _show(
    request: Request,
    upload: Upload,
    look: Look,
    form: ImportForm,
    status: int = 200,
) -> HttpResponse:
    seen = look.seen
    plan = seen.plan if seen else None
    context = {
        "upload": upload,
        "form": form,
        "look": look,
        "seen": seen,
        "proposed": plan.proposed if plan else (),
        "is_turned": bool(plan and plan.problem and plan.problem.code == Code.SWAPPED),
        "head": list(seen.first_rows[0]) if seen and seen.first_rows else [],
        "rows": [list(row.values()) for row in seen.first_rows] if seen else [],
        "systems": systems(),
        "bounds": look.bounds or city_bounds(),
        "layers": [layer.slug for layer in registry.visible(request.viewer)],
        "sample_url": _sample_url(upload, form.becomes, look.options),
    }
    return render(request, "layers/import_file.html", context, status=status)


def _sample_url(upload: Upload, target: str, options: Options) -> str:
    read_as = {name: value for name, value in asdict(options).items() if value}
    if target == Target.RASTER:
        read_as["target"] = target
    return f"{reverse('layers_import_sample', args=[upload.key])}?{urlencode(read_as)}"


@for_administrators
@require_safe
def import_sample(request: Request, key: UUID) -> JsonResponse:
    """Return some features of a file as GeoJSON, read as the address says."""
    upload = uploads.upload_of(key)
    path = uploads.main_of(upload)
    if request.GET.get("target") == Target.RASTER:
        features = outline(_raster(path).bounds)
    else:
        features = sample(path, options_of(request.GET.dict()))
    return JsonResponse(features, content_type="application/geo+json")


# ---- following it ----


@for_administrators
@in_city_time
@require_safe
def import_job(request: Request, job_id: int) -> HttpResponse:
    """Show how far an import is, what came of it, or why nothing did."""
    job = importing.job_of(job_id, request.viewer)
    asked = Asked.of(job)
    context = {
        "job": job,
        "asked": asked,
        "target": Target(job.target),
        "can_undo": importing.can_undo(job),
        "losses": importing.losses(job),
        "undone_at": importing.undone_at(job),
        "bounds": _around(asked) or city_bounds(),
        "layers": [layer.slug for layer in registry.visible(request.viewer)],
    }
    return render(request, "layers/import_job.html", context)


def _around(asked: Asked) -> Bounds | None:
    """Return where to look for points that are drawn from nearby alone: around one of them."""
    name = asked.provenance.name
    rows: QuerySet[Any]
    match asked.target:
        case Target.ASSETS:
            rows = Asset.objects.filter(kind=asked.kind, source__name=name)
        case Target.ADDRESSES:
            rows = Address.objects.filter(source__name=name)
        case _:
            return None
    point = rows.values_list("geometry", flat=True).first()
    return point.buffer(NEARBY_DEGREES).extent if point else None


@for_administrators
@require_safe
def import_progress(request: Request, job_id: int) -> JsonResponse:
    """Return the state of an import; `url` is where its end is shown, null until then."""
    job = importing.job_of(job_id, request.viewer)
    return JsonResponse(job.told(reverse("layers_import_job", args=[job.pk])))


@for_administrators
@require_POST
def import_cancel(request: Request, job_id: int) -> HttpResponse:
    """Stop an import; one that has ended meanwhile is shown as it ended."""
    try:
        importing.cancel(importing.job_of(job_id, request.viewer), request.viewer)
    except Conflict as too_late:
        messages.info(request, too_late.message)
    return redirect("layers_import_job", job_id)


@for_administrators
@require_POST
def import_undo(request: Request, job_id: int) -> HttpResponse:
    """Bring back what an import replaced; what that loses is agreed to first."""
    may_lose = request.POST.get("agreed") == "yes"
    try:
        job = importing.job_of(job_id, request.viewer)
        importing.undo(job, request.viewer, may_lose=may_lose)
    except Conflict as too_late:
        messages.error(request, too_late.message)
    else:
        messages.success(request, _("Undone: what was there before is back."))
    return redirect("layers_import_job", job_id)


@for_administrators
@require_POST
def import_again(request: Request, job_id: int) -> HttpResponse:
    """Ask for the same import once more."""
    job = importing.job_of(job_id, request.viewer)
    if job.upload is None:
        raise NotFound(_("This file is no longer here: it is kept for a day. Send it again."))
    again = importing.ask(job.upload, Asked.of(job), request.viewer)
    return redirect("layers_import_job", again.pk)
