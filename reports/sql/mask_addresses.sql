-- Every address with its ward, as a report there would have it: of two that share a border, the
-- first.
SELECT min(ward.id), ST_X(address.geometry), ST_Y(address.geometry)
FROM layers_area AS ward
JOIN layers_address AS address
  ON ward.geometry ~ address.geometry AND ST_Covers(ward.geometry, address.geometry)
WHERE ward.kind_id = %(ward_kind)s
GROUP BY address.id
ORDER BY 1, 2, 3
