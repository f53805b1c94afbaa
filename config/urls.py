"""All addresses. Pages of a workspace are below /w/<workspace>/, guarded by accounts.middleware.EnterWorkspace."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from accounts import urls as account_urls
from accounts.views import confirmations, home, invitations, onboarding, profile, workspaces
from adminpanel.views import styleguide
from campaigns import urls as campaign_urls
from contacts import urls as contact_urls
from delivery import urls as delivery_urls
from delivery.views import senders
from kernel.http import public
from manual import views as manual
from templates_app import urls as template_urls

welcome = [
    path("locale/", onboarding.locale, name="locale"),
    path("sender/", senders.welcome, name="sender"),
]
workspace_pages = [
    path("welcome/", include((welcome, "welcome"))),
    path("campaigns/", include("campaigns.urls")),
    path("contacts/", include("contacts.urls")),
    path("templates/", include("templates_app.urls")),
    path("reports/", include("analytics.urls")),
    path("sending/", include("delivery.urls")),
    path("settings/archive/", include((campaign_urls.settings_urlpatterns, "archive"))),
    path("", include(account_urls)),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("w/<slug:workspace>/", include(workspace_pages)),
    path("new/", onboarding.organisation, name="new_workspace"),
    path("switch/", workspaces.find, name="find_workspace"),
    path("switch/<slug:slug>/", workspaces.switch, name="switch_workspace"),
    path("profile/", profile.edit, name="profile"),
    path("help/", manual.page, name="help"),
    path("help/<slug:slug>/", manual.page, name="help_page"),
    path("invitations/<str:token>/", invitations.show, name="invitation"),
    path("accounts/confirm-email/", confirmations.sent, name="account_email_verification_sent"),
    path("accounts/", include("allauth.urls")),
    path("language/", public(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("", include((delivery_urls.public_urlpatterns, "public"))),
    path("", include((template_urls.public_urlpatterns, "looks"))),
    path("", include((campaign_urls.public_urlpatterns, "newsletters"))),
    path("", include((contact_urls.public_urlpatterns, "visitors"))),
]
handler400 = "kernel.views.bad_request"
handler404 = "kernel.views.not_found"
handler403 = "kernel.views.forbidden"
handler500 = "kernel.views.server_error"
