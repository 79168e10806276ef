-- Which segments of a source do not come again. Those that do are taken off the waiting table and
-- keep their keys; equal ones are paired by their order among equals. Records are compared: in
-- them one missing value equals another.
WITH old AS (
    SELECT id, said, row_number() OVER (PARTITION BY said ORDER BY id) AS ordinal
    FROM (
        SELECT id,
               ROW(code, name, street_class, is_bridge, is_tunnel, level, is_oneway, speed_kmh,
                   surface, ST_AsBinary(geometry)) AS said
        FROM layers_streetsegment
        WHERE source_id = %(source)s
    ) AS stored
),
new AS (
    SELECT place, said, row_number() OVER (PARTITION BY said ORDER BY place) AS ordinal
    FROM (
        SELECT ctid AS place,
               ROW(code, name, street_class, is_bridge, is_tunnel, level, is_oneway, speed_kmh,
                   surface, ST_AsBinary(geometry)) AS said
        FROM new_street
    ) AS waiting
),
pair AS (
    SELECT old.id, new.place FROM old FULL JOIN new USING (said, ordinal)
),
unchanged AS (
    DELETE FROM new_street USING pair WHERE new_street.ctid = pair.place AND pair.id IS NOT NULL
)
SELECT id FROM pair WHERE place IS NULL
