-- Of each report of the batch that is not here already as it comes: all that is stored of it. Its
-- chain begins with `submitted`; that of one that comes closed has its end as well.
SELECT incoming.ord, incoming.id, incoming.public_id, incoming.shown_key, incoming.source_key,
       place.digest, place.category_id, category.sensitivity, incoming.state, incoming.description, incoming.lon,
       incoming.lat, incoming.reported_at, incoming.closed_at, incoming.promised_at,
       place.areas, place.ward_id, place.street_id, place.street_name,
       shown.has_public_id, shown.shows_text, shown.state, shown.description, shown.place_name,
       shown.lon, shown.lat, shown.mask_version, shown.snap_point, shown.shown_at,
       shown.closed_at, shown.promised_at, shown.public_from, shown.later_state,
       shown.later_closed_at, shown.later_from,
       incoming.first_text, first.digest, incoming.last_text, last.digest,
       'a'::"char", false
FROM incoming
JOIN incoming_place AS place USING (ord)
JOIN reports_category AS category ON category.id = place.category_id
LEFT JOIN ({shown}) AS shown (
    ord, has_public_id, shows_text, state, description, place_name, lon, lat, mask_version,
    snap_point, addresses, shown_at, closed_at, promised_at, public_from, later_state,
    later_closed_at, later_from
) USING (ord)
-- OFFSET keeps the planner from writing the one digest into the other, and computing it twice.
CROSS JOIN LATERAL (
    SELECT reports_entry_digest(
        decode(repeat('00', 32), 'hex'), incoming.first_text, incoming.id, 1,
        incoming.reported_at, 'submitted',
        CASE WHEN incoming.closed_at IS NULL THEN incoming.state ELSE 'new' END,
        %(actor)s::bigint, NULL) AS digest
    OFFSET 0
) AS first
CROSS JOIN LATERAL (
    SELECT CASE WHEN incoming.closed_at IS NOT NULL THEN reports_entry_digest(
        first.digest, incoming.last_text, incoming.id, 2, incoming.closed_at, 'transition',
        incoming.state, NULL, NULL) END AS digest
) AS last
