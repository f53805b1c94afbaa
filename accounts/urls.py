"""Workspace pages of this app, below /w/<workspace>/."""

from django.urls import include, path

from accounts.views import audit, invitations, jobs, members, notifications, trash, workspaces

member_pages = [
    path("", members.index, name="index"),
    path("leave/", members.leave, name="leave"),
    path("<int:pk>/role/", members.change_role, name="change_role"),
    path("<int:pk>/remove/", members.remove, name="remove"),
    path("invitations/", invitations.create, name="invite"),
    path("invitations/<int:pk>/revoke/", invitations.revoke, name="revoke"),
]
notification_pages = [
    path("", notifications.index, name="index"),
    path("read/", notifications.read_all, name="read_all"),
    path("bell/", notifications.bell, name="bell"),
]
job_pages = [path("", jobs.index, name="index"), path("<int:pk>/", jobs.show, name="show")]
trash_pages = [
    path("", trash.index, name="index"),
    path("<slug:noun>/<int:pk>/restore/", trash.restore, name="restore"),
]

urlpatterns = [
    path("settings/workspace/", include(([path("", workspaces.edit, name="workspace")], "settings"))),
    path("members/", include((member_pages, "members"))),
    path("audit/", include(([path("", audit.index, name="index")], "audit"))),
    path("notifications/", include((notification_pages, "notifications"))),
    path("trash/", include((trash_pages, "trash"))),
    path("jobs/", include((job_pages, "jobs"))),
]
