from django.db import migrations

# Counts of the last hours; a crash may forget them.
SQL = """
CREATE UNLOGGED TABLE kernel_throttle (key varchar(120) PRIMARY KEY, n integer NOT NULL, until timestamptz NOT NULL);
CREATE INDEX kernel_throttle_until ON kernel_throttle (until);
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]
    operations = [migrations.RunSQL(SQL, "DROP TABLE kernel_throttle")]
