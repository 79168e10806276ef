-- What everybody may see of each report of a batch, and from when: the rules of masking.py applied,
-- here and nowhere else, for a report that is stored and for one that is looked at before it is
-- sent. A class that is not listed has no row.
WITH row AS MATERIALIZED (
    SELECT r.*, category.sensitivity, category.promise_days,
           ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point
    FROM {reports} AS r (
        ord, category_id, lon, lat, ward_id, street_name, precision, description, state,
        reported_at, closed_at, promised_at
    )
    JOIN reports_category AS category ON category.id = r.category_id
),
rule AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset(%(rules)s::jsonb) AS r (
        sensitivity int, is_listed boolean, shows_exact_point boolean,
        shows_source_point boolean, k int, has_public_id boolean, shows_text boolean,
        time_unit text
    )
    WHERE is_listed
),
city AS MATERIALIZED (
    SELECT coalesce((SELECT time_zone FROM layers_city), 'UTC') AS time_zone
),
-- One catchment after another, as in place.sql.
candidate AS MATERIALIZED (
    SELECT row.ord, row.point AS place, snap.id, snap.name, snap.point, snap.address_count,
           snap.catchment, version.name AS version
    FROM row
    JOIN rule ON rule.sensitivity = row.sensitivity AND rule.k IS NOT NULL
    JOIN reports_maskversion AS version ON version.is_current
    JOIN reports_snappoint AS snap
      ON snap.version_id = version.id AND snap.k = rule.k AND snap.ward_id = row.ward_id
     AND snap.catchment ~ row.point
    WHERE row.precision = 'exact'
    ORDER BY snap.id
),
-- The catchment that covers the place, in its own ward; of two that share a border, the first.
snap AS MATERIALIZED (
    SELECT DISTINCT ON (ord) ord, id, name, point, address_count, version
    FROM candidate
    WHERE ST_Covers(catchment, place)
    ORDER BY ord, id
)
SELECT row.ord,
       rule.has_public_id,
       rule.shows_text,
       CASE WHEN batch.is_closing_later THEN 'new' ELSE row.state END,
       CASE WHEN rule.shows_text THEN row.description ELSE '' END,
       CASE WHEN rule.shows_exact_point THEN row.street_name ELSE coalesce(snap.name, '') END,
       ST_X(public.point), ST_Y(public.point),
       CASE WHEN row.precision = 'masked_by_source' THEN %(by_source)s
            WHEN rule.shows_exact_point THEN %(exact)s
            ELSE coalesce(snap.version, %(area_only)s) END,
       snap.id, snap.address_count,
       date_trunc(rule.time_unit, row.reported_at, city.time_zone),
       CASE WHEN NOT batch.is_closing_later
            THEN date_trunc(rule.time_unit, row.closed_at, city.time_zone) END,
       CASE WHEN rule.shows_exact_point
            THEN coalesce(row.promised_at,
                          row.reported_at + make_interval(days => row.promise_days)) END,
       reports_next_batch(rule.time_unit, row.reported_at, city.time_zone),
       CASE WHEN batch.is_closing_later THEN row.state ELSE '' END,
       CASE WHEN batch.is_closing_later
            THEN date_trunc(rule.time_unit, row.closed_at, city.time_zone) END,
       CASE WHEN batch.is_closing_later THEN batch.closes_from END
FROM row
JOIN rule USING (sensitivity)
CROSS JOIN city
LEFT JOIN snap USING (ord)
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN row.precision = 'masked_by_source'
            THEN CASE WHEN rule.shows_source_point THEN row.point END
        WHEN rule.shows_exact_point THEN row.point
        ELSE snap.point END AS point
) AS public
CROSS JOIN LATERAL (
    SELECT reports_next_batch(rule.time_unit, row.closed_at, city.time_zone) AS closes_from
) AS closing
CROSS JOIN LATERAL (
    SELECT closes_from, coalesce(closes_from > %(now)s, false) AS is_closing_later
) AS batch
ORDER BY row.ord
