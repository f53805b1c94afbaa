"""People and workspaces: members and roles, invitations, audit log, notifications, progress of background work.

Words: workspace, member, role, permission, invitation, audit entry, notification, job.
"""
