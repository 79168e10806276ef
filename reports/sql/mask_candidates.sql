-- Public places that may stand for others: the middle of each street segment and each crossing
-- (three ends or more at one level), in every ward that covers it. Nobody reports from a tunnel.
WITH segment AS MATERIALIZED (
    SELECT name, level, geometry
    FROM layers_streetsegment
    WHERE NOT is_tunnel AND street_class NOT IN ('motorway', 'motorway_link')
),
street_end AS (
    SELECT ST_StartPoint(geometry) AS point, name, level FROM segment
    UNION ALL
    SELECT ST_EndPoint(geometry), name, level FROM segment
),
candidate AS (
    SELECT ST_LineInterpolatePoint(geometry, 0.5) AS point, name FROM segment
    UNION ALL
    SELECT min(point::text)::geometry,
           array_to_string(
               (array_agg(DISTINCT name ORDER BY name) FILTER (WHERE name <> ''))[1:2], ' / ')
    FROM street_end
    GROUP BY ST_SnapToGrid(point, 1e-7), level
    HAVING count(*) >= 3
)
SELECT ward.id, ST_X(candidate.point), ST_Y(candidate.point),
       coalesce(left(candidate.name, 200), '')
FROM layers_area AS ward
JOIN candidate ON ward.geometry ~ candidate.point AND ST_Covers(ward.geometry, candidate.point)
WHERE ward.kind_id = %(ward_kind)s
ORDER BY ward.id, ST_X(candidate.point), ST_Y(candidate.point), candidate.name
