"""Message templates: the merge language, sanitising, the text part, starter designs.

Words: template, merge tag, starter, text part.
"""
