-- Where the addresses of an import wait; `row` is their number in the file.
CREATE TEMPORARY TABLE new_address AS
SELECT 0::bigint AS row, code, street_name, number, residents, source_id, geometry
FROM layers_address
WITH NO DATA
