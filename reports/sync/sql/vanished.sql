-- Keys of a source's reports of a span of time that are not among those that came.
SELECT known.key
FROM reports_submissionkey AS known
JOIN reports_report AS report ON report.id = known.report_id
WHERE known.scope = %(source)s
  AND report.reported_at BETWEEN %(start)s AND %(end)s
  AND NOT EXISTS (SELECT FROM unnest(%(seen)s::text[]) AS seen (key) WHERE seen.key = known.key)
ORDER BY known.key
