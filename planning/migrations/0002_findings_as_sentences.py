"""Findings become sentences whose words each reader has in their own language.

What was said before stays as it is, in the language it was said in. Taken back, findings are said
in the language of the site.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.utils import translation

from planning.sentences import in_words

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


def _say(apps: Any, _editor: object) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        for run in apps.get_model("planning", "Run").objects.exclude(finding=[]).iterator():
            said = in_words(run.finding).replace("%", "%%")
            run.finding = [{"text": said, "places": {}}]
            run.save(update_fields=["finding"])


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
        ),
        migrations.RunPython(migrations.RunPython.noop, _say),
    ]
