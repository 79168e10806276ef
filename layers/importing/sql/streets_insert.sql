INSERT INTO layers_streetsegment (
    code, name, street_class, is_bridge, is_tunnel, level, source_id, geometry
)
SELECT code, name, street_class, is_bridge, is_tunnel, level, source_id, geometry
FROM new_street
ORDER BY ctid;
DROP TABLE new_street
