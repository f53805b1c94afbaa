from django.db import migrations

from kernel import rls

# The cache is shared by all processes (allauth's rate limits live in it) and may vanish with a crash.
CACHE = """
CREATE UNLOGGED TABLE cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX cache_expires ON cache (expires);
"""
# Counts of the last hours; a crash may forget them.
THROTTLE = """
CREATE UNLOGGED TABLE kernel_throttle (key varchar(120) PRIMARY KEY, n integer NOT NULL, until timestamptz NOT NULL);
CREATE INDEX kernel_throttle_until ON kernel_throttle (until);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(rls.INSTALL, rls.UNINSTALL),
        migrations.RunSQL(CACHE, "DROP TABLE cache"),
        migrations.RunSQL(THROTTLE, "DROP TABLE kernel_throttle"),
    ]
