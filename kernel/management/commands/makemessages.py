"""Django's makemessages, with lines as long as our others, so that a new text is a change of one entry."""

from __future__ import annotations

from django.core.management.commands import makemessages

WIDTH = "--width=120"


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, WIDTH]
    msguniq_options = [*makemessages.Command.msguniq_options, WIDTH]
    msgattrib_options = [*makemessages.Command.msgattrib_options, WIDTH]
