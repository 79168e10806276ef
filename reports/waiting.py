"""The parts of the statements where a batch is another system's: of the tables that it waits in."""

DIGEST = """sha256(convert_to(ROW(
    %(precision)s::text, category, state, description, lon, lat, reported_at AT TIME ZONE 'UTC',
    closed_at AT TIME ZONE 'UTC', promised_at AT TIME ZONE 'UTC', source_areas
)::text, 'UTF8'))"""
"""Of what a source says of a report: another one is an update."""
FRESH = "(SELECT ord, lon, lat FROM fresh WHERE lon IS NOT NULL)"
PLACED = """(
    SELECT incoming.ord, place.category_id, incoming.lon, incoming.lat, place.ward_id,
           place.street_name, %(precision)s::text, incoming.description, incoming.state,
           incoming.reported_at, incoming.closed_at, incoming.promised_at
    FROM incoming JOIN incoming_place AS place USING (ord)
)"""
OTHER_CLASS = """
SELECT category.code
FROM reports_category AS category JOIN prepared ON prepared.category_id = category.id
WHERE prepared.sensitivity <> category.sensitivity
LIMIT 1
"""
ROW = """
SELECT id, public_id, shown_key AS key, NULL::bytea AS receipt_digest, category_id, state,
       description, lon, lat, street_id, street_name, ward_id, areas,
       %(precision)s::text AS precision, %(channel)s::text AS channel, reported_at, closed_at,
       promised_at, '' AS contact_name, '' AS contact_email, '' AS contact_phone,
       '{}'::jsonb AS answers, '{}'::jsonb AS public_answers, NULL::bigint AS asset_id,
       '' AS language
FROM prepared
WHERE outcome = 'a'
"""
AREA = "SELECT id, unnest(areas) FROM row"
SHOWN = """(
    SELECT id, has_public_id, shows_text, shown_state, shown_description, place_name, shown_lon,
           shown_lat, mask_version, snap_point_id, shown_at, shown_closed_at, shown_promised_at,
           public_from, later_state, later_closed_at, later_from
    FROM prepared
    WHERE outcome = 'a' AND mask_version IS NOT NULL
)"""
ENTRY = """
SELECT id AS report_id, 1 AS number, reported_at AS at, 'submitted' AS event,
       CASE WHEN closed_at IS NULL THEN state ELSE 'new' END AS state,
       %(actor)s::bigint AS actor_id, first_text AS text_digest, first_digest AS digest
FROM prepared
WHERE outcome = 'a'
UNION ALL
SELECT id, 2, closed_at, 'transition', state, NULL, last_text, last_digest
FROM prepared
WHERE outcome = 'a' AND closed_at IS NOT NULL
"""
CHANGED = """(
    SELECT ord, category_id, lon, lat, ward_id, street_name, precision, description, state,
           reported_at, closed_at, promised_at
    FROM incoming_change
)"""
MOVED = """(
    SELECT change.id, change.state, change.closed_at, unit.unit
    FROM incoming_change AS change
    JOIN unnest(%(classes)s::int[], %(units)s::text[]) AS unit (sensitivity, unit)
        USING (sensitivity)
    WHERE change.sensitivity = change.old_sensitivity
      AND (change.has_other_state OR change.note LIKE '%%closing time%%')
)"""
