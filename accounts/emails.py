"""Fanfare's own mails, one function per mail. Their text and HTML are in templates/emails/<name>/."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.names_in_mail import harmless
from kernel import domains
from kernel.links import absolute

if TYPE_CHECKING:
    from accounts.models import Invitation, Workspace
    from accounts.notifying import Notice


def invitation(invitation: Invitation, token: str) -> None:
    workspace = invitation.workspace
    with translation.override(workspace.language):
        subject = _("Invitation to a workspace on Fanfare")
        context = {
            "invitation": invitation,
            "workspace": harmless(workspace.name),
            "inviter": harmless(str(invitation.invited_by)),
            "address": absolute(f"/invitations/{token}/"),
        }
        _send("invitation", subject, context, to=invitation.email)


def ask_tester(workspace: Workspace, asker: str, address: str, *, to: str) -> None:
    """Ask the owner of an address whether tests may go there. `address`: the page on which they agree."""
    with translation.override(workspace.language):
        subject = _("May test messages be sent to you?")
        context = {"workspace": harmless(workspace.name), "asker": harmless(asker), "address": address}
        _send("tester", subject, context, to=to)


def notice(user: User, notice: Notice) -> None:
    context = {"notice": notice, "user": user, "address": absolute(notice.path) if notice.path else ""}
    _send("notice", notice.title, context, to=user.email)


def for_wire(address: str) -> str:
    """The address with its domain in ASCII. Django would take IDNA 2003 for it, and write to another domain's owner."""
    try:
        return domains.address_to_ascii(address)
    except domains.BadDomain:
        return address


def _send(name: str, subject: str, context: dict, *, to: str) -> None:
    """Render now, in the active language, but send after the commit, so that nothing is sent after a rollback."""
    context = {"base_url": settings.BASE_URL, **context}
    text = render_to_string(f"emails/{name}/body.txt", context)
    html = render_to_string(f"emails/{name}/body.html", context)
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[for_wire(to)], headers=headers)
    message.attach_alternative(html, "text/html")
    transaction.on_commit(lambda: message.send(fail_silently=False), robust=True)
