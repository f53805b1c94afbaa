from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.access import access
from accounts.requests import WorkspaceRequest
from delivery import registry
from delivery.channels.base import AccountProblem
from delivery.models import Batch, ProviderAccount
from kernel import throttle
from kernel.http import back_to, own_transactions
from kernel.tenancy import scope


@access("workspace.view")
def index(request: WorkspaceRequest) -> HttpResponse:
    context = {
        "accounts": ProviderAccount.objects.present().prefetch_related("defaults"),
        "providers": list(registry.PROVIDERS),
    }
    return render(request, "delivery/accounts/index.html", context)


@access("sending.manage")
def create(request: WorkspaceRequest, provider: str) -> HttpResponse:
    kind = registry.PROVIDERS.get(provider)
    if kind is None:
        raise Http404
    account = ProviderAccount(provider=provider)
    form = kind.form(request.POST or None, instance=account, initial={"name": kind.label})
    if request.method == "POST" and form.is_valid():
        form.save()
        account.become_default()
        audit.record(request.actor, "account.created", account, provider=provider)
        messages.success(request, _("Account added. Test the connection before you send."))
        return back_to(request, "delivery:account", pk=account.pk)
    return render(request, "delivery/accounts/form.html", {"form": form, "kind": kind})


@access("sending.manage")
def edit(request: WorkspaceRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(ProviderAccount.objects.present(), pk=pk)
    form = account.kind.form(request.POST or None, instance=account)
    if request.method == "POST" and form.is_valid():
        account.failures, account.retry_at, account.last_problem = 0, None, ""
        account.limit_ends_at = None
        form.save()
        audit.record(request.actor, "account.changed", account, fields=form.changed_data)
        messages.success(request, _("Account saved."))
        return back_to(request, "delivery:account", pk=account.pk)
    return render(request, "delivery/accounts/form.html", {"form": form, "account": account, "kind": account.kind})


@require_POST
@own_transactions
@access("sending.manage")
def check(request: WorkspaceRequest, pk: int) -> HttpResponse:
    """Try the connection and show the result: a fragment of the page."""
    with scope(request.workspace):
        account = get_object_or_404(ProviderAccount.objects.present(), pk=pk)
        most = settings.CONNECTION_TESTS_PER_HOUR
        may_test = throttle.take("connection_tests", str(request.workspace.pk), most=most, seconds=3600)
    if not may_test:
        text = _("A workspace can test its connections %(n)d times an hour. Try again later.") % {"n": most}
        return render(request, "delivery/accounts/_check.html", {"level": "warning", "text": text})
    try:
        if account.has_lost_secret:
            raise AccountProblem(account.lost_secret_problem())
        context = {"level": "success", "text": account.kind.check(account)}
    except AccountProblem as problem:
        context = {"level": "danger", "text": str(problem)}
    with scope(request.workspace):
        audit.record(request.actor, "account.tested", account, result=context["level"])
    return render(request, "delivery/accounts/_check.html", context)


@require_POST
@access("sending.manage")
def make_default(request: WorkspaceRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(ProviderAccount.objects.present(), pk=pk)
    account.make_default()
    audit.record(request.actor, "account.made_default", account)
    messages.success(request, _("%(account)s is now the default.") % {"account": account})
    return back_to(request, "delivery:accounts")


@require_POST
@access("sending.manage")
def delete(request: WorkspaceRequest, pk: int) -> HttpResponse:
    account = get_object_or_404(ProviderAccount.objects.present(), pk=pk)
    if account.is_default:
        messages.error(request, _("Choose another default account first."))
    elif Batch.objects.filter(account=account, finished_at=None).exists():
        messages.error(request, _("A campaign is being sent with this account. Wait until it ends, or cancel it."))
    else:
        account.deleted_at, account.secret = timezone.now(), None
        account.save(update_fields=["deleted_at", "secret"])
        audit.record(request.actor, "account.deleted", account)
        messages.success(request, _("Account and password deleted."))
    return back_to(request, "delivery:accounts")
