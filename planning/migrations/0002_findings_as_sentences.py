"""Findings become sentences whose words each reader has in their own language.

What was said before stays as it is, in the language it was said in.
"""

from django.db import migrations, models

KEEP = """
ALTER TABLE planning_run ALTER COLUMN finding TYPE jsonb USING CASE finding
    WHEN '' THEN '[]'::jsonb
    ELSE jsonb_build_array(
        jsonb_build_object('text', replace(finding, '%', '%%'), 'places', '{}'::jsonb)
    )
END
"""
GIVE_BACK = """
ALTER TABLE planning_run ALTER COLUMN finding TYPE text USING
    coalesce(replace(finding -> 0 ->> 'text', '%%', '%'), '')
"""


class Migration(migrations.Migration):
    dependencies = [("planning", "0001_initial")]

    operations = [
        migrations.RunSQL(
            KEEP,
            GIVE_BACK,
            state_operations=[
                migrations.AlterField(
                    model_name="run",
                    name="finding",
                    field=models.JSONField(
                        default=list, help_text="Sentences, as planning.sentences has them."
                    ),
                )
            ],
        )
    ]
