from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.trash import Trashable
from kernel.words import fold
from templates_app.models.picture import TemplatePicture, pictures_in
from templates_app.plain_text import text_of

MAX_WORDS = 20_000  # characters of a template that are searched

#: What of a template is large: pages that list templates leave it out.
LARGE = ("html", "text", "document", "words")
# What a template is found by is made of these.
_SEARCHED = {"name", "html", "text"}


class MessageTemplate(Trashable):
    """What messages of a channel say, with merge tags: an e-mail's HTML and its text part, or a text alone. The HTML is
    sanitised before it is stored. Of a template made of blocks, `document` is the truth and the HTML is made from it
    with each change."""

    class Kind(models.TextChoices):
        HTML = "html", _("HTML")
        BLOCKS = "blocks", _("Blocks")

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.HTML, db_default=Kind.HTML)
    document = models.JSONField(default=dict, db_default={})
    # Rises with each change of the document: who restores an earlier one says from which it came.
    revision = models.IntegerField(default=0, db_default=0)
    # Of the brand with which the HTML of a template made of blocks was made.
    brand_revision = models.IntegerField(default=0, db_default=0)
    # Of a translation: what it translates, and into which language (a code). People whose language nobody has
    # translated get the original.
    original = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="translations", db_constraint=False, db_index=False
    )
    language = models.CharField(max_length=8, blank=True, default="", db_default="")
    name = models.CharField(_("name"), max_length=120)
    channel = models.CharField(max_length=20, default="email", db_default="email")
    # A key of templates_app.designs.CATEGORIES, or empty.
    category = models.CharField(_("category"), max_length=20, blank=True, default="", db_default="")
    # Of an archived one: since when it is no longer offered. What uses it goes on.
    archived_at = models.DateTimeField(null=True, editable=False)
    # Name and text without accents and capitals, to be found by; and the name alone, to sort by.
    words = models.TextField(blank=True, editable=False, default="", db_default="")
    name_key = models.CharField(max_length=120, blank=True, editable=False, default="", db_default="", db_collation="C")
    html = models.TextField(_("HTML"))
    text = models.TextField(_("plain-text version"), blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    edited_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(Trashable.Meta):
        verbose_name = _("template")
        constraints = [
            SameWorkspace("original"),
            models.UniqueConstraint(
                fields=["workspace", "original", "language"],
                condition=models.Q(deleted_at=None, original__isnull=False),
                name="one_translation_a_language",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-updated_at", "-id"], name="template_edited"),
            models.Index(fields=["workspace", "name_key", "id"], name="template_named"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Also notes which pictures the template shows, and the words by which it is found. Only through here may its
        HTML be written."""
        changed = kwargs.get("update_fields")
        if changed is None or _SEARCHED & set(changed):
            self._note_words()
            if changed is not None:
                kwargs["update_fields"] = {*changed, "words", "name_key"}
        with transaction.atomic(using=self._state.db):
            super().save(*args, **kwargs)
            if changed is None or "html" in changed:
                self._note_pictures()

    def _put(self, deleted_at: datetime | None) -> None:
        """Its translations go with it and come back with it; one that was deleted alone stays deleted."""
        with transaction.atomic(using=self._state.db):
            together = list(self.translations.filter(deleted_at=self.deleted_at).values_list("pk", flat=True))
            super()._put(deleted_at)
            MessageTemplate.objects.filter(pk__in=together).update(deleted_at=deleted_at)

    def _note_words(self) -> None:
        self.words = fold(f"{self.name}\n{self.text_part}")[:MAX_WORDS]
        self.name_key = fold(self.name)[:120]

    def _note_pictures(self) -> None:
        shown = pictures_in([self.html])
        noted = set(TemplatePicture.objects.filter(template=self).values_list("picture_id", flat=True))
        if gone := noted - shown:
            TemplatePicture.objects.filter(template=self, picture_id__in=gone).delete()
        TemplatePicture.objects.bulk_create(
            [TemplatePicture(template=self, picture_id=pk) for pk in sorted(shown - noted)], ignore_conflicts=True
        )

    @property
    def is_translation(self) -> bool:
        return self.original_id is not None

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_of_blocks(self) -> bool:
        return self.kind == self.Kind.BLOCKS

    @property
    def text_part(self) -> str:
        """The merchant's own text, else the one made from the HTML."""
        return self.text or text_of(self.html)
