"""Snap points, and what is shown from when."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from layers.statements import statement
from reports import apps
from reports.workflow import PHASE_OF

REVERSE = """
DROP VIEW reports_shown;
DROP FUNCTION reports_next_batch(text, timestamptz, text);
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_followers")]
    operations = [
        migrations.CreateModel(
            name="ShownReport",
            fields=[
                ("key", models.CharField(max_length=10, primary_key=True, serialize=False)),
                (
                    "sensitivity",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "P0 open"),
                            (1, "P1 personal"),
                            (2, "P2 crime"),
                            (3, "P3 victim-critical"),
                        ]
                    ),
                ),
                ("mask_version", models.CharField(max_length=20)),
                ("shown_at", models.DateTimeField()),
            ],
            options={"db_table": "reports_shown", "managed": False},
        ),
        migrations.CreateModel(
            name="QuarterCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quarter", models.DateField(help_text="Its first day.", unique=True)),
                ("total", models.PositiveIntegerField(null=True)),
                ("wards", models.JSONField(default=list)),
            ],
        ),
        migrations.AddField("maskversion", "audited_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "maskversion",
            "figures",
            models.JSONField(default=list, help_text="What the last audit found, by k."),
        ),
        migrations.AddField(
            "maskversion",
            "fingerprint",
            models.CharField(default="", help_text="SHA-256 of its points.", max_length=64),
        ),
        migrations.AlterField(
            "snappoint",
            "ward",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="layers.area"
            ),
        ),
        migrations.AddIndex(
            "snappoint",
            django.contrib.postgres.indexes.GistIndex(
                fields=["catchment_3857"], name="reports_snap_3857"
            ),
        ),
        migrations.AddField(
            "publicreport",
            "snap_point",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="reports.snappoint"
            ),
        ),
        migrations.AddField(
            "publicreport",
            "public_from",
            models.DateTimeField(help_text="Its batch; empty: at once.", null=True),
        ),
        migrations.AddField(
            "publicreport",
            "later_state",
            models.CharField(
                blank=True,
                choices=[
                    ("new", "New"),
                    ("accepted", "Accepted"),
                    ("assigned", "Assigned"),
                    ("progress", "In progress"),
                    ("hold", "Waiting"),
                    ("done", "Done"),
                    ("rejected", "Not ours"),
                    ("merged", "Joined"),
                ],
                db_default="",
                help_text="Not shown yet.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "publicreport",
            "later_phase",
            models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    *(
                        models.When(later_state=state.value, then=models.Value(phase.value))
                        for state, phase in PHASE_OF.items()
                    )
                ),
                output_field=models.CharField(
                    choices=[
                        ("new", "New"),
                        ("open", "Open"),
                        ("working", "In progress"),
                        ("done", "Done"),
                        ("closed", "Closed"),
                    ],
                    max_length=10,
                    null=True,
                ),
            ),
        ),
        migrations.AddField("publicreport", "later_closed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "publicreport",
            "later_from",
            models.DateTimeField(help_text="When the later state is shown.", null=True),
        ),
        migrations.RunSQL(statement(apps.__file__, "batches"), REVERSE),
    ]
