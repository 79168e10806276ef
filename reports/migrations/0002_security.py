"""Row-level security on exact places and contacts; append-only history and log of reads."""

from django.db import migrations

from layers.statements import statement
from reports import apps

REVERSE = """
DROP FUNCTION reports_incidents_in(geometry);
GRANT UPDATE, DELETE ON reports_historyentry, reports_exactread TO civicgrid_web;
GRANT UPDATE ON reports_historytext TO civicgrid_web;
DROP TRIGGER append_only ON reports_exactread;
DROP TRIGGER append_only ON reports_historyentry;
DROP FUNCTION reports_refuse_change();
DROP POLICY anyone_reports ON reports_contact;
DROP POLICY anyone_reports ON reports_exactlocation;
DROP POLICY seen_on_duty ON reports_contact;
DROP POLICY seen_on_duty ON reports_exactlocation;
ALTER TABLE reports_contact DISABLE ROW LEVEL SECURITY;
ALTER TABLE reports_exactlocation DISABLE ROW LEVEL SECURITY;
DROP FUNCTION reports_viewer_may_see(bigint);
DROP FUNCTION reports_viewer();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunSQL(statement(apps.__file__, "security"), REVERSE)]
