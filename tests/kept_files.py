"""Places for the files of a test: a folder of its own, or a bucket of its own on moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from kernel.files import places
from kernel.files.places import Place

_numbers = count(1)


def bucket_options(endpoint: str, bucket: str, **change: Any) -> dict:
    """As config.settings.files makes them."""
    options = {"bucket": bucket, "prefix": "fanfare", "endpoint": endpoint, "region": "us-east-1"}
    return options | {"key": "some-key", "secret": "some-secret", "timeout": 20} | change


def use(settings: Any, backend: str, options: dict) -> Place:
    """Keep the files of this test there, as another process would: it has proven nothing yet."""
    settings.LOCAL = False  # on a developer's machine, a place that isn't ours is adopted
    settings.STORAGES = settings.STORAGES | {"files": {"BACKEND": f"kernel.files.{backend}", "OPTIONS": options}}
    return places.place()


@pytest.fixture
def in_folder(settings, tmp_path) -> Place:
    return use(settings, "folder.FolderStorage", {"location": str(tmp_path / "files")})


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3's protocol."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def in_bucket(settings, s3) -> Place:
    place: Any = use(settings, "bucket.BucketStorage", bucket_options(s3, f"bucket-{next(_numbers)}"))
    place.bucket.create()
    return place


@pytest.fixture(params=["folder", "bucket"])
def kept_files(request) -> Place:
    """The place of the files, in two ways."""
    return request.getfixturevalue(f"in_{request.param}")


def all_names(place: Place) -> list[str]:
    """The names of all files of workspaces, finished or not."""
    return [entry.name for entry in place.entries()]
