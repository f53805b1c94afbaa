from django.db import migrations

# fillfactor: a message is updated once or twice, a lease often; room on the page makes those updates HOT.
# django-q2's table comes without an index; a poll of one queue then reads the rows of all.
SQL = """
CREATE SEQUENCE delivery_fence;
ALTER TABLE delivery_message SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE delivery_lease SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE delivery_tally SET (fillfactor = 50);
CREATE INDEX ormq_poll ON django_q_ormq (key, lock);
"""
UNDO = """
DROP INDEX ormq_poll;
DROP SEQUENCE delivery_fence;
"""


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("django_q", "__latest__")]
    operations = [migrations.RunSQL(SQL, UNDO)]
