-- Take off addresses that repeat an earlier one exactly; return each with the first of its kind.
WITH counted AS (
    SELECT ctid AS place, row, first_value(row) OVER equals AS first,
           row_number() OVER equals AS ordinal
    FROM new_address
    WINDOW equals AS (PARTITION BY code, street_name, number, ST_AsBinary(geometry) ORDER BY row)
)
DELETE FROM new_address USING counted
WHERE new_address.ctid = counted.place AND counted.ordinal > 1
RETURNING counted.row, counted.first
