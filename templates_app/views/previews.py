"""A template as a contact would see it, and the merge tags it can use."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import merge_values
from contacts.models import Contact, ContactField
from contacts.people import searching
from kernel import parameters
from templates_app import previewing
from templates_app.merging import message_tags
from templates_app.models import MessageTemplate, TemplateVersion

MAX_WORDING = 99
MAX_WHO = 254  # characters of what people are looked for by
MOST_PEOPLE = 8  # shown


@require_safe
@access("templates.view")
def html(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The merged HTML alone, for a sandboxed frame."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    version = chosen_version(request, template)
    values = _values(request, version or template)
    page = previewing.render_html(version.content.body["html"] if version else template.html, values)
    if parameters.text(request.GET, "dark"):
        page = previewing.in_the_dark(page)
    has_pictures = parameters.text(request.GET, "pictures") != "off"
    return previewing.sandboxed(page, framed=True, has_pictures=has_pictures)


@access("templates.view")
def text(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    version = chosen_version(request, template)
    values = _values(request, version or template)
    source = version.text_part if version else template.text_part
    return render(request, "templates_app/previews/_text.html", {"text": previewing.render_text(source, values)})


@access("templates.view")
def people(request: WorkspaceRequest) -> HttpResponse:
    """Contacts to preview a message or fill in a test as, found while typing. Each is a link to the page that asks,
    with the contact chosen."""
    found = found_people(request, parameters.text(request.GET, "who", MAX_WHO))
    return render(request, "templates_app/previews/_people.html", {"people": found})


def found_people(request: WorkspaceRequest, query: str) -> list[Contact]:
    """The first contacts that are found; of all, without a query."""
    contacts = Contact.objects.present()
    if query:
        return list(searching.search(contacts, query, country=request.workspace.country)[:MOST_PEOPLE])
    return list(contacts.order_by("id")[:MOST_PEOPLE])


@access("templates.view")
def merge_tags(request: WorkspaceRequest) -> HttpResponse:
    context = {"tags": [*merge_values.NAMES, *message_tags.OF_MESSAGE], "fields": ContactField.objects.present()}
    return render(request, "templates_app/previews/_merge_tags.html", context)


def _values(request: WorkspaceRequest, shown: MessageTemplate | TemplateVersion) -> dict:
    contact, wording = chosen_contact(request), chosen_wording(request)
    return previewing.values_for(request.workspace, contact, text=shown.text_part, wording=wording)


def chosen_wording(request: WorkspaceRequest) -> int:
    """The number of the wording that was asked for; 0 for the one that the contact gets."""
    return min(max(parameters.number(request.GET, "wording") or 0, 0), MAX_WORDING)


def chosen_version(request: WorkspaceRequest, template: MessageTemplate) -> TemplateVersion | None:
    """The version that was chosen on the page, if it is there. Without one, the template as it is."""
    number = parameters.number(request.GET, "version")
    if number is None:
        return None
    return template.versions.select_related("content").filter(number=number).first()


def chosen_contact(request: WorkspaceRequest) -> Contact | None:
    """The contact that was picked on the page, if it is there."""
    pk = parameters.number(request.GET, "contact")
    if pk is None:
        pk = parameters.number(request.POST, "contact")
    return Contact.objects.present().filter(pk=pk).first() if pk is not None else None
