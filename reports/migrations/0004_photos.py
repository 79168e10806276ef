"""Row-level security on the bytes of photos."""

from django.db import migrations

from layers.statements import statement
from reports import apps

REVERSE = """
ALTER TABLE reports_photocontent
    ALTER COLUMN large SET STORAGE EXTENDED, ALTER COLUMN small SET STORAGE EXTENDED;
DROP POLICY dropped_before_sending ON reports_photocontent;
DROP POLICY anyone_sends ON reports_photocontent;
DROP POLICY seen_by_class ON reports_photocontent;
ALTER TABLE reports_photocontent DISABLE ROW LEVEL SECURITY;
DROP FUNCTION reports_photo_may_be_seen(text);
DROP FUNCTION reports_photo_is_public(text);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_citizens")]
    operations = [migrations.RunSQL(statement(apps.__file__, "photos"), REVERSE)]
