-- Brings the public projection into step with a report's state: at once where its class tells the
-- minute, else with the next batch. What waited for a batch that has begun is shown by then.
UPDATE reports_publicreport AS shown
SET state = CASE WHEN batch.next IS NULL THEN %(state)s
                 WHEN shown.later_from <= %(now)s THEN shown.later_state
                 ELSE shown.state END,
    closed_at = CASE WHEN batch.next IS NULL THEN batch.closed_at
                     WHEN shown.later_from <= %(now)s THEN shown.later_closed_at
                     ELSE shown.closed_at END,
    later_state = CASE WHEN batch.next IS NULL THEN '' ELSE %(state)s END,
    later_closed_at = CASE WHEN batch.next IS NOT NULL THEN batch.closed_at END,
    later_from = batch.next
FROM (
    SELECT reports_next_batch(%(unit)s, %(now)s, %(time_zone)s) AS next,
           date_trunc(%(unit)s, %(closed_at)s::timestamptz, %(time_zone)s) AS closed_at
) AS batch
WHERE shown.report_id = %(report_id)s
