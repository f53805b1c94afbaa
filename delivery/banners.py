"""What every page says while nothing is sent: a kill switch that is on, a database that looks restored."""

from __future__ import annotations

from django.db.models import BigIntegerField, F, Value
from django.http import HttpRequest

from delivery.models import Control, Deployment
from kernel.tenancy import current_workspace_id

HELD = "held"


def banners(request: HttpRequest) -> list[str]:
    """The sentences for a page. One statement asks for both, because every page shows it."""
    switches = Control.in_force().values_list("kind", "workspace_id", "set_at", "reason")[: Control.MOST]
    held = Deployment.objects.filter(held_at__isnull=False).values_list(
        Value(HELD), Value(None, BigIntegerField()), F("held_at"), F("held_because")
    )
    rows = list(switches.union(held, all=True))
    stopped = Control.sentence([row for row in rows if row[0] != HELD], current_workspace_id())
    restored = [Deployment.sentence(at) for kind, _workspace_id, at, _why in rows if kind == HELD]
    return [*filter(None, [stopped]), *restored[:1]]
