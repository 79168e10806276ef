-- Which segments of a source do not come again. Those that do are taken off the waiting table and
-- keep their keys; equal ones are paired by their order among equals.
WITH old AS (
    SELECT id, code, name, street_class, is_bridge, is_tunnel, level, line,
           row_number() OVER (
               PARTITION BY code, name, street_class, is_bridge, is_tunnel, level, line
               ORDER BY id
           ) AS ordinal
    FROM layers_streetsegment, LATERAL ST_AsBinary(geometry) AS line
    WHERE source_id = %(source)s
),
new AS (
    SELECT new_street.ctid AS place,
           code, name, street_class, is_bridge, is_tunnel, level, line,
           row_number() OVER (
               PARTITION BY code, name, street_class, is_bridge, is_tunnel, level, line
               ORDER BY new_street.ctid
           ) AS ordinal
    FROM new_street, LATERAL ST_AsBinary(geometry) AS line
),
pair AS (
    SELECT old.id, new.place
    FROM old FULL JOIN new USING (
        code, name, street_class, is_bridge, is_tunnel, level, line, ordinal
    )
),
unchanged AS (
    DELETE FROM new_street USING pair WHERE new_street.ctid = pair.place AND pair.id IS NOT NULL
)
SELECT id FROM pair WHERE place IS NULL
