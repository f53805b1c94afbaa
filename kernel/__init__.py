"""Mechanisms that know nothing of marketing: tenancy, background work, events, links, pagination, secrets.

The lowest layer: it imports Django and no other app of Fanfare.
"""
