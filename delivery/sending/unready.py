"""A lease whose sending can't even begin: its account's secret is lost, or its batch can't be read.

Nothing of it was handed out. Its batch is held, with what to do, and the lane goes on with others."""

from __future__ import annotations

import logging

from django.utils.translation import gettext as _

from accounts import language
from delivery import batching
from delivery.channels.base import AccountProblem
from delivery.models import Batch
from delivery.sending import circuit_breakers, leases
from kernel.secrets import Undecryptable
from kernel.tenancy import across_workspaces

log = logging.getLogger("fanfare.delivery")

WAIT = 60.0  # seconds until the lease is tried again, once its batch goes on
ACCOUNT_WAIT = 600.0  # seconds; saving the account ends it


def set_aside(lease: leases.HeldLease, problem: Exception) -> None:
    with across_workspaces("the engine sets a lease aside, by the id of its batch"):
        batch = Batch.objects.select_related("account").defer("parameters").get(pk=lease.batch_id)
    with language.of_workspace(lease.workspace_id):
        if isinstance(problem, Undecryptable):
            log.error("provider account %s: %s", batch.account_id, problem)
            text = batch.account.lost_secret_problem()
            circuit_breakers.open_circuit(batch.account_id, AccountProblem(text, wait=ACCOUNT_WAIT))
        else:
            log.error("batch %s can't be prepared", batch.pk, exc_info=problem)
            text = _("Fanfare can't prepare this campaign (%(error)s). Tell whoever runs Fanfare, then resume.") % {
                "error": type(problem).__name__
            }
        if batch.purpose == Batch.Purpose.MARKETING:  # no page resumes the others: they are tried again
            batching.hold(batch.pk, text)
    leases.release(lease, wait=WAIT)
