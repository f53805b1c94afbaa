"""What the audit log says for each verb. This app's are here; each app names its own in a module of this name."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise as StrPromise
from django.utils.translation import gettext_lazy as _

from kernel.extensions import Extensions


# Compared by identity: a hash of its text would be another one in another language.
@dataclass(frozen=True, eq=False)
class Deed:
    """What somebody did, as a sentence in the reader's language."""

    text: StrPromise

    def __str__(self):
        return str(self.text)


DEEDS: Extensions[Deed] = Extensions(
    "audit words", "Sentences of the audit log by verb: what somebody did, in the reader's language."
)

WORDS = {
    "workspace.opened": _("Opened the workspace"),
    "workspace.ready": _("Finished setting up the workspace"),
    "workspace.changed": _("Changed the workspace's settings"),
    "invitation.sent": _("Invited a person"),
    "invitation.accepted": _("Accepted an invitation"),
    "invitation.revoked": _("Revoked an invitation"),
    "member.role_changed": _("Changed a member's role"),
    "member.removed": _("Removed a member"),
    "member.left": _("Left the workspace"),
    "member.added_by_staff": _("Added a member, as platform staff"),
    "member.changed_by_staff": _("Changed a member, as platform staff"),
    "member.removed_by_staff": _("Removed a member, as platform staff"),
    "login.succeeded": _("Logged in"),
    "login.failed": _("Somebody entered a wrong password"),
    "login.password_changed": _("Changed the password"),
    "login.address_changed": _("Changed the e-mail address of the account"),
    "login.second_factor_added": _("Added a second factor"),
    "login.second_factor_removed": _("Removed a second factor"),
    "login.second_factor_reset": _("Made new recovery codes"),
    "login.second_factor_failed": _("Somebody entered a wrong code"),
}


def register(words: Mapping[str, StrPromise]) -> None:
    for verb, text in words.items():
        DEEDS.add(Deed(text), verb)
