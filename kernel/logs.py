"""How log lines are written: without the keys that are in addresses of pages for visitors."""

import logging

from kernel.links import without_keys


class LineFormatter(logging.Formatter):
    """A line or traceback, without keys: whoever reads the log could act for the person whose page failed."""

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))
