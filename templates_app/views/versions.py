"""The versions of a template: the list, two of them side by side, and going back to one."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import names, parameters
from kernel.edit_conflicts import OPENED, locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate
from templates_app import comparing, restoring, uses, versions
from templates_app.comparing import Piece
from templates_app.forms.version import VersionForm
from templates_app.models import LARGE, MessageTemplate, TemplateVersion

FOLDER = "templates_app/versions"


@require_safe
@access("templates.view")
def index(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The versions, the newest first; on request only those with a name."""
    template = get_object_or_404(MessageTemplate.objects.present().defer(*LARGE), pk=pk)
    listed = template.versions.select_related("created_by")
    is_named = parameters.text(request.GET, "named") == "1"
    if is_named:
        listed = listed.exclude(name="")
    page = paginate(listed, order="-number", cursor=parameters.cursor(request.GET))
    sent = uses.that_sent([version.pk for version in page.rows], request.workspace)
    context = {
        "template": template,
        "page": page,
        "rows": [(version, sent[version.pk]) for version in page.rows],
        "is_named": is_named,
    }
    return render(request, f"{FOLDER}/index.html", context)


@require_safe
@access("templates.view")
def compare(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Two versions side by side, the older one first: the oldest and the newest of those that were ticked. Of a single
    one, beside the template as it is now."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    chosen = sorted(set(parameters.numbers(request.GET, "version")))
    if not chosen:
        messages.info(request, _("Tick two versions, or one to compare it with the template as it is now."))
        return back_to(request, "templates:versions", pk=pk)
    old = _version(template, chosen[0])
    new = _version(template, chosen[-1]) if len(chosen) > 1 else None
    said = new.content.body["html"] if new is not None else template.html
    found = comparing.compare(old.text_part, new.text_part if new is not None else template.text_part)
    context = {
        "template": template,
        "old": old,
        "new": new,
        "mark": versions.mark_of(template),
        "found": found,
        "changes": [(_marked(change.old, "del"), _marked(change.new, "ins")) for change in found.changes],
        "is_same_html": old.content.body["html"] == said,
    }
    return render(request, f"{FOLDER}/compare.html", context)


def _marked(pieces: Iterable[Piece], tag: str) -> SafeString:
    """The words of a line, the changed ones in an element."""
    return format_html_join("", "{}{}{}", (_in_element(piece, tag) for piece in pieces))


def _in_element(piece: Piece, tag: str) -> tuple[str, str, str]:
    if not piece.is_changed:
        return ("", piece.text, "")
    return (format_html("<{}>", tag), piece.text, format_html("</{}>", tag))


@require_POST
@access("templates.edit")
def keep(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Keep what the template says now as a version with a name."""
    template = _locked(request, pk)
    version = versions.freeze(template, by=request.user)
    name = names.clean(parameters.text(request.POST, "name", 80))
    if not name:
        messages.error(request, _("Type a name for the version."))
    elif version.name not in ("", name):
        text = _("Nothing has changed since version %(number)d, which is called “%(name)s”.")
        messages.error(request, text % {"number": version.number, "name": version.name})
    else:
        _rename(request, version, name)
    return back_to(request, "templates:versions", pk=pk)


@require_POST
@access("templates.edit")
def rename(request: WorkspaceRequest, pk: int, number: int) -> HttpResponse:
    """Give a version a name, another one, or none."""
    version = _version(_locked(request, pk), number)
    form = VersionForm(request.POST, instance=version)
    if form.is_valid():
        _rename(request, version, form.cleaned_data["name"])
    else:
        messages.error(request, " ".join(str(problem) for found in form.errors.values() for problem in found))
    return back_to(request, "templates:version", pk=pk, number=number)


def _rename(request: WorkspaceRequest, version: TemplateVersion, name: str) -> None:
    version.name = name
    version.save(update_fields=["name"])
    audit.record(request.actor, "template.version_named", version.template, version=version.number)
    messages.success(request, _("Version %(number)d saved.") % {"number": version.number})


@require_POST
@access("templates.edit")
def restore(request: WorkspaceRequest, pk: int, number: int) -> HttpResponse:
    """Let the template say again what it said in a version. What it says now is kept as a version, too."""
    template = _locked(request, pk)
    version = _version(template, number)
    if parameters.text(request.POST, OPENED) != versions.mark_of(template):
        text = _(
            "Someone has changed this template since you opened the page, so nothing was restored. Compare the version "
            "with the template as it is now, then restore it."
        )
        messages.error(request, text)
        return back_to(request, "templates:version", pk=pk, number=number)
    try:
        restored = restoring.restore(template, version, by=request.user)
    except restoring.CannotRestore as problem:
        messages.error(request, _("This version can't be restored: %(problem)s") % {"problem": problem})
        return back_to(request, "templates:version", pk=pk, number=number)
    audit.record(request.actor, "template.version_restored", template, version=number)
    text = _("Version %(old)d is restored, as version %(new)d.") % {"old": number, "new": restored.number}
    messages.success(request, text)
    return back_to(request, "templates:show", pk=pk)


@require_safe
@access("templates.view")
def show(request: WorkspaceRequest, pk: int, number: int) -> HttpResponse:
    """One version: what it said, its name, what sent it, and the way back to it."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    version = _version(template, number)
    newest = template.versions.first()
    context = {
        "template": template,
        "version": version,
        "form": VersionForm(instance=version),
        "mark": versions.mark_of(template),
        "is_now": newest is not None and newest.pk == version.pk and versions.says_the_same(template, version),
        "sent": uses.that_sent([version.pk], request.workspace)[version.pk],
    }
    return render(request, f"{FOLDER}/show.html", context)


def _locked(request: WorkspaceRequest, pk: int) -> MessageTemplate:
    template = get_object_or_404(locked_for_saving(request, MessageTemplate.objects.present()), pk=pk)
    template.workspace = request.workspace
    return template


def _version(template: MessageTemplate, number: int) -> TemplateVersion:
    return get_object_or_404(template.versions.select_related("content", "created_by"), number=number)
