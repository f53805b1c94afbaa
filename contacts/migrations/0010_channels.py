from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0009_export_kinds"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="channel",
            field=models.CharField(
                choices=[
                    ("email", "E-mail"),
                    ("sms", "SMS"),
                    ("whatsapp", "WhatsApp"),
                    ("tracking", "Individual open tracking"),
                ],
                default="email",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="channel",
            field=models.CharField(default="email", max_length=20),
        ),
        migrations.AlterField(
            model_name="topicchoice",
            name="channel",
            field=models.CharField(default="email", max_length=20),
        ),
    ]
