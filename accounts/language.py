"""The language of texts that background work writes: the workspace's, because there is no reader to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation

from accounts.models import Workspace


@contextmanager
def of_workspace(workspace_id: int) -> Iterator[None]:
    language = Workspace.objects.filter(pk=workspace_id).values_list("language", flat=True).first()
    with translation.override(language or settings.LANGUAGE_CODE):
        yield
