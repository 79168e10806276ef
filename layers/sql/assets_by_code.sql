-- Assets by code: those that bear it, then those whose code begins so. Codes stand in the index
-- without spaces, so that a space after a short one ends its range before any longer code.
SELECT asset.code, kind.title, ST_X(asset.geometry), ST_Y(asset.geometry)
FROM (
    SELECT DISTINCT layers_code(typed) AS code
    FROM unnest(%(codes)s::text[]) AS typed
    WHERE layers_code(typed) <> ''
) AS wanted
CROSS JOIN LATERAL (
    SELECT *
    FROM layers_asset
    WHERE layers_code(code) ~>=~ wanted.code
      AND layers_code(code) ~<~ (
          wanted.code || CASE WHEN length(wanted.code) < %(shortest)s THEN ' ' ELSE chr(1114111) END
      )
    ORDER BY layers_code(code) USING ~<~
    LIMIT %(most)s
) AS asset
JOIN layers_assetkind AS kind ON kind.slug = asset.kind_id
ORDER BY layers_code(asset.code) <> wanted.code, asset.code, kind.slug
LIMIT %(most)s
