from django.db import migrations

# The workspace, as an index can look it up once and a filter would have to compute it for every row (kernel.pagination).
# It is neither IMMUTABLE nor written in SQL, because the planner would put its value in its place; and not parallel safe,
# because a page of 50 rows needs no second process. Its COST, that of two or three random pages, is enough against a walk
# of 50 rows, and not so much that a join would rather read a whole table than look 50 rows up.
SQL = """
CREATE FUNCTION fanfare.index_only(workspace bigint) RETURNS bigint LANGUAGE plpgsql STABLE STRICT COST 4000
SET search_path = pg_catalog AS $$ BEGIN RETURN workspace; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_job_claims")]
    operations = [migrations.RunSQL(SQL, "DROP FUNCTION fanfare.index_only(bigint)")]
