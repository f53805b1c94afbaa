"""For how many days rows and files are kept."""

from .environment import setting

# 0: for ever.
MESSAGE_DAYS = setting("MESSAGE_DAYS", int, 1095)  # who got what, and what became of it
DAY_FACT_DAYS = setting("DAY_FACT_DAYS", int, 1095)  # what happened on each day, by account and mailbox provider
HIT_DAYS = setting("HIT_DAYS", int, 90)  # single opens and clicks; reports keep their counts
EVENT_DAYS = setting("EVENT_DAYS", int, 1095)  # orders and whatever else people did
CHANGE_DAYS = setting("CHANGE_DAYS", int, 730)  # what happened to contacts: tags, lists, fields

SANDBOX_DAYS = setting("SANDBOX_DAYS", int, 30)
EXPORT_DAYS = setting("EXPORT_DAYS", int, 7)
TEMPLATE_VERSION_DAYS = setting("TEMPLATE_VERSION_DAYS", int, 730)  # of versions that nobody named or sent
