"""What others say of a report."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0006_masks")]
    operations = [
        migrations.AddField(
            model_name="category",
            name="kin",
            field=models.CharField(
                blank=True,
                help_text="Codes of kinds that people take for this one.",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reopened_at",
            field=models.DateTimeField(
                help_text="When somebody said that it is not fixed; empty again once it ends.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="shownreport",
            name="answers",
            field=models.JSONField(),
        ),
        migrations.AddField(
            model_name="verdict",
            name="is_reporter",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="verdict",
            name="note",
            field=models.TextField(blank=True, help_text="What is left to do, in their words."),
        ),
    ]
