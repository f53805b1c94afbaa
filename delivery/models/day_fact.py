from django.db import models

from kernel.tenancy import WorkspaceModel


class DayFact(WorkspaceModel):
    """How often something became true on a day (UTC), by account and mailbox provider. Raised in the transactions that
    raise tallies, so the sums of both are equal. Dashboards, reputation and usage read nothing else.

    A fact that is taken back (an unknown message turns out to have arrived) is subtracted on the day of that, so a
    single day's number may be negative."""

    day = models.DateField()
    channel = models.CharField(max_length=20)
    account_id = models.BigIntegerField()
    mailbox = models.CharField(max_length=24)  # delivery.mailbox_providers
    fact = models.CharField(max_length=12)
    n = models.BigIntegerField(default=0)
    units = models.BigIntegerField(default=0)  # what the provider counts
    cost = models.BigIntegerField(default=0)  # in millionths of the account's currency

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "day", "channel", "account_id", "mailbox", "fact"], name="one_fact_a_day"
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.fact} {self.n}"
