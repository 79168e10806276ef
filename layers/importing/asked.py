"""An import that was asked for on a page: queued, executed as a job, stopped.

The job, what it stored and its end are one transaction; how far it is is told beside it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from layers import jobs
from layers.access import Viewer
from layers.city import refuse_demo
from layers.errors import Conflict, InvalidInput, NotFound
from layers.guard import require_administrator
from layers.importing import undo as undoing
from layers.importing import uploads
from layers.importing.course import Imported
from layers.importing.importers import (
    import_addresses,
    import_areas,
    import_assets,
    import_layer,
    import_streets,
)
from layers.importing.load import Provenance
from layers.importing.models import Import
from layers.importing.osm.extract import extracted
from layers.importing.osm.importing import kinds_by_level, store
from layers.importing.osm.telling import told_stored
from layers.importing.reading import Options
from layers.importing.targets import (
    AddressesTarget,
    AreasTarget,
    AssetsTarget,
    LayerTarget,
    StreetsTarget,
)
from layers.importing.undo import Loss
from layers.jobs import Progress, Watch
from layers.models import Dataset, ImportJob, Upload
from layers.rasters.storing import NewRaster, import_raster

TASK = "layers.import_places"
STEPS = (
    gettext_noop("Opening"),
    gettext_noop("Looking it over"),
    gettext_noop("Reading"),
    gettext_noop("Storing"),
    gettext_noop("Storing streets"),
    gettext_noop("Storing areas"),
    gettext_noop("Storing addresses"),
    gettext_noop("Storing points"),
    gettext_noop("Storing assets"),
    gettext_noop("Indexing"),
    gettext_noop("Done"),
)
"""What the verbs say while they work, for those who translate."""
Outcome = dict[str, Any]
"""What a job keeps of what came: counts, findings in words, rows that were left out and why."""
REASONS_SHOWN = 200
"""How many rows that were left out a job names; their number is told in full."""


@dataclass(frozen=True)
class Asked:
    """What is to be done with a file, as a form says it."""

    target: str
    options: Options
    provenance: Provenance
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of each wanted column, and the file's."""
    kind: str = ""
    """Slug of the kind of areas or things."""
    slug: str = ""
    title: str = ""
    audience: str = Dataset.Audience.PLANNERS
    subjects: tuple[str, ...] = ()
    """Of OpenStreetMap: what comes in though another source has brought it; empty: the rest."""
    nodata: float | None = None
    """Of a raster: the value of cells without data, where the file does not say."""
    levels: tuple[str, ...] = ()
    """Of OpenStreetMap: which kind of area a level is, each as ``LEVEL=KIND``."""

    @classmethod
    def of(cls, job: ImportJob) -> "Asked":
        """Return what a job was asked to do."""
        stored = dict(job.asked)
        options = Options(**stored.pop("options"))
        provenance = Provenance(**stored.pop("provenance"))
        stored["subjects"] = tuple(stored["subjects"])
        stored["levels"] = tuple(stored["levels"])
        return cls(options=options, provenance=provenance, **stored)


def ask(upload: Upload, asked: Asked, viewer: Viewer) -> ImportJob:
    """Queue the import of an upload.

    Raises
    ------
    NotAllowed
        When the viewer is no administrator.
    Conflict
        When this is the demo city.
    """
    require_administrator(viewer)
    refuse_demo()
    with transaction.atomic():
        job = ImportJob.objects.create(
            upload=upload,
            target=asked.target,
            file_name=upload.files[0]["name"],
            asked=asdict(asked),
            asked_by_id=viewer.user_id,
        )
        jobs.queue(job, TASK)
    return job


def cancel(job: ImportJob, viewer: Viewer) -> ImportJob:
    """Stop an import, as `jobs.cancel` does.

    Raises
    ------
    NotAllowed
        When the viewer is no administrator.
    Conflict
        When it has ended already.
    """
    require_administrator(viewer)
    return jobs.cancel(job)


def can_undo(job: ImportJob) -> bool:
    """Tell whether what the job stored is the last of its subject, and not undone."""
    last = undoing.last_of(job.outcome.get("subject", ""))
    return bool(last and last.pk == job.outcome.get("import") and not last.undone_at)


def undone_at(job: ImportJob) -> datetime | None:
    """Return when what the job stored was taken back; None while it stands."""
    stored = Import.objects.filter(pk=job.outcome.get("import"))
    return stored.values_list("undone_at", flat=True).first()


def losses(job: ImportJob) -> list[Loss]:
    """Return what undoing the job would lose, where it can be undone."""
    last = undoing.last_of(job.outcome.get("subject", ""))
    return undoing.losses(last) if last and can_undo(job) else []


def undo(job: ImportJob, viewer: Viewer, *, may_lose: bool) -> None:
    """Bring back what the job replaced.

    Raises
    ------
    NotAllowed
        When the viewer is no administrator.
    Conflict
        When it is undone already, something was imported over it, or `losses` that may not be.
    """
    require_administrator(viewer)
    with transaction.atomic():
        undoing.lock(job.outcome.get("subject", ""))
        if not can_undo(job):
            message = _("Only the last import of its kind can be undone, and only once.")
            raise Conflict(message)
        if not may_lose and losses(job):
            message = _("Others refer to what this import brought. Agree to lose that, or keep it.")
            raise Conflict(message)
        undoing.undo(job.outcome["subject"], may_lose=True)


def _visible(viewer: Viewer) -> QuerySet[ImportJob]:
    require_administrator(viewer)
    return ImportJob.objects.select_related("asked_by", "upload")


def latest(viewer: Viewer, limit: int) -> list[ImportJob]:
    """Return the imports that were asked for last."""
    return list(_visible(viewer).order_by("-asked_at", "-pk")[:limit])


def job_of(key: int, viewer: Viewer) -> ImportJob:
    """Return one import.

    Raises
    ------
    NotFound
        When there is none.
    """
    job = _visible(viewer).filter(pk=key).first()
    if job is None:
        raise NotFound(_("There is no import %(number)s.") % {"number": key})
    return job


# ---- executing ----


def execute(job_id: int, progress: Progress = jobs.ignore) -> ImportJob | None:
    """Do an import to its end, as `jobs.execute` does."""
    return jobs.execute(ImportJob, job_id, _work, progress)


def _work(job: ImportJob, watch: Watch) -> None:
    upload = job.upload
    if upload is None:
        message = _("The file is no longer here: it is kept for a day. Send it again.")
        raise InvalidInput(message, field="file")
    asked = Asked.of(job)
    with watch.aside() as tell, transaction.atomic():
        outcome = IMPORTERS[asked.target](uploads.main_of(upload), asked, job, tell)
        jobs.still_wanted(job)
        job.outcome = outcome | {"layer": LAYERS[asked.target](asked)}
        jobs.succeed(job)
        transaction.on_commit(lambda: uploads.remove(upload))


def _told(imported: Imported) -> Outcome:
    last = undoing.last_of(imported.subject)
    return {
        "subject": imported.subject,
        "import": last.pk if last else None,
        "rows": imported.rows,
        "accepted": imported.accepted,
        "findings": [finding.message for finding in imported.findings],
        "left_out": [[row + 1, reason] for row, reason in imported.left_out[:REASONS_SHOWN]],
        "is_changed": imported.is_changed,
    }


Importer = Callable[[Path, Asked, ImportJob, Progress], Outcome]


def _by(verb: Callable[..., Imported], target: Callable[[Asked], Any]) -> Importer:
    """Return what brings a file of places in by one of the verbs."""

    def bring_in(path: Path, asked: Asked, job: ImportJob, tell: Progress) -> Outcome:
        imported = verb(
            path,
            target(asked),
            asked.options,
            asked.provenance,
            owner_id=job.asked_by_id,
            watch=tell,
        )
        return _told(imported)

    return bring_in


def _areas(asked: Asked) -> AreasTarget:
    return AreasTarget(asked.kind, **asked.columns)


def _streets(asked: Asked) -> StreetsTarget:
    return StreetsTarget(asked.provenance.name, asked.columns)


def _addresses(asked: Asked) -> AddressesTarget:
    return AddressesTarget(asked.provenance.name, asked.columns)


def _assets(asked: Asked) -> AssetsTarget:
    return AssetsTarget(asked.kind, title=asked.title, **asked.columns)


def _layer(asked: Asked) -> LayerTarget:
    return LayerTarget(asked.slug, asked.title, audience=asked.audience)


def _osm(path: Path, asked: Asked, _job: ImportJob, tell: Progress) -> Outcome:
    with extracted(path, kinds_by_level(asked.levels), tell) as found:
        stored = store(
            found, asked.provenance, only=asked.subjects, audience=asked.audience, watch=tell
        )
        lines = told_stored(found, stored).splitlines()
    return {
        "rows": sum(each.tally.read for each in stored),
        "accepted": sum(each.accepted for each in stored),
        "findings": lines,
        "left_out": [],
        "is_changed": any(each.is_changed for each in stored),
    }


def _raster(path: Path, asked: Asked, job: ImportJob, tell: Progress) -> Outcome:
    new = NewRaster(asked.slug, asked.title, asked.audience, asked.nodata)
    stored = import_raster(path, new, asked.provenance, owner_id=job.asked_by_id, watch=tell)
    bands = len(stored.raster.bands)
    imported = Imported(
        f"raster:{asked.slug}", rows=bands, accepted=bands, is_changed=stored.is_changed
    )
    return _told(imported) | {"findings": list(stored.notes)}


LAYERS: Mapping[str, Callable[[Asked], str]] = {
    ImportJob.Target.LAYER: lambda asked: asked.slug,
    ImportJob.Target.AREAS: lambda asked: f"areas-{asked.kind}",
    ImportJob.Target.STREETS: lambda _asked: "streets",
    ImportJob.Target.ADDRESSES: lambda _asked: "addresses",
    ImportJob.Target.ASSETS: lambda asked: f"assets-{asked.kind}",
    ImportJob.Target.OSM: lambda _asked: "",
    ImportJob.Target.RASTER: lambda _asked: "",
}
"""The layer of the map that shows what came."""

IMPORTERS: Mapping[str, Importer] = {
    ImportJob.Target.LAYER: _by(import_layer, _layer),
    ImportJob.Target.AREAS: _by(import_areas, _areas),
    ImportJob.Target.STREETS: _by(import_streets, _streets),
    ImportJob.Target.ADDRESSES: _by(import_addresses, _addresses),
    ImportJob.Target.ASSETS: _by(import_assets, _assets),
    ImportJob.Target.OSM: _osm,
    ImportJob.Target.RASTER: _raster,
}
"""The verb of each target."""
