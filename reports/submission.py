"""A report as it comes through any channel, and what is refused before it is written."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from layers.errors import InvalidInput
from reports import photos, questions
from reports.models import Category, Precision
from reports.workflow import ENDED, State

ASSET_REACH_M = 100.0
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
    promised_at: datetime | None = None
    """By when its source means to be done; None: as its category promises."""
    client_uuid: uuid.UUID | None = None
    source: str = ""
    source_key: str = ""
    precision: Precision = Precision.EXACT
    source_areas: tuple[int, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)
    """To the category's own questions."""
    asset: int | None = None
    language: str = ""
    photos: tuple[str, ...] = ()
    """Keys of photos that came before, with this client UUID; shown in this order."""
    wants_mail: bool = False
    """Send the receipt and news to the contact's e-mail address."""
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
            *([self.promised_at.isoformat()] if self.promised_at else []),
            self.precision,
            sorted(self.source_areas),
            self.answers,
            self.asset,
            self.wants_mail,
            self.photos,
        ]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def checked(
    batch: Sequence[NewReport], categories: Mapping[str, Category], now: datetime
) -> list[NewReport]:
    """Return the reports with their answers as their questions take them.

    Raises
    ------
    InvalidInput
        For the first value that is wrong; names the field and, in a batch, the position.
    """
    for position, report in enumerate(batch):
        where = _("Report %(n)s: ") % {"n": position + 1} if len(batch) > 1 else ""
        _check(report, now, where)
    _check_assets(batch)
    return [_with_answers(report, categories) for report in batch]


def _check(report: NewReport, now: datetime, where: str) -> None:
    if report.point:
        lon, lat = report.point
        if not (-180 <= lon <= 180 and -85.06 <= lat <= 85.06):
            message = _(
                "%(where)sthe place %(lon)s, %(lat)s is not on the map. Give longitude (-180 to "
                "180), then latitude (-85.06 to 85.06)."
            )
            values = {"where": where, "lon": lon, "lat": lat}
            raise InvalidInput(message % values, field="point")
    photos.check(report.photos, report.client_uuid, where)
    if len(report.description) > DESCRIPTION_LIMIT:
        message = _("%(where)sthe description has %(length)s characters; shorten it to %(limit)s.")
        length = len(report.description)
        values = {"where": where, "length": length, "limit": DESCRIPTION_LIMIT}
        raise InvalidInput(message % values, field="description")
    reported_at = report.reported_at or now
    if reported_at > now + CLOCK_TOLERANCE:
        message = _("%(where)sthe time %(time)s lies in the future.")
        values = {"where": where, "time": f"{reported_at:%Y-%m-%d %H:%M}"}
        raise InvalidInput(message % values, field="reported_at")
    if report.closed_at and report.closed_at < reported_at:
        message = _("%(where)sit was closed (%(closed)s) before it was reported.")
        raise InvalidInput(
            message % {"where": where, "closed": report.closed_at}, field="closed_at"
        )
    if report.closed_at and report.state not in ENDED:
        message = _("%(where)sit has a closing time, but its state is “%(state)s”.")
        values = {"where": where, "state": report.state.value}
        raise InvalidInput(message % values, field="state")


def _with_answers(report: NewReport, categories: Mapping[str, Category]) -> NewReport:
    """Return the report with its answers as its category's questions take them."""
    schema = categories[report.category].questions
    answers = questions.check(schema, report.answers, must_answer=not report.source_key)
    return replace(report, answers=answers) if answers != report.answers else report


NEAR_ASSET = """
SELECT about.ord
FROM unnest(%(ord)s::int[], %(asset)s::bigint[], %(lon)s::float8[], %(lat)s::float8[])
    AS about (ord, asset, lon, lat)
JOIN layers_asset AS asset ON asset.id = about.asset
WHERE about.lon IS NULL OR ST_DWithin(
    asset.geometry::geography,
    ST_SetSRID(ST_MakePoint(about.lon, about.lat), 4326)::geography,
    %(reach_m)s
)
"""


def _check_assets(batch: Sequence[NewReport]) -> None:
    """Refuse a report about a thing that is not on the city's list, or stands elsewhere."""
    about = [
        (i, r.asset, *(r.point or (None, None))) for i, r in enumerate(batch) if r.asset is not None
    ]
    if not about:
        return
    columns = zip(("ord", "asset", "lon", "lat"), map(list, zip(*about, strict=True)), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(NEAR_ASSET, dict(columns) | {"reach_m": ASSET_REACH_M})
        near = {row[0] for row in cursor.fetchall()}
    for i, asset, *_point in about:
        if i not in near:
            message = _(
                "The thing that was chosen (%(asset)s) is not on our list, or stands more than "
                "%(metres)s m from the place. Choose one that is near, or none."
            )
            values = {"asset": asset, "metres": f"{ASSET_REACH_M:.0f}"}
            raise InvalidInput(message % values, field="asset")
