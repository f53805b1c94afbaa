"""Create the demo workspace, run its story and print the campaign's report."""

from django.core.management.base import BaseCommand, CommandParser

from adminpanel.demo import story


class Command(BaseCommand):
    help = "Import a CSV file, send a campaign to the sandbox, fold its opens and clicks, print the report."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=2000, help="how many rows the CSV file has")

    def handle(self, people: int, **options) -> None:
        demo = story.workspace("fanfare-demo")
        imported = story.import_people(demo, people)
        self.stdout.write(
            f"Imported {imported.name}: {imported.rows} rows = {imported.created} new + {imported.updated} updated "
            f"+ {imported.merged} repeated + {imported.rejected} rejected"
        )
        story.write_templates(demo)
        campaign = story.send_campaign(demo)
        story.read_the_mail(demo, campaign)
        form = story.take_a_signup(demo)
        self.stdout.write(f"Sign-up form: {form.address}")
        for line in story.report(demo, campaign):
            self.stdout.write(line)
