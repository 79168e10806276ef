"""What the search for places needs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("layers", "0003_emergency_and_residents")]
    operations = []
