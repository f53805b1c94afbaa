from django.db import migrations

# Without statistics PostgreSQL takes each workspace for a 200th of the table. With them, it takes a workspace that was
# added since the last ANALYZE for one row, and then any index that begins with the workspace looks as good as the one
# that finds the address: each look-up read the workspace's whole list.
SQL = "ALTER TABLE contacts_suppression ALTER COLUMN workspace_id SET STATISTICS 0;"
UNDO = "ALTER TABLE contacts_suppression ALTER COLUMN workspace_id SET STATISTICS -1;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
