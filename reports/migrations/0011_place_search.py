"""An index for the search among reports by a part of a place's name."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0004_gazetteer"),  # brings trigrams
        ("reports", "0010_joined"),
    ]
    operations = [
        migrations.AddIndex(
            model_name="publicreport",
            index=django.contrib.postgres.indexes.GinIndex(
                fastupdate=False,
                fields=["place_name"],
                name="reports_public_place",
                opclasses=["gin_trgm_ops"],
            ),
        ),
    ]
