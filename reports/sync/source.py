"""Requests of an Open311 server as reports: read, brought in by the one door, accounted for."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from django.db import connection, transaction
from django.utils import timezone

from layers.errors import InvalidInput
from layers.queries import city
from layers.statements import statement
from layers.sync.kinds import Outcome, Work
from layers.sync.secrets import secret
from layers.sync.servers import READ_SHARE, address_of, fill, finished
from layers.sync.spool import Page, Record
from layers.toml import Table
from reports import bulk
from reports.importing.mapping import SCOPE_LIMIT
from reports.intake import Outcome as Fate
from reports.models import Category, Precision
from reports.statistics import refresh_statistics
from reports.submission import NewReport
from reports.sync import client
from reports.sync.client import CUT, Server, Service, Window
from reports.sync.mapping import DEFAULT_STATES, Mapping311, Unfit, as_report, code_of, key_of
from reports.workflow import State

BATCH = 2_000
SHOWN = 20
STORING = "Storing"
DAYS = 90
FORMATS = ("auto", "json", "xml")
PAGING = ("auto", "from-0", "from-1", "none")
USES = ("production", "test")


@dataclass(frozen=True)
class FromOpen311:
    """A source of the kind ``open311``."""

    server: Server
    mapping: Mapping311
    days: int
    """How far back each run looks, so that what changed meanwhile comes again."""
    since: date | None
    """From when the first run reads; None: as far back as every run."""

    def bring(self, work: Work) -> Outcome:
        """Read the requests of a span of time, then bring them in, all or nothing."""
        _check_categories(self.mapping)
        server, known = client.services(work.client, client.found(work.client, self.server))
        is_first = work.from_the_start or not work.memory
        recipe = {**asdict(server), "key": "", "days": self.days}
        recipe["since"] = str(self.since or "") if is_first else ""
        # What broke off goes on with the span that it had begun with.
        end = work.spool.begin(recipe).replace(microsecond=0)
        start = end - timedelta(days=self.days)
        if is_first and self.since:
            start = min(start, datetime.combine(self.since, time(), self.mapping.zone))
        spans = client.windows(start.astimezone(UTC), end)

        def pages(last: Page | None) -> Iterator[Page]:
            return client.pages(work.client, server, spans, last)

        resumed = fill(work, recipe, pages)
        with transaction.atomic():
            outcome = _Keeping(self.mapping, known).keep(work, (start, end))
            if outcome.added:
                refresh_statistics()
            work.still_wanted()
        outcome.memory = {"until": end.isoformat()}
        return finished(work, outcome, resumed)


def _check_categories(mapping: Mapping311) -> None:
    known = set(Category.objects.values_list("code", flat=True))
    for code, category in mapping.categories.items():
        if category not in known:
            message = (
                f"The mapping puts {code!r} into the category {category!r}, which there is not."
            )
            raise InvalidInput(message, field="categories")


@dataclass
class _Keeping:
    """Brings the requests of a run in, and counts what becomes of them."""

    mapping: Mapping311
    services: Sequence[Service]
    outcome: Outcome = field(default_factory=Outcome)
    seen: set[str] = field(default_factory=set)
    unmapped: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def keep(self, work: Work, span: Window) -> Outcome:
        """Bring in what the spool holds; say what is here and came no more."""
        waiting: list[NewReport] = []
        count = len(work.spool) or 1
        for position, page in enumerate(work.spool.pages()):
            work.progress(READ_SHARE + (1 - READ_SHARE) * position / count, STORING)
            waiting += self._reports(page)
            while len(waiting) >= BATCH:
                self._submit(waiting[:BATCH])
                del waiting[:BATCH]
        self._submit(waiting)
        self._say_what_vanished(span)
        self.outcome.count(self.unmapped, "Services that the mapping leaves out")
        self.outcome.count(self.reasons, "Left out because")
        self._say_what_is_unknown()
        return self.outcome

    def _reports(self, page: Sequence[Record]) -> Iterator[NewReport]:
        now = timezone.now()
        names = {service.code: service.name for service in self.services}
        for record in page:
            if moment := record.get(CUT):
                self.outcome.notes.append(
                    f"More requests bear the time {moment} than the server gives; some are missing"
                )
                continue
            key = key_of(record)
            if key and key in self.seen:
                continue
            self.seen.add(key)
            self.outcome.came += 1
            if (code := code_of(record)) not in self.mapping.categories:
                name = names.get(code) or record.get("service_name") or ""
                self.unmapped[f"{code} {name}".strip()] += 1
                self.outcome.left_out += 1
                continue
            try:
                yield as_report(record, self.mapping, now)
            except Unfit as unfit:
                self.reasons[str(unfit)] += 1
                self.outcome.left_out += 1

    def _submit(self, batch: Sequence[NewReport]) -> None:
        fates = Counter(bulk.update_many(batch))
        self.outcome.added += fates[Fate.ACCEPTED]
        self.outcome.changed += fates[Fate.UPDATED]
        self.outcome.unchanged += fates[Fate.REPEATED]

    def _say_what_vanished(self, span: Window) -> None:
        """Say which reports of the span are here and came no more; they stay."""
        start, end = span
        with connection.cursor() as cursor:
            cursor.execute(
                statement(__file__, "vanished"),
                {
                    "source": self.mapping.source,
                    "start": start,
                    "end": end,
                    "seen": list(self.seen),
                },
            )
            gone = [key for (key,) in cursor.fetchall()]
        self.outcome.vanished = len(gone)
        if gone:
            more = f" and {len(gone) - SHOWN:,} more" if len(gone) > SHOWN else ""
            self.outcome.notes.append(
                f"No more in the source, and kept here: {', '.join(gone[:SHOWN])}{more}"
            )

    def _say_what_is_unknown(self) -> None:
        listed = {service.code for service in self.services}
        unknown = sorted(set(self.mapping.categories) - listed)
        if listed and unknown:
            self.outcome.notes.append(
                f"Mapped, but no service of the server: {', '.join(unknown[:SHOWN])}"
            )


# ---- the file of a source ----


def read_open311(table: Table, _folder: Path) -> FromOpen311:
    """Read a source of the kind ``open311``."""
    server = Server(
        address=address_of(table),
        jurisdiction=table.text("jurisdiction", ""),
        key=secret(table, "api_key_from"),
        format=table.choice("format", FORMATS, "auto"),
        paging=table.choice("paging", PAGING, "auto"),
        page_size=table.whole("page_size", 500),
        cap=table.whole("cap", 1_000),
        use=table.choice("use", USES, "production"),
    )
    mapping = Mapping311(
        source=_source(table),
        precision=Precision(table.choice("precision", Precision.values)),
        zone=_zone(table),
        categories=table.table("categories").texts(),
        states=_states(table.table("states")),
        default_points=_points(table),
    )
    if not mapping.categories:
        raise table.wrong("needs [categories]: the server's service codes, and ours for each")
    days = table.whole("days", DAYS)
    since = table.values.pop("since", None)
    if since is not None and (not isinstance(since, date) or isinstance(since, datetime)):
        raise table.wrong("has since that is no date; write it as since = 2026-01-31")
    return FromOpen311(server, mapping, days, since)


def _source(table: Table) -> str:
    name = table.text("source", table.path.stem)
    if len(name) > SCOPE_LIMIT or name == "client":
        raise table.wrong(
            f"has source = {name!r}; give another name of at most {SCOPE_LIMIT} characters"
        )
    return name


def _zone(table: Table) -> tzinfo:
    name = table.text("zone", "") or city().time_zone
    if name not in available_timezones():
        raise table.wrong(f"has zone = {name!r}; give a name such as America/New_York")
    return ZoneInfo(name)


def _states(table: Table) -> dict[str, State]:
    named = {name: State(table.choice(name, State.values)) for name in list(table.values)}
    return DEFAULT_STATES | {name.lower(): state for name, state in named.items()}


def _points(table: Table) -> frozenset[tuple[float, float]]:
    points = table.values.pop("default_points", [])
    try:
        return frozenset((float(lon), float(lat)) for lon, lat in points)
    except (TypeError, ValueError):
        raise table.wrong("has default_points that are not pairs [longitude, latitude]") from None
