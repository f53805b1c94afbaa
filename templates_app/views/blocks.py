"""The block editor: one page, and an address for each thing that can be done to the message.

Each change answers with the outline, which carries the document, its revision and what was changed. Blocks are changed
one by one, so that two people in one message disturb each other only in the same block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from contacts.identity import merge_values
from contacts.models import ContactField
from kernel import names, parameters
from kernel.http import back_to, own_transactions
from kernel.tenancy import scope
from templates_app import beginning, designs, merging, previewing, versions
from templates_app.blocks import block_forms, checking, editing, mending, palette, rendering, saving
from templates_app.blocks.documents import Block, Document, Unreadable, mark_of
from templates_app.blocks.editing import NotPossible
from templates_app.blocks.types import KINDS
from templates_app.merging import message_tags
from templates_app.models import MessageTemplate
from templates_app.pictures import library
from templates_app.views import gallery, previews

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

GONE = gettext_lazy("This block is no longer there: someone has removed it.")
MAX_SECONDS = 2.0  # CPU that the merge tags of a change may cost: each text alone is bounded, a document has hundreds
MAX_NAME = 120
MAX_POSTED = 600_000  # characters of a document that is restored, or of a block that is pasted

#: What a change gives: the new document, and the id of the block that is chosen then.
Changed = tuple[Document, str]


def changing(act: Callable[..., Changed]) -> Callable[..., HttpResponseBase]:
    """The view of a change. `act(request, document, ...)` makes it, or raises NotPossible, Unreadable or
    LookupError."""

    @require_POST
    @access("templates.edit")
    @wraps(act)
    def view(request: WorkspaceRequest, pk: int, **arguments: Any) -> HttpResponse:
        template = _template(request, pk, is_changing=True)
        before = saving.document_of(template)
        try:
            with merging.allowance(MAX_SECONDS):
                document, chosen = act(request, before, **arguments)
            saving.keep(template, document, by=request.user)
        except LookupError:
            return _outline(request, template, before, problem=GONE)
        except (NotPossible, Unreadable) as problem:
            chosen = parameters.text(request.POST, "after") or arguments.get("block_id", "")
            return _outline(request, template, before, chosen=chosen, problem=str(problem))
        return _outline(request, template, before, chosen=chosen)

    return view


@require_POST
@own_transactions
@access("templates.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    """A new template made of blocks: of a design, in a language of its own if one was chosen; else an empty one."""
    design = designs.find(parameters.text(request.POST, "design"))
    language = gallery.language_of(request, request.POST)
    template, problem = beginning.with_blocks(request.workspace, request.user, design, language)
    with scope(request.workspace):
        audit.record(request.actor, "template.created", template)
    if problem:
        text = _("The example pictures could not be copied to your library: %(problem)s Choose pictures of your own.")
        messages.warning(request, text % {"problem": problem})
    return back_to(request, "templates:blocks", pk=template.pk)


@access("templates.edit")
@require_safe
def editor(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    tags = [*merge_values.NAMES, *(field.name for field in ContactField.objects.present()), *message_tags.OF_MESSAGE]
    context = {
        "groups": palette.groups(),
        "tags": tags,
        **_state(template, saving.document_of(template), parameters.text(request.GET, "block")),
    }
    return render(request, "templates_app/editor/page.html", context)


@access("templates.edit")
@require_safe
def message(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The message as the editor shows it, for its frame."""
    template = _template(request, pk)
    workspace = request.workspace
    document = saving.document_of(template)
    language = saving.language_of(document, workspace)
    source = rendering.render(document, saving.look_of(workspace, language), language, is_edited=True)
    values = previewing.values_for(workspace, previews.chosen_contact(request))
    html = previewing.render_html(source, values)
    if parameters.text(request.GET, "dark"):
        html = previewing.in_the_dark(html)
    return previewing.measurable(html)


@access("templates.edit")
def block(request: WorkspaceRequest, pk: int, block_id: str) -> HttpResponse:
    """The properties of a block. What is sent is saved at once; what can't be saved is said, and stays in its field."""
    if request.method != "POST":
        return _properties(request, _template(request, pk), block_id)
    template = _template(request, pk, is_changing=True)
    document = saving.document_of(template)
    found = document.find(block_id)
    if found is None:
        return _outline(request, template, document, problem=GONE)
    with merging.allowance(MAX_SECONDS):
        posted = block_forms.Posted(KINDS[found.type], found, request.POST)
    if posted.is_conflict(mark_of(found)):
        return _outline(request, template, document, chosen=block_id, conflict=template.edited_by)
    if posted.props != found.props:
        try:
            saving.keep(template, editing.change(document, block_id, posted.props), by=request.user)
        except NotPossible as problem:
            return _outline(request, template, document, chosen=block_id, problem=str(problem))
    return _outline(
        request,
        template,
        document,
        chosen=block_id,
        errors=posted.errors,
        has_saved=True,
        has_new_fields=posted.has_new_fields,
    )


@changing
def add(request: WorkspaceRequest, document: Document) -> Changed:
    language = saving.language_of(document, request.workspace)
    new = editing.new_block(parameters.text(request.POST, "kind"), language)
    return editing.add(document, new, after=parameters.text(request.POST, "after")), new.id


@changing
def move(request: WorkspaceRequest, document: Document, block_id: str) -> Changed:
    place = parameters.number(request.POST, "place")
    if place is None:
        raise NotPossible(_("Say to which place the block goes."))
    return editing.move(document, block_id, place), block_id


@changing
def duplicate(_request: WorkspaceRequest, document: Document, block_id: str) -> Changed:
    changed, copy = editing.duplicate(document, block_id)
    return changed, copy.id


@changing
def remove(_request: WorkspaceRequest, document: Document, block_id: str) -> Changed:
    place = document.place_of(block_id)
    changed = editing.remove(document, block_id)
    return changed, changed.blocks[min(place, len(changed) - 1)].id


@changing
def mend(request: WorkspaceRequest, document: Document, block_id: str) -> Changed:
    """What a finding of the checks offers: see mending."""
    found = document.blocks[document.place_of(block_id)]
    if parameters.text(request.POST, "opened") != mark_of(found):
        raise NotPossible(_("This block was changed meanwhile. Look at the checks again."))
    given = {name: parameters.text(request.POST, name, mending.MOST, strip=False) for name in ("old", "new", "prop")}
    mended = checking.checked_block(mending.mended(found, **given))
    return editing.change(document, block_id, mended.props), block_id


@changing
def paste(request: WorkspaceRequest, document: Document) -> Changed:
    """Add a copied block, of this template or another's."""
    copied = saving.read_text(_posted_text(request, "blocks"))
    after, changed = parameters.text(request.POST, "after"), document
    for one in copied:
        new = checking.checked_block(Block(one.type, one.props))
        changed = editing.add(changed, new, after=after)
        after = new.id
    return changed, after


@changing
def restore(request: WorkspaceRequest, document: Document) -> Changed:
    """Undo and redo: the whole document as it was at another time of this page."""
    if parameters.text(request.POST, "seen") != mark_of(document):
        raise NotPossible(_("Someone else has changed this message meanwhile, so that can't be undone."))
    earlier = checking.checked(saving.read_text(_posted_text(request, "document")))
    # The language is no part of what is edited here: that of a translation is its template's.
    return replace(earlier, language=document.language), parameters.text(request.POST, "block")


@require_POST
@access("templates.edit")
def rename(request: WorkspaceRequest, pk: int) -> HttpResponse:
    template = _template(request, pk, is_changing=True)
    name = names.clean(parameters.text(request.POST, "name", MAX_NAME + 1))
    if len(name) > MAX_NAME:
        problem = _("This name is too long: the limit is %(most)d characters.") % {"most": MAX_NAME}
        return JsonResponse({"problem": problem}, status=422)
    if name and name != template.name:
        template.name = name
        template.save(update_fields=["name", "updated_at"])
        audit.record(request.actor, "template.changed", template)
    return JsonResponse({"name": template.name})


@require_POST
@access("templates.edit")
def done(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Keep what was made as a version."""
    template = _template(request, pk, is_changing=True)
    before = template.versions.count()
    version = versions.freeze(template, by=request.user)
    if version.number > before:
        audit.record(request.actor, "template.changed", template)
    return back_to(request, "templates:show", pk=template.pk)


def _template(request: WorkspaceRequest, pk: int, *, is_changing: bool = False) -> MessageTemplate:
    templates = MessageTemplate.objects.present().filter(kind=MessageTemplate.Kind.BLOCKS)
    if is_changing:
        templates = templates.select_for_update(of=("self",), no_key=True)
    template = get_object_or_404(templates, pk=pk)
    template.workspace = request.workspace
    return template


def _properties(request: WorkspaceRequest, template: MessageTemplate, block_id: str) -> HttpResponse:
    found = saving.document_of(template).find(block_id)
    if found is None:
        raise Http404
    return render(request, "templates_app/editor/_properties.html", _properties_context(template, found))


def _properties_context(template: MessageTemplate, found: Block) -> dict[str, Any]:
    kind = KINDS[found.type]
    shown = block_forms.shown(kind, found.props)
    _say_alt_texts(shown)
    return {"template": template, "block": found, "kind": kind, "shown": shown, "opened": mark_of(found)}


def _say_alt_texts(shown: block_forms.Forms) -> None:
    """Tell each field of a picture what the library says of it, for when another picture is chosen."""
    fields = [field for form in shown.each for field in form if hasattr(field.field, "alt_in_library")]
    alt_texts = library.alt_texts(str(field.value() or "") for field in fields)
    for field in fields:
        field.field.alt_in_library = alt_texts.get(field.value(), "")  # type: ignore[attr-defined]


def _outline(
    request: WorkspaceRequest,
    template: MessageTemplate,
    before: Document,
    *,
    chosen: str = "",
    problem: StrOrPromise = "",
    errors: list[str] | None = None,
    conflict: object = None,
    has_saved: bool = False,
    has_new_fields: bool = False,
) -> HttpResponse:
    """What is there after a change. `before`: the document that the change began with, by which the page finds out
    whether somebody else has changed it in between. `has_saved`: the properties on the page are those of the chosen
    block now. After any other change they may be older than the block, and the page must not forget it."""
    document = saving.document_of(template)
    context = {
        **_state(template, document, chosen),
        "before": mark_of(before),
        "problem": problem,
        "errors": errors,
        "conflict": conflict,
        "has_new_fields": has_new_fields,
    }
    found = document.find(chosen)
    if found is not None and has_new_fields:
        context |= _properties_context(template, found)
    elif found is not None and has_saved:
        context["opened"] = mark_of(found)
    return render(request, "templates_app/editor/_changed.html", context)


def _state(template: MessageTemplate, document: Document, chosen: str) -> dict[str, Any]:
    seen = mark_of(document)
    rows = [(one, KINDS[one.type], KINDS[one.type].summary(one.props)) for one in document if one.type in KINDS]
    return {
        "template": template,
        "stored": document.as_json(),
        "seen": seen,
        "before": seen,
        "rows": rows,
        "chosen": chosen,
    }


def _posted_text(request: WorkspaceRequest, name: str) -> str:
    found = parameters.text(request.POST, name, MAX_POSTED + 1)
    if len(found) > MAX_POSTED:
        raise Unreadable(_("This is too large for a message."))
    return found
