-- Where each point of a batch lies: every area that covers it (its border counts), the ward among
-- them, and the nearest street within reach. Nearest is measured in EPSG:3857, which keeps angles;
-- degrees would pick the wrong street in one case of five at latitude 60.
WITH point AS MATERIALIZED (
    SELECT ord, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geometry,
           ST_Transform(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 3857) AS mercator,
           cos(radians(lat)) AS scale
    FROM unnest(%(ord)s::int[], %(lon)s::float8[], %(lat)s::float8[]) AS p (ord, lon, lat)
),
covering AS (
    SELECT point.ord,
           array_agg(area.id ORDER BY area.id) AS area_ids,
           min(area.id) FILTER (WHERE area.kind_id = %(ward_kind)s) AS ward_id
    FROM point JOIN layers_area AS area ON ST_Covers(area.geometry, point.geometry)
    GROUP BY point.ord
)
SELECT point.ord,
       coalesce(covering.area_ids, '{}'),
       covering.ward_id,
       CASE WHEN street.distance_m <= %(reach_m)s THEN street.id END,
       CASE WHEN street.distance_m <= %(reach_m)s THEN street.name ELSE '' END
FROM point
LEFT JOIN covering USING (ord)
LEFT JOIN LATERAL (
    SELECT segment.id, segment.name,
           (segment.geometry_3857 <-> point.mercator) * point.scale AS distance_m
    FROM layers_streetsegment AS segment
    ORDER BY segment.geometry_3857 <-> point.mercator
    LIMIT 1
) AS street ON true
