import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.rls import SameWorkspace
from kernel.tenancy import WorkspaceModel


class Channel(models.TextChoices):
    """What a person can agree to: a way of writing to them, or individual open tracking (CNIL, 12 March 2026)."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    TRACKING = "tracking", _("Individual open tracking")


def _is_any_of(sources: Iterable[str]) -> str:
    return " OR ".join(f"source = '{source}'" for source in sources)


class Consent(WorkspaceModel):
    """One change of a person's consent, with its proof (GDPR art. 7.1: be able to demonstrate it). Append-only: a
    database trigger forbids changes to a row, except that erasure may empty what identifies the person."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Confirmation requested")
        GRANTED = "granted", _("Given")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Source(models.TextChoices):
        IMPORT = "import", _("Import")
        MEMBER = "member", _("Entered by a member")
        FORM = "form", _("Sign-up form")
        CONFIRMED = "confirmed", _("Confirmed by double opt-in")
        PREFERENCES = "preferences", _("Preference centre")
        ONE_CLICK = "one_click", _("One-click unsubscribe in the mail app")
        PAGE = "page", _("Unsubscribe page")
        PROVIDER = "provider", _("Reported by the provider")
        MERGE = "merge", _("Copied from a merged contact")
        SAME_NUMBER = "same_number", _("Opt-out of another contact with the same number")

    #: Sources of rows that a member made: their IP address is the member's.
    BY_MEMBERS = (Source.MEMBER, Source.MERGE)
    #: A row that was recorded later than this after `at` says something about the past. One transaction of an import
    #: takes less.
    SAME_MOMENT = dt.timedelta(minutes=5)

    class Basis(models.TextChoices):
        """Why writing is lawful: GDPR art. 6, ePrivacy art. 13."""

        CONSENT = "consent", _("Consent")
        SOFT_OPT_IN = "soft_opt_in", _("Customer of similar products (soft opt-in)")
        CONTRACT = "contract", _("Contract")
        LEGITIMATE_INTEREST = "legitimate", _("Legitimate interest (business address)")

    # No constraint: rows are written in sets of thousands, each from one workspace, and its check would cost a third of
    # an import's time.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey("contacts.Contact", on_delete=models.CASCADE, db_constraint=False, db_index=False)
    channel = models.CharField(max_length=20, choices=Channel, default=Channel.EMAIL)
    # NULL: the channel as a whole.
    topic = models.ForeignKey(
        "contacts.Topic", on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    basis = models.CharField(
        _("lawful basis"), max_length=12, choices=Basis, blank=True, db_default="", default=Basis.CONSENT
    )
    source = models.CharField(_("source"), max_length=12, choices=Source)
    wording = models.TextField(_("proof"), blank=True)
    wording_version = models.CharField(max_length=16, blank=True, db_default="", default="")
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    page = models.CharField(_("page"), max_length=300, blank=True, db_default="", default="")
    import_id = models.BigIntegerField(null=True)
    # The mail that a double opt-in was confirmed from: its Message-ID, or our own id (batch/contact) where the provider
    # replaced the Message-ID.
    message_id = models.CharField(max_length=120, blank=True, db_default="", default="")
    actor = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    address = models.GenericIPAddressField(null=True)
    # When the person said it, as whoever wrote the row claims. Which row is the newest is a matter of the ids alone.
    at = models.DateTimeField(default=timezone.now)
    # The day that a member or a file says; nobody knows the time, and `at` is no more than the day's beginning.
    claimed_on = models.DateField(null=True)
    # When the row was written, by the database's clock. NULL: before this was kept.
    recorded_at = models.DateTimeField(null=True, db_default=Now(), editable=False)

    class Meta(WorkspaceModel.Meta):
        ordering = ["-id"]
        constraints = [SameWorkspace("contact"), SameWorkspace("topic")]
        indexes = [models.Index(fields=["workspace", "contact", "id"], name="consent_of_contact")]

    #: As the properties with these names, in SQL.
    IN_SQL: ClassVar[dict[str, str]] = {
        "person_address": f"CASE WHEN {_is_any_of(BY_MEMBERS)} THEN NULL ELSE address END",
        "member_address": f"CASE WHEN {_is_any_of(BY_MEMBERS)} THEN address END",
        "said_at": "CASE WHEN claimed_on IS NULL THEN at END",
    }

    def __str__(self):
        return f"{self.contact_id} {self.state}"

    @property
    def person_address(self) -> str | None:
        """The IP address that the person acted from."""
        return None if self.source in self.BY_MEMBERS else self.address

    @property
    def member_address(self) -> str | None:
        """The IP address that a member entered it from."""
        return self.address if self.source in self.BY_MEMBERS else None

    @property
    def said_at(self) -> dt.datetime | None:
        """When the person said it. Of a claimed day nobody knows the time, so there is none."""
        return None if self.claimed_on else self.at

    @property
    def is_of_earlier(self) -> bool:
        """Whether it says something about a time before it was recorded."""
        if self.claimed_on is not None:
            return True
        return self.recorded_at is not None and self.at < self.recorded_at - self.SAME_MOMENT
