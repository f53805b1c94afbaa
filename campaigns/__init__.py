"""Campaigns: one message to many people, with audience, content, checks, schedule, pause and resume.

Words: campaign, readiness, schedule, send, pause, cancel.
"""
