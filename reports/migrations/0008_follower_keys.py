"""A random name for each follower, in place of the running number, outside the database."""

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0007_voices")]
    operations = [
        migrations.AddField(
            model_name="follower",
            name="key",
            field=models.UUIDField(db_default=RandomUUID(), unique=True),
        ),
    ]
