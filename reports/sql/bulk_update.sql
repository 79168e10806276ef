-- The changed reports of the batch, and what everybody may see of them. The mask of a report stays
-- the one that it was given, unless its place moved or its class closed: a second mask of the same
-- place would help to find it.
UPDATE reports_report AS report
SET category_id = change.category_id, sensitivity = change.sensitivity, state = change.state,
    description = change.description, reported_at = change.reported_at,
    closed_at = change.closed_at, version = report.version + 1, changed_at = %(now)s,
    reopened_at = CASE WHEN change.has_other_state THEN NULL ELSE report.reopened_at END,
    promised_at = coalesce(change.promised_at, report.promised_at),
    is_located = CASE WHEN change.is_moved THEN change.lon IS NOT NULL ELSE report.is_located END,
    street_id = CASE WHEN change.is_moved THEN change.street_id ELSE report.street_id END,
    street_name = CASE WHEN change.is_moved THEN change.street_name ELSE report.street_name END
FROM incoming_change AS change
WHERE report.id = change.id;
DELETE FROM reports_reportarea AS held
USING incoming_change AS change
WHERE held.report_id = change.id AND change.has_other_areas
  AND held.area_id <> ALL(change.areas);
INSERT INTO reports_reportarea (report_id, area_id)
SELECT id, unnest(areas) FROM incoming_change WHERE has_other_areas
ON CONFLICT DO NOTHING;
UPDATE reports_publicreport AS public
SET key = CASE WHEN now_has.is_same_class THEN public.key ELSE change.key END,
    public_id = CASE WHEN shown.has_public_id THEN change.public_id END,
    category_id = category.id, family = category.family, sensitivity = category.sensitivity,
    title = category.title, description = shown.description,
    place_name = CASE WHEN now_has.its_mask THEN public.place_name ELSE shown.place_name END,
    point = CASE WHEN now_has.its_mask THEN public.point
                 ELSE ST_SetSRID(ST_MakePoint(shown.lon, shown.lat), 4326) END,
    mask_version = CASE WHEN now_has.its_mask THEN public.mask_version
                        ELSE shown.mask_version END,
    snap_point_id = CASE WHEN now_has.its_mask THEN public.snap_point_id
                         ELSE shown.snap_point END,
    ward_id = CASE WHEN change.has_other_areas THEN change.ward_id ELSE public.ward_id END,
    is_located = CASE WHEN change.is_moved THEN change.lon IS NOT NULL ELSE public.is_located END,
    shown_at = shown.shown_at,
    promised_at = CASE WHEN change.promised_at IS NOT NULL OR NOT now_has.is_same_class
                       THEN shown.promised_at ELSE public.promised_at END,
    public_from = CASE WHEN now_has.is_same_class AND NOT change.has_other_time
                       THEN public.public_from ELSE shown.public_from END,
    state = CASE WHEN now_has.is_same_class THEN public.state ELSE shown.state END,
    closed_at = CASE WHEN now_has.is_same_class THEN public.closed_at ELSE shown.closed_at END,
    later_state = CASE WHEN now_has.is_same_class THEN public.later_state
                       ELSE shown.later_state END,
    later_closed_at = CASE WHEN now_has.is_same_class THEN public.later_closed_at
                           ELSE shown.later_closed_at END,
    later_from = CASE WHEN now_has.is_same_class THEN public.later_from
                      ELSE shown.later_from END
FROM incoming_change AS change
JOIN reports_category AS category ON category.id = change.category_id
JOIN ({shown}) AS shown (
    ord, has_public_id, shows_text, state, description, place_name, lon, lat, mask_version,
    snap_point, addresses, shown_at, closed_at, promised_at, public_from, later_state,
    later_closed_at, later_from
) USING (ord)
CROSS JOIN LATERAL (
    SELECT change.sensitivity = change.old_sensitivity AS is_same_class,
           change.sensitivity = change.old_sensitivity AND NOT change.is_moved AS its_mask
) AS now_has
WHERE public.report_id = change.id;
DELETE FROM reports_publicreport AS public
USING incoming_change AS change
WHERE public.report_id = change.id
  AND change.sensitivity <> ALL(%(listed)s::int[]);
