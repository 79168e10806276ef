-- Where the new and the changed reports of a batch wait to be stored, with all that was found out.
-- Enough to keep a batch in memory, which the usual 4 MB are not.
SET LOCAL work_mem = '64MB';
CREATE TEMP TABLE IF NOT EXISTS prepared (
    ord int, id bigint, public_id text, shown_key text, source_key text, digest bytea,
    category_id bigint, sensitivity smallint, state text, description text, lon float8, lat float8,
    reported_at timestamptz, closed_at timestamptz, promised_at timestamptz,
    areas bigint[], ward_id bigint, street_id bigint, street_name text,
    has_public_id boolean, shows_text boolean, shown_state text, shown_description text,
    place_name text, shown_lon float8, shown_lat float8, mask_version text, snap_point_id bigint,
    shown_at timestamptz, shown_closed_at timestamptz, shown_promised_at timestamptz,
    public_from timestamptz, later_state text, later_closed_at timestamptz,
    later_from timestamptz,
    first_text bytea, first_digest bytea, last_text bytea, last_digest bytea,
    -- a: accepted, r: repeated, c: came before with other content
    outcome "char",
    is_moved boolean
) ON COMMIT DROP;
TRUNCATE prepared;
