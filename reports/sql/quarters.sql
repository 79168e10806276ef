-- Reports of one class by ward, for each quarter of the city's calendar that is over and was not
-- counted yet, from the first report of any class on.
WITH quarter AS (
    SELECT generate_series(
        date_trunc('quarter', (SELECT min(reported_at) FROM reports_report)
                              AT TIME ZONE %(time_zone)s),
        date_trunc('quarter', %(now)s::timestamptz AT TIME ZONE %(time_zone)s) - interval '1 day',
        interval '3 months') AS began
),
counted AS (
    SELECT date_trunc('quarter', report.reported_at AT TIME ZONE %(time_zone)s) AS began,
           coalesce(ward.code, '') AS ward, count(*) AS n
    FROM reports_report AS report
    LEFT JOIN LATERAL (
        SELECT area.code
        FROM reports_reportarea AS held
        JOIN layers_area AS area ON area.id = held.area_id AND area.kind_id = %(ward_kind)s
        WHERE held.report_id = report.id
        ORDER BY area.id
        LIMIT 1
    ) AS ward ON true
    WHERE report.sensitivity = %(sensitivity)s
    GROUP BY 1, 2
)
SELECT quarter.began::date, counted.ward, coalesce(counted.n, 0)
FROM quarter
LEFT JOIN counted USING (began)
WHERE quarter.began::date NOT IN (SELECT quarter FROM reports_quartercount)
ORDER BY 1, 2
