"""Row-level security on the addresses of followers."""

from django.db import migrations

from layers.statements import statement
from reports import apps

REVERSE = """
DROP POLICY acting_for_the_report ON reports_followeraddress;
ALTER TABLE reports_followeraddress DISABLE ROW LEVEL SECURITY;
DROP FUNCTION reports_viewer_acts_for(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_photos")]
    operations = [migrations.RunSQL(statement(apps.__file__, "followers"), REVERSE)]
