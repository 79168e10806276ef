-- A segment that has changed keeps its key, where its code stands once there and once here: what
-- refers to it goes on doing so.
WITH old AS (
    SELECT code, min(id) AS id FROM layers_streetsegment
    WHERE source_id = %(source)s AND code <> ''
    GROUP BY code HAVING count(*) = 1
),
new AS (
    SELECT code, min(ctid::text)::tid AS place FROM new_street
    WHERE code <> ''
    GROUP BY code HAVING count(*) = 1
)
UPDATE layers_streetsegment AS s
SET name = n.name, street_class = n.street_class, is_bridge = n.is_bridge,
    is_tunnel = n.is_tunnel, level = n.level, is_oneway = n.is_oneway, speed_kmh = n.speed_kmh,
    surface = n.surface, geometry = n.geometry
FROM old JOIN new USING (code) JOIN new_street AS n ON n.ctid = new.place
WHERE s.id = old.id
    AND ROW(s.name, s.street_class, s.is_bridge, s.is_tunnel, s.level, s.is_oneway, s.speed_kmh,
            s.surface, ST_AsBinary(s.geometry))
        IS DISTINCT FROM
        ROW(n.name, n.street_class, n.is_bridge, n.is_tunnel, n.level, n.is_oneway, n.speed_kmh,
            n.surface, ST_AsBinary(n.geometry))
