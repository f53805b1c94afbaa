"""Checks of a message while it is made: one file a check, the same for every kind of template.

Each looks at a `message.Message` and gives `finding.Finding`s. `running.run` runs all of them within a budget of time.
"""
