from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("templates_app", "0005_links_of_contents")]

    operations = [
        migrations.AlterField("content", "channel", models.CharField(max_length=20)),
        migrations.AlterField(
            "content",
            "kind",
            models.CharField(choices=[("html", "Html"), ("template", "Template")], max_length=16),
        ),
    ]
