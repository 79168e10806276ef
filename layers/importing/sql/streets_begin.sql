-- Where the segments of an import wait to be compared with those that are there.
CREATE TEMPORARY TABLE new_street AS
SELECT code, name, street_class, is_bridge, is_tunnel, level, is_oneway, speed_kmh, surface,
       source_id, geometry
FROM layers_streetsegment
WITH NO DATA
