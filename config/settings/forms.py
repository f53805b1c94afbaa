"""Public sign-up forms: how long a confirmation may take, and protection against programs."""

from .environment import flag, setting

SIGNUP_DAYS = setting("SIGNUP_DAYS", int, 3)
SIGNUP_REMINDER_HOURS = 24
FORM_MAILS_PER_HOUR = setting("FORM_MAILS_PER_HOUR", int, 5)  # to one address, over all workspaces
FORM_SIGNUPS_PER_HOUR = setting("FORM_SIGNUPS_PER_HOUR", int, 20)  # from one network
FORM_PROOF_OF_WORK = flag("FORM_PROOF_OF_WORK", True)
FORM_PROOF_BITS = setting("FORM_PROOF_BITS", int, 14)  # 2 ** 14 hashes take a phone a few tenths of a second
FORM_CAPTCHA = setting("FORM_CAPTCHA", default="")
