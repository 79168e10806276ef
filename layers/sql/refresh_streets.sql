-- Streets: pieces of one name that lie within 500 m of each other; farther apart they are two
-- streets of one name. A street that only addresses name counts too.
CREATE OR REPLACE FUNCTION layers_refresh_streets() RETURNS void LANGUAGE sql AS $$
    LOCK TABLE layers_placename IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM layers_placeword;
    DELETE FROM layers_placename WHERE area_id IS NULL;

    -- Each name is folded once: addresses are many, names few.
    WITH used AS MATERIALIZED (
        SELECT name FROM layers_streetsegment
        UNION
        SELECT street_name FROM layers_address
    ),
    spelling AS MATERIALIZED (
        SELECT name, layers_key(name) AS key FROM used WHERE layers_key(name) <> ''
    ),
    drawn AS MATERIALIZED (
        SELECT DISTINCT key FROM layers_streetsegment JOIN spelling USING (name)
    ),
    scale AS (
        SELECT cos(radians((ST_YMin(extent) + ST_YMax(extent)) / 2)) AS factor
        FROM (
            SELECT ST_Extent(geometry) AS extent
            FROM (
                SELECT geometry FROM layers_streetsegment
                UNION ALL
                SELECT geometry FROM layers_address
            ) AS every
        ) AS city
    ),
    piece AS (
        SELECT key, name, geometry, geometry_3857
        FROM layers_streetsegment JOIN spelling USING (name)
        UNION ALL
        SELECT key, name, geometry, geometry_3857
        FROM layers_address JOIN spelling ON name = street_name
        WHERE key NOT IN (SELECT key FROM drawn)
    ),
    grouped AS (
        SELECT piece.*, factor,
               ST_ClusterDBSCAN(geometry_3857, 500 / factor, 1) OVER (PARTITION BY key) AS part
        FROM piece, scale
    ),
    street AS (
        SELECT key, mode() WITHIN GROUP (ORDER BY name) AS name,
               ST_Collect(geometry) AS pieces,
               ST_Extent(geometry_3857) AS extent,
               sum(ST_Length(geometry_3857) * factor) AS length_m
        FROM grouped
        GROUP BY key, part
    ),
    spellings AS (SELECT key, array_agg(name ORDER BY name) AS names FROM spelling GROUP BY key)
    INSERT INTO layers_placename (name, spellings, point, bounds, size_m, rank, weight)
    SELECT name, names, ST_ClosestPoint(pieces, ST_Centroid(pieces)),
           ST_MakeEnvelope(ST_XMin(extent), ST_YMin(extent), ST_XMax(extent), ST_YMax(extent), 3857),
           length_m, 0, 0
    FROM street JOIN spellings USING (key);

    SELECT layers_refresh_words();
$$;
