"""Which limits apply to a batch: the provider account's own, the warm-up of its IP address, the workspace's warm-up,
and those of the mailbox providers it writes to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from delivery.models import Batch, MailboxLimit, ProviderAccount, WarmUp, WarmUpStep
from delivery.sending.throttling import Limit

HOUR, DAY = 3600.0, 86400.0
BURST_OF_SLOW = 60.0  # an hourly or daily limit may send at once what it allows in so many seconds
# Messages per day from an IP address of one's own, by day: about doubling, so that mailbox providers see no sudden
# flood.
IP_PLAN = [50, 100, 200, 400, 800, 1500, 3000, 5000, 8000, 12_000, 18_000, 25_000, 35_000, 50_000]
IP_PLAN += [70_000, 90_000, 120_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 600_000]
IP_PLAN += [700_000, 800_000, 900_000, 1_000_000, 1_500_000, 2_000_000]


def of_batch(batch: Batch) -> list[Limit]:
    """Call it while looking across workspaces, or in the scope of the batch's workspace."""
    account = batch.account
    if account.is_sandbox:
        return []
    found = [*_account_limits(account), _ip_warm_up(account)]
    if batch.purpose == Batch.Purpose.MARKETING:
        found.append(_workspace_warm_up(batch.workspace_id))
    return [limit for limit in found if limit is not None]


def of_mailboxes(account: ProviderAccount) -> dict[str, Limit]:
    """The limits of mailbox providers for this account, by domain."""
    if account.is_sandbox:
        return {}
    limits = MailboxLimit.objects.values_list("domain", "per_second")
    return {domain: Limit(f"mailbox:{account.pk}:{domain}", per_second) for domain, per_second in limits}


def _account_limits(account: ProviderAccount) -> list[Limit]:
    found = []
    for unit, seconds in (("second", 1.0), ("hour", HOUR), ("day", DAY)):
        most = account.options.get(f"per_{unit}")
        if most:
            burst = 1.0 if unit == "second" else BURST_OF_SLOW
            found.append(Limit(f"account:{account.pk}:{unit}", float(most) / seconds, burst))
    return found


def _ip_warm_up(account: ProviderAccount) -> Limit | None:
    since = account.options.get("ip_warm_up_since")
    if not since:
        return None
    day = (timezone.now() - datetime.fromisoformat(since)).days
    if not 0 <= day < len(IP_PLAN):
        return None
    return Limit(f"ip:{account.pk}", IP_PLAN[day] / DAY, BURST_OF_SLOW)


def _workspace_warm_up(workspace_id: int) -> Limit | None:
    per_hour = warm_up_rate(workspace_id)
    if not per_hour:
        return None
    return Limit(f"warm-up:{workspace_id}", per_hour / HOUR, BURST_OF_SLOW, holder="workspace")


def warm_up_rate(workspace_id: int) -> int | None:
    """Messages per hour. None if the workspace may send at full speed."""
    if not settings.WARM_UP:
        return None
    found = WarmUp.objects.filter(workspace_id=workspace_id, is_over=False).first()
    if found is None:
        return None
    day = (timezone.now() - found.started_at) // timedelta(days=1)
    step = WarmUpStep.objects.filter(from_day__lte=day).last()
    return step.per_hour if step else None
