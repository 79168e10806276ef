-- Which department has each report: that of its crew, else that of the crew or desk whose zone and
-- categories it falls to. A crew comes before a desk, one with a zone before one for all the city.
-- Where the place may not show (`by_place` is false), neither may a department that follows from
-- it: then it is told only where all of the category's crews and desks belong to one.
SELECT report.id, CASE WHEN about.by_place THEN coalesce(has.name, likely.name) ELSE sole.name END
FROM unnest(%(report)s::bigint[], %(by_place)s::boolean[]) AS about (report_id, by_place)
JOIN reports_report AS report ON report.id = about.report_id
LEFT JOIN reports_crew AS crew ON crew.id = report.crew_id
LEFT JOIN reports_department AS has ON has.id = crew.department_id
LEFT JOIN LATERAL (
    SELECT department.name
    FROM reports_crew AS near
    JOIN reports_crew_categories AS works ON works.crew_id = near.id
    JOIN reports_department AS department ON department.id = near.department_id
    WHERE works.category_id = report.category_id
      AND near.clearance >= report.sensitivity
      AND (near.zone_id IS NULL OR EXISTS (
            SELECT FROM reports_zone_areas AS covered
            JOIN reports_reportarea AS held USING (area_id)
            WHERE covered.zone_id = near.zone_id AND held.report_id = report.id))
    ORDER BY near.is_desk, near.zone_id IS NULL, near.id
    LIMIT 1
) AS likely ON about.by_place AND has.id IS NULL
LEFT JOIN LATERAL (
    SELECT min(department.name) AS name
    FROM reports_crew AS any_crew
    JOIN reports_crew_categories AS works ON works.crew_id = any_crew.id
    JOIN reports_department AS department ON department.id = any_crew.department_id
    WHERE works.category_id = report.category_id AND any_crew.clearance >= report.sensitivity
    HAVING count(DISTINCT department.id) = 1
) AS sole ON NOT about.by_place
