-- Which assets of a kind and a source do not come again.
SELECT id
FROM layers_asset AS asset
WHERE kind_id = %(kind)s AND source_id = %(source)s
    AND NOT EXISTS (SELECT FROM new_asset WHERE new_asset.code = asset.code)
