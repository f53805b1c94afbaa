import django.db.models.deletion
from django.db import migrations, models

import kernel.rls

# Each row is raised again and again on its day. Room on its page keeps these updates out of the index.
SQL = "ALTER TABLE delivery_dayfact SET (fillfactor = 50)"
UNDO = "ALTER TABLE delivery_dayfact RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("delivery", "0014_only_channels"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayFact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("channel", models.CharField(max_length=16)),
                ("account_id", models.BigIntegerField()),
                ("mailbox", models.CharField(max_length=24)),
                ("fact", models.CharField(max_length=12)),
                ("n", models.BigIntegerField(default=0)),
                ("units", models.BigIntegerField(default=0)),
                ("cost", models.BigIntegerField(default=0)),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("workspace", "day", "channel", "account_id", "mailbox", "fact"), name="one_fact_a_day"
                    )
                ],
            },
        ),
        kernel.rls.ProtectTable(
            model_name="dayfact",
        ),
        migrations.RunSQL(SQL, UNDO),
    ]
