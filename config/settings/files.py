"""Where files are kept (`kernel.files`): a folder, an S3 bucket, or the database."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import STORAGES as _OTHERS
from .environment import LOCAL, ROOT, setting

_HINT = "Say a folder (/var/lib/fanfare/files), a bucket (s3://bucket/folder), or database."

FILES_URL = setting("FILES_URL", default=str(ROOT / "var" / "files") if LOCAL else "database")
# The most bytes of one workspace's files, in MB.
FILES_WORKSPACE_MB = setting("FILES_WORKSPACE_MB", int, 5000)


def _place(url: str) -> dict | None:
    """The entry of STORAGES; None for the database."""
    if url == "database":
        return None
    parts = urlsplit(url)
    if parts.scheme == "s3" and parts.hostname and not (parts.username or parts.query or parts.fragment):
        options = {
            "bucket": parts.netloc,
            "prefix": parts.path.strip("/"),
            "endpoint": setting("FILES_ENDPOINT", default=""),
            "region": setting("FILES_REGION", default=""),
            "key": setting("FILES_KEY", default=""),
            "secret": setting("FILES_SECRET", default=""),
            "timeout": setting("FILES_TIMEOUT", int, 20),
        }
        return {"BACKEND": "kernel.files.bucket.BucketStorage", "OPTIONS": options}
    if url.startswith("/") and url.strip("/"):
        return {"BACKEND": "kernel.files.folder.FolderStorage", "OPTIONS": {"location": url}}
    raise ImproperlyConfigured(f"FILES_URL is {url!r}, which is no place for files. {_HINT}")


_FILES = _place(FILES_URL)
STORAGES = _OTHERS | ({"files": _FILES} if _FILES else {})
