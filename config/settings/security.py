"""Headers, cookies, keys. No page has inline scripts or styles, so the policy below is the same for all of them."""

from csp.constants import NONE, SELF

from .base import BASE_URL, SECRET_KEY
from .environment import flag, secret, setting

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF, "https://accounts.google.com"],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
TRUSTED_PROXIES = setting("TRUSTED_PROXIES", int, 0)
_HTTPS = BASE_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_SSL_REDIRECT = _HTTPS
# A one-click unsubscribe must not be redirected (RFC 8058).
SECURE_REDIRECT_EXEMPT = [r"^u/"]
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
# Both bind the whole domain for a long time, other hosts too, so only its owner may ask for them.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS and flag("HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # the checks that want them
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_NAME = "__Host-session" if _HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "csrf"
DEVICE_COOKIE_NAME = "__Host-device" if _HTTPS else "device"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kernel.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

CACHES = {"default": {"BACKEND": "kernel.cache.Cache", "LOCATION": "cache"}}

# Fernet keys for credentials at rest: the first encrypts, all decrypt.
FIELD_ENCRYPTION_KEYS = [
    key.strip()
    for key in secret("FIELD_ENCRYPTION_KEYS", "Make one with: manage.py doctor --new-key").split(",")
    if key.strip()
]
# Links in sent messages must work for years: the first key signs, all verify.
LINK_KEYS = setting("LINK_KEYS", list, [SECRET_KEY])
