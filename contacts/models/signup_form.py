from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.tag import Tag
from contacts.models.topic import Topic
from kernel.links import absolute, sign_ids
from kernel.rls import SameWorkspace
from kernel.tenancy import ScopedManager, ScopedQuerySet, WorkspaceModel
from kernel.trash import Trashable

LINK = "form"  # the purpose of a form's token: workspace, form


class SignupForm(Trashable):
    """A public form that people sign up with, hosted by us and embeddable elsewhere."""

    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120)
    intro = models.TextField(_("introduction"), max_length=1000, blank=True)
    button = models.CharField(_("button"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    # [{"name": "first_name", "required": false}, ...]; the e-mail address is always asked for.
    fields = models.JSONField(default=list)
    topics = models.ManyToManyField("contacts.Topic", through="contacts.FormTopic")
    # The exact text that the person agrees to; every consent keeps the version it was given for.
    wording = models.TextField(_("consent wording"), max_length=1000)
    contact_list = models.ForeignKey(
        "contacts.ContactList", on_delete=models.SET_NULL, null=True, blank=True, db_constraint=False
    )
    tags = models.JSONField(default=list, blank=True)  # tag ids, which do not change when a tag is renamed
    double_opt_in = models.BooleanField(_("ask for confirmation by e-mail (double opt-in)"), default=True)
    thanks = models.TextField(_("thank-you text"), max_length=1000, blank=True)
    thanks_url = models.URLField(_("thank-you page"), blank=True)
    is_open = models.BooleanField(_("open for sign-ups"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Trashable.Meta):
        verbose_name = _("sign-up form")
        ordering = ["name"]
        constraints = [SameWorkspace("contact_list")]
        indexes = [models.Index(fields=["workspace", "id"], name="signup_form_ws")]

    def __str__(self):
        return self.name

    @property
    def token(self) -> str:
        """The token in the public address."""
        return sign_ids(LINK, self.workspace_id, self.pk)

    @property
    def address(self) -> str:
        return absolute(reverse("visitors:form", args=[self.token]))

    @property
    def embed_address(self) -> str:
        return absolute(reverse("visitors:form_embed", args=[self.token]))

    def given_tags(self) -> QuerySet[Tag]:
        return Tag.objects.present().filter(pk__in=self.tags)

    def offered_topics(self) -> QuerySet[Topic]:
        return self.topics.filter(deleted_at=None)


class FormTopic(WorkspaceModel):
    """A topic that a form offers."""

    form = models.ForeignKey(SignupForm, on_delete=models.CASCADE, db_constraint=False)
    topic = models.ForeignKey("contacts.Topic", on_delete=models.CASCADE, db_constraint=False)

    class Meta(WorkspaceModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["workspace", "form", "topic"], name="form_topic_once"),
            SameWorkspace("form"),
            SameWorkspace("topic"),
        ]

    def __str__(self):
        return f"{self.form_id} {self.topic_id}"


class SignupQuerySet(ScopedQuerySet):
    def confirmed(self) -> SignupQuerySet:
        return self.exclude(confirmed_at=None)

    def waiting(self) -> SignupQuerySet:
        return self.filter(confirmed_at=None, expires_at__gt=timezone.now())

    def expired(self) -> SignupQuerySet:
        return self.filter(confirmed_at=None, expires_at__lte=timezone.now())


SignupManager = ScopedManager.from_queryset(SignupQuerySet)


class Signup(WorkspaceModel):
    """One filled-in form, from the request to the confirmation. Unconfirmed sign-ups are deleted after a while."""

    form = models.ForeignKey(SignupForm, on_delete=models.CASCADE, related_name="signups", db_constraint=False)
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, null=True, db_constraint=False)
    email = models.EmailField(db_collation="C")
    data = models.JSONField(default=dict)
    wording = models.TextField()
    wording_version = models.CharField(max_length=16)
    page = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    # As in Consent: of the newest mail that asked for the confirmation. Empty until one was sent.
    message_id = models.CharField(max_length=120, blank=True, db_default="", default="")
    mailed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects: ClassVar[SignupManager] = SignupManager()

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        constraints = [SameWorkspace("form"), SameWorkspace("contact")]
        indexes = [
            models.Index(fields=["workspace", "form", "id"], name="signup_of_form"),
            models.Index(fields=["workspace", "email"], name="signup_of_address"),
        ]

    def __str__(self):
        return f"{self.form_id} {self.pk}"

    @property
    def state(self) -> str:
        if self.confirmed_at:
            return "confirmed"
        return "waiting" if self.expires_at > timezone.now() else "expired"
