from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel, require_workspace_id
from kernel.trash import Trashable
from templates_app import picture_addresses

FULL_WIDTH = 600  # px that a message is wide


class Picture(Trashable):
    """A picture of the workspace's library. What readers get are its files; what was uploaded is not kept."""

    name = models.CharField(_("name"), max_length=120)
    # What it shows, for who can't see it. Empty: not said yet, or on purpose (is_decorative).
    alt = models.CharField(_("alt text"), max_length=500, blank=True)
    is_decorative = models.BooleanField(_("decorative"), default=False, db_default=False)
    # Of the upload, as it is seen.
    width = models.IntegerField()
    height = models.IntegerField()
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    is_animated = models.BooleanField(default=False, db_default=False)
    # Rises when the picture is replaced. The files of earlier revisions stay: sent messages show them.
    revision = models.IntegerField(default=1, db_default=1)
    created_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    is_known = False  # set where the same file was uploaded again

    class Meta(Trashable.Meta):
        verbose_name = _("picture")
        indexes = [models.Index(fields=["workspace", "sha256"], name="picture_by_upload")]

    def __str__(self):
        return self.name

    @property
    def lacks_alt(self) -> bool:
        return not self.alt and not self.is_decorative

    @cached_property
    def files_without_bytes(self) -> list[PictureFile]:
        """The files of all revisions. `fetch_files` sets it for many pictures at once."""
        return list(self.files.defer("data"))

    @property
    def current_files(self) -> list[PictureFile]:
        """The sizes of today's revision, smallest first; of an animation, the still one for the library first."""
        files = [file for file in self.files_without_bytes if file.revision == self.revision]
        return sorted(files, key=lambda file: (file.is_animated, file.width))

    @property
    def thumbnail(self) -> PictureFile | None:
        """The smallest size, which never moves. None where its files are lost: the library shows the others."""
        return next(iter(self.current_files), None)

    @property
    def shown(self) -> PictureFile:
        """The file for a message as wide as messages are, on a sharp screen."""
        return self.file_for(FULL_WIDTH)

    def file_for(self, width: int) -> PictureFile:
        """The file for a place that is `width` px wide: the smallest one that is sharp at twice that, or the largest.
        Its `address` is what the message names."""
        return self.file_at_least(2 * width)

    def file_at_least(self, width: int) -> PictureFile:
        """The smallest file that is at least `width` px wide, or the largest one. Of an animation, the moving one."""
        files = [file for file in self.current_files if file.is_animated == self.is_animated]
        return next((file for file in files if file.width >= width), files[-1])

    def address_for(self, width: int) -> str:
        """The public address of this picture for a place that is `width` px wide."""
        return self.file_for(width).address

    @property
    def display_width(self) -> int:
        """The px that it is shown wide in a message unless somebody chooses otherwise: never enlarged."""
        return min(self.shown.width, FULL_WIDTH)

    @property
    def display_height(self) -> int:
        return max(1, round(self.shown.height * self.display_width / self.shown.width))


class PictureFile(WorkspaceModel):
    """One size of a picture, and the bytes that its address means for ever."""

    picture = models.ForeignKey(
        Picture, on_delete=models.CASCADE, related_name="files", db_constraint=False, db_index=False
    )
    revision = models.IntegerField()
    key = models.CharField(max_length=32)  # what its address names; of a kept file the last part of its name
    width = models.IntegerField()
    height = models.IntegerField()
    format = models.CharField(max_length=4)  # of templates_app.picture_addresses.CONTENT_TYPES
    is_animated = models.BooleanField(default=False, db_default=False)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    # The name among the kept files (kernel.files); empty where the bytes are in `data`.
    file = models.CharField(max_length=100, default="", db_default="", blank=True)
    data = models.BinaryField(null=True)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="one_file_a_key"),
            SameWorkspace("picture"),
        ]
        indexes = [models.Index(fields=["workspace", "picture"], name="files_of_picture")]

    def __str__(self):
        return f"{self.width} × {self.height}"

    @property
    def address(self) -> str:
        return picture_addresses.absolute(self.workspace_id, self.key, self.sha256, self.format)

    @property
    def path(self) -> str:
        """Its address on our own pages."""
        return picture_addresses.path(self.workspace_id, self.key, self.sha256, self.format)


class TemplatePicture(WorkspaceModel):
    """A template shows a picture, now. `MessageTemplate.save` writes it."""

    template = models.ForeignKey(
        "templates_app.MessageTemplate",
        on_delete=models.CASCADE,
        related_name="shown_pictures",
        db_constraint=False,
        db_index=False,
    )
    picture = models.ForeignKey(
        Picture, on_delete=models.PROTECT, related_name="shown_in", db_constraint=False, db_index=False
    )

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "template", "picture"], name="one_picture_a_template"),
            SameWorkspace("template"),
            SameWorkspace("picture"),
        ]
        indexes = [models.Index(fields=["workspace", "picture"], name="templates_of_picture")]

    def __str__(self):
        return f"{self.template_id} {self.picture_id}"


class ContentPicture(WorkspaceModel):
    """A content shows a picture: what was sent, or a template's version. So the picture's files stay, whatever becomes
    of the picture (docs/decisions/0033). `templates_app.contents.keep` writes it."""

    content = models.ForeignKey(
        "templates_app.Content", on_delete=models.CASCADE, related_name="pictures", db_constraint=False, db_index=False
    )
    picture = models.ForeignKey(
        Picture, on_delete=models.PROTECT, related_name="kept_in", db_constraint=False, db_index=False
    )

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "content", "picture"], name="one_picture_a_content"),
            SameWorkspace("content"),
            SameWorkspace("picture"),
        ]
        indexes = [models.Index(fields=["workspace", "picture"], name="contents_of_picture")]

    def __str__(self):
        return f"{self.content_id} {self.picture_id}"


def fetch_files(pictures: Iterable[Picture]) -> None:
    """Set the files of these pictures, in one statement and without their bytes."""
    files = PictureFile.objects.defer("data")
    prefetch_related_objects(list(pictures), Prefetch("files", queryset=files, to_attr="files_without_bytes"))


def pictures_in(texts: Iterable[str]) -> set[int]:
    """The ids of the pictures that these texts show, also of deleted ones and of earlier revisions."""
    workspace_id = require_workspace_id()
    keys = set().union(*(picture_addresses.keys_in(text, workspace_id) for text in texts))
    if not keys:
        return set()
    return set(PictureFile.objects.filter(key__in=keys).values_list("picture_id", flat=True))
