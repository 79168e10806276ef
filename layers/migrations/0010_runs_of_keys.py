"""Rows that an import added are kept as runs of keys."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0009_rasters")]

    operations = [
        migrations.AddField(
            model_name="replaced",
            name="last_key",
            field=models.BigIntegerField(help_text="NULL: the one row of `key`.", null=True),
        ),
    ]
