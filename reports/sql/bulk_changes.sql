-- What is new of the reports that came before with other content. A step that somebody took here
-- stands: the source's state is followed only where nobody here has moved the report. A class never
-- opens: a category of a more open one is not followed.
CREATE TEMP TABLE IF NOT EXISTS incoming_change (
    ord int, id bigint, key text, public_id text, old_sensitivity int, sensitivity int,
    category_id bigint, state text, description text, lon float8, lat float8, precision text,
    reported_at timestamptz, closed_at timestamptz, promised_at timestamptz,
    areas bigint[], ward_id bigint, street_id bigint, street_name text,
    is_moved boolean, has_other_areas boolean, has_other_state boolean, has_other_time boolean,
    note text, number int, digest bytea, at timestamptz
) ON COMMIT DROP;
TRUNCATE incoming_change;
UPDATE prepared SET is_moved = true
WHERE outcome = 'c' AND id IN (
    SELECT reports_move_exact(
        %(source)s, array_agg(known.id), array_agg(known.lon), array_agg(known.lat))
    FROM prepared AS known WHERE known.outcome = 'c');
-- Of a report that its source masked, no exact place is known; what is shown is its place.
UPDATE prepared SET is_moved = true
FROM reports_report AS report, reports_publicreport AS public
WHERE prepared.outcome = 'c' AND report.id = prepared.id AND public.report_id = prepared.id
  AND report.precision = 'masked_by_source'
  AND ((public.point IS NULL) <> (prepared.lon IS NULL)
       OR NOT public.point = ST_SetSRID(ST_MakePoint(prepared.lon, prepared.lat), 4326));
INSERT INTO incoming_change
SELECT prepared.ord, report.id, prepared.shown_key, report.public_id,
       report.sensitivity, category.sensitivity, category.id,
       now_has.state, prepared.description, prepared.lon, prepared.lat, report.precision,
       opened.reported_at, now_has.closed_at, prepared.promised_at,
       prepared.areas, prepared.ward_id, prepared.street_id, prepared.street_name,
       prepared.is_moved, prepared.is_moved OR new.areas, new.state, new.time,
       concat_ws(', ', CASE WHEN new.category THEN 'category' END,
                 CASE WHEN new.description THEN 'description' END,
                 CASE WHEN prepared.is_moved THEN 'place' END,
                 CASE WHEN new.areas THEN 'area' END,
                 CASE WHEN new.time THEN 'time' END,
                 CASE WHEN new.closed AND NOT new.state THEN 'closing time' END,
                 CASE WHEN new.promise THEN 'promise' END),
       last.number, last.digest, last.at
FROM prepared
JOIN (SELECT report.* FROM reports_report AS report
      WHERE report.id = ANY(ARRAY(SELECT id FROM prepared WHERE outcome = 'c'))
      ORDER BY report.id FOR UPDATE) AS report ON report.id = prepared.id
JOIN reports_category AS has ON has.id = report.category_id
JOIN reports_category AS told ON told.id = prepared.category_id
JOIN reports_category AS category
  ON category.id = CASE WHEN told.sensitivity < report.sensitivity THEN has.id ELSE told.id END
CROSS JOIN LATERAL (
    SELECT entry.number, entry.digest, entry.at FROM reports_historyentry AS entry
    WHERE entry.report_id = report.id ORDER BY entry.number DESC LIMIT 1
) AS last
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM reports_historyentry AS entry
        WHERE entry.report_id = report.id
          AND (entry.event = 'transition' AND entry.actor_id IS NOT NULL
               OR entry.event IN ('reopened_reporter', 'reopened_public', 'taken_back'))
    ) AS is_ours
) AS step
CROSS JOIN LATERAL (
    SELECT CASE WHEN is_ours THEN report.state ELSE prepared.state END AS state,
           CASE WHEN is_ours THEN report.closed_at ELSE prepared.closed_at END AS closed_at
) AS now_has
CROSS JOIN LATERAL (
    SELECT CASE WHEN now_has.closed_at < prepared.reported_at THEN report.reported_at
                ELSE prepared.reported_at END AS reported_at
) AS opened
CROSS JOIN LATERAL (
    SELECT category.id <> report.category_id AS category,
           prepared.description <> report.description AS description,
           now_has.state <> report.state AS state,
           now_has.closed_at IS DISTINCT FROM report.closed_at AS closed,
           opened.reported_at <> report.reported_at AS time,
           prepared.promised_at IS NOT NULL
               AND prepared.promised_at IS DISTINCT FROM report.promised_at AS promise,
           prepared.lon IS NULL AND NOT prepared.is_moved AND ARRAY(
               SELECT held.area_id FROM reports_reportarea AS held
               WHERE held.report_id = report.id ORDER BY held.area_id
           ) <> ARRAY(SELECT area FROM unnest(prepared.areas) AS area ORDER BY area) AS areas
) AS new
WHERE prepared.outcome = 'c';
UPDATE reports_submissionkey AS known SET digest = prepared.digest
FROM prepared
WHERE prepared.outcome = 'c' AND known.scope = %(source)s AND known.key = prepared.source_key;
-- Content that is written otherwise and means the same is no change.
UPDATE prepared SET outcome = 'r'
FROM incoming_change AS change
WHERE change.ord = prepared.ord AND change.note = '' AND NOT change.has_other_state;
DELETE FROM incoming_change WHERE note = '' AND NOT has_other_state;
