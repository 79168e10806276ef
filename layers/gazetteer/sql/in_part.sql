-- Which streets run through an area, and their point in it that lies nearest to its middle.
SELECT street.id, ST_X(nearest.point), ST_Y(nearest.point)
FROM layers_placename AS street
CROSS JOIN (
    SELECT part.point, area.geometry
    FROM layers_placename AS part JOIN layers_area AS area ON area.id = part.area_id
    WHERE part.id = %(part)s
) AS part
CROSS JOIN LATERAL (
    SELECT ST_ClosestPoint(ST_Intersection(piece.geometry, part.geometry), part.point) AS point
    FROM layers_streetsegment AS piece
    WHERE piece.name = ANY(street.spellings)
      AND piece.geometry_3857 && street.bounds
      AND ST_Intersects(piece.geometry, part.geometry)
    ORDER BY ST_Distance(piece.geometry, part.point)
    LIMIT 1
) AS nearest
WHERE street.id = ANY(%(place)s::bigint[])
