-- The ids of a batch of reports, and the keys that make a repeat recognisable. Of equal keys within
-- the batch the first is claimed; a key that was claimed before stays as it is. Answers id and
-- whether the report is the first with its key, in the batch's order.
WITH made AS MATERIALIZED (
    SELECT ord, scope, key, digest,
           nextval(pg_get_serial_sequence('reports_report', 'id')) AS id
    FROM unnest(%(scope)s::text[], %(key)s::text[], %(digest)s::bytea[])
        WITH ORDINALITY AS r (scope, key, digest, ord)
),
-- In the order of the keys, so that two batches with the same keys cannot wait for each other.
claimed AS (
    INSERT INTO reports_submissionkey (scope, key, digest, report_id)
    SELECT DISTINCT ON (scope, key) scope, key, digest, id
    FROM made
    WHERE key IS NOT NULL
    ORDER BY scope, key, ord
    ON CONFLICT (scope, key) DO NOTHING
    RETURNING report_id
)
SELECT made.id, made.key IS NULL OR claimed.report_id IS NOT NULL
FROM made LEFT JOIN claimed ON claimed.report_id = made.id
ORDER BY made.ord
