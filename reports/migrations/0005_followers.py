"""Row-level security on the addresses of followers."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_photos")]
    operations = []
