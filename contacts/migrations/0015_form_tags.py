from django.db import migrations

# A form gave tags by name, made when they were missing; now it knows their ids.
MAKE = """
INSERT INTO contacts_tag (workspace_id, name)
SELECT DISTINCT f.workspace_id, given.tag FROM contacts_signupform f, jsonb_array_elements_text(f.tags) AS given (tag)
ON CONFLICT DO NOTHING
"""
NAMES_TO_IDS = """
UPDATE contacts_signupform f SET tags = (
    SELECT jsonb_agg(t.id ORDER BY n) FROM jsonb_array_elements_text(f.tags) WITH ORDINALITY AS named (name, n)
    JOIN contacts_tag t ON t.workspace_id = f.workspace_id AND t.name = named.name AND t.deleted_at IS NULL)
WHERE f.tags <> '[]'
"""
IDS_TO_NAMES = """
UPDATE contacts_signupform f SET tags = coalesce((
    SELECT jsonb_agg(t.name ORDER BY n) FROM jsonb_array_elements_text(f.tags) WITH ORDINALITY AS given (id, n)
    JOIN contacts_tag t ON t.workspace_id = f.workspace_id AND t.id = given.id::bigint), '[]')
WHERE f.tags <> '[]'
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0014_signup_mailed")]

    operations = [
        migrations.RunSQL(MAKE, migrations.RunSQL.noop),
        migrations.RunSQL(NAMES_TO_IDS, IDS_TO_NAMES),
    ]
