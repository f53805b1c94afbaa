from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from templates_app import completions, duplicating, library, previewing, starters, translating, uses, versions
from templates_app.forms.category import CategoryForm
from templates_app.forms.template import TemplateForm
from templates_app.models import MessageTemplate
from templates_app.views import previews

VERSIONS_SHOWN = 5


@access("templates.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    """Write HTML. The form begins with a starter's, where one was chosen in the gallery."""
    starter = starters.find(parameters.text(request.GET, "starter"))
    if request.method == "GET" and starter is None and "blank" not in request.GET:
        return back_to(request, "templates:gallery")
    initial = {"name": str(starter.name), "html": starter.html} if starter else {}
    form = TemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        form.instance.created_by = request.user
        form.instance.category = starter.category if starter else ""
        return _save(request, form, "template.created")
    return _editor(request, form)


@access("templates.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(locked_for_saving(request, MessageTemplate.objects.present()), pk=pk)
    if template.is_of_blocks:
        return back_to(request, "templates:blocks", pk=template.pk)
    form = TemplateForm(request.POST or None, instance=template)
    if request.method == "POST" and form.is_valid():
        return _save(request, form, "template.changed")
    return _editor(request, form, template)


def _editor(request: WorkspaceRequest, form: TemplateForm, template: MessageTemplate | None = None) -> HttpResponse:
    context = {
        "form": form,
        "template": template,
        "completions": completions.completions(),
        "phrases": completions.phrases(),
    }
    return render(request, "templates_app/html_editor/page.html", context)


def _save(request: WorkspaceRequest, form: TemplateForm, verb: str) -> HttpResponse:
    form.instance.edited_by = request.user
    template = form.save()
    versions.freeze(template, by=request.user)
    audit.record(request.actor, verb, template)
    messages.success(request, _("Template saved."))
    for line in form.removed:
        messages.warning(request, line)
    return back_to(request, "templates:show", pk=template.pk)


@access("templates.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    who = parameters.text(request.GET, "who", previews.MAX_WHO)
    people = previews.found_people(request, who) if who else []
    if people:
        return redirect(f"{request.path}?contact={people[0].pk}")
    wording = previews.chosen_wording(request)
    context = {
        "who": who,
        "seen_as": previews.chosen_contact(request),
        "template": template,
        "versions": list(template.versions.select_related("created_by")[:VERSIONS_SHOWN]),
        "has_wordings": previewing.has_wordings(template.html, template.text_part),
        "wording": wording,
        "next_wording": wording % previews.MAX_WORDING + 1,
        "category_form": CategoryForm(instance=template),
        "category": library.CATEGORY_LABELS.get(template.category),
        "is_favourite": library.is_favourite_of(request.user, template),
        "used_by": uses.of_template(template, request.workspace),
        "languages": translating.languages_of(template, request.workspace),
        "offered_languages": _offered_languages(request, template),
    }
    return render(request, "templates_app/show.html", context)


def _offered_languages(request: WorkspaceRequest, template: MessageTemplate) -> list[tuple[str, str]]:
    if template.is_translation or not request.membership.may("templates.edit"):
        return []
    return translating.offered(template, request.workspace)


@require_POST
@access("templates.edit")
def duplicate(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    copy = duplicating.copy_of(template, name=_("Copy of %(name)s") % {"name": template.name}, by=request.user)
    translating.copy_translations(template, copy, by=request.user)
    versions.freeze(copy, by=request.user)
    audit.record(request.actor, "template.created", copy)
    messages.success(request, _("Template duplicated."))
    return back_to(request, "templates:edit", pk=copy.pk)


@require_POST
@access("templates.edit")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Move a template to the trash. Campaigns have their own copy of what they sent."""
    template = get_object_or_404(MessageTemplate.objects.present(), pk=pk)
    discard_on_page(request, template, "template.deleted", _("Template deleted."))
    return back_to(request, "templates:index")
