"""Reports that come many at once: two functions for them, and fewer indexes to write for each."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

from layers.statements import statement
from reports import apps


def _key(to: str, on_delete: object = django.db.models.deletion.CASCADE, **options: object):
    return models.ForeignKey(db_index=False, on_delete=on_delete, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_place_search")]
    operations = [
        migrations.RunSQL(
            statement(apps.__file__, "bulk_functions"),
            """
            DROP FUNCTION reports_move_exact(text, bigint[], float8[], float8[]);
            DROP FUNCTION reports_entry_digest(
                bytea, bytea, bigint, int, timestamptz, text, text, bigint, bigint);
            """,
        ),
        migrations.AlterField(
            "exactlocation",
            "point",
            django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4326),
        ),
        migrations.AlterField(
            "historyentry", "report", _key("reports.report", related_name="history")
        ),
        migrations.AlterField(
            "publicreport",
            "category",
            _key("reports.category", django.db.models.deletion.PROTECT),
        ),
        migrations.AlterField(
            "publicreport",
            "ward",
            _key("layers.area", django.db.models.deletion.SET_NULL, null=True),
        ),
        migrations.AlterField(
            "report", "category", _key("reports.category", django.db.models.deletion.PROTECT)
        ),
        migrations.AlterField("reportarea", "report", _key("reports.report")),
        migrations.AlterField(
            "publicreport", "public_id", models.CharField(max_length=10, null=True)
        ),
        migrations.AlterField("report", "public_id", models.CharField(max_length=10)),
        migrations.AddConstraint(
            "publicreport",
            models.UniqueConstraint(fields=("public_id",), name="reports_public_public_id"),
        ),
        migrations.AddConstraint(
            "report",
            models.UniqueConstraint(fields=("public_id",), name="reports_report_public_id"),
        ),
    ]
