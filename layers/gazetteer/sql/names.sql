-- Named places whose words are those that somebody may mean, best first within each attempt. The
-- score is the mean likeness of the words, weighted by how telling they are; words of the name that
-- were not typed cost a little, typed words that the name has not cost all that they weigh. A
-- beginning of a whole name written as one word weighs as its share of the letters.
WITH match AS MATERIALIZED (
    SELECT *
    FROM unnest(
        %(match_attempt)s::int[], %(match_token)s::int[], %(match_word)s::text[],
        %(match_like)s::float8[], %(match_share)s::float8[]
    ) AS m (attempt, token, word, likeness, share)
),
token AS MATERIALIZED (
    SELECT *
    FROM unnest(
        %(token_attempt)s::int[], %(token)s::int[], %(token_weight)s::float8[],
        %(token_tells)s::bool[]
    ) AS t (attempt, token, weight, tells)
),
attempt AS (
    SELECT asked.attempt, asked.most,
           ST_Transform(ST_SetSRID(ST_MakePoint(asked.lon, asked.lat), 4326), 3857) AS near,
           cos(radians(asked.lat)) AS scale,
           (SELECT sum(weight) FROM token WHERE token.attempt = asked.attempt) AS weight
    FROM unnest(%(attempt)s::int[], %(most)s::int[], %(lon)s::float8[], %(lat)s::float8[])
        AS asked (attempt, most, lon, lat)
),
hit_by_telling AS MATERIALIZED (
    SELECT match.attempt, match.token, word.place_id, match.likeness,
           word.weight * CASE WHEN word.is_whole THEN match.share ELSE 1 END AS weight
    FROM token
    JOIN match USING (attempt, token)
    JOIN layers_placeword AS word USING (word)
    WHERE token.tells AND (NOT %(areas_only)s OR word.place_id = ANY(ARRAY(
        SELECT id FROM layers_placename WHERE area_id IS NOT NULL
    )))
),
found AS MATERIALIZED (
    SELECT attempt, array_agg(DISTINCT place_id) AS places
    FROM hit_by_telling
    GROUP BY attempt
),
-- Words such as 'Street', which half a city has, only of names that a telling word has found.
hit_by_other AS (
    SELECT match.attempt, match.token, word.place_id, match.likeness,
           word.weight * CASE WHEN word.is_whole THEN match.share ELSE 1 END AS weight
    FROM token
    JOIN match USING (attempt, token)
    JOIN found USING (attempt)
    JOIN layers_placeword AS word
        ON word.word = match.word AND word.place_id = ANY(found.places)
    WHERE NOT token.tells
),
hit AS (
    -- A token counts by the word of the name that it is most like.
    SELECT DISTINCT ON (attempt, place_id, token) *
    FROM (SELECT * FROM hit_by_telling UNION ALL SELECT * FROM hit_by_other) AS every
    ORDER BY attempt, place_id, token, weight * likeness DESC
),
sums AS (
    SELECT hit.attempt, hit.place_id, sum(hit.weight * hit.likeness) AS got, sum(hit.weight) AS own,
           sum(token.weight) AS answered
    FROM hit JOIN token USING (attempt, token)
    GROUP BY hit.attempt, hit.place_id
),
scored AS (
    SELECT attempt.attempt, attempt.most, place.*,
           sums.got / (
               sums.own + attempt.weight - sums.answered
               + 0.25 * greatest(place.weight - sums.own, 0)
           ) AS likeness,
           layers_remoteness(ST_Distance(place.bounds, attempt.near) * attempt.scale) AS remoteness
    FROM sums
    JOIN attempt USING (attempt)
    JOIN layers_placename AS place ON place.id = sums.place_id
),
ranked AS (
    SELECT *,
           row_number() OVER (
               PARTITION BY attempt ORDER BY likeness - remoteness DESC, size_m DESC, name, id
           ) AS position
    FROM scored
    WHERE likeness >= %(least_like)s
)
SELECT ranked.attempt, ranked.id, likeness - remoteness, ranked.name,
       coalesce(kind.slug, ''), coalesce(kind.title, ''),
       ST_X(point), ST_Y(point),
       ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM ranked
LEFT JOIN layers_area AS area ON area.id = ranked.area_id
LEFT JOIN layers_areakind AS kind ON kind.slug = area.kind_id
CROSS JOIN LATERAL ST_Transform(bounds, 4326) AS box
WHERE position <= most
ORDER BY ranked.attempt, position
