-- Where the new and the changed reports of the batch lie; those without a place, where their
-- source says.
INSERT INTO incoming_place (ord, areas, ward_id, street_id, street_name)
SELECT incoming.ord,
       CASE WHEN incoming.source_areas = '{}' THEN coalesce(place.area_ids, '{}')
            ELSE ARRAY(SELECT DISTINCT unnest(place.area_ids || incoming.source_areas)) END,
       CASE WHEN incoming.lon IS NOT NULL THEN place.ward_id
            WHEN incoming.source_areas <> '{}' THEN (
                SELECT CASE WHEN count(*) = 1 THEN min(area.id) END
                FROM layers_area AS area, layers_city AS city
                WHERE area.id = ANY(incoming.source_areas) AND area.kind_id = city.ward_kind_id)
       END,
       place.street_id,
       coalesce(place.street_name, '')
FROM incoming
LEFT JOIN ({place}) AS place (ord, area_ids, ward_id, street_id, street_name) USING (ord)
WHERE incoming.outcome <> 'r'
