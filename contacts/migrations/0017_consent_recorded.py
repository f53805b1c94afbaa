"""The ledger keeps when a row was recorded, and the day that a member says. Earlier rows have neither: it isn't known.

The default comes after the column: a column that is added with a default would give every earlier row that of today.
"""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0016_name_kinds"),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="claimed_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="consent",
            name="recorded_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, null=True),
        ),
    ]
