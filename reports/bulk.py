"""Another system's reports, many at once: accepted, or brought into step with their source.

Part of the one door: what `intake.submit_many` does with arrays, the same statements do here with
a table of the transaction, for a batch in columns. A key that came before with other content
updates its report; docs/importing-reports.md tells what an update may change.
"""

import io
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from django.db import connection
from django.utils import timezone

from layers.access import ANONYMOUS, Viewer, acting_as
from layers.errors import InvalidInput
from layers.queries import city
from layers.statements import statement
from reports import followers, identifiers, masking, placing
from reports.columns import Columns, in_columns
from reports.intake import Outcome
from reports.models import Category, Follower
from reports.submission import NewReport

COLUMNS = (
    "ord",
    "public_id",
    "shown_key",
    "source_key",
    "category",
    "state",
    "description",
    "lon",
    "lat",
    "reported_at",
    "closed_at",
    "promised_at",
    "source_areas",
)
OUTCOMES = {"a": Outcome.ACCEPTED, "r": Outcome.REPEATED, "c": Outcome.UPDATED}
DIGEST = """sha256(convert_to(ROW(
    %(precision)s::text, category, state, description, lon, lat, reported_at AT TIME ZONE 'UTC',
    closed_at AT TIME ZONE 'UTC', promised_at AT TIME ZONE 'UTC', source_areas
)::text, 'UTF8'))"""
"""Of what a source says of a report: another one is an update."""
FRESH = "(SELECT ord, lon, lat FROM incoming WHERE lon IS NOT NULL AND outcome <> 'r')"
ROW = """
SELECT incoming.ord, incoming.id, incoming.public_id, incoming.shown_key AS key,
       NULL::bytea AS receipt_digest, category.id AS category_id, incoming.state,
       incoming.description, incoming.lon, incoming.lat, place.street_id, place.street_name,
       place.ward_id, place.areas, %(precision)s::text AS precision, %(channel)s::text AS channel,
       incoming.reported_at, incoming.closed_at, incoming.promised_at,
       '' AS contact_name, '' AS contact_email, '' AS contact_phone,
       '{}'::jsonb AS answers, '{}'::jsonb AS public_answers, NULL::bigint AS asset_id,
       '' AS language
FROM incoming
JOIN incoming_place AS place USING (ord)
JOIN reports_category AS category ON category.code = incoming.category
WHERE incoming.outcome = 'a'
"""
AREA = "SELECT id, unnest(areas) FROM row"
MASKED = """(
    SELECT ord, category_id, lon, lat, ward_id, street_name, precision, description, state,
           reported_at, closed_at, promised_at
    FROM {}
)"""
SHOWN = """(
    SELECT row.id, has_public_id, shows_text, shown.state, shown.description, place_name,
           shown.lon, shown.lat, mask_version, snap_point, shown_at, shown.closed_at,
           shown.promised_at, public_from, later_state, later_closed_at, later_from
    FROM ({shown}) AS shown (
        ord, has_public_id, shows_text, state, description, place_name, lon, lat, mask_version,
        snap_point, addresses, shown_at, closed_at, promised_at, public_from, later_state,
        later_closed_at, later_from
    )
    JOIN row USING (ord)
)"""
MOVED = """(
    SELECT change.id, change.state, change.closed_at, unit.unit
    FROM incoming_change AS change
    JOIN unnest(%(classes)s::int[], %(units)s::text[]) AS unit (sensitivity, unit)
        USING (sensitivity)
    WHERE change.sensitivity = change.old_sensitivity
      AND (change.has_other_state OR change.note LIKE '%%closing time%%')
)"""


def update_many(batch: Sequence[NewReport], viewer: Viewer = ANONYMOUS) -> list[Outcome]:
    """Accept reports of one source or bring them into step, all or nothing, in their order.

    As `upsert`, for a batch that is not in columns; each has its source's key, none twice.
    """
    return upsert(in_columns(batch), viewer) if batch else []


def upsert(columns: Columns, viewer: Viewer = ANONYMOUS) -> list[Outcome]:
    """Accept reports of one source, or bring those into step that came before otherwise.

    Parameters
    ----------
    columns
        Already checked: a time of opening each, no closing before it, places on the map.
    viewer
        On whose behalf.

    Returns
    -------
    What became of each, in their order: accepted, repeated or updated.

    Raises
    ------
    InvalidInput
        When there is no category of a code.
    """
    if not len(columns):
        return []
    _check_categories(columns)
    now = timezone.now()
    values = {
        **masking.rules(now),
        "source": columns.source,
        "precision": columns.precision.value,
        "channel": columns.channel,
        "actor": viewer.user_id,
        "reach_m": placing.STREET_REACH_M,
    }
    with acting_as(viewer):
        _send(columns)
        _run("bulk_claim", values, digest=DIGEST)
        place = statement(placing.__file__, "place", points=FRESH)
        _run("bulk_place", values, place=place)
        with connection.cursor() as cursor:
            cursor.execute(_insert(), values)
        outcomes = _outcomes()
        if "c" in outcomes:
            _update(values, now)
            outcomes = _outcomes()
    return [OUTCOMES[letter] for letter in outcomes]


def _check_categories(columns: Columns) -> None:
    codes = set(columns.category.unique().to_pylist())
    known = set(Category.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing := sorted(codes - known):
        message = f"There is no category {missing[0]!r}. Choose one of the list of categories."
        raise InvalidInput(message, field="category")


def _run(name: str, values: dict[str, Any], **parts: str) -> None:
    """Execute a file of statements."""
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, name, **parts), values)


def _random_names(count: int) -> Any:
    """Return names such as `identifiers.new_public_id` makes, many at once."""
    length = identifiers.PUBLIC_ID_LENGTH
    drawn = np.frombuffer(secrets.token_bytes(length * count), np.uint8) % 32
    letters = np.frombuffer(identifiers.ALPHABET.encode(), np.uint8)[drawn]
    return pa.array(letters.view(f"S{length}").astype(f"U{length}").tolist(), pa.string())


def _send(columns: Columns) -> None:
    count = len(columns)
    literals = {areas: "{" + ",".join(map(str, areas)) + "}" for areas in set(columns.source_areas)}
    sent: Sequence[Any] = (
        pa.array(np.arange(count)),
        _random_names(count),
        _random_names(count),
        columns.key,
        columns.category,
        columns.state,
        columns.description,
        _numbers(columns.lon),
        _numbers(columns.lat),
        _times(columns.reported_at),
        _times(columns.closed_at),
        _times(columns.promised_at),
        pa.array([literals[areas] for areas in columns.source_areas], pa.string()),
    )
    text = io.BytesIO()
    pa.csv.write_csv(
        pa.table(dict(zip(COLUMNS, sent, strict=True))),
        text,
        pa.csv.WriteOptions(include_header=False),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "bulk_tables"))
        names = ", ".join(COLUMNS)
        with cursor.copy(f"COPY incoming ({names}) FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.getbuffer())


def _numbers(values: npt.NDArray[np.float64]) -> Any:
    return pa.array(values, from_pandas=True)


def _times(values: npt.NDArray[np.datetime64]) -> Any:
    return pa.array(values, pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))


def _masked(table: str) -> str:
    return statement(masking.__file__, "shown", reports=MASKED.format(table))


def _insert() -> str:
    return statement(
        __file__,
        "insert",
        row=ROW,
        area=AREA,
        shown=SHOWN.replace("{shown}", _masked("row")),
        entry=statement(__file__, "bulk_entry"),
    )


def _outcomes() -> str:
    """Return a letter for each report of the batch, in its order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(outcome::text, '' ORDER BY ord) FROM incoming")
        (letters,) = cursor.fetchone()
    return str(letters)


def _update(values: dict[str, Any], now: datetime) -> None:
    classes = list(masking.RULES)
    values |= {
        "listed": classes,
        "classes": classes,
        "units": [masking.time_unit_of(each) for each in classes],
        "time_zone": city().time_zone,
        "now": now,
    }
    _run("bulk_changes", values)
    _run("bulk_update", values, shown=_masked("incoming_change"))
    with connection.cursor() as cursor:
        cursor.execute(statement(__file__, "show_state", moved=MOVED), values)
        cursor.execute(statement(__file__, "bulk_append"), values)
        moved = dict(cursor.fetchall())
    followed = Follower.objects.filter(report_id__in=moved, confirmed_at__isnull=False)
    for report_id in followed.values_list("report_id", flat=True).distinct():
        followers.tell(report_id, moved[report_id])
