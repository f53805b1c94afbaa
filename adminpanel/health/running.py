"""Which checks run, in which order."""

from __future__ import annotations

from adminpanel.health import configuration, database, files, secrets, service, site
from adminpanel.health.findings import Finding, run

SERVICE = [service.clock, service.workers, service.held, service.due_work, service.queue]


def check_all() -> list[Finding]:
    """What serves and sends. Without a database the list ends there, because the others need it."""
    found = list(run([database.connections_work]))
    if all(finding.ok for finding in found):
        found += run([database.migrations, database.partitioned_tables, database.change_readers, *SERVICE])
    return found


def check_installation(*, network: bool) -> list[Finding]:
    """Everything. `network`: also what is asked of other servers, such as BASE_URL and the mail server."""
    found = list(run(configuration.CHECKS))
    connected = list(run([database.connections_work]))
    found += connected
    if all(finding.ok for finding in connected):
        migrated = list(run([database.migrations]))
        found += migrated
        found += run([database.roles])
        if all(finding.ok for finding in migrated):
            found += run(
                [
                    database.signing_key,
                    database.partitioned_tables,
                    database.change_readers,
                    *SERVICE,
                    secrets.decryptable,
                ]
            )
            found += run([files.kept if network else files.kept_here])
    if network:
        found += run([site.mail, site.base_url])
    return found
