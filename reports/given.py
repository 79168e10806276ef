"""The parts of ``insert.sql`` where a batch comes as arrays; ``bulk`` has others."""

ROW = """
SELECT *
FROM unnest(
    %(id)s::bigint[], %(public_id)s::text[], %(key)s::text[], %(receipt_digest)s::bytea[],
    %(category_id)s::bigint[], %(state)s::text[], %(description)s::text[],
    %(lon)s::float8[], %(lat)s::float8[], %(street_id)s::bigint[], %(street_name)s::text[],
    %(ward_id)s::bigint[], %(precision)s::text[], %(channel)s::text[],
    %(reported_at)s::timestamptz[], %(closed_at)s::timestamptz[],
    %(contact_name)s::text[], %(contact_email)s::text[], %(contact_phone)s::text[],
    %(answers)s::jsonb[], %(public_answers)s::jsonb[], %(asset_id)s::bigint[],
    %(language)s::text[], %(promised_at)s::timestamptz[]
) AS r (
    id, public_id, key, receipt_digest, category_id, state, description, lon, lat,
    street_id, street_name, ward_id, precision, channel, reported_at, closed_at,
    contact_name, contact_email, contact_phone, answers, public_answers, asset_id, language,
    promised_at
)
"""
AREA = """
SELECT * FROM unnest(%(area_report_id)s::bigint[], %(area_id)s::bigint[])
"""
SHOWN = """
unnest(
    %(shown_id)s::bigint[], %(shown_has_public_id)s::boolean[],
    %(shown_shows_text)s::boolean[], %(shown_state)s::text[],
    %(shown_description)s::text[], %(shown_place_name)s::text[], %(shown_lon)s::float8[],
    %(shown_lat)s::float8[], %(shown_mask_version)s::text[], %(shown_snap_point)s::bigint[],
    %(shown_shown_at)s::timestamptz[], %(shown_closed_at)s::timestamptz[],
    %(shown_promised_at)s::timestamptz[], %(shown_public_from)s::timestamptz[],
    %(shown_later_state)s::text[], %(shown_later_closed_at)s::timestamptz[],
    %(shown_later_from)s::timestamptz[]
)
"""
ENTRY = """
SELECT *
FROM unnest(
    %(entry_report_id)s::bigint[], %(entry_number)s::int[],
    %(entry_at)s::timestamptz[], %(entry_event)s::text[], %(entry_state)s::text[],
    %(entry_actor_id)s::bigint[], %(entry_text_digest)s::bytea[], %(entry_digest)s::bytea[]
) AS e (report_id, number, at, event, state, actor_id, text_digest, digest)
"""
