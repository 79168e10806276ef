-- Row-level security on the bytes of photos. What is public is what the public projection counts:
-- `photo_count` is above zero only for classes that masking.py lets show photos.

CREATE FUNCTION reports_photo_is_public(wanted text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT EXISTS (
    SELECT FROM reports_photo AS photo
    JOIN reports_publicreport AS public USING (report_id)
    WHERE photo.key = wanted AND photo.hidden_at IS NULL AND public.photo_count > 0
)
$$;

-- Beside the public: a duty or a receipt for its report, or its draft, which only its sender knows.
CREATE FUNCTION reports_photo_may_be_seen(wanted text) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT reports_photo_is_public(wanted) OR EXISTS (
    SELECT FROM reports_photo AS photo
    WHERE photo.key = wanted
      AND (
        reports_viewer_may_see(photo.report_id)
        OR reports_viewer() -> 'drafts' ? photo.draft::text
      )
)
$$;

ALTER TABLE reports_photocontent ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen_by_class ON reports_photocontent FOR SELECT
    USING (reports_photo_may_be_seen(photo_id));
CREATE POLICY anyone_sends ON reports_photocontent FOR INSERT WITH CHECK (true);
-- A photo that was sent stays with its report.
CREATE POLICY dropped_before_sending ON reports_photocontent FOR DELETE
    USING (EXISTS (
        SELECT FROM reports_photo AS photo
        WHERE photo.key = photo_id AND photo.report_id IS NULL));

-- JPEGs cannot be compressed further.
ALTER TABLE reports_photocontent
    ALTER COLUMN large SET STORAGE EXTERNAL,
    ALTER COLUMN small SET STORAGE EXTERNAL;
