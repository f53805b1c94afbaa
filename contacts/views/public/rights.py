"""A person's data and their erasure (GDPR art. 15, 17 and 20), by a mailed link that is valid for a day."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import actors, audit
from accounts.models import Workspace
from contacts.consent import preferences
from contacts.models import Contact
from contacts.privacy import erasure, subject_data
from contacts.views.public.visiting import for_visitors, message_page, read_token, workspace_of
from kernel import parameters, throttle
from kernel.mailboxes import mask
from kernel.tenancy import scope


@for_visitors
def show(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows; POST downloads the data, or erases if the box was ticked."""
    workspace_id, contact_id, minute = read_token(preferences.RIGHTS, token, 3)
    workspace = workspace_of(workspace_id)
    with scope(workspace):
        contact = preferences.person(contact_id)
        with translation.override(preferences.language(contact, workspace)):
            if not preferences.is_fresh(minute):
                text = _("It was valid for one day. Ask for a new one on your preferences page.")
                return message_page(request, workspace, title=_("This link has expired"), text=text, status=410)
            if contact is None:
                return message_page(request, workspace, title=_("We have no data about you"), status=410)
            return _act(request, workspace, contact)


def _act(request: HttpRequest, workspace: Workspace, contact: Contact) -> HttpResponse:
    # The audit entry has no IP address, which would be a trace of somebody who asks to be erased, and no user: the
    # person acted, and the account that is signed in in this browser may be another merchant's.
    if parameters.text(request.POST, "action") == "download":
        # Each download is an entry in the audit log, which nothing deletes.
        if not throttle.take("data given", f"{workspace.pk}/{contact.pk}", most=1, seconds=60):
            text = _("You have just downloaded your data. Try again in a minute.")
            return message_page(request, workspace, title=_("Wait a moment"), text=text, status=429)
        audit.record(actors.SYSTEM, "contact.data_given", contact, format="zip", by="person")
        response = HttpResponse(subject_data.as_zip(contact), content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="my-data.zip"'
        return response
    if parameters.text(request.POST, "action") == "erase" and "sure" in request.POST:
        erasure.erase(contact)
        audit.record(actors.SYSTEM, "contact.erased", contact, by="person")
        text = _("%(workspace)s has deleted everything it knew about you and won't write to you any more.")
        return message_page(
            request, workspace, title=_("Your data has been deleted"), text=text % {"workspace": workspace.name}
        )
    context = {
        "sender": workspace,
        "masked": mask(contact.email),
        "unsure": parameters.text(request.POST, "action") == "erase",
    }
    return render(request, "contacts/public/rights.html", context)
