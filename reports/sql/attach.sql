-- The photos of a batch come to their reports, each to its place; where the class shows photos,
-- the public projection counts them. Answers the keys that were there to be attached.
WITH wanted AS MATERIALIZED (
    SELECT *
    FROM unnest(%(key)s::text[], %(draft)s::uuid[], %(report)s::bigint[], %(place)s::int[])
        AS w (key, draft, report_id, place)
),
attached AS (
    UPDATE reports_photo AS photo
    SET report_id = wanted.report_id, place = wanted.place
    FROM wanted
    WHERE photo.key = wanted.key AND photo.draft = wanted.draft AND photo.report_id IS NULL
    RETURNING photo.key, photo.report_id
),
counted AS (
    UPDATE reports_publicreport AS public
    SET photo_count = given.photos
    FROM (SELECT report_id, count(*) AS photos FROM attached GROUP BY report_id) AS given
    WHERE public.report_id = given.report_id AND public.sensitivity = ANY(%(shown)s)
)
SELECT key FROM attached
