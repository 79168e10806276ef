-- Where a batch of another system's reports waits while it is looked at, seen by this transaction
-- alone.
-- Enough to keep a batch in memory, which the usual 4 MB are not.
SET LOCAL work_mem = '64MB';
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
    -- Salted digests of texts that there are not.
    first_text bytea DEFAULT sha256(uuid_send(gen_random_uuid())),
    last_text bytea DEFAULT sha256(uuid_send(gen_random_uuid()))
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS incoming_place (
    ord int, category_id bigint, digest bytea, areas bigint[], ward_id bigint, street_id bigint,
    street_name text
) ON COMMIT DROP;
TRUNCATE incoming, incoming_place;
