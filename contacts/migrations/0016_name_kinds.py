from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0015_kept_files"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="blockeddomain",
            options={
                "base_manager_name": "objects",
                "ordering": ["domain"],
                "verbose_name": "blocked domain",
                "verbose_name_plural": "blocked domains",
            },
        ),
        migrations.AlterModelOptions(
            name="bulkaction",
            options={
                "base_manager_name": "objects",
                "ordering": ["-id"],
                "verbose_name": "bulk action",
                "verbose_name_plural": "bulk actions",
            },
        ),
        migrations.AlterModelOptions(
            name="contactfield",
            options={
                "base_manager_name": "objects",
                "ordering": ["label"],
                "verbose_name": "contact field",
                "verbose_name_plural": "contact fields",
            },
        ),
        migrations.AlterModelOptions(
            name="note",
            options={
                "base_manager_name": "objects",
                "ordering": ["-id"],
                "verbose_name": "note",
                "verbose_name_plural": "notes",
            },
        ),
        migrations.AlterModelOptions(
            name="tag",
            options={
                "base_manager_name": "objects",
                "ordering": ["name"],
                "verbose_name": "tag",
                "verbose_name_plural": "tags",
            },
        ),
    ]
