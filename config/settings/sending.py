"""How messages are sent: sizes, time limits, connections."""

import os

from .environment import ROOT, setting

LEASE_SIZE = 1000  # contact ids in one lease
SUB_BATCH = 200  # messages between two checks of the gate, at most
LANE_SECONDS = 20  # a lane works this long, then enqueues itself again; must be below the queue's timeout
LEASE_SECONDS = 60
SMTP_CONNECTIONS = setting("SMTP_CONNECTIONS", int, 10)  # per account and lane
SMTP_CONNECTIONS_PER_HOST = setting("SMTP_CONNECTIONS_PER_HOST", int, 20)  # per lane, over all accounts
SMTP_TIMEOUT = setting("SMTP_TIMEOUT", int, 12)
# Private hosts that merchants may name in SMTP settings, such as a relay next to Fanfare.
SMTP_ALLOWED_PRIVATE_HOSTS = setting("SMTP_ALLOWED_PRIVATE_HOSTS", list, [])
# Ports that merchants may name, except on those private hosts: nobody scans other people's hosts from here.
SMTP_PORTS = setting("SMTP_PORTS", [int], [25, 26, 465, 587, 588, 2465, 2525, 2587])
CONNECTION_TESTS_PER_HOUR = setting("CONNECTION_TESTS_PER_HOUR", int, 30)  # of one workspace
BATCH_EXPIRES_HOURS = setting("BATCH_EXPIRES_HOURS", int, 72)
SCHEDULE_GRACE_HOURS = 2  # a campaign that is this late is held until a person decides
LANES = setting("LANES", int, os.cpu_count() or 2)  # lanes at once on this machine
WORKER_HEALTH_ADDRESS = setting("WORKER_HEALTH_ADDRESS", str, "")  # host:port; `manage.py worker` answers probes there
HTTP_TIMEOUT = setting("HTTP_TIMEOUT", int, 30)  # seconds, of a call to an e-mail provider
HTTP_BATCH_SIZE = setting("HTTP_BATCH_SIZE", int, 100)  # messages in one such call; never more than SUB_BATCH
BREVO_REPEATS = setting(
    "BREVO_REPEATS", bool, False
)  # repeat a call whose answer was lost, with the same idempotency key
WARM_UP = setting("WARM_UP", bool, True)  # new workspaces send slowly at first; the plan is in the admin
# A spam filter that is asked about messages while they are made: rspamd://host:port (its HTTP worker) or
# spamd://host:port (SpamAssassin). Empty: none is asked.
SPAM_CHECK_URL = setting("SPAM_CHECK_URL", str, "")
SPAM_CHECKS_PER_HOUR = setting("SPAM_CHECKS_PER_HOUR", int, 600)  # of one workspace
LINK_CHECKS_PER_HOUR = setting("LINK_CHECKS_PER_HOUR", int, 300)  # links of one workspace
# A restored or cloned database is recognised by these: the installation's name, and a counter outside the database.
DEPLOYMENT_ID = setting("DEPLOYMENT_ID", str, "")
EPOCH_FILE = setting("EPOCH_FILE", str, "") or str(ROOT / "var" / "epoch")
