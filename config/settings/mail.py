"""Fanfare's own mail: confirmations, invitations, notifications. Merchants' messages go through `delivery`."""

import environ
from django.core.exceptions import ImproperlyConfigured

from .base import DEBUG
from .environment import LOCAL, ROOT, setting

try:
    _mail = environ.Env.email_url_config(setting("EMAIL_URL", default="filemail:///" if LOCAL else "consolemail://"))
except Exception:
    raise ImproperlyConfigured("EMAIL_URL can't be read. Say smtp+tls://user:password@host:587.") from None
# Without a mail server, only a developer's machine may show mails: their links are keys.
_NOWHERE = not (LOCAL or DEBUG or setting("EMAIL_URL", default=""))
EMAIL_BACKEND = setting(
    "EMAIL_BACKEND", default="kernel.unsent_mail.EmailBackend" if _NOWHERE else _mail["EMAIL_BACKEND"]
)
EMAIL_FILE_PATH = setting("MAIL_FOLDER", default=str(ROOT / "var" / "mail"))
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
# Mails that somebody causes, per hour.
ACCOUNT_MAILS_PER_HOUR = setting("ACCOUNT_MAILS_PER_HOUR", int, 5)  # confirmations and new passwords, to one address
INVITATIONS_PER_HOUR = setting("INVITATIONS_PER_HOUR", int, 20)  # by one person, and from one workspace
TESTS_PER_HOUR = setting("TESTS_PER_HOUR", int, 30)  # to one address; by a person twice, a workspace five times
DEFAULT_FROM_EMAIL = setting("DEFAULT_FROM_EMAIL", default="Fanfare <fanfare@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = "[Fanfare] "
# Used if EMAIL_BACKEND is one of Anymail's, such as anymail.backends.brevo.EmailBackend.
ANYMAIL = {
    "BREVO_API_KEY": setting("ANYMAIL_BREVO_API_KEY", default=""),
    "SENDGRID_API_KEY": setting("ANYMAIL_SENDGRID_API_KEY", default=""),
}
