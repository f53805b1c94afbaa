"""How log lines are written: without the keys that are in addresses of pages for visitors, with the request's id."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from kernel.links import without_keys

request_id: ContextVar[str] = ContextVar("request_id", default="")


class WithoutTracebackOfRefusals(logging.Filter):
    """What Django refused (a wrong host name, too many fields) takes one line: it is no error of ours, and anybody
    could fill the disk with tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
        return True


class LineFormatter(logging.Formatter):
    """A line or traceback, without keys: whoever reads the log could act for the person whose page failed.

    `{request}` in the format is the id of the request with a space behind it, or nothing.
    """

    def format(self, record: logging.LogRecord) -> str:
        current = request_id.get()
        record.request = f"{current} " if current else ""
        return without_keys(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, as programs that collect logs read it. Without keys, too."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_keys(record.getMessage()),
        }
        if current := request_id.get():
            event["request_id"] = current
        if record.exc_info:
            event["traceback"] = without_keys(self.formatException(record.exc_info))
        return json.dumps(event)
