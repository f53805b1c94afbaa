"""All recurring jobs: the interval in seconds, the job, and why it exists.

The watchdog of the default queue enqueues them, unless they say that they are not needed. Two machines may both do so:
each job does its work only once.
"""

RECURRING = [
    (5, "campaigns.fire_schedules", "scheduled campaigns start within seconds of their time"),
    (5, "delivery.tick", "lost wake-ups and lost leases cost seconds, never a message"),
    (3600, "accounts.clear_expired", "sessions, cached values and counts of limits that are over are deleted"),
    (600, "contacts.remind_of_signups", "people who have not confirmed a sign-up after a day get one reminder"),
    (3600, "contacts.forget_unconfirmed", "unconfirmed addresses are deleted"),
    (5, "contacts.index_words", "imported people are found by all their words; the rest a search indexes by itself"),
    (5, "contacts.read_changes", "who reads contacts' changes learns of them within seconds"),
    (5, "delivery.fold_hits", "opens and clicks appear in the reports"),
    (3600, "delivery.prune", "old opens and clicks, captured messages and tests are deleted"),
    (86_400, "templates_app.prune_versions", "old versions of templates that nobody named or sent are deleted"),
    (86_400, "templates_app.prune_contents", "contents that nothing points at any more are deleted"),
    (3600, "adminpanel.keep_partitions", "tables that grow get their next partitions, and lose those that are too old"),
    (86_400, "delivery.keep_addresses_clean", "mailboxes that refuse for weeks are suppressed, inactive people marked"),
    (600, "contacts.tidy_exports", "files of exports are deleted when they expire"),
    (600, "contacts.requeue_stalled", "imports, exports and bulk actions whose worker died are continued"),
    (3600, "contacts.purge_trash", "what was deleted 30 days ago is removed permanently"),
    (86_400, "adminpanel.sweep_files", "kept files whose process died before it wrote their row are deleted"),
    (86_400, "contacts.retire_contacts", "contacts without a sign of life for years are not kept forever"),
]
