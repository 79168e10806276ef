"""One spatial index for each of streets, addresses and assets: places are looked for in EPSG:3857.

The index of the stored column served no query, and cost an import as much as the other. Nor did the
two of an asset's kind, with which the key of kind and code begins.
"""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models

INDEXES = (
    ("layers_streetsegment_geometry_04b95265_id", "layers_streetsegment USING gist (geometry)"),
    ("layers_address_geometry_b3300825_id", "layers_address USING gist (geometry)"),
    ("layers_asset_geometry_cd790817_id", "layers_asset USING gist (geometry)"),
    ("layers_asset_kind_id_f5cec4d8", "layers_asset (kind_id)"),
    ("layers_asset_kind_id_f5cec4d8_like", "layers_asset (kind_id varchar_pattern_ops)"),
)


class Migration(migrations.Migration):
    # What is concurrent has no transaction.
    atomic = False
    dependencies = [("layers", "0010_runs_of_keys")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {what}",
                )
                for name, what in INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="streetsegment",
                    name="geometry",
                    field=django.contrib.gis.db.models.fields.LineStringField(
                        spatial_index=False, srid=4326
                    ),
                ),
                migrations.AlterField(
                    model_name="address",
                    name="geometry",
                    field=django.contrib.gis.db.models.fields.PointField(
                        spatial_index=False, srid=4326
                    ),
                ),
                migrations.AlterField(
                    model_name="asset",
                    name="geometry",
                    field=django.contrib.gis.db.models.fields.PointField(
                        spatial_index=False, srid=4326
                    ),
                ),
                migrations.AlterField(
                    model_name="asset",
                    name="kind",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assets",
                        to="layers.assetkind",
                    ),
                ),
            ],
        ),
    ]
