"""The one door for a report: whatever the channel, it is accepted here.

`submit_many` is set-based: keys, places, masks, public projection and history of a whole batch
in a few statements, in one transaction. Nothing else inserts a report.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from layers import gazetteer
from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import Conflict, InvalidInput
from layers.models import Area
from layers.queries import city
from layers.statements import cursor_for, statement
from reports import followers, given, history, identifiers, masking, photos, questions
from reports.models import Category
from reports.placing import Place, places_of
from reports.submission import NewReport, checked
from reports.workflow import Event, State


class Outcome(Enum):
    """What became of one report of a batch."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    UPDATED = "updated"
    """Brought into step with its source; `bulk` alone answers so."""


@dataclass(frozen=True)
class Submitted:
    """The answer to one report. `receipt` is shown once; bulk imports and conflicts have none."""

    report_id: int
    public_id: str
    receipt: str
    outcome: Outcome


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
        message = _(
            "This report was sent before with other content. Open the first one by its receipt, "
            "or start a new report."
        )
        raise Conflict(message)
    return answer


def examine(report: NewReport) -> None:
    """Look at a report as `submit` does before it writes, and write nothing.

    Raises
    ------
    InvalidInput
        When a value is wrong; names the field.
    """
    checked([report], _categories([report]), timezone.now())


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
    batch = [_with_receipt_to_mail(report) for report in batch]
    with acting_as(viewer):
        categories = _categories(batch)
        keyed, earlier = _claim(checked(batch, categories, now))
        fresh = [k for position, k in enumerate(keyed) if position not in earlier]
        if fresh:
            _insert(fresh, categories, viewer, now)
            photos.attach([(k.id, k.report.client_uuid, k.report.photos) for k in fresh])
            followers.follow_own(
                [
                    (k.id, k.report.contact.email, k.report.language)
                    for k in fresh
                    if k.report.wants_mail and k.report.contact.email
                ]
            )
    return [
        earlier.get(position) or Submitted(k.id, k.public_id, k.receipt, Outcome.ACCEPTED)
        for position, k in enumerate(keyed)
    ]


def _categories(batch: Sequence[NewReport]) -> Mapping[str, Category]:
    known = Category.objects.in_bulk({report.category for report in batch}, field_name="code")
    for position, report in enumerate(batch):
        if report.category not in known:
            message = _(
                "Report %(n)s: there is no category “%(code)s”. Choose one of the list of "
                "categories."
            )
            values = {"n": position + 1, "code": report.category}
            raise InvalidInput(message % values, field="category")
    return known


def _public_answers(category: Category, answers: Mapping[str, Any]) -> questions.Answers:
    rule = masking.rule_of(category.sensitivity)
    if rule is None or not rule.shows_text:
        return {}
    return questions.public_part(category.questions, answers)


def _with_receipt_to_mail(report: NewReport) -> NewReport:
    """Give a report whose receipt is mailed a UUID: the job that mails it makes it from that."""
    if report.wants_mail and report.key() is None:
        return replace(report, client_uuid=uuid.uuid4())
    return report


def _claim(batch: Sequence[NewReport]) -> tuple[list[_Keyed], dict[int, Submitted]]:
    """Make and claim the keys of a batch; return them, and what came before, by position.

    A rival transaction with the same key waits at the unique index until this one ends.
    """
    own = [report.key() or (None, None) for report in batch]
    values: dict[str, Any] = {
        "scope": [scope for scope, _ in own],
        "key": [key for _, key in own],
        "digest": [report.digest() if report.key() else None for report in batch],
    }
    with cursor_for(len(batch)) as cursor:
        cursor.execute(statement(__file__, "claim"), values)
        claims = cursor.fetchall()
    keyed = [
        _Keyed(
            id=key,
            public_id=identifiers.new_public_id(),
            receipt="" if report.source_key else identifiers.new_receipt(report.client_uuid),
            report=report,
        )
        for (key, _), report in zip(claims, batch, strict=True)
    ]
    repeats = [position for position, (_, is_first) in enumerate(claims) if not is_first]
    return keyed, _earlier(keyed, repeats) if repeats else {}


CLAIMED = """
SELECT claimed.scope, claimed.key, claimed.digest, claimed.report_id, report.public_id
FROM reports_submissionkey AS claimed
JOIN unnest(%(scope)s::text[], %(key)s::text[]) AS wanted (scope, key) USING (scope, key)
LEFT JOIN reports_report AS report ON report.id = claimed.report_id
"""


def _earlier(keyed: Sequence[_Keyed], repeats: Sequence[int]) -> dict[int, Submitted]:
    """Return the answers of those reports whose keys were claimed before, by position."""
    wanted = [key for position in repeats if (key := keyed[position].report.key())]
    values = {"scope": [scope for scope, _ in wanted], "key": [key for _, key in wanted]}
    with connection.cursor() as cursor:
        cursor.execute(CLAIMED, values)
        claimed = {
            (scope, key): (bytes(digest), report_id, public_id)
            for scope, key, digest, report_id, public_id in cursor.fetchall()
        }
    made_now = {k.id: k.public_id for k in keyed}
    answers = {}
    for position, key in zip(repeats, wanted, strict=True):
        mine = keyed[position]
        digest, report_id, public_id = claimed[key]
        same = digest == mine.report.digest()
        answers[position] = Submitted(
            report_id,
            public_id or made_now[report_id],
            mine.receipt if same else "",
            Outcome.REPEATED if same else Outcome.CONFLICT,
        )
    return answers


def _place(fresh: Sequence[_Keyed]) -> list[Place]:
    located = {i: k.report.point for i, k in enumerate(fresh) if k.report.point}
    wards = _wards_named(fresh)
    placed = [Place(k.report.source_areas, _only_one(k.report.source_areas, wards)) for k in fresh]
    for i, place in places_of(located).items():
        every = tuple(dict.fromkeys([*place.areas, *fresh[i].report.source_areas]))
        placed[i] = replace(place, areas=every)
        if fresh[i].report.must_be_inside and not place.areas and Area.objects.exists():
            raise InvalidInput(gazetteer.outside(city().name), field="point")
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
            event=Event.SUBMITTED.value,
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
                    event=Event.TRANSITION.value,
                    state=k.report.state,
                )
            )
    return entries


def _insert(
    fresh: Sequence[_Keyed], categories: Mapping[str, Category], viewer: Viewer, now: datetime
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
        "id": [k.id for k in fresh],
        "public_id": [k.public_id for k in fresh],
        "key": [identifiers.new_public_id() for _ in fresh],
        "receipt_digest": [
            identifiers.receipt_digest(k.receipt) if k.receipt else None for k in fresh
        ],
        "category_id": [categories[r.category].pk for r in reports],
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
        "public_answers": [
            Jsonb(_public_answers(categories[r.category], r.answers)) for r in reports
        ],
        "asset_id": [r.asset for r in reports],
        "language": [r.language for r in reports],
        "promised_at": [r.promised_at for r in reports],
        "area_report_id": [report_id for report_id, _ in area_pairs],
        "area_id": [area for _, area in area_pairs],
        "entry_report_id": [e.report_id for e in entries],
        "entry_number": [e.number for e in entries],
        "entry_at": [e.at for e in entries],
        "entry_event": [e.event for e in entries],
        "entry_state": [e.state for e in entries],
        "entry_actor_id": [e.actor_id for e in entries],
        "entry_text_digest": [e.text_digest for e in entries],
        "entry_digest": [e.digest for e in entries],
    }
    values |= _shown(fresh, placed, categories, now)
    with cursor_for(len(fresh)) as cursor:
        cursor.execute(
            statement(
                __file__,
                "insert",
                row=given.ROW,
                area=given.AREA,
                shown=given.SHOWN,
                entry=given.ENTRY,
            ),
            values,
        )


SHOWN_COLUMNS = [column.name for column in fields(masking.Shown) if column.name != "addresses"]


def _shown(
    fresh: Sequence[_Keyed],
    placed: Sequence[Place],
    categories: Mapping[str, Category],
    now: datetime,
) -> dict[str, list[Any]]:
    """Return the columns of the public projection, for the reports that are listed."""
    answers = masking.show(
        [
            masking.Placed(
                category_id=categories[k.report.category].pk,
                point=k.report.point,
                ward_id=place.ward,
                street_name=place.street_name,
                precision=k.report.precision,
                description=k.report.description,
                state=k.report.state,
                reported_at=k.report.reported_at or now,
                closed_at=k.report.closed_at,
            )
            for k, place in zip(fresh, placed, strict=True)
        ],
        now,
    )
    listed = [(k.id, shown) for k, shown in zip(fresh, answers, strict=True) if shown]
    columns = {name: [getattr(shown, name) for _, shown in listed] for name in SHOWN_COLUMNS}
    return {"shown_id": [key for key, _ in listed]} | {f"shown_{n}": v for n, v in columns.items()}
