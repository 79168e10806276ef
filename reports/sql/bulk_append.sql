-- What the source changed, and where it moved the state, as the next entries of each chain.
-- Answers the reports that were moved, with the number of that entry.
WITH told AS MATERIALIZED (
    SELECT id, number, digest, note, has_other_state, state,
           uuid_send(gen_random_uuid()) AS salt,
           sha256(uuid_send(gen_random_uuid())) AS moved_text,
           CASE WHEN closed_at > at THEN closed_at ELSE %(now)s END AS moved_at
    FROM incoming_change
),
first AS MATERIALIZED (
    SELECT told.*, text_digest, told.note <> '' AS is_updated,
           CASE WHEN told.note = '' THEN digest ELSE reports_entry_digest(
               digest, text_digest, told.id, number + 1, %(now)s, 'updated', report.state,
               %(actor)s::bigint, report.crew_id) END AS first_digest,
           report.state AS has_state, report.crew_id
    FROM told
    JOIN reports_report AS report ON report.id = told.id
    CROSS JOIN LATERAL (SELECT sha256(salt || convert_to(told.note, 'UTF8')) AS text_digest) AS t
),
updated AS (
    INSERT INTO reports_historyentry (
        report_id, number, at, event, state, actor_id, crew_id, text_digest, digest)
    SELECT id, number + 1, %(now)s, 'updated', has_state, %(actor)s::bigint, crew_id,
           text_digest, first_digest
    FROM first WHERE is_updated
    RETURNING id, report_id
),
noted AS (
    INSERT INTO reports_historytext (entry_id, salt, note)
    SELECT updated.id, first.salt, first.note
    FROM updated JOIN first ON first.id = updated.report_id
)
INSERT INTO reports_historyentry (
    report_id, number, at, event, state, crew_id, text_digest, digest)
SELECT id, number + 1 + is_updated::int, moved_at, 'transition', state, crew_id, moved_text,
       reports_entry_digest(first_digest, moved_text, id, number + 1 + is_updated::int, moved_at,
                            'transition', state, NULL, crew_id)
FROM first WHERE has_other_state
RETURNING report_id, number
