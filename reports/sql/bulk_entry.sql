-- The beginning of each new report's chain: sent, and for one that comes closed, its end.
WITH sent AS MATERIALIZED (
    SELECT id, reported_at, closed_at, state AS last_state,
           CASE WHEN closed_at IS NULL THEN state ELSE 'new' END AS first_state,
           sha256(uuid_send(gen_random_uuid())) AS first_text,
           sha256(uuid_send(gen_random_uuid())) AS last_text
    FROM row
),
chained AS MATERIALIZED (
    SELECT *,
           reports_entry_digest(
               decode(repeat('00', 32), 'hex'), first_text, id, 1, reported_at, 'submitted',
               first_state, %(actor)s::bigint, NULL
           ) AS first_digest
    FROM sent
)
SELECT id AS report_id, 1 AS number, reported_at AS at, 'submitted' AS event, first_state AS state,
       %(actor)s::bigint AS actor_id, first_text AS text_digest, first_digest AS digest
FROM chained
UNION ALL
SELECT id, 2, closed_at, 'transition', last_state, NULL, last_text,
       reports_entry_digest(
           first_digest, last_text, id, 2, closed_at, 'transition', last_state, NULL, NULL
       )
FROM chained
WHERE closed_at IS NOT NULL
