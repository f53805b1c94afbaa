"""A message made elsewhere becomes a template: the page to give it, and the page that says what was changed."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import merge_values
from contacts.models import ContactField
from kernel import parameters
from kernel.http import back_to, own_transactions
from kernel.tenancy import scope
from templates_app import versions
from templates_app.forms.importing import ImportForm
from templates_app.importing import archive, copying, foreign, sources, taking
from templates_app.importing.problems import NotImportable
from templates_app.importing.taking import Taken
from templates_app.merging import message_tags
from templates_app.models import MessageTemplate
from templates_app.storable import NotStorable, storable

REPORTS = "template_imports"  # in the session: the reports of the last imports, by template
MOST_REPORTS = 3
MOST_TAGS = 100


@own_transactions
@access("templates.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = taking.take(_source(request, form.cleaned_data), request.workspace, request.user)
            with scope(request.workspace):
                return _keep(request, taken)
        except NotImportable as problem:
            form.add_error(None, str(problem))
    context = {"form": form, "most_bytes": archive.MAX_BYTES, "most_mb": archive.MAX_MB}
    if request.method == "POST":
        with scope(request.workspace):
            return render(request, "templates_app/imports/new.html", context)
    return render(request, "templates_app/imports/new.html", context)


def _source(request: WorkspaceRequest, given: dict[str, Any]) -> sources.Source:
    if given["file"] is None:
        return sources.pasted(given["text"], given["name"])
    return sources.uploaded(given["file"], given["name"], request.workspace.pk, request.workspace.country)


def _keep(request: WorkspaceRequest, taken: Taken) -> HttpResponse:
    template = MessageTemplate.objects.create(
        name=taken.name, html=taken.html, created_by=request.user, edited_by=request.user
    )
    versions.freeze(template, by=request.user)
    audit.record(request.actor, "template.created", template)
    reports = dict(list(request.session.get(REPORTS, {}).items())[-MOST_REPORTS + 1 :])
    request.session[REPORTS] = reports | {str(template.pk): taken.report.as_json()}
    return back_to(request, "templates:imported", pk=template.pk)


@access("templates.edit")
@require_safe
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """What an import changed, and what it offers: our merge tags for another program's, pictures for the library."""
    template = _template(pk)
    fields = list(ContactField.objects.present())
    context = {
        "template": template,
        "report": request.session.get(REPORTS, {}).get(str(pk)),
        "tags": foreign.offered(template.html, [field.name for field in fields])[:MOST_TAGS],
        "names": [*merge_values.NAMES, *message_tags.OF_MESSAGE],
        "fields": fields,
        "elsewhere": copying.elsewhere(template.html, request.workspace.pk),
        "most_copied": copying.MOST,
        "seen": _mark(template),
    }
    return render(request, "templates_app/imports/show.html", context)


@require_POST
@access("templates.edit")
def map_tags(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Write our merge tags in the place of another program's, as chosen."""
    template = _template(pk, is_changing=True)
    fields = list(ContactField.objects.present().values_list("name", flat=True))
    ours = {*merge_values.NAMES, *message_tags.OF_MESSAGE, *fields}
    pairs = zip(parameters.texts(request.POST, "tag"), parameters.texts(request.POST, "ours"), strict=False)
    chosen = {tag: name for tag, name in pairs if name in ours}
    if parameters.text(request.POST, "seen") != _mark(template):
        return _changed_meanwhile(request, pk)
    html = foreign.with_ours(template.html, chosen, fields)
    if html != template.html and _save(request, template, html):
        messages.success(request, _("The merge tags are Fanfare's now."))
    return back_to(request, "templates:imported", pk=pk)


@require_POST
@own_transactions
@access("templates.edit")
def copy_pictures(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Bring pictures from other servers into the library, and show those."""
    with scope(request.workspace):
        html = _template(pk).html
    try:
        copied = copying.copy(html, request.workspace, request.user)
    except NotImportable as problem:
        messages.error(request, str(problem))
        return back_to(request, "templates:imported", pk=pk)
    with scope(request.workspace):
        template = _template(pk, is_changing=True)
        changed = copying.with_ours(template.html, copied)
        if changed != template.html:
            _save(request, template, changed)
    n = len(copied.addresses)
    if n:
        text = ngettext("%(n)d picture is in your library now.", "%(n)d pictures are in your library now.", n)
        messages.success(request, text % {"n": n})
    for address, why in copied.lost[:10]:
        messages.warning(request, f"{address[:120]}: {why}")
    return back_to(request, "templates:imported", pk=pk)


def _save(request: WorkspaceRequest, template: MessageTemplate, html: str) -> bool:
    try:
        template.html = storable(html).html
    except NotStorable as problem:
        messages.error(request, str(problem))
        return False
    template.edited_by = request.user
    template.save()
    versions.freeze(template, by=request.user)
    audit.record(request.actor, "template.changed", template)
    return True


def _changed_meanwhile(request: WorkspaceRequest, pk: int) -> HttpResponse:
    messages.warning(request, _("Someone else has changed this template meanwhile. Look again at what is offered."))
    return back_to(request, "templates:imported", pk=pk)


def _template(pk: int, *, is_changing: bool = False) -> MessageTemplate:
    templates = MessageTemplate.objects.present().filter(kind=MessageTemplate.Kind.HTML)
    if is_changing:
        templates = templates.select_for_update(of=("self",), no_key=True)
    return get_object_or_404(templates, pk=pk)


def _mark(template: MessageTemplate) -> str:
    """A digest by which is found out whether somebody changed it meanwhile."""
    return hashlib.sha256(template.html.encode("utf-8", "surrogatepass")).hexdigest()[:16]
