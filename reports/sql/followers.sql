-- Addresses of followers: whoever acts for one report (its receipt, a job about it) reads them;
-- no duty does.
CREATE FUNCTION reports_viewer_acts_for(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT EXISTS (
    SELECT FROM reports_follower AS follower
    WHERE follower.id = wanted
      AND reports_viewer() -> 'receipts' @> to_jsonb(follower.report_id)
)
$$;
ALTER TABLE reports_followeraddress ENABLE ROW LEVEL SECURITY;
CREATE POLICY acting_for_the_report ON reports_followeraddress
    USING (reports_viewer_acts_for(follower_id))
    WITH CHECK (reports_viewer_acts_for(follower_id));
