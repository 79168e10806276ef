-- Where a batch of another system's reports waits, seen by this transaction alone.
CREATE TEMP TABLE IF NOT EXISTS incoming (
    ord int,
    id bigint DEFAULT nextval('reports_report_id_seq'),
    public_id text,
    shown_key text,
    source_key text,
    category text,
    state text,
    description text,
    lon float8,
    lat float8,
    reported_at timestamptz,
    closed_at timestamptz,
    promised_at timestamptz,
    source_areas bigint[],
    digest bytea,  -- of those that came before
    -- a: accepted, r: repeated, c: came before with other content
    outcome "char" DEFAULT 'a',
    is_moved boolean DEFAULT false
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS incoming_place (
    ord int, areas bigint[], ward_id bigint, street_id bigint, street_name text
) ON COMMIT DROP;
TRUNCATE incoming, incoming_place;
