-- What is still waiting is new.
INSERT INTO layers_streetsegment (
    code, name, street_class, is_bridge, is_tunnel, level, is_oneway, speed_kmh, surface,
    source_id, geometry
)
SELECT code, name, street_class, is_bridge, is_tunnel, level, is_oneway, speed_kmh, surface,
       source_id, geometry
FROM new_street
ORDER BY ctid;
DROP TABLE new_street
