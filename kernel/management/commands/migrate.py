"""Django's migrate, as the owner of the tables unless another connection is named."""

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from kernel.management.commands.makemigrations import Autodetector


class Command(migrate.Command):
    autodetector = Autodetector

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")
