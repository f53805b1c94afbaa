"""The project itself: apps, middleware, templates, languages, static files."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .environment import LOCAL, ROOT, flag, secret, setting

DEBUG = flag("DEBUG", False)
SECRET_KEY = secret("SECRET_KEY", "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'")
BASE_URL = setting(
    "BASE_URL", default="http://localhost:8000" if LOCAL else None, hint="Say https://your.domain."
) or setting("BASE_URL", hint="Say where this Fanfare is reached, such as https://mail.example.com.")
BASE_URL = BASE_URL.rstrip("/")
if urlsplit(BASE_URL).scheme not in ("http", "https") or not urlsplit(BASE_URL).hostname:
    raise ImproperlyConfigured(f"BASE_URL is {BASE_URL!r}; it must look like https://mail.example.com.")
ALLOWED_HOSTS = [urlsplit(BASE_URL).hostname, *setting("ALLOWED_HOSTS", list, [])]
if LOCAL:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "config.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_q",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.google",
    "kernel",
    "accounts",
    "billing",
    "contacts",
    "templates_app",
    "delivery",
    "campaigns",
    "analytics",
    "adminpanel",
]

MIDDLEWARE = [
    "adminpanel.probes.Probes",
    "kernel.middleware.RequestId",
    "kernel.middleware.BodyLimit",
    "kernel.middleware.WellFormed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "templates_app.pictures.publishing.PublishPictures",
    "kernel.middleware.NotStored",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.ReaderLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "kernel.middleware.HtmxManners",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.seen_sessions.SeenSessions",
    "accounts.middleware.EnterWorkspace",
    "kernel.middleware.MethodPages",
]

BASE_DIR = ROOT
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.frame",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "kernel.templatetags.ui",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
        },
    }
]
FORM_RENDERER = "kernel.forms.Renderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]  # each name in its own language
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = ROOT / "staticfiles"
MANUAL_FOLDER = ROOT / "docs" / "manual"
STATICFILES_DIRS = [ROOT / "static", ("manual", MANUAL_FOLDER / "pictures")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_TEMP_DIR = None
IMPORT_MAX_BYTES = setting("IMPORT_MAX_MB", int, 200) * 1024 * 1024
