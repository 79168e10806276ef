-- What the planner knows of our tables, brought up to date after many rows came at once. Only an
-- owner may ask for it, and pages and jobs own nothing; inside a transaction nobody else can.
CREATE FUNCTION civicgrid_refresh_statistics() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename ~ '^(layers|reports)_'
        ORDER BY tablename
    LOOP
        EXECUTE format('ANALYZE public.%I', name);
    END LOOP;
END;
$$;
REVOKE ALL ON FUNCTION civicgrid_refresh_statistics() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION civicgrid_refresh_statistics() TO civicgrid_web;
