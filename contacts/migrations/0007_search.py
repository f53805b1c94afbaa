import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

import kernel.rls

# Notes of whose words have changed. New contacts are noted together, per statement: an import writes thousands at once.
# Changed ones are noted one by one, because only a trigger for each row can be left out where no word has changed.
TRIGGERS = """
CREATE FUNCTION fanfare.note_words_of_contacts() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.contacts_searchchange (workspace_id, contact_ids)
    SELECT workspace_id, array_agg(id) FROM fresh GROUP BY workspace_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_words_insert AFTER INSERT ON contacts_contact REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION fanfare.note_words_of_contacts();

CREATE FUNCTION fanfare.note_words_of_contact() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.contacts_searchchange (workspace_id, contact_ids) VALUES (NEW.workspace_id, ARRAY[NEW.id]);
    RETURN NULL;
END $$;
CREATE TRIGGER note_words_update
    AFTER UPDATE OF email, phone, external_id, first_name, last_name, attributes, merged_into_id, erased_at
    ON contacts_contact FOR EACH ROW
    WHEN ((OLD.email, OLD.phone, OLD.external_id, OLD.first_name, OLD.last_name, OLD.attributes, OLD.merged_into_id,
        OLD.erased_at) IS DISTINCT FROM (NEW.email, NEW.phone, NEW.external_id, NEW.first_name, NEW.last_name,
        NEW.attributes, NEW.merged_into_id, NEW.erased_at))
    EXECUTE FUNCTION fanfare.note_words_of_contact();

CREATE FUNCTION fanfare.note_words_of_members() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.contacts_searchchange (workspace_id, contact_ids)
    SELECT workspace_id, array_agg(contact_id) FROM changed GROUP BY workspace_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_words_insert AFTER INSERT ON contacts_companycontact REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION fanfare.note_words_of_members();
CREATE TRIGGER note_words_delete AFTER DELETE ON contacts_companycontact REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION fanfare.note_words_of_members();

CREATE FUNCTION fanfare.note_words_of_company() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    INSERT INTO public.contacts_searchchange (workspace_id, contact_ids)
    SELECT workspace_id, array_agg(contact_id) FROM public.contacts_companycontact
    WHERE workspace_id = NEW.workspace_id AND company_id = NEW.id GROUP BY workspace_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_words_update AFTER UPDATE OF name, deleted_at ON contacts_company FOR EACH ROW
    WHEN ((OLD.name, OLD.deleted_at) IS DISTINCT FROM (NEW.name, NEW.deleted_at))
    EXECUTE FUNCTION fanfare.note_words_of_company();

-- Who is there already: one note a workspace, which a job works through in portions.
INSERT INTO contacts_searchchange (workspace_id, after) SELECT id, 0 FROM accounts_workspace;
"""
UNDO = """
DROP TRIGGER note_words_insert ON contacts_contact;
DROP TRIGGER note_words_update ON contacts_contact;
DROP TRIGGER note_words_insert ON contacts_companycontact;
DROP TRIGGER note_words_delete ON contacts_companycontact;
DROP TRIGGER note_words_update ON contacts_company;
DROP FUNCTION fanfare.note_words_of_contacts();
DROP FUNCTION fanfare.note_words_of_contact();
DROP FUNCTION fanfare.note_words_of_members();
DROP FUNCTION fanfare.note_words_of_company();
"""
WORKSPACE = {
    "db_index": False,
    "editable": False,
    "on_delete": django.db.models.deletion.CASCADE,
    "related_name": "+",
    "to": "accounts.workspace",
}


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_refused_rows")]
    operations = [
        migrations.AddField(
            model_name="contactfield",
            name="is_searched",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="People are found by what this field says, such as their city.",
                verbose_name="search finds its words",
            ),
        ),
        migrations.CreateModel(
            name="SearchChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                ("after", models.BigIntegerField(null=True)),
                ("workspace", models.ForeignKey(**WORKSPACE)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["workspace", "id"], name="search_change_ws")],
            },
        ),
        kernel.rls.ProtectTable(model_name="searchchange"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("contact_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("workspace", models.ForeignKey(**WORKSPACE)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="search_entry_words"
                    )
                ],
            },
        ),
        kernel.rls.ProtectTable(model_name="searchentry"),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
