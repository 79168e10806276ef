INSERT INTO layers_address (code, street_name, number, residents, source_id, geometry)
SELECT code, street_name, number, residents, source_id, geometry
FROM new_address
ORDER BY row
