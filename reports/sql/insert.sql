-- One batch of reports into all their tables. Exact points and contacts are inserted without
-- RETURNING, which their policies would refuse. What everybody may see is made here, from the
-- rules of masking.py, and nowhere else.
WITH row AS MATERIALIZED (
    SELECT *
    FROM unnest(
        %(id)s::bigint[], %(public_id)s::text[], %(key)s::text[], %(receipt_digest)s::bytea[],
        %(category_id)s::bigint[], %(state)s::text[], %(description)s::text[],
        %(lon)s::float8[], %(lat)s::float8[], %(street_id)s::bigint[], %(street_name)s::text[],
        %(ward_id)s::bigint[], %(precision)s::text[], %(channel)s::text[],
        %(reported_at)s::timestamptz[], %(closed_at)s::timestamptz[],
        %(contact_name)s::text[], %(contact_email)s::text[], %(contact_phone)s::text[],
        %(answers)s::jsonb[], %(asset_id)s::bigint[], %(language)s::text[]
    ) AS r (
        id, public_id, key, receipt_digest, category_id, state, description, lon, lat,
        street_id, street_name, ward_id, precision, channel, reported_at, closed_at,
        contact_name, contact_email, contact_phone, answers, asset_id, language
    )
),
rule AS (
    SELECT *
    FROM jsonb_to_recordset(%(rules)s::jsonb) AS r (
        sensitivity int, is_listed boolean, shows_exact_point boolean,
        shows_source_point boolean, has_public_id boolean, shows_text boolean, time_unit text
    )
),
report AS (
    INSERT INTO reports_report (
        id, public_id, receipt_digest, category_id, sensitivity, state, description,
        street_id, street_name, is_located, precision, channel,
        reported_at, received_at, changed_at, closed_at, version,
        answers, asset_id, language, promised_at
    )
    SELECT row.id, row.public_id, row.receipt_digest, row.category_id, category.sensitivity,
           row.state, row.description, row.street_id, row.street_name, row.lon IS NOT NULL,
           row.precision, row.channel, row.reported_at, %(now)s,
           coalesce(row.closed_at, row.reported_at), row.closed_at, 1,
           row.answers, row.asset_id, row.language,
           row.reported_at + make_interval(days => category.promise_days)
    FROM row JOIN reports_category AS category ON category.id = row.category_id
),
exact AS (
    INSERT INTO reports_exactlocation (report_id, point)
    SELECT id, ST_SetSRID(ST_MakePoint(lon, lat), 4326)
    FROM row
    WHERE lon IS NOT NULL AND precision = 'exact'
),
contact AS (
    INSERT INTO reports_contact (report_id, name, email, phone)
    SELECT id, contact_name, contact_email, contact_phone
    FROM row
    WHERE contact_name <> '' OR contact_email <> '' OR contact_phone <> ''
),
area AS (
    INSERT INTO reports_reportarea (report_id, area_id)
    SELECT * FROM unnest(%(area_report_id)s::bigint[], %(area_id)s::bigint[])
),
public AS (
    INSERT INTO reports_publicreport (
        key, report_id, public_id, category_id, family, sensitivity, state, title, description,
        place_name, ward_id, point, mask_version, is_located, shown_at, closed_at,
        promised_at, me_too, photo_count
    )
    SELECT row.key, row.id,
           CASE WHEN rule.has_public_id THEN row.public_id END,
           category.id, category.family, category.sensitivity, row.state, category.title,
           CASE WHEN rule.shows_text THEN row.description ELSE '' END,
           CASE WHEN rule.shows_exact_point THEN row.street_name ELSE '' END,
           row.ward_id,
           CASE WHEN shown.has_point THEN ST_SetSRID(ST_MakePoint(row.lon, row.lat), 4326) END,
           CASE WHEN row.precision = 'masked_by_source' THEN %(by_source)s
                WHEN rule.shows_exact_point THEN %(exact)s
                ELSE %(area_only)s END,
           row.lon IS NOT NULL,
           date_trunc(rule.time_unit, row.reported_at, %(time_zone)s),
           date_trunc(rule.time_unit, row.closed_at, %(time_zone)s),
           CASE WHEN rule.shows_exact_point
                THEN row.reported_at + make_interval(days => category.promise_days) END,
           0, 0
    FROM row
    JOIN reports_category AS category ON category.id = row.category_id
    JOIN rule ON rule.sensitivity = category.sensitivity AND rule.is_listed
    CROSS JOIN LATERAL (
        SELECT row.lon IS NOT NULL AND CASE row.precision
            WHEN 'exact' THEN rule.shows_exact_point
            ELSE rule.shows_source_point END AS has_point
    ) AS shown
),
entry AS (
    SELECT *
    FROM unnest(
        %(entry_id)s::bigint[], %(entry_report_id)s::bigint[], %(entry_number)s::int[],
        %(entry_at)s::timestamptz[], %(entry_event)s::text[], %(entry_state)s::text[],
        %(entry_actor_id)s::bigint[], %(entry_text_digest)s::bytea[], %(entry_digest)s::bytea[]
    ) AS e (id, report_id, number, at, event, state, actor_id, text_digest, digest)
)
INSERT INTO reports_historyentry (
    id, report_id, number, at, event, state, actor_id, text_digest, digest
)
SELECT id, report_id, number, at, event, state, actor_id, text_digest, digest FROM entry
