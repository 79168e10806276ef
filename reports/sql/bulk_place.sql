-- Where those reports of the batch lie that are not here already as they come; those without a
-- place, where their source says.
WITH told AS MATERIALIZED (
    SELECT ord, source_key, category, lon, lat, source_areas, {digest} AS digest FROM incoming
),
fresh AS MATERIALIZED (
    SELECT * FROM told
    WHERE digest IS DISTINCT FROM (
        SELECT known.digest FROM reports_submissionkey AS known
        WHERE known.scope = %(source)s AND known.key = told.source_key)
)
INSERT INTO incoming_place (
    ord, category_id, digest, areas, ward_id, street_id, street_name)
SELECT fresh.ord, category.id, fresh.digest,
       CASE WHEN fresh.source_areas = '{}' THEN coalesce(place.area_ids, '{}')
            ELSE ARRAY(SELECT DISTINCT unnest(place.area_ids || fresh.source_areas)) END,
       CASE WHEN fresh.lon IS NOT NULL THEN place.ward_id
            WHEN fresh.source_areas <> '{}' THEN (
                SELECT CASE WHEN count(*) = 1 THEN min(area.id) END
                FROM layers_area AS area, layers_city AS city
                WHERE area.id = ANY(fresh.source_areas) AND area.kind_id = city.ward_kind_id)
       END,
       place.street_id,
       coalesce(place.street_name, '')
FROM fresh
JOIN reports_category AS category ON category.code = fresh.category
LEFT JOIN ({place}) AS place (ord, area_ids, ward_id, street_id, street_name) USING (ord)
