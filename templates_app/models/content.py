from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Content(WorkspaceModel):
    """What a message says, and to nobody in particular: an immutable row, named by the hash of what it holds.

    Batches, template versions and campaigns point at it, so the same content is stored once, however often it is sent.
    `templates_app.contents.keep` writes it; the database refuses to change one."""

    class Kind(models.TextChoices):
        HTML = "html"  # body: subject, preheader, html, text; with merge tags
        TEMPLATE = "template"  # a template's version. body: html, text

    hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=16, choices=Kind)
    language = models.CharField(max_length=10, blank=True)  # empty: the workspace's own
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(WorkspaceModel.Meta):
        constraints = [models.UniqueConstraint(fields=["workspace", "hash"], name="one_content_a_hash")]

    def __str__(self):
        return self.hash[:12]

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A content is immutable: templates_app.contents.keep() writes it.")


class ContentLink(WorkspaceModel):
    """A link of a content by its position: two buttons with one target are two links."""

    content = models.ForeignKey(
        Content, on_delete=models.CASCADE, related_name="links", db_constraint=False, db_index=False
    )
    position = models.IntegerField()
    target = models.TextField()  # with its merge tags
    # Of a target with merge tags, what stands before the first one. The rest comes with the click.
    prefix = models.TextField(blank=True, default="")
    label = models.CharField(max_length=200, blank=True)  # the link's words, or what its picture says

    class Meta(WorkspaceModel.Meta):
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "content", "position"], name="one_link_a_position"),
            SameWorkspace("content"),
        ]

    def __str__(self):
        return self.label or self.target
