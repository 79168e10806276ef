-- Row-level security on exact places and contacts, and the append-only logs.
-- The web role is not the owner, so the policies bind it; they are not forced, so that the one
-- function below, back-fills and backups can work.

CREATE FUNCTION reports_viewer() RETURNS jsonb
LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('civicgrid.viewer', true), '')::jsonb $$;

-- A duty covers a report by its class, its category and the areas that hold it; a receipt covers
-- the one report that it was given for. An unset viewer is null, and sees nothing.
CREATE FUNCTION reports_viewer_may_see(wanted bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
SELECT EXISTS (
    SELECT FROM reports_report AS report
    WHERE report.id = wanted
      AND (
        reports_viewer() -> 'receipts' @> to_jsonb(report.id)
        OR EXISTS (
            SELECT FROM jsonb_to_recordset(reports_viewer() -> 'duties')
                AS duty (areas jsonb, categories jsonb, clearance int)
            WHERE report.sensitivity <= duty.clearance
              AND (duty.categories IS NULL
                   OR duty.categories @> to_jsonb(report.category_id))
              AND (duty.areas IS NULL
                   OR EXISTS (
                        SELECT FROM reports_reportarea AS held
                        WHERE held.report_id = report.id
                          AND duty.areas @> to_jsonb(held.area_id)))
        )
      )
)
$$;

ALTER TABLE reports_exactlocation ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports_contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen_on_duty ON reports_exactlocation FOR SELECT
    USING (reports_viewer_may_see(report_id));
CREATE POLICY seen_on_duty ON reports_contact FOR SELECT
    USING (reports_viewer_may_see(report_id));
CREATE POLICY anyone_reports ON reports_exactlocation FOR INSERT WITH CHECK (true);
CREATE POLICY anyone_reports ON reports_contact FOR INSERT WITH CHECK (true);

CREATE FUNCTION reports_refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON reports_historyentry
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE ON reports_exactread
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
REVOKE UPDATE, DELETE ON reports_historyentry, reports_exactread FROM civicgrid_web;
REVOKE UPDATE ON reports_historytext FROM civicgrid_web;

-- The one search over exact points: under a policy `&&` would lose the spatial index, so this
-- runs as the owner, applies the viewer's duties itself and writes down what it gave away.
CREATE FUNCTION reports_incidents_in(envelope geometry)
RETURNS TABLE (
    id varchar, family varchar, category varchar, state varchar, phase varchar, title varchar,
    point geometry, point_3857 geometry
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    given bigint[];
BEGIN
    SELECT array_agg(exact.report_id ORDER BY exact.report_id) INTO given
    FROM reports_exactlocation AS exact
    JOIN reports_report AS report ON report.id = exact.report_id
    WHERE exact.point_3857 && envelope
      AND report.phase IN ('new', 'open', 'working')
      AND reports_viewer_may_see(exact.report_id);
    IF given IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO reports_exactread (at, user_id, address, purpose, reports)
    VALUES (now(), (reports_viewer() ->> 'user')::bigint,
            coalesce(reports_viewer() ->> 'address', ''), 'map', to_jsonb(given));
    RETURN QUERY
    SELECT report.public_id, kind.family, kind.code::varchar, report.state, report.phase,
           kind.title, exact.point, exact.point_3857
    FROM reports_exactlocation AS exact
    JOIN reports_report AS report ON report.id = exact.report_id
    JOIN reports_category AS kind ON kind.id = report.category_id
    WHERE exact.report_id = ANY(given);
END
$$;
REVOKE ALL ON FUNCTION reports_incidents_in(geometry) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reports_incidents_in(geometry) TO civicgrid_web;
