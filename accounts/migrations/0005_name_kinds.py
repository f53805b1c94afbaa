from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_notification_newest"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="invitation",
            options={
                "base_manager_name": "objects",
                "ordering": ["-id"],
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
            },
        ),
    ]
