-- Claim the keys of the batch, in their order, so that two batches cannot wait for each other; say
-- of the others whether they came with the same content. Each of these is looked up by the index:
-- the planner knows nothing yet of what this transaction has written.
WITH claimed AS (
    INSERT INTO reports_submissionkey (scope, key, digest, report_id)
    SELECT %(source)s, source_key, digest, id
    FROM prepared
    ORDER BY source_key
    ON CONFLICT (scope, key) DO NOTHING
    RETURNING report_id
)
UPDATE prepared SET outcome = NULL WHERE id NOT IN (SELECT report_id FROM claimed);
UPDATE prepared
SET (id, outcome) = (
    SELECT known.report_id,
           CASE WHEN known.digest = prepared.digest THEN 'r' ELSE 'c' END::"char"
    FROM reports_submissionkey AS known
    WHERE known.scope = %(source)s AND known.key = prepared.source_key
)
WHERE outcome IS NULL;
-- Else the planner takes the accepted ones for a few, and compares each with every other.
ANALYZE prepared (id, outcome)
