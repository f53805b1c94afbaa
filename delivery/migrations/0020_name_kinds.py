from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0019_trackedlink_prefix"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="tester",
            options={
                "base_manager_name": "objects",
                "ordering": ["email"],
                "verbose_name": "test recipient",
                "verbose_name_plural": "test recipients",
            },
        ),
    ]
