"""Snap points, and what is shown from when."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_followers")]
    operations = []
