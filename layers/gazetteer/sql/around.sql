-- What lies around one point, in one row. Metres are those of EPSG:3857 times the cosine of the
-- latitude, right to a centimetre within these distances.
WITH pin AS MATERIALIZED (
    SELECT point, ST_Transform(point, 3857) AS mercator, cos(radians(%(lat)s::float8)) AS scale
    FROM ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS point
),
covering AS MATERIALIZED (
    SELECT area.id, area.kind_id, area.name
    FROM pin JOIN layers_area AS area ON ST_Covers(area.geometry, pin.point)
),
-- The nearest pieces of named streets, then each name once.
piece AS MATERIALIZED (
    SELECT segment.name, segment.level, segment.geometry, segment.geometry_3857,
           ST_Distance(segment.geometry_3857, pin.mercator) * pin.scale AS distance_m
    FROM pin CROSS JOIN LATERAL (
        SELECT *
        FROM layers_streetsegment
        WHERE name <> ''
        ORDER BY geometry_3857 <-> pin.mercator
        LIMIT %(pieces)s
    ) AS segment
),
nearest AS (
    SELECT DISTINCT ON (name) name, distance_m, ST_ClosestPoint(geometry, pin.point) AS point
    FROM piece, pin
    WHERE distance_m <= %(street_reach_m)s
    ORDER BY name, distance_m
),
street AS (
    SELECT name, distance_m, ST_X(point) AS lon, ST_Y(point) AS lat
    FROM nearest
    ORDER BY distance_m, name
    LIMIT %(streets)s
),
crossing AS (
    SELECT one.name AS street, other.name AS other,
           ST_Distance(meeting.point, pin.mercator) * pin.scale AS distance_m
    FROM pin, piece AS one JOIN piece AS other
        ON (one.distance_m, one.name) < (other.distance_m, other.name)
       AND one.name <> other.name AND one.level = other.level
       AND ST_DWithin(one.geometry_3857, other.geometry_3857, 1)
    CROSS JOIN LATERAL ST_ClosestPoint(one.geometry_3857, other.geometry_3857) AS meeting (point)
    WHERE one.distance_m <= %(crossing_reach_m)s AND other.distance_m <= %(crossing_reach_m)s
      AND ST_Distance(meeting.point, pin.mercator) * pin.scale <= %(crossing_reach_m)s
    ORDER BY 3, one.distance_m, other.distance_m
    LIMIT 1
),
house AS (
    SELECT address.street_name, address.number,
           ST_Distance(address.geometry_3857, pin.mercator) * pin.scale AS distance_m
    FROM pin CROSS JOIN LATERAL (
        SELECT *
        FROM layers_address
        WHERE geometry_3857 && ST_Expand(pin.mercator, %(house_reach_m)s / pin.scale)
        ORDER BY geometry_3857 <-> pin.mercator
        LIMIT 1
    ) AS address
),
asset AS (
    SELECT asset.id, kind.slug AS kind, kind.title AS kind_title, asset.code, asset.name,
           ST_X(asset.geometry) AS lon, ST_Y(asset.geometry) AS lat,
           ST_Distance(asset.geometry_3857, pin.mercator) * pin.scale AS distance_m
    FROM pin
    JOIN layers_asset AS asset
        ON ST_DWithin(asset.geometry_3857, pin.mercator, %(asset_reach_m)s / pin.scale)
    JOIN layers_assetkind AS kind ON kind.slug = asset.kind_id
    ORDER BY distance_m
    LIMIT %(assets)s
),
-- The city's ground about the pin: of areas of kind city, else of wards. Only what lies within
-- reach is cut out and joined, so that the size of the city does not matter; clefts of up to two
-- metres between two wards are no border.
outline AS (
    SELECT CASE WHEN EXISTS (SELECT 1 FROM layers_area WHERE kind_id = 'city')
                THEN 'city' ELSE %(ward_kind)s::text END AS kind
),
ground AS (
    SELECT ST_Buffer(ST_Buffer(ST_Union(piece), 1 / pin.scale), -1 / pin.scale) AS shape
    FROM pin, outline
    JOIN layers_area AS area ON area.kind_id = outline.kind
    CROSS JOIN LATERAL (
        SELECT ST_Expand(pin.mercator, 1.5 * %(border_reach_m)s / pin.scale) AS box
    ) AS reach
    CROSS JOIN LATERAL (
        SELECT ST_MakeValid(ST_ClipByBox2D(area.geometry_3857, box)) AS piece
    ) AS cut
    WHERE area.geometry_3857 && box
    GROUP BY pin.mercator, pin.scale
),
border AS (
    SELECT pin.scale * CASE
        WHEN ST_Covers(shape, pin.mercator) THEN ST_Distance(
            pin.mercator,
            ST_Difference(ST_Buffer(pin.mercator, %(border_reach_m)s / pin.scale), shape)
        )
        ELSE ST_Distance(pin.mercator, shape) END AS distance_m
    FROM pin, ground
    WHERE NOT ST_IsEmpty(shape)
)
SELECT
    coalesce((SELECT json_object_agg(kind_id, name) FROM covering), '{}'),
    EXISTS (SELECT 1 FROM covering) OR NOT EXISTS (SELECT 1 FROM layers_area),
    (SELECT distance_m FROM border WHERE distance_m <= %(border_reach_m)s),
    coalesce((SELECT json_agg(street ORDER BY distance_m, name) FROM street), '[]'),
    (SELECT row_to_json(crossing) FROM crossing),
    (SELECT row_to_json(house) FROM house),
    coalesce((SELECT json_agg(asset ORDER BY distance_m, id) FROM asset), '[]')
