"""Streets' names are made anew with each name folded once, not once for each address."""

from django.db import migrations

from layers import apps
from layers.statements import statement


class Migration(migrations.Migration):
    dependencies = [("layers", "0011_one_place_index")]

    operations = [
        migrations.RunSQL(statement(apps.__file__, "refresh_streets"), migrations.RunSQL.noop)
    ]
