"""With which report one is joined."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_statistics")]
    operations = [
        migrations.AddField(
            model_name="report",
            name="joined_with",
            field=models.ForeignKey(
                help_text=(
                    "The report of the same problem that is worked on in place of this one."
                ),
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="joined",
                to="reports.report",
            ),
        ),
    ]
