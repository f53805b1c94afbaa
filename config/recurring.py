"""Every recurring job in one list: how often in seconds, what, and why. The worker of the default queue asks for them;
asked for twice, by two machines, each does its work once."""

RECURRING = [
    (5, "campaigns.fire_schedules", "scheduled campaigns start within seconds of their time"),
    (5, "delivery.tick", "lost nudges and lost leases cost seconds, never a message"),
    (600, "contacts.remind_of_signups", "who has not confirmed a sign-up after a day is reminded, once"),
    (3600, "contacts.forget_unconfirmed", "addresses that nobody confirmed are not kept"),
    (5, "delivery.fold_hits", "opens and clicks reach the report"),
    (86_400, "delivery.keep_addresses_clean", "mailboxes that refuse for weeks are suppressed, sleepers marked"),
    (600, "contacts.tidy_exports", "files of exports go when their time is over"),
    (600, "contacts.ask_again", "imports, exports and bulk actions whose worker died go on after all"),
    (3600, "contacts.purge_trash", "what was deleted 30 days ago goes for good"),
    (86_400, "contacts.retire_contacts", "whom nobody has heard of for years is not kept for ever"),
]
