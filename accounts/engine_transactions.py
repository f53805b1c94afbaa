"""allauth's transactions, on the connection that has its tables.

allauth opens transactions on Django's default connection. Its tables are read and written by the engine role only
(settings.ENGINE_ONLY), so its locks would be outside of any transaction.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from allauth.account import managers
from allauth.mfa.recovery_codes.internal import auth as recovery_codes
from allauth.mfa.recovery_codes.internal import flows as recovery_code_flows
from allauth.mfa.totp.internal import flows as totp_flows
from allauth.usersessions import models as user_sessions
from django.db import transaction

ENGINE = SimpleNamespace(
    atomic=partial(transaction.atomic, "engine"),
    on_commit=partial(transaction.on_commit, using="engine"),
)


def use_the_engine() -> None:
    """Replace what these modules know as `transaction`, and decorate anew what they decorated when they were imported.
    A test looks for transactions of allauth that are not listed here."""
    for module in (managers, recovery_codes, recovery_code_flows, totp_flows, user_sessions):
        module.transaction = ENGINE
    in_transaction = transaction.atomic("engine")
    recovery_codes.RecoveryCodes.validate_code = in_transaction(recovery_codes.RecoveryCodes.validate_code.__wrapped__)
    recovery_code_flows.generate_recovery_codes = in_transaction(
        recovery_code_flows.generate_recovery_codes.__wrapped__
    )
    totp_flows.activate_totp = in_transaction(totp_flows.activate_totp.__wrapped__)
