"""An import of reports that was asked for on a page: queued, executed as a job, stopped.

A trial is the import itself, undone at its end: what it counts is what would come.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from layers import jobs
from layers.access import Viewer
from layers.city import refuse_demo
from layers.errors import InvalidInput, NotFound
from layers.guard import require_administrator
from layers.importing import uploads
from layers.jobs import Progress, Watch
from layers.models import Upload
from reports.importing.mapping import parse_mapping
from reports.importing.run import Rejected, Summary, import_reports
from reports.models import Report, ReportImport

TASK = "reports.import_reports"
STEPS = (gettext_noop("Reading reports"),)
"""What the verb says while it works, for those who translate."""
FIRST_ROWS = 5
REJECTED_SHOWN = 50


def ask(upload: Upload, mapping: str, viewer: Viewer, *, is_trial: bool = False) -> ReportImport:
    """Queue the import of an upload by a mapping (TOML).

    Raises
    ------
    NotAllowed
        When the viewer is no administrator.
    InvalidInput
        When the mapping is none; names what is missing or wrong.
    Conflict
        When this is the demo city.
    """
    require_administrator(viewer)
    refuse_demo()
    source = parse_mapping(mapping).source
    with transaction.atomic():
        job = ReportImport.objects.create(
            upload=upload,
            source=source,
            files=[file["name"] for file in upload.files],
            mapping=mapping,
            is_trial=is_trial,
            asked_by_id=viewer.user_id,
        )
        jobs.queue(job, TASK)
    return job


def cancel(job: ReportImport, viewer: Viewer) -> ReportImport:
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


def _visible(viewer: Viewer) -> QuerySet[ReportImport]:
    require_administrator(viewer)
    return ReportImport.objects.select_related("asked_by", "upload").defer("rejects")


def latest(viewer: Viewer, limit: int) -> list[ReportImport]:
    """Return the imports that were asked for last."""
    return list(_visible(viewer).order_by("-asked_at", "-pk")[:limit])


def job_of(key: int, viewer: Viewer) -> ReportImport:
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


def files_of(upload: Upload) -> list[Path]:
    """Return the files of reports in an upload: a mapping may lie beside them."""
    return [path for path in uploads.paths_of(upload) if path.suffix.lower() != ".toml"]


# ---- executing ----


def execute(job_id: int, progress: Progress = jobs.ignore) -> ReportImport | None:
    """Do an import to its end, as `jobs.execute` does."""
    return jobs.execute(ReportImport, job_id, _work, progress)


def _work(job: ReportImport, watch: Watch) -> None:
    upload = job.upload
    if upload is None:
        message = _("The files are no longer here: they are kept for a day. Send them again.")
        raise InvalidInput(message, field="file")
    paths = files_of(upload)
    mapping = parse_mapping(job.mapping)
    with transaction.atomic(), watch.aside() as tell:
        with _kept_or_not(is_trial=job.is_trial):
            newest = Report.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            summary = import_reports(paths, mapping, tell, Viewer(user_id=job.asked_by_id))
            job.first_rows = _first_rows(newest)
        jobs.still_wanted(job)
        job.summary = _told(summary)
        job.rejects = _as_csv(summary.rejected) if summary.rejected else None
        jobs.succeed(job)
        if not job.is_trial:
            transaction.on_commit(lambda: uploads.remove(upload))


@contextmanager
def _kept_or_not(*, is_trial: bool) -> Iterator[None]:
    """Undo at its end what a trial did."""
    with transaction.atomic():
        yield
        if is_trial:
            transaction.set_rollback(True)


def _first_rows(newest: int) -> list[dict[str, Any]]:
    """Return the first reports after a key, as a table shows them."""
    reports = Report.objects.filter(pk__gt=newest).select_related("category").order_by("pk")
    return [
        {
            "category": report.category.title,
            "state": report.state,
            "reported_at": report.reported_at.isoformat(),
            "closed_at": report.closed_at.isoformat() if report.closed_at else "",
            "is_located": report.is_located,
        }
        for report in reports[:FIRST_ROWS]
    ]


def _told(summary: Summary) -> dict[str, Any]:
    return {
        "read": summary.read,
        "accepted": summary.accepted,
        "not_located": summary.not_located,
        "repeated": summary.repeated,
        "updated": summary.updated,
        "rejected": len(summary.rejected),
        "reasons": summary.reasons().most_common(),
        "not_mapped": sum(summary.not_mapped.values()),
        "values_not_mapped": summary.not_mapped.most_common(),
        "values_by_default": summary.defaulted.most_common(),
        "unknown_areas": summary.unknown_areas.most_common(),
        "first_rejected": [
            [row.file, row.row, row.key, row.reason] for row in summary.rejected[:REJECTED_SHOWN]
        ],
    }


def _as_csv(rejected: Sequence[Rejected]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "row", "key", "reason"])
    writer.writerows([row.file, row.row, row.key, row.reason] for row in rejected)
    return gzip.compress(text.getvalue().encode())


def rejects_of(job: ReportImport) -> bytes:
    """Return the CSV of the rows that were rejected.

    Raises
    ------
    NotFound
        When there are none.
    """
    if job.rejects is None:
        raise NotFound(_("No row was rejected."))
    return gzip.decompress(job.rejects)
