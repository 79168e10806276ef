-- Houses of streets by number: the number itself and those that begin so; each number once.
SELECT street.place, street.number, name.name, house.number, house.typed = street.number,
       ST_X(house.geometry), ST_Y(house.geometry)
FROM unnest(%(place)s::bigint[], %(number)s::text[]) AS street (place, number)
JOIN layers_placename AS name ON name.id = street.place
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (typed) address.number, address.geometry, typed
    FROM layers_address AS address, LATERAL replace(lower(address.number), ' ', '') AS typed
    WHERE address.street_name = ANY(name.spellings)
      AND starts_with(typed, street.number)
      AND ST_DWithin(
          address.geometry_3857, name.bounds, 500 / cos(radians(ST_Y(address.geometry)))
      )
    ORDER BY typed, address.id
    LIMIT 5
) AS house
