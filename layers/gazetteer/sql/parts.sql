-- In which neighbourhood, else ward, each point lies.
SELECT DISTINCT ON (ord) ord, area.name
FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY AS p (lon, lat, ord)
CROSS JOIN LATERAL ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS point
JOIN layers_area AS area ON ST_Covers(area.geometry, point)
WHERE area.kind_id IN ('neighbourhood', %(ward_kind)s)
ORDER BY ord, area.kind_id <> 'neighbourhood', area.id
