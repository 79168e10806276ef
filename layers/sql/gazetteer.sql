-- What the search for places needs: how a name is read, and the tables of names made anew from
-- streets, addresses and areas.

-- A name as it is compared: no case, no accents, no punctuation, one space between words. Signs
-- that letters carry go after they are taken apart (NFKD); vowel signs of Indic scripts stay.
CREATE FUNCTION layers_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN btrim(left(regexp_replace(
    translate(
        replace(replace(replace(replace(replace(
            lower(regexp_replace(
                normalize(translate(name, '''’‘ʼ`´׳״', ''), NFKD),
                '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670\u1ab0-\u1aff\u20d0-\u20ff]',
                '', 'g'
            )),
            'ẞ', 'ss'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
        'øłđðı', 'olddi'
    ),
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u00d7\u00f7\u02b0-\u02ff\u05be\u060c\u061b\u061f\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f]+',
    ' ', 'g'
), 200));

CREATE FUNCTION layers_words(name text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN string_to_array(layers_key(name), ' ');

-- A code as it is compared: 'H-0012', 'h 0012' and 'H0012' are one.
CREATE FUNCTION layers_code(code text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(layers_key(code), ' ', '');

CREATE INDEX layers_asset_code_prefix ON layers_asset (layers_code(code) text_pattern_ops);

-- The letters of a word in order: equal for two that differ by swapped letters alone, which have
-- few trigrams in common.
CREATE FUNCTION layers_letters(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT coalesce(string_agg(letter, '' ORDER BY letter COLLATE "C"), '')
    FROM string_to_table(word, NULL) AS t (letter)
);

-- How much a place loses for lying away from where somebody looks: nothing there, half of the
-- whole loss at 2 km. Distance in metres.
CREATE FUNCTION layers_remoteness(distance_m double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(0.12 * distance_m / (distance_m + 2000), 0);

-- The words of all names, and what each weighs: a word that stands in many names tells little.
CREATE FUNCTION layers_refresh_words() RETURNS void LANGUAGE sql AS $$
    DELETE FROM layers_placeword;
    DELETE FROM layers_word;

    INSERT INTO layers_word (word, letters, places, is_whole)
    SELECT word, layers_letters(word), count(DISTINCT place.id), false
    FROM layers_placename AS place, unnest(layers_words(place.name)) AS word
    GROUP BY word;

    INSERT INTO layers_placeword (word, place_id, weight, is_whole)
    SELECT word, place.id, ln(1 + total / places), false
    FROM (SELECT *, count(*) OVER () AS total FROM layers_placename) AS place
    CROSS JOIN LATERAL (SELECT DISTINCT unnest(layers_words(place.name)) AS word) AS part
    JOIN layers_word USING (word);

    UPDATE layers_placename AS place SET weight = part.weight
    FROM (SELECT place_id, sum(weight) AS weight FROM layers_placeword GROUP BY place_id) AS part
    WHERE place.id = part.place_id;

    -- The name in one word: somebody may part what belongs together, or join what does not.
    INSERT INTO layers_placeword (word, place_id, weight, is_whole)
    SELECT layers_code(name), id, weight, true
    FROM layers_placename
    WHERE cardinality(layers_words(name)) BETWEEN 2 AND 4;

    INSERT INTO layers_word (word, letters, places, is_whole)
    SELECT word, layers_letters(word), count(*), true
    FROM layers_placeword WHERE is_whole GROUP BY word
    ON CONFLICT (word) DO NOTHING;
$$;

-- Areas that people name; crew zones are the city's own business. The point is the middle of the
-- largest circle that fits into the largest part, where a label stands best. The rank is the zoom
-- from which that circle is 64 pixels wide.
CREATE FUNCTION layers_refresh_areas() RETURNS void LANGUAGE sql AS $$
    LOCK TABLE layers_placename IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM layers_placeword;
    DELETE FROM layers_placename WHERE area_id IS NOT NULL;

    INSERT INTO layers_placename (name, spellings, area_id, point, bounds, size_m, rank, weight)
    SELECT area.name, '{}', area.id, ST_Transform(circle.center, 4326),
           ST_Envelope(area.geometry_3857),
           sqrt(ST_Area(area.geometry_3857)) * cos(radians(ST_YMin(area.geometry))),
           coalesce(greatest(0, least(22, ceil(log(2, (64 * 40075016.69 / 1024 / nullif(circle.radius, 0))::numeric)))), 22),
           0
    FROM layers_area AS area
    CROSS JOIN LATERAL (
        SELECT geom AS shape FROM ST_Dump(area.geometry_3857) ORDER BY ST_Area(geom) DESC LIMIT 1
    ) AS largest
    CROSS JOIN LATERAL ST_MaximumInscribedCircle(largest.shape) AS circle
    WHERE layers_key(area.name) <> '' AND area.kind_id <> 'zone';

    SELECT layers_refresh_words();
$$;

-- Words that may be meant by what somebody typed: those that begin so, the likest by trigrams,
-- those with the same letters, and common ones of the same first letter, which may be shortened.
-- A text of one word may also be a whole name. The thresholds are set inside: a SET clause could be
-- restored from a backup by a superuser alone.
CREATE FUNCTION layers_like_words(tokens text[], texts text[], common bigint)
RETURNS TABLE (token text, word text, places int)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('pg_trgm.word_similarity_threshold', '0.3', true),
            set_config('pg_trgm.similarity_threshold', '0.4', true);
    RETURN QUERY
    SELECT token, found.word::text, places
    FROM unnest(tokens) AS token
    CROSS JOIN LATERAL (
        SELECT word, places FROM layers_word
        WHERE word >= token AND word < token || chr(1114111) AND NOT is_whole
        UNION
        (
            SELECT word, places FROM layers_word
            WHERE word %> token AND NOT is_whole
            ORDER BY word_similarity(token, word) DESC, similarity(token, word) DESC, word
            LIMIT 40
        )
        UNION
        SELECT word, places FROM layers_word WHERE letters = layers_letters(token)
        UNION
        SELECT word, places FROM layers_word
        WHERE word >= left(token, 1) AND word < left(token, 1) || chr(1114111)
          AND places >= common
    ) AS found
    UNION
    SELECT text, found.word::text, places
    FROM unnest(texts) AS text
    CROSS JOIN LATERAL (
        SELECT word, places FROM layers_word
        WHERE word >= text AND word < text || chr(1114111) AND is_whole
        UNION
        (
            SELECT word, places FROM layers_word
            WHERE word % text AND is_whole
            ORDER BY similarity(text, word) DESC, word
            LIMIT 40
        )
    ) AS found;
END $$;
