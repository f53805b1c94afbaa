"""Providers. Each is a folder here with provider.py and forms.py; to add one, nothing else has to change."""
