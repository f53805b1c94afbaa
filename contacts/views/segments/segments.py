from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.requests import WorkspaceRequest
from contacts.forms.segments import segment as builder
from contacts.forms.segments.segment import SegmentForm
from contacts.models import Contact, Segment
from contacts.people import searching
from contacts.segments import audience, counting, definition, describing, explaining, nesting, schema_cache
from contacts.segments.audience import Audience, Groups
from contacts.segments.definition import BadDefinition, Group
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate

SHOWN = 20


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    query = parameters.text(request.GET, "q")
    segments = Segment.objects.present()
    if query:
        segments = segments.filter(name__icontains=query)
    page = paginate(segments, cursor=parameters.cursor(request.GET))
    found = definition.read_each(segment.definition for segment in page.rows)
    rows = [(segment, _sentence(root)) for segment, root in zip(page.rows, found, strict=True)]
    return render(request, "contacts/segments/index.html", {"page": page, "rows": rows, "q": query})


def _sentence(root: Group | BadDefinition) -> str:
    return str(root) if isinstance(root, BadDefinition) else describing.sentence(root)


@access("contacts.edit")
@schema_cache.cached_schema()
def create(request: WorkspaceRequest) -> HttpResponse:
    return _form(request, Segment())


@access("contacts.edit")
@schema_cache.cached_schema()
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    is_saving = not request.htmx and not builder.was_edited(request.POST)
    segments = locked_for_saving(request, Segment.objects.present(), is_saving=is_saving)
    return _form(request, get_object_or_404(segments, pk=pk))


def _form(request: WorkspaceRequest, segment: Segment) -> HttpResponse:
    """The builder. Each button sends the whole form and gets it back, so it works without JavaScript too."""
    pressed = request.method == "POST"
    data = builder.read(request.POST) if pressed else segment.definition or builder.empty()
    try:
        root = definition.read(data)
    except BadDefinition as problem:
        messages.error(request, str(problem))
        root = definition.read(builder.empty())
    form = SegmentForm(request.POST if pressed else None, instance=segment)
    if pressed and request.htmx:
        return render(request, "contacts/segments/_builder.html", _builder_context(request, root, segment))
    problems: list[str] = []
    if pressed and not builder.was_edited(request.POST):
        problems = definition.problems_of(root) or _problems_with_others(segment, definition.stored(root))
        if form.is_valid() and not problems and (saved := _save(request, form, root)):
            return saved
    context = {"form": form, "segment": segment, "problems": problems, **_builder_context(request, root, segment)}
    return render(request, "contacts/segments/form.html", context)


def _save(request: WorkspaceRequest, form: SegmentForm, root: Group) -> HttpResponse | None:
    is_new = form.instance.pk is None
    form.instance.definition = definition.stored(root)
    if is_new:
        form.instance.created_by = request.user
    if not form.saved():
        return None
    segment = form.instance
    audit.record(request.actor, "segment.created" if is_new else "segment.changed", segment)
    messages.success(request, _("Segment saved."))
    return back_to(request, "contacts:segment", pk=segment.pk)


def _problems_with_others(segment: Segment, data: dict) -> list[str]:
    """What is wrong with the segments in this definition, or would be with the segments that contain this one."""
    try:
        definition.read_usable(nesting.expanded(data, of=segment.pk))
    except BadDefinition as problem:
        return problem.problems
    if broken := nesting.broken_by(segment.pk, data) if segment.pk else []:
        text = _("These segments contain this one, and would become too large: %(names)s.")
        return [text % {"names": ", ".join(broken[:5])}]
    return []


def _builder_context(request: WorkspaceRequest, root: Group, segment: Segment) -> dict:
    searched = request.POST if not request.htmx else None
    context: dict[str, Any] = {"tree": builder.view(root, searched), "sentence": describing.sentence(root)}
    data = definition.stored(root)
    try:
        data = nesting.expanded(data, of=segment.pk)
        people = Audience(include=Groups(definitions=(data,)), with_inactive=True)
        context["count"] = audience.count(request.workspace.pk, people)
    except BadDefinition as problem:
        context["unfinished"] = problem.problems[0]
    return context


@access("contacts.view")
@schema_cache.cached_schema()
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The people in the segment, and why a given person is in it or not."""
    segment = get_object_or_404(Segment.objects.present(), pk=pk)
    context = {"segment": segment, "sentence": _sentence(definition.read_each([segment.definition])[0])}
    try:
        root = definition.read_usable(segment.definition)
        data = nesting.expanded(segment.definition, of=segment.pk)
        definition.read_usable(data)
    except BadDefinition as problem:
        return render(request, "contacts/segments/show.html", context | {"problems": problem.problems})
    people = Audience(include=Groups(definitions=(data,)), with_inactive=True)
    if request.htmx and (part := _part(request, people)):
        return part
    # In a large workspace, counting and finding people may take seconds: the page comes first.
    if counting.is_small(request.workspace.pk) or "all" in request.GET:
        context |= _newest(request, people) | {"count": audience.count(request.workspace.pk, people)}
    else:
        context["later"] = True
    if query := parameters.text(request.GET, "who"):
        context |= {"who": query, "why": _explain(root, query, request.workspace.country)}
    return render(request, "contacts/segments/show.html", context)


def _part(request: WorkspaceRequest, people: Audience) -> HttpResponse | None:
    """A fragment of the page: the newest people, the first count, or the exact one."""
    asked = parameters.text(request.GET, "count")
    if asked == "first":
        context = {"count": audience.count(request.workspace.pk, people)}
        return render(request, "contacts/segments/_size.html", context)
    if asked:
        found = audience.count_at_best(request.workspace.pk, people)
        return render(request, "contacts/segments/_count.html", {"count": found, "tried": True})
    if "people" in request.GET:
        return render(request, "contacts/segments/_people.html", _newest(request, people))
    return None


def _newest(request: WorkspaceRequest, people: Audience) -> dict:
    found = audience.newest(request.workspace.pk, people, SHOWN + 1)
    return {"people": found and found[:SHOWN], "more": found is not None and len(found) > SHOWN}


def _explain(root: Group, query: str, country: str) -> list:
    """(contact, answer) for the first contacts found by the query."""
    found = searching.search(Contact.objects.present(), query, country=country)[:3]
    return [(contact, explaining.explain(root, contact.pk)) for contact in found]


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    segment = get_object_or_404(Segment.objects.present(), pk=pk)
    if discard_on_page(request, segment, "segment.deleted", _("Segment deleted. Its contacts are kept.")):
        return back_to(request, "contacts:segments")
    return back_to(request, "contacts:segment", pk=pk)
