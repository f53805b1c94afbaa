"""Channels: the ways to reach a person. Each is a folder here, with all that is special about it."""
