"""Files made in the background: contacts, the suppression list, the whole workspace.

`choosing` says who, `sources` and `whole` read rows, `formats` writes them, `parts` keeps the file, `running` does it
all in one snapshot of the database, on the engine connection.
"""
