"""The one door for a report: whatever the channel, it is accepted here.

`submit_many` is set-based: keys, places, masks, public projection and history of a whole batch
in a few statements, in one transaction. Nothing else inserts a report.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import Conflict, InvalidInput
from layers.models import Area
from layers.queries import city
from layers.statements import statement
from reports import history, identifiers, masking
from reports.models import Category, Precision
from reports.workflow import ENDED, State

STREET_REACH_M = 250.0
CLOCK_TOLERANCE = timedelta(minutes=5)
DESCRIPTION_LIMIT = 2000


@dataclass(frozen=True)
class Contact:
    """Who reported it; every part may be empty."""

    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class NewReport:
    """A report as it comes through any channel, already typed.

    `point` is longitude and latitude (EPSG:4326), or None for a report without a place;
    `source_areas` are keys of areas that the source names. `client_uuid` (a person's device) or
    `source` with `source_key` (another system) makes a repeat return the first answer.
    """

    category: str
    point: tuple[float, float] | None
    description: str = ""
    contact: Contact = Contact()
    channel: str = "web"
    reported_at: datetime | None = None
    state: State = State.NEW
    closed_at: datetime | None = None
    client_uuid: uuid.UUID | None = None
    source: str = ""
    source_key: str = ""
    precision: Precision = Precision.EXACT
    source_areas: tuple[int, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    """To the category's own questions."""
    asset: int | None = None
    language: str = ""
    must_be_inside: bool = False
    """Refuse a place that no area covers; for people, who can move the pin."""

    def key(self) -> tuple[str, str] | None:
        """Return what makes a repeat recognisable, or None."""
        if self.client_uuid:
            return "client", str(self.client_uuid)
        return (self.source, self.source_key) if self.source_key else None

    def digest(self) -> bytes:
        """Return the digest of the content, to tell a repeat from a conflict."""
        parts = [
            self.category,
            self.point,
            self.description,
            self.contact.name,
            self.contact.email,
            self.contact.phone,
            self.reported_at.isoformat() if self.reported_at else None,
            self.state,
            self.closed_at.isoformat() if self.closed_at else None,
            self.precision,
            sorted(self.source_areas),
            self.answers,
            self.asset,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


class Outcome(Enum):
    """What became of one report of a batch."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Submitted:
    """The answer to one report. `receipt` is shown once; bulk imports and conflicts have none."""

    report_id: int
    public_id: str
    receipt: str
    outcome: Outcome


@dataclass(frozen=True)
class _Placed:
    areas: tuple[int, ...]
    ward: int | None
    street: int | None
    street_name: str


@dataclass(frozen=True)
class _Keyed:
    """A report of the batch with the keys made for it."""

    id: int
    public_id: str
    receipt: str
    report: NewReport


def submit(report: NewReport, viewer: Viewer = ANONYMOUS) -> Submitted:
    """Accept one report.

    Raises
    ------
    InvalidInput
        When a value is wrong; names the field.
    Conflict
        When the same client UUID or source key came before with other content.
    """
    (answer,) = submit_many([report], viewer)
    if answer.outcome is Outcome.CONFLICT:
        message = (
            "This report was sent before with other content. Open the first one by its receipt, "
            "or start a new report."
        )
        raise Conflict(message)
    return answer


def submit_many(batch: Sequence[NewReport], viewer: Viewer = ANONYMOUS) -> list[Submitted]:
    """Accept a batch, all or nothing; the answers stand in the batch's order.

    Raises
    ------
    InvalidInput
        When a value is wrong; names the field and, in a batch, the position.
    """
    if not batch:
        return []
    now = timezone.now()
    with acting_as(viewer):
        categories = _categories(batch)
        for position, report in enumerate(batch):
            _check(report, now, f"Report {position + 1}: " if len(batch) > 1 else "")
        keyed = _with_keys(batch)
        earlier = _claim(keyed)
        fresh = [k for position, k in enumerate(keyed) if position not in earlier]
        if fresh:
            _insert(fresh, categories, viewer, now)
    return [
        earlier.get(position) or Submitted(k.id, k.public_id, k.receipt, Outcome.ACCEPTED)
        for position, k in enumerate(keyed)
    ]


def _categories(batch: Sequence[NewReport]) -> Mapping[str, int]:
    wanted = {report.category for report in batch}
    known = dict(Category.objects.filter(code__in=wanted).values_list("code", "id"))
    for position, report in enumerate(batch):
        if report.category not in known:
            message = (
                f"Report {position + 1}: there is no category {report.category!r}. "
                "Choose one of the list of categories."
            )
            raise InvalidInput(message, field="category")
    return known


def _check(report: NewReport, now: datetime, where: str) -> None:
    if report.point:
        lon, lat = report.point
        if not (-180 <= lon <= 180 and -85.06 <= lat <= 85.06):
            message = (
                f"{where}the place {lon}, {lat} is not on the map. Give longitude (-180 to 180), "
                "then latitude (-85.06 to 85.06)."
            )
            raise InvalidInput(message, field="point")
    if len(report.description) > DESCRIPTION_LIMIT:
        message = (
            f"{where}the description has {len(report.description)} characters; "
            f"shorten it to {DESCRIPTION_LIMIT}."
        )
        raise InvalidInput(message, field="description")
    reported_at = report.reported_at or now
    if reported_at > now + CLOCK_TOLERANCE:
        message = f"{where}the time {reported_at:%Y-%m-%d %H:%M} lies in the future."
        raise InvalidInput(message, field="reported_at")
    if report.closed_at and report.closed_at < reported_at:
        message = f"{where}it was closed ({report.closed_at}) before it was reported."
        raise InvalidInput(message, field="closed_at")
    if report.closed_at and report.state not in ENDED:
        message = f"{where}it has a closing time, but its state is {report.state.value!r}."
        raise InvalidInput(message, field="state")


def _with_keys(batch: Sequence[NewReport]) -> list[_Keyed]:
    ids = _next_ids("reports_report", len(batch))
    return [
        _Keyed(
            id=key,
            public_id=identifiers.new_public_id(),
            receipt="" if report.source_key else identifiers.new_receipt(report.client_uuid),
            report=report,
        )
        for key, report in zip(ids, batch, strict=True)
    ]


def _next_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [row[0] for row in cursor.fetchall()]


CLAIM = """
INSERT INTO reports_submissionkey (scope, key, digest, report_id)
SELECT * FROM unnest(%(scope)s::text[], %(key)s::text[], %(digest)s::bytea[], %(id)s::bigint[])
    AS claim (scope, key, digest, report_id)
ORDER BY scope, key
ON CONFLICT (scope, key) DO NOTHING
"""
CLAIMED = """
SELECT claimed.scope, claimed.key, claimed.digest, claimed.report_id, report.public_id
FROM reports_submissionkey AS claimed
JOIN unnest(%(scope)s::text[], %(key)s::text[]) AS wanted (scope, key) USING (scope, key)
LEFT JOIN reports_report AS report ON report.id = claimed.report_id
"""


def _claim(keyed: Sequence[_Keyed]) -> dict[int, Submitted]:
    """Claim the keys of a batch; return the answers of those that came before, by position.

    A rival transaction with the same key waits at the unique index until this one ends.
    """
    first: dict[tuple[str, str], _Keyed] = {}
    for k in keyed:
        if key := k.report.key():
            first.setdefault(key, k)
    if not first:
        return {}
    values: dict[str, Any] = {
        "scope": [scope for scope, _ in first],
        "key": [key for _, key in first],
        "digest": [k.report.digest() for k in first.values()],
        "id": [k.id for k in first.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        cursor.execute(CLAIMED, values)
        claimed = {
            (scope, key): (bytes(digest), report_id, public_id)
            for scope, key, digest, report_id, public_id in cursor.fetchall()
        }
    made_now = {k.id: k.public_id for k in keyed}
    answers = {}
    for position, mine in enumerate(keyed):
        if not (key := mine.report.key()) or claimed[key][1] == mine.id:
            continue
        digest, report_id, public_id = claimed[key]
        same = digest == mine.report.digest()
        answers[position] = Submitted(
            report_id,
            public_id or made_now[report_id],
            mine.receipt if same else "",
            Outcome.REPEATED if same else Outcome.CONFLICT,
        )
    return answers


def _place(fresh: Sequence[_Keyed]) -> list[_Placed]:
    located = [(i, k.report.point) for i, k in enumerate(fresh) if k.report.point]
    wards = _wards_named(fresh)
    placed = [
        _Placed(k.report.source_areas, _only_one(k.report.source_areas, wards), None, "")
        for k in fresh
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            statement(__file__, "place"),
            {
                "ord": [i for i, _ in located],
                "lon": [point[0] for _, point in located],
                "lat": [point[1] for _, point in located],
                "ward_kind": city().ward_kind_id,
                "reach_m": STREET_REACH_M,
            },
        )
        for i, areas, ward, street, street_name in cursor.fetchall():
            every = tuple(dict.fromkeys([*areas, *fresh[i].report.source_areas]))
            placed[i] = _Placed(every, ward, street, street_name)
            if fresh[i].report.must_be_inside and not areas and Area.objects.exists():
                message = (
                    f"This place is outside {city().name}. Move the pin into the city, or report "
                    "to the town that it lies in."
                )
                raise InvalidInput(message, field="point")
    return placed


def _wards_named(fresh: Sequence[_Keyed]) -> set[int]:
    """Return the wards among the areas that sources name."""
    named = {area for k in fresh for area in k.report.source_areas}
    if not named:
        return set()
    wards = Area.objects.filter(kind=city().ward_kind_id, id__in=named)
    return set(wards.values_list("id", flat=True))


def _only_one(areas: Sequence[int], wards: set[int]) -> int | None:
    """Return the ward of a report whose source names a single one."""
    among = wards.intersection(areas)
    return among.pop() if len(among) == 1 else None


def _first_entries(fresh: Sequence[_Keyed], viewer: Viewer, now: datetime) -> list[history.Entry]:
    """Begin each report's chain: sent, and for one that comes closed, its end."""
    entries = []
    for k in fresh:
        sent = history.next_entry(
            history.START,
            k.id,
            1,
            at=k.report.reported_at or now,
            event="submitted",
            state=State.NEW if k.report.closed_at else k.report.state,
            actor_id=viewer.user_id,
        )
        entries.append(sent)
        if k.report.closed_at:
            entries.append(
                history.next_entry(
                    sent.digest,
                    k.id,
                    2,
                    at=k.report.closed_at,
                    event="transition",
                    state=k.report.state,
                )
            )
    return entries


def _insert(
    fresh: Sequence[_Keyed], categories: Mapping[str, int], viewer: Viewer, now: datetime
) -> None:
    placed = _place(fresh)
    entries = _first_entries(fresh, viewer, now)
    reports = [k.report for k in fresh]
    points = [r.point or (None, None) for r in reports]
    area_pairs = [
        (k.id, area) for k, place in zip(fresh, placed, strict=True) for area in place.areas
    ]
    values: dict[str, Any] = {
        "now": now,
        "time_zone": city().time_zone,
        "rules": Jsonb(masking.rules_for_database()),
        "by_source": masking.BY_SOURCE,
        "exact": masking.EXACT,
        "area_only": masking.AREA_ONLY,
        "id": [k.id for k in fresh],
        "public_id": [k.public_id for k in fresh],
        "key": [identifiers.new_public_id() for _ in fresh],
        "receipt_digest": [
            identifiers.receipt_digest(k.receipt) if k.receipt else None for k in fresh
        ],
        "category_id": [categories[r.category] for r in reports],
        "state": [r.state.value for r in reports],
        "description": [r.description for r in reports],
        "lon": [point[0] for point in points],
        "lat": [point[1] for point in points],
        "street_id": [place.street for place in placed],
        "street_name": [place.street_name for place in placed],
        "ward_id": [place.ward for place in placed],
        "precision": [r.precision.value for r in reports],
        "channel": [r.channel for r in reports],
        "reported_at": [r.reported_at or now for r in reports],
        "closed_at": [r.closed_at for r in reports],
        "contact_name": [r.contact.name for r in reports],
        "contact_email": [r.contact.email for r in reports],
        "contact_phone": [r.contact.phone for r in reports],
        "answers": [Jsonb(r.answers) for r in reports],
        "asset_id": [r.asset for r in reports],
        "language": [r.language for r in reports],
        "area_report_id": [report_id for report_id, _ in area_pairs],
        "area_id": [area for _, area in area_pairs],
        "entry_id": _next_ids("reports_historyentry", len(entries)),
        "entry_report_id": [e.report_id for e in entries],
        "entry_number": [e.number for e in entries],
        "entry_at": [e.at for e in entries],
        "entry_event": [e.event for e in entries],
        "entry_state": [e.state for e in entries],
        "entry_actor_id": [e.actor_id for e in entries],
        "entry_text_digest": [e.text_digest for e in entries],
        "entry_digest": [e.digest for e in entries],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "insert"), values)
