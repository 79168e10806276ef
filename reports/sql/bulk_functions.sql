-- What history.py computes of one entry: the same digest, for many.
CREATE FUNCTION reports_entry_digest(
    previous bytea, text_digest bytea, report_id bigint, number int, at timestamptz, event text,
    state text, actor_id bigint, crew_id bigint
) RETURNS bytea
LANGUAGE sql STABLE
AS $$
SELECT sha256(previous || text_digest || convert_to(
    '[' || report_id || ', ' || number || ', "'
    || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00", "'
    || event || '", "' || state || '", ' || coalesce(actor_id::text, 'null') || ', '
    || coalesce(crew_id::text, 'null') || ']', 'UTF8'))
$$;

-- Moves exact places of reports to where their source has them now; answers which were elsewhere.
-- Policies let nobody change an exact place, and nobody without a duty compare one: this runs as
-- the owner, tells no place, and takes reports that a source sent alone.
CREATE FUNCTION reports_move_exact(source text, ids bigint[], lons float8[], lats float8[])
RETURNS SETOF bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
WITH wanted AS MATERIALIZED (
    SELECT w.id, CASE WHEN w.lon IS NOT NULL
                      THEN ST_SetSRID(ST_MakePoint(w.lon, w.lat), 4326) END AS point
    FROM unnest(ids, lons, lats) AS w (id, lon, lat)
    JOIN reports_report AS report ON report.id = w.id AND report.precision = 'exact'
    WHERE EXISTS (
        SELECT FROM reports_submissionkey AS own WHERE own.report_id = w.id AND own.scope = source)
),
elsewhere AS MATERIALIZED (
    SELECT wanted.id, wanted.point
    FROM wanted LEFT JOIN reports_exactlocation AS exact ON exact.report_id = wanted.id
    WHERE (exact.point IS NULL) <> (wanted.point IS NULL) OR NOT exact.point = wanted.point
),
gone AS (
    DELETE FROM reports_exactlocation
    WHERE report_id IN (SELECT id FROM elsewhere WHERE point IS NULL)
),
put AS (
    INSERT INTO reports_exactlocation (report_id, point)
    SELECT id, point FROM elsewhere WHERE point IS NOT NULL
    ON CONFLICT (report_id) DO UPDATE SET point = EXCLUDED.point
)
SELECT id FROM elsewhere
$$;
REVOKE ALL ON FUNCTION reports_move_exact(text, bigint[], float8[], float8[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports_move_exact(text, bigint[], float8[], float8[]) TO civicgrid_web;
