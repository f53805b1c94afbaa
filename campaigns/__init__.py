"""A planned message to many: audience, content, checks, schedule, pause and resume.

Words: campaign, readiness, schedule, send, pause, cancel.
"""
