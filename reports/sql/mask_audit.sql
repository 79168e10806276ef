-- What the catchments of a version hold, with the addresses as they are now. An address counts
-- where a report there would be shown: of two catchments that share a border, in the first.
WITH held AS MATERIALIZED (
    SELECT DISTINCT ON (snap.k, address.id)
           snap.id, ST_Distance(snap.point::geography, address.geometry::geography) AS moved_m
    FROM layers_address AS address
    JOIN reports_snappoint AS snap
      ON snap.catchment ~ address.geometry AND ST_Covers(snap.catchment, address.geometry)
    WHERE snap.version_id = %(version)s
    ORDER BY snap.k, address.id, snap.id
),
catchment AS (
    SELECT snap.id, snap.k, snap.is_open_space, count(held.id) AS n
    FROM reports_snappoint AS snap
    LEFT JOIN held USING (id)
    WHERE snap.version_id = %(version)s
    GROUP BY snap.id
),
moved AS (
    SELECT snap.k, percentile_cont(0.5) WITHIN GROUP (ORDER BY held.moved_m) AS median_m
    FROM held JOIN reports_snappoint AS snap USING (id)
    GROUP BY snap.k
),
risk AS (
    SELECT catchment.k, count(*) AS reports
    FROM catchment
    JOIN reports_publicreport AS public ON public.snap_point_id = catchment.id
    WHERE catchment.n < catchment.k AND NOT (catchment.is_open_space AND catchment.n = 0)
    GROUP BY catchment.k
)
SELECT k,
       count(*) FILTER (WHERE NOT is_open_space),
       count(*) FILTER (WHERE is_open_space),
       coalesce(min(n) FILTER (WHERE NOT is_open_space), 0),
       coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY n)
                FILTER (WHERE NOT is_open_space), 0),
       count(*) FILTER (WHERE n < k AND NOT (is_open_space AND n = 0)),
       coalesce(max(moved.median_m), 0),
       coalesce(max(risk.reports), 0)
FROM catchment
LEFT JOIN moved USING (k)
LEFT JOIN risk USING (k)
GROUP BY k
ORDER BY k
