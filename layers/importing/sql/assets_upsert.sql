-- Bring assets in; those that come again keep their keys, and their rows where nothing has changed.
INSERT INTO layers_asset (kind_id, code, name, source_id, geometry)
SELECT %(kind)s, code, name, %(source)s, geometry
FROM new_asset
ORDER BY ctid
ON CONFLICT (kind_id, code) DO UPDATE
SET name = EXCLUDED.name, source_id = EXCLUDED.source_id, geometry = EXCLUDED.geometry
WHERE (layers_asset.name, layers_asset.source_id, ST_AsBinary(layers_asset.geometry))
    IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.source_id, ST_AsBinary(EXCLUDED.geometry))
