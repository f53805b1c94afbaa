from django.db import migrations

SQL = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contacts_consent
    FOR EACH ROW EXECUTE FUNCTION fanfare.refuse_change();
"""
UNDO = "DROP TRIGGER append_only ON contacts_consent;"


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial"), ("accounts", "0002_append_only")]
    operations = [migrations.RunSQL(SQL, UNDO)]
