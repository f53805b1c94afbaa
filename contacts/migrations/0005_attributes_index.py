from django.db import migrations

# Segments on a field's value, upper and lower case alike (contacts.segmentation.own_fields). Only the engine role may
# use it: row-level security keeps the web role off GIN.
SQL = """
CREATE INDEX contact_by_attributes ON contacts_contact USING gin (((lower(attributes::text))::jsonb) jsonb_path_ops);
"""
UNDO = "DROP INDEX contact_by_attributes;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_erasable_consent")]
    operations = [migrations.RunSQL(SQL, UNDO)]
