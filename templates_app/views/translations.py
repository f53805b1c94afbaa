"""The languages of a template."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from kernel import parameters
from kernel.http import back_to
from templates_app import translating
from templates_app.models import MessageTemplate


@require_POST
@access("templates.edit")
def add(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Begin a translation, and open it in the editor."""
    originals = MessageTemplate.objects.present().filter(original=None)
    original = get_object_or_404(originals.select_for_update(of=("self",)), pk=pk)
    code = parameters.text(request.POST, "language", 8)
    try:
        translation = translating.add(original, code, request.workspace, by=request.user)
    except translating.CannotTranslate as problem:
        messages.error(request, str(problem))
        return back_to(request, "templates:show", pk=pk)
    audit.record(request.actor, "template.created", translation)
    text = _("It says what the original says. Write it in %(language)s.")
    messages.success(request, text % {"language": translating.name_in_sentence(code)})
    return back_to(request, "templates:edit", pk=translation.pk)


@require_safe
@access("templates.view")
def compare(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """A translation beside its original."""
    translations = MessageTemplate.objects.present().filter(original__isnull=False, original__deleted_at=None)
    translation = get_object_or_404(translations.select_related("original"), pk=pk)
    original, *_others = translating.languages_of(translation, request.workspace)
    context = {
        "template": translation,
        "original": original.template,
        "language": translating.name_of(translation.language),
        "in_sentence": translating.name_in_sentence(translation.language),
        "original_language": original.name,
    }
    return render(request, "templates_app/translations/compare.html", context)
