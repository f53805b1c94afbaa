from django.db import migrations

from kernel import rls

# The cache is shared by all processes (allauth's rate limits live in it) and may vanish with a crash.
CACHE = """
CREATE UNLOGGED TABLE cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX cache_expires ON cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(rls.INSTALL, rls.UNINSTALL),
        migrations.RunSQL(CACHE, "DROP TABLE cache"),
    ]
