-- Houses of streets by number: the number itself and those that begin so. Where a long street
-- counts anew, the house that lies nearest to where somebody looks.
SELECT street.place, street.number, name.name, house.number, house.typed = street.number,
       ST_X(house.geometry), ST_Y(house.geometry)
FROM unnest(%(place)s::bigint[], %(number)s::text[], %(lon)s::float8[], %(lat)s::float8[])
    AS street (place, number, lon, lat)
JOIN layers_placename AS name ON name.id = street.place
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (typed) address.number, address.geometry, typed
    FROM layers_address AS address, LATERAL replace(lower(address.number), ' ', '') AS typed
    WHERE address.street_name = ANY(name.spellings)
      AND starts_with(typed, street.number)
      AND ST_DWithin(
          address.geometry_3857, name.bounds, 500 / cos(radians(ST_Y(address.geometry)))
      )
    ORDER BY typed,
        ST_DistanceSphere(
            address.geometry, ST_SetSRID(ST_MakePoint(street.lon, street.lat), 4326)
        ),
        address.id
    LIMIT 5
) AS house
