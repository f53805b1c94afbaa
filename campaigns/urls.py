"""Workspace pages of this app, below /w/<workspace>/campaigns/, and the public archive."""

from django.urls import path

from campaigns.views import archives, campaigns, failures, messages, senders, sendings, translations
from campaigns.views.public import archives as public_archives

app_name = "campaigns"
urlpatterns = [
    path("", campaigns.index, name="index"),
    path("new/", campaigns.create, name="new"),
    path("audience/", campaigns.audience_count, name="audience_count"),
    path("<int:pk>/", campaigns.show, name="show"),
    path("<int:pk>/edit/", campaigns.edit, name="edit"),
    path("<int:pk>/translations/", translations.edit, name="translations"),
    path("<int:pk>/progress/", campaigns.progress, name="progress"),
    path("<int:pk>/duplicate/", campaigns.duplicate, name="duplicate"),
    path("<int:pk>/delete/", campaigns.delete, name="delete"),
    path("<int:pk>/send/", sendings.send, name="send"),
    path("<int:pk>/schedule/", sendings.schedule, name="schedule"),
    path("<int:pk>/unschedule/", sendings.unschedule, name="unschedule"),
    path("<int:pk>/pause/", sendings.pause, name="pause"),
    path("<int:pk>/resume/", sendings.resume, name="resume"),
    path("<int:pk>/cancel/", sendings.cancel, name="cancel"),
    path("<int:pk>/sender/", senders.edit, name="edit_sender"),
    path("<int:pk>/failures/", failures.index, name="failures"),
    path("<int:pk>/failures/retry/", failures.retry, name="retry_failed"),
    path("<int:pk>/failures/resend/", failures.resend, name="resend_unknown"),
    path("<int:pk>/failures/count/", failures.count_as_sent, name="count_unknown"),
    path("<int:pk>/failures/<int:retry>/resume/", failures.resume, name="resume_retry"),
    path("<int:pk>/messages/", messages.index, name="messages"),
    path("<int:pk>/messages/<int:batch>.html", messages.html, name="message_html"),
    path("<int:pk>/archive/", archives.choose, name="archive"),
    path("<int:pk>/test/", sendings.test, name="test"),
]

settings_urlpatterns = [path("", archives.edit, name="edit")]
public_urlpatterns = [
    path("archive/<slug:slug>/<slug:archive>/", public_archives.index, name="index"),
    path("archive/<slug:slug>/<slug:archive>/feed.xml", public_archives.feed, name="feed"),
    path("archive/<slug:slug>/<slug:archive>/<slug:message>/", public_archives.show, name="show"),
    path("archive/<slug:slug>/<slug:archive>/<slug:message>/message.html", public_archives.message, name="message"),
]
