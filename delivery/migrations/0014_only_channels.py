from django.db import migrations

SECOND_STEP = "no release read the columns channel and is_default of provider accounts"


class Migration(migrations.Migration):
    dependencies = [("delivery", "0013_sender_of_a_channel")]

    operations = [
        migrations.RemoveConstraint("provideraccount", "one_default_account_a_channel"),
        migrations.RemoveField("provideraccount", "channel"),
        migrations.RemoveField("provideraccount", "is_default"),
    ]
