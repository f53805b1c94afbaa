from django.db import migrations

import kernel.rls

# Whom the active workspace knows: its members, and who did something in it. SECURITY DEFINER, because the web role may
# not read memberships itself; what it sees is still bound to the context by the policies of the two tables.
KNOWS = """
CREATE FUNCTION fanfare.knows(person bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM public.accounts_membership m WHERE m.workspace_id = fanfare.workspace() AND m.user_id = person
    ) OR EXISTS (
        SELECT FROM public.accounts_auditentry a WHERE a.workspace_id = fanfare.workspace() AND a.actor_id = person
    )
$$;
ALTER TABLE accounts_user ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts_user FORCE ROW LEVEL SECURITY;
CREATE POLICY known ON accounts_user FOR SELECT USING ((SELECT fanfare.workspace()) IS NOT NULL AND fanfare.knows(id));
CREATE POLICY owner ON accounts_user TO CURRENT_USER USING ((SELECT fanfare.sees_all()))
    WITH CHECK ((SELECT fanfare.sees_all()));
"""
UNDO = """
DROP POLICY known ON accounts_user;
DROP POLICY owner ON accounts_user;
ALTER TABLE accounts_user NO FORCE ROW LEVEL SECURITY;
ALTER TABLE accounts_user DISABLE ROW LEVEL SECURITY;
DROP FUNCTION fanfare.knows(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        kernel.rls.ProtectTable(model_name="membership"),
        migrations.RunSQL(KNOWS, UNDO),
    ]
