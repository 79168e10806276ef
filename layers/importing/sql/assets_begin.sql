-- Where the assets of an import wait to be compared with those that are there.
CREATE TEMPORARY TABLE new_asset AS
SELECT code, name, geometry FROM layers_asset WITH NO DATA
