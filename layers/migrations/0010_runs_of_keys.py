"""Rows that an import added are kept as runs of keys."""

from django.db import migrations, models

ONE_BY_ONE = """
INSERT INTO layers_replaced (imported_id, relation, key, "column")
SELECT imported_id, relation, one, "column"
FROM layers_replaced CROSS JOIN LATERAL generate_series(key + 1, last_key) AS one
WHERE last_key > key;
UPDATE layers_replaced SET key = (row ->> 'id')::bigint
WHERE key = 0 AND "column" <> '' AND row ? 'id'
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0009_rasters")]

    operations = [
        migrations.AddField(
            model_name="replaced",
            name="last_key",
            field=models.BigIntegerField(help_text="NULL: the one row of `key`.", null=True),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, ONE_BY_ONE),
    ]
