"""Mechanisms without one word of the business: tenancy, background work, events, links, pagination, secrets.

Imports Django and nothing of ours. Every other app stands on it.
"""
