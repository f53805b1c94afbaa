from django.db import migrations

# Append-only, but for erasure: what identifies (IP address, page, free text) may be emptied, and nothing else changed.
SQL = """
CREATE FUNCTION fanfare.refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    identifying text[] := ARRAY['address', 'page', 'reason', 'wording', 'message_id'];
BEGIN
    IF fanfare.sees_all() THEN RETURN coalesce(NEW, OLD); END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - identifying = to_jsonb(OLD) - identifying
       AND NEW.address IS NULL AND NEW.page = '' AND NEW.reason = '' AND NEW.message_id = ''
       AND NEW.wording IN (OLD.wording, '') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'fanfare: % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER append_only ON contacts_consent;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contacts_consent
    FOR EACH ROW EXECUTE FUNCTION fanfare.refuse_change_but_erasure();
"""
UNDO = """
DROP TRIGGER append_only ON contacts_consent;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON contacts_consent
    FOR EACH ROW EXECUTE FUNCTION fanfare.refuse_change();
DROP FUNCTION fanfare.refuse_change_but_erasure();
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_people_at_scale")]
    operations = [migrations.RunSQL(SQL, UNDO)]
