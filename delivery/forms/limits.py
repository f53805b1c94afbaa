from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from delivery.forms.account import AccountForm

LIMITS = ("per_second", "per_hour", "per_day")


class LimitedAccountForm(AccountForm):
    """An account with a real provider: how fast it may send. An empty limit means no limit."""

    per_second = forms.FloatField(label=_("Up to, per second"), required=False, min_value=0.01, max_value=100_000)
    per_hour = forms.IntegerField(label=_("Up to, per hour"), required=False, min_value=1, max_value=100_000_000)
    per_day = forms.IntegerField(
        label=_("Up to, per day"),
        required=False,
        min_value=1,
        max_value=1_000_000_000,
        help_text=_(
            "Number of messages. Leave empty for no limit but the provider's. Applies to all sending from this account."
        ),
    )
    warms_up_ip = forms.BooleanField(
        label=_("Warm up a new IP address over 30 days"),
        required=False,
        help_text=_(
            "For a dedicated IP address that hasn't sent before: 50 messages on the first day, then more each day."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in LIMITS:
            self.fields[name].initial = self.instance.options.get(name)
        self.fields["warms_up_ip"].initial = bool(self.instance.options.get("ip_warm_up_since"))
        own = [name for name in self.fields if name not in (*LIMITS, "warms_up_ip")]
        self.order_fields([*own, *LIMITS, "warms_up_ip"])

    def fill_in(self, before: dict) -> None:
        super().fill_in(before)
        options = self.instance.options
        options |= {name: self.cleaned_data[name] for name in LIMITS if self.cleaned_data[name]}
        if self.cleaned_data["warms_up_ip"]:
            options["ip_warm_up_since"] = before.get("ip_warm_up_since") or timezone.now().isoformat()
        self.instance.throttled_until = None
