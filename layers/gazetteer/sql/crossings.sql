-- Where streets of one list meet streets of another, on one level: pieces that share an end, or
-- that cross. Meetings within 50 m of each other, as of roads with a reserve, are one crossing.
WITH one AS (
    SELECT place.*, side.score
    FROM unnest(%(one)s::bigint[], %(one_score)s::float8[]) AS side (id, score)
    JOIN layers_placename AS place USING (id)
),
other AS MATERIALIZED (
    SELECT place.id, place.name, place.bounds, side.score, spelling
    FROM unnest(%(other)s::bigint[], %(other_score)s::float8[]) AS side (id, score)
    JOIN layers_placename AS place USING (id)
    CROSS JOIN unnest(place.spellings) AS spelling
),
meeting AS MATERIALIZED (
    SELECT one.name AS one_name, other.name AS other_name,
           (one.score + other.score) / 2 AS score,
           ST_ClosestPoint(a.geometry, b.geometry) AS point
    FROM one
    JOIN layers_streetsegment AS a
        ON a.name = ANY(one.spellings) AND a.geometry_3857 && one.bounds
    JOIN layers_streetsegment AS b
        ON b.geometry_3857 && ST_Expand(a.geometry_3857, 1) AND b.level = a.level
       AND ST_DWithin(a.geometry_3857, b.geometry_3857, 1)
    JOIN other
        ON b.name = other.spelling AND b.geometry_3857 && other.bounds
       AND other.id <> one.id
),
grouped AS (
    SELECT *, ST_ClusterDBSCAN(ST_Transform(point, 3857), 50 / scale, 1)
              OVER (PARTITION BY one_name, other_name) AS place
    FROM meeting, (SELECT cos(radians(avg(ST_Y(point)))) AS scale FROM meeting) AS city
),
crossing AS (
    SELECT one_name, other_name, max(score) AS score, ST_Centroid(ST_Collect(point)) AS point
    FROM grouped
    GROUP BY one_name, other_name, place
),
near AS (
    SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point
)
SELECT one_name, other_name,
       score - layers_remoteness(ST_DistanceSphere(crossing.point, near.point)),
       ST_X(crossing.point), ST_Y(crossing.point)
FROM crossing, near
