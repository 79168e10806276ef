"""The page of the sources that keep data fresh: each with its last run, and a button to run it."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from layers.guard import for_administrators
from layers.http import Request, in_city_time
from layers.sync import runs, schedule
from layers.sync.models import SyncRun
from layers.sync.schedule import Broken, Source


@dataclass(frozen=True)
class Row:
    """What the page shows of one source."""

    source: Source | Broken
    run: SyncRun | None


@for_administrators
@in_city_time
@require_safe
def sources(request: Request) -> HttpResponse:
    """Show every source and what its last run brought."""
    rows = [Row(each, schedule.last_run(each.name)) for each in schedule.sources()]
    return render(request, "layers/sources.html", {"rows": rows})


@for_administrators
@require_POST
def source_run(request: Request, name: str) -> HttpResponse:
    """Let a worker run a source now."""
    runs.ask(name, request.viewer)
    return redirect("sources")
