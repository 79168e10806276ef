"""What the search for places needs: names, their words, and how they are made.

Trigrams come with PostgreSQL; the owner of a database may install them, and where it may not,
``manage.py prepare_database`` has printed the statement for an administrator.
"""

import django.contrib.gis.db.models.fields
import django.contrib.gis.db.models.functions
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

from layers import apps
from layers.statements import statement

# It stays when this is undone: an administrator may own it.
TRIGRAMS = "CREATE EXTENSION IF NOT EXISTS pg_trgm"

REVERSE = """
DROP INDEX layers_asset_code_prefix;
DROP FUNCTION layers_like_words;
DROP FUNCTION layers_refresh_areas;
DROP FUNCTION layers_refresh_streets;
DROP FUNCTION layers_refresh_words;
DROP FUNCTION layers_remoteness;
DROP FUNCTION layers_letters;
DROP FUNCTION layers_code;
DROP FUNCTION layers_words;
DROP FUNCTION layers_key;
"""


class Migration(migrations.Migration):
    dependencies = [("layers", "0003_emergency_and_residents")]

    operations = [
        migrations.RunSQL(TRIGRAMS, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="PlaceName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "spellings",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200),
                        help_text="Of a street, as its sources write it.",
                        size=None,
                    ),
                ),
                (
                    "area",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="layers.area",
                    ),
                ),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        help_text="On the street, or amid the area.", spatial_index=False, srid=4326
                    ),
                ),
                (
                    "point_3857",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.gis.db.models.functions.Transform(
                            models.F("point"), 3857
                        ),
                        output_field=django.contrib.gis.db.models.fields.PointField(
                            null=True, spatial_index=False, srid=3857
                        ),
                    ),
                ),
                (
                    "bounds",
                    django.contrib.gis.db.models.fields.PolygonField(
                        spatial_index=False, srid=3857
                    ),
                ),
                (
                    "size_m",
                    models.FloatField(help_text="Length of a street, square root of an area."),
                ),
                (
                    "rank",
                    models.SmallIntegerField(
                        help_text="Zoom from which an area has room for its name."
                    ),
                ),
                ("weight", models.FloatField(help_text="Sum of what its words weigh.")),
            ],
        ),
        migrations.CreateModel(
            name="PlaceWord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "word",
                        "place_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("word", models.CharField(db_collation="C", max_length=200)),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="words",
                        to="layers.placename",
                    ),
                ),
                ("weight", models.FloatField(help_text="The rarer the word, the more.")),
                ("is_whole", models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "word",
                    models.CharField(
                        db_collation="C", max_length=200, primary_key=True, serialize=False
                    ),
                ),
                (
                    "letters",
                    models.CharField(help_text="The same letters in order.", max_length=200),
                ),
                ("places", models.PositiveIntegerField(help_text="How many names have it.")),
                (
                    "is_whole",
                    models.BooleanField(help_text="A whole name as one word, and no other's word."),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="address",
            index=models.Index(fields=["street_name", "number"], name="layers_address_street"),
        ),
        migrations.AddIndex(
            model_name="word",
            index=models.Index(fields=["letters"], name="layers_word_letters"),
        ),
        migrations.AddIndex(
            model_name="word",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("is_whole", False)),
                fastupdate=False,
                fields=["word"],
                name="layers_word_trigrams",
                opclasses=["gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="word",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("is_whole", True)),
                fastupdate=False,
                fields=["word"],
                name="layers_word_whole_trigrams",
                opclasses=["gin_trgm_ops"],
            ),
        ),
        migrations.AddIndex(
            model_name="placename",
            index=django.contrib.postgres.indexes.GistIndex(
                fields=["point_3857"], name="layers_placename_3857"
            ),
        ),
        migrations.RunSQL(statement(apps.__file__, "gazetteer"), REVERSE),
        migrations.RunSQL(statement(apps.__file__, "refresh_streets"), migrations.RunSQL.noop),
        # What stands in the tables before anybody loads anything again.
        migrations.RunSQL(
            "SELECT layers_refresh_areas(), layers_refresh_streets()", migrations.RunSQL.noop
        ),
    ]
