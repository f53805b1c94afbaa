"""A bucket of S3, or of a server that speaks its protocol (MinIO, Ceph, OVHcloud, Scaleway and others)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from django.core.files.base import ContentFile
from storages.backends.s3 import S3Storage

from kernel.files import names
from kernel.files.places import CHUNK, Entry
from kernel.files.problems import Missing, Problem, Unavailable, in_words

MISSING = {"404", "NoSuchKey", "NotFound"}
CONNECT_TIMEOUT = 5  # seconds
ATTEMPTS = 3
# Larger files are sent in several parts, of which this many are on their way at once.
PART_BYTES, PARTS_AT_ONCE = 8 * 1024 * 1024, 4


class BucketStorage(S3Storage):
    """Objects without an ACL, so they are as private as the bucket, and without an address."""

    is_network = True

    def __init__(self, *, bucket: str, prefix: str, endpoint: str, region: str, key: str, secret: str, timeout: float):
        self.is_proven = False
        super().__init__(
            bucket_name=bucket,
            location=prefix,
            endpoint_url=endpoint or None,
            region_name=region or None,
            access_key=key or None,
            secret_key=secret or None,
            default_acl=None,
            file_overwrite=True,  # names are unique, so asking whether there is one would cost a call
            client_config=Config(
                connect_timeout=CONNECT_TIMEOUT,
                read_timeout=timeout,
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                signature_version="s3v4",
                # A server of one's own seldom has a host name for each bucket.
                s3={"addressing_style": "path" if endpoint else "auto"},
                # Other servers than Amazon's often don't know the newer checksums. What is put is read back instead.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
            transfer_config=TransferConfig(
                multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=PARTS_AT_ONCE
            ),
        )

    def describe(self) -> str:
        at = f" at {self.endpoint_url}" if self.endpoint_url else ""
        return f"the bucket s3://{self.bucket_name}/{self.location}{at}"

    def problem_of(self, error: Exception) -> Problem | None:
        code = error.response.get("Error", {}).get("Code", "") if isinstance(error, ClientError) else ""
        if code in MISSING:
            return Missing("The file is not there.")
        if code:
            return Unavailable(f"The bucket refuses: {code}")
        ours = isinstance(error, BotoCoreError | ClientError | HTTPClientError | Boto3Error | OSError)
        return Unavailable(f"The bucket can't be used: {in_words(error)}") if ours else None

    def url(self, *args, **kwargs) -> str:
        raise ValueError("Files have no address: views check who may read them.")

    def write(self, name: str, data: bytes) -> None:
        self._save(name, ContentFile(data))

    def chunks(self, name: str) -> Iterator[bytes]:
        body = self.bucket.Object(self._normalize_name(name)).get()["Body"]
        try:
            yield from body.iter_chunks(CHUNK)
        finally:
            body.close()

    def open_here(self, name: str) -> IO[bytes] | None:
        return None

    def entries(self, after: str = "") -> Iterator[Entry]:
        prefix = self._prefix()
        for found in self.bucket.objects.filter(Prefix=prefix, Marker=prefix + after if after else ""):
            name = found.key[len(prefix) :]
            if names.workspace_of(name) is not None:
                yield Entry(name, found.last_modified)

    def closed(self) -> list[str]:
        return []

    def free_bytes(self) -> int | None:
        return None

    def abandon(self, before: datetime) -> int:
        """Parts of large files whose process was killed: they are in no list of files, and cost as much."""
        prefix = self._prefix()
        n = 0
        for upload in self.bucket.multipart_uploads.filter(Prefix=prefix):
            if upload.initiated < before and names.workspace_of(upload.object_key[len(prefix) :]) is not None:
                upload.abort()
                n += 1
        return n

    def _prefix(self) -> str:
        return f"{self.location}/" if self.location else ""
