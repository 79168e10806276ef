-- One batch of reports into all their tables. The parts in braces are the rows, their areas, what
-- shown.sql lets everybody see of them and their first entries: of arrays (given.py), or of the
-- tables of a bulk (bulk.py). Exact points and contacts are inserted without RETURNING, which
-- their policies would refuse.
WITH row AS MATERIALIZED (
    {row}
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
           coalesce(row.promised_at, row.reported_at + make_interval(days => category.promise_days))
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
    {area}
),
public AS (
    INSERT INTO reports_publicreport (
        key, report_id, public_id, category_id, family, sensitivity, state, title, description,
        place_name, ward_id, point, mask_version, snap_point_id, is_located, shown_at, closed_at,
        promised_at, public_from, later_state, later_closed_at, later_from, me_too, photo_count,
        answers
    )
    SELECT row.key, row.id, CASE WHEN shown.has_public_id THEN row.public_id END,
           category.id, category.family, category.sensitivity, shown.state, category.title,
           shown.description, shown.place_name, row.ward_id,
           ST_SetSRID(ST_MakePoint(shown.lon, shown.lat), 4326), shown.mask_version,
           shown.snap_point_id, row.lon IS NOT NULL, shown.shown_at, shown.closed_at,
           shown.promised_at, shown.public_from, shown.later_state, shown.later_closed_at,
           shown.later_from, 0, 0, row.public_answers
    FROM {shown} AS shown (
        id, has_public_id, shows_text, state, description, place_name, lon, lat, mask_version,
        snap_point_id, shown_at, closed_at, promised_at, public_from, later_state,
        later_closed_at, later_from
    )
    JOIN row USING (id)
    JOIN reports_category AS category ON category.id = row.category_id
),
entry AS (
    {entry}
)
INSERT INTO reports_historyentry (
    report_id, number, at, event, state, actor_id, text_digest, digest
)
SELECT report_id, number, at, event, state, actor_id, text_digest, digest FROM entry
