"""The operator's console on the Django admin: workspaces, people, campaigns, messages, queue, kill switch; health and
the commands of manage.py. Sees across workspaces, on purpose."""
