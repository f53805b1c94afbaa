"""Workspace pages of this app (below /w/<workspace>/) and the public pages that messages link to."""

from django.urls import path, re_path

from delivery.views import (
    accounts,
    activity,
    inbox_lines,
    sandbox,
    seed_lists,
    send_tests,
    senders,
    spam_scores,
    testers,
)
from delivery.views.public import testers as public_testers
from delivery.views.public import tracking, unsubscribes, web_copies

app_name = "delivery"
urlpatterns = [
    path("senders/", senders.index, name="senders"),
    path("senders/new/", senders.create, name="new_sender"),
    path("senders/<int:pk>/", senders.edit, name="sender"),
    path("senders/<int:pk>/delete/", senders.delete, name="delete_sender"),
    path("accounts/", accounts.index, name="accounts"),
    path("accounts/new/<slug:provider>/", accounts.create, name="new_account"),
    path("accounts/<int:pk>/", accounts.edit, name="account"),
    path("accounts/<int:pk>/check/", accounts.check, name="check_account"),
    path("accounts/<int:pk>/default/", accounts.make_default, name="default_account"),
    path("accounts/<int:pk>/delete/", accounts.delete, name="delete_account"),
    path("sandbox/", sandbox.index, name="sandbox"),
    path("sandbox/<int:pk>/", sandbox.show, name="captured"),
    path("sandbox/<int:pk>/html/", sandbox.html, name="captured_html"),
    path("sandbox/<int:pk>/source/", sandbox.source, name="captured_source"),
    path("templates/<int:pk>/test/", send_tests.create, name="send_test"),
    path("templates/<int:pk>/inbox/", inbox_lines.show, name="inbox_line"),
    path("templates/<int:pk>/spam-score/", spam_scores.show, name="spam_score"),
    path("seed-lists/", seed_lists.index, name="seed_lists"),
    path("seed-lists/new/", seed_lists.create, name="new_seed_list"),
    path("seed-lists/<int:pk>/", seed_lists.edit, name="seed_list"),
    path("seed-lists/<int:pk>/delete/", seed_lists.delete, name="delete_seed_list"),
    path("testers/", testers.index, name="testers"),
    path("testers/<int:pk>/delete/", testers.delete, name="delete_tester"),
    path("activity/<int:pk>/", activity.of_contact, name="activity"),
]

public_urlpatterns = [
    # With and without the trailing slash: a redirect would break one-click unsubscribe (RFC 8058).
    re_path(r"^u/(?P<token>[\w-]+)/?$", unsubscribes.unsubscribe, name="unsubscribe"),
    path("t/<str:token>/", public_testers.show, name="tester"),
    path("v/<str:token>/", web_copies.show, name="web_copy"),
    path("o/<str:token>.gif", tracking.open_pixel, name="open_pixel"),
    path("c/<str:token>/<int:n>/", tracking.click, name="click"),
]
