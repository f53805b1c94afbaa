"""A merchant's sign-up forms."""

from csp.decorators import csp_replace
from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.access import access
from accounts.discarding import discard_on_page
from accounts.models import Workspace
from accounts.requests import WorkspaceRequest
from contacts.consent import preferences
from contacts.forms.signups.signup import PublicForm
from contacts.forms.signups.signup_form import SignupFormForm
from contacts.models import Signup, SignupForm
from contacts.signups import bot_checks
from kernel import parameters
from kernel.edit_conflicts import locked_for_saving
from kernel.http import back_to
from kernel.pagination import paginate

MAX_COUNT = 1000


@access("contacts.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    page = paginate(SignupForm.objects.present(), cursor=parameters.cursor(request.GET))
    context = {
        "page": page,
        "confirmed": _confirmed_by_form([form.pk for form in page]),
        "most": MAX_COUNT,
        "find_address": preferences.find_address(request.workspace),
    }
    return render(request, "contacts/signups/forms/index.html", context)


def _confirmed_by_form(form_ids: list[int]) -> dict[int, int]:
    """Confirmed sign-ups by form id; counting stops above MAX_COUNT."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.id, (SELECT count(*) FROM (SELECT FROM contacts_signup s WHERE s.workspace_id = f.workspace_id "
            "AND s.form_id = f.id AND s.confirmed_at IS NOT NULL LIMIT %s) x) "
            "FROM contacts_signupform f WHERE f.id = ANY(%s)",
            [MAX_COUNT + 1, form_ids],
        )
        return dict(cursor.fetchall())


@access("contacts.view")
def show(request: WorkspaceRequest, pk: int) -> HttpResponse:
    form = get_object_or_404(SignupForm.objects.present().select_related("contact_list"), pk=pk)
    signups = Signup.objects.filter(form=form)
    states = {"waiting": signups.waiting(), "confirmed": signups.confirmed(), "expired": signups.expired()}
    state = parameters.text(request.GET, "state")
    if state not in states:
        state = ""
    counts = {name: rows.order_by()[: MAX_COUNT + 1].count() for name, rows in states.items()}
    context = {
        "form": form,
        "page": paginate(states.get(state, signups), cursor=parameters.cursor(request.GET)),
        "state": state,
        "counts": {name: (min(n, MAX_COUNT), n > MAX_COUNT) for name, n in counts.items()},
        "snippet": _snippet(request.workspace, form),
    }
    return render(request, "contacts/signups/forms/show.html", context)


def _snippet(workspace: Workspace, form: SignupForm) -> str:
    """Plain HTML for the merchant's own page. It posts without a stamp and gets the page with one button."""
    with translation.override(form.language):
        empty = PublicForm(form=form, country=workspace.country, auto_id=False)
        context = {"form": form, "fields": empty, "trap": bot_checks.TRAP}
        return render_to_string("contacts/signups/forms/_snippet.txt", context).lstrip()


@access("contacts.edit")
def create(request: WorkspaceRequest) -> HttpResponse:
    form = SignupFormForm(request.POST or None, workspace=request.workspace)
    return _edit(request, form, "form.created", _("Form created. Preview it, then add it to your site."))


@access("contacts.edit")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    signup_form = get_object_or_404(locked_for_saving(request, SignupForm.objects.present()), pk=pk)
    form = SignupFormForm(request.POST or None, instance=signup_form, workspace=request.workspace)
    return _edit(request, form, "form.changed", _("Form saved."))


def _edit(request: WorkspaceRequest, form: SignupFormForm, verb: str, done: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        signup_form = form.save()
        audit.record(request.actor, verb, signup_form, fields=form.changed_data)
        messages.success(request, done)
        if not signup_form.double_opt_in:
            messages.warning(request, _("Without confirmation by e-mail, anyone can sign up someone else's address."))
        return back_to(request, "contacts:form", pk=signup_form.pk)
    return render(request, "contacts/signups/forms/form.html", {"form": form, "signup_form": form.instance})


@require_POST
@access("contacts.edit")
def opening(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Open or close the form. A closed form's page says that it takes no sign-ups."""
    form = get_object_or_404(SignupForm.objects.present(), pk=pk)
    form.is_open = parameters.text(request.POST, "open") == "1"
    form.save(update_fields=["is_open"])
    audit.record(request.actor, "form.opened" if form.is_open else "form.closed", form)
    messages.success(request, _("The form is open.") if form.is_open else _("The form is closed."))
    return back_to(request, "contacts:form", pk=pk)


@require_POST
@access("contacts.delete")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    form = get_object_or_404(SignupForm.objects.present(), pk=pk)
    discard_on_page(request, form, "form.deleted", _("Form deleted. Its page is no longer available."))
    return back_to(request, "contacts:forms")


@require_safe
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
@access("contacts.view")
def preview(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """The form as visitors see it, for a frame in the form's page; it can't be submitted."""
    form = get_object_or_404(SignupForm.objects.present(), pk=pk)
    with translation.override(form.language):
        context = {
            "sender": request.workspace,
            "form": form,
            "fields": PublicForm(form=form, country=request.workspace.country),
            "framed": True,
            "preview": True,
        }
        return render(request, "contacts/public/form.html", context)
