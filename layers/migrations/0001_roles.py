"""The two database roles, before any table exists.

The owner (who runs this) migrates. ``civicgrid_web`` serves pages and runs jobs: it reads and
writes rows, creates tables in two schemas only, owns nothing else and cannot pass row-level
security. ``manage.py prepare_database`` makes the role; here it gets its rights.
"""

from django.db import migrations

GRANT = """
GRANT USAGE ON SCHEMA public TO civicgrid_web;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO civicgrid_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO civicgrid_web;
GRANT SELECT ON django_migrations TO civicgrid_web;
CREATE SCHEMA imported;
CREATE SCHEMA results;
GRANT USAGE, CREATE ON SCHEMA imported, results TO civicgrid_web;
"""
REVOKE = """
DROP SCHEMA results;
DROP SCHEMA imported;
REVOKE SELECT ON django_migrations FROM civicgrid_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE, SELECT ON SEQUENCES FROM civicgrid_web;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM civicgrid_web;
REVOKE USAGE ON SCHEMA public FROM civicgrid_web;
"""


class Migration(migrations.Migration):
    initial = True
    run_before = [
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("procrastinate", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(GRANT, REVOKE),
    ]
