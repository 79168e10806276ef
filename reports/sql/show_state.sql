-- Brings the public projection into step with the states of reports: at once where their class
-- tells the minute, else with the next batch. What waited for a batch that has begun is shown by
-- then.
UPDATE reports_publicreport AS shown
SET state = CASE WHEN batch.next IS NULL THEN moved.state
                 WHEN shown.later_from <= %(now)s THEN shown.later_state
                 ELSE shown.state END,
    closed_at = CASE WHEN batch.next IS NULL THEN batch.closed_at
                     WHEN shown.later_from <= %(now)s THEN shown.later_closed_at
                     ELSE shown.closed_at END,
    later_state = CASE WHEN batch.next IS NULL THEN '' ELSE moved.state END,
    later_closed_at = CASE WHEN batch.next IS NOT NULL THEN batch.closed_at END,
    later_from = batch.next
FROM {moved} AS moved (report_id, state, closed_at, unit)
CROSS JOIN LATERAL (
    SELECT reports_next_batch(moved.unit, %(now)s, %(time_zone)s) AS next,
           date_trunc(moved.unit, moved.closed_at, %(time_zone)s) AS closed_at
) AS batch
WHERE shown.report_id = moved.report_id
