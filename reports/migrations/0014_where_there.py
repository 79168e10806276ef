"""Indexes of keys that most reports lack, of those alone that are there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0009_rasters"),
        ("reports", "0013_report_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="historyentry",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="historyentry",
            name="crew",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="reports.crew",
            ),
        ),
        migrations.AlterField(
            model_name="publicreport",
            name="snap_point",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="reports.snappoint",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="asset",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="layers.asset",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="crew",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="reports.crew",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="joined_with",
            field=models.ForeignKey(
                db_index=False,
                help_text="The report of the same problem that is worked on in place of this one.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="joined",
                to="reports.report",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="receipt_digest",
            field=models.BinaryField(max_length=32, null=True),
        ),
        migrations.AddIndex(
            model_name="historyentry",
            index=models.Index(
                condition=models.Q(("actor__isnull", False)),
                fields=["actor"],
                name="reports_history_actor",
            ),
        ),
        migrations.AddIndex(
            model_name="historyentry",
            index=models.Index(
                condition=models.Q(("crew__isnull", False)),
                fields=["crew"],
                name="reports_history_crew",
            ),
        ),
        migrations.AddIndex(
            model_name="publicreport",
            index=models.Index(
                condition=models.Q(("snap_point__isnull", False)),
                fields=["snap_point"],
                name="reports_public_snap",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("asset__isnull", False)),
                fields=["asset"],
                name="reports_report_asset",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("crew__isnull", False)),
                fields=["crew"],
                name="reports_report_crew",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("joined_with__isnull", False)),
                fields=["joined_with"],
                name="reports_report_joined",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("receipt_digest__isnull", False)),
                fields=("receipt_digest",),
                name="reports_report_receipt",
            ),
        ),
    ]
