"""Statistics for the planner after a bulk of rows, in the transaction that brings them."""

from django.db import migrations

from layers.statements import statement
from reports import apps


class Migration(migrations.Migration):
    dependencies = [("reports", "0008_follower_keys")]
    operations = [
        migrations.RunSQL(
            statement(apps.__file__, "statistics"),
            "DROP FUNCTION civicgrid_refresh_statistics()",
        )
    ]
