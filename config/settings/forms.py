"""Public sign-up forms: how long a confirmation is waited for, and what keeps programs out."""

from .environment import flag, setting

SIGNUP_DAYS = setting("SIGNUP_DAYS", int, 3)
SIGNUP_REMINDER_HOURS = 24
FORM_MAILS_PER_HOUR = setting("FORM_MAILS_PER_HOUR", int, 5)  # to one address, over all workspaces
FORM_SIGNUPS_PER_HOUR = setting("FORM_SIGNUPS_PER_HOUR", int, 20)  # from one network
FORM_PROOF_OF_WORK = flag("FORM_PROOF_OF_WORK", True)
FORM_PROOF_BITS = setting("FORM_PROOF_BITS", int, 14)  # 2 ** 14 hashes: a few tenths of a second of a phone
FORM_CAPTCHA = setting("FORM_CAPTCHA", default="")
