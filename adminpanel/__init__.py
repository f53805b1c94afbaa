"""The operator's console on the Django admin: workspaces, people, campaigns, messages, queue, kill switch. Also health
checks and the commands of manage.py. It sees all workspaces on purpose."""
