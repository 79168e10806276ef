-- What everybody may see now. Reports of P1 and P2, and what becomes of them, are shown in batches,
-- so that nobody who watches learns the moment: by the day or the month, as the class tells time.

-- When the batch of a moment is shown: as the next day or month begins; null means at once.
CREATE FUNCTION reports_next_batch(unit text, moment timestamptz, zone text) RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
SELECT CASE WHEN unit <> 'minute'
    THEN (date_trunc(unit, moment AT TIME ZONE zone) + ('1 ' || unit)::interval) AT TIME ZONE zone
END
$$;

-- The one relation that public readers query. It has no rights of its own, and as a plain view it
-- is merged into the query, which keeps the indexes of the table.
CREATE VIEW reports_shown WITH (security_invoker = true) AS
SELECT p.key, p.report_id, p.public_id, p.category_id, p.family, p.sensitivity,
       CASE WHEN is_later THEN p.later_state ELSE p.state END AS state,
       CASE WHEN is_later THEN p.later_phase ELSE p.phase END AS phase,
       p.title, p.description, p.place_name, p.ward_id, p.point, p.point_3857,
       p.mask_version, p.snap_point_id, p.is_located, p.shown_at,
       CASE WHEN is_later THEN p.later_closed_at ELSE p.closed_at END AS closed_at,
       CASE WHEN p.sensitivity = 0 THEN p.promised_at END AS promised_at,
       CASE WHEN p.sensitivity = 0 THEN p.me_too ELSE 0 END AS me_too,
       CASE WHEN p.sensitivity = 0 THEN p.photo_count ELSE 0 END AS photo_count,
       CASE WHEN p.sensitivity = 0 THEN p.answers ELSE '{}' END AS answers
FROM reports_publicreport AS p
CROSS JOIN LATERAL (SELECT p.later_from <= statement_timestamp() AS is_later) AS batch
WHERE p.public_from IS NULL OR p.public_from <= statement_timestamp();
