from django.db import migrations

# The log can be added to and read; only whoever sees all workspaces (the owner) may ever take rows away.
SQL = """
CREATE FUNCTION fanfare.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF fanfare.sees_all() THEN RETURN coalesce(NEW, OLD); END IF;
    RAISE EXCEPTION 'fanfare: % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION fanfare.refuse_change();
"""
UNDO = """
DROP TRIGGER append_only ON accounts_auditentry;
DROP FUNCTION fanfare.refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
