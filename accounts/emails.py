"""Fanfare's own mails, one function each. Text and HTML live in templates/emails/<name>/."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from kernel.links import absolute


def invitation(invitation, token: str) -> None:
    workspace = invitation.workspace
    inviter = str(invitation.invited_by)
    with translation.override(workspace.language):
        subject = _("%(inviter)s invited you to %(workspace)s") % {"inviter": inviter, "workspace": workspace.name}
        context = {
            "invitation": invitation,
            "workspace": workspace,
            "inviter": inviter,
            "address": absolute(f"/invitations/{token}/"),
        }
        _send("invitation", subject, context, to=invitation.email)


def notice(user, notice) -> None:
    context = {"notice": notice, "user": user, "address": absolute(notice.path) if notice.path else ""}
    _send("notice", notice.title, context, to=user.email)


def _send(name: str, subject: str, context: dict, *, to: str) -> None:
    """Render now, in the active language; send after the commit, so that a rollback mails nobody."""
    context = {"base_url": settings.BASE_URL, **context}
    text = render_to_string(f"emails/{name}/body.txt", context)
    html = render_to_string(f"emails/{name}/body.html", context)
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to], headers=headers)
    message.attach_alternative(html, "text/html")
    transaction.on_commit(lambda: message.send(fail_silently=False), robust=True)
