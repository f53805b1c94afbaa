"""Exports that run in the background: contacts, the suppression list, the whole workspace, and what higher apps add.

`asking` begins one. `kinds` are what there is to export, `selection` says which contacts, `sources` and
`workspace_archive` read rows, `formats` writes them, `kept_file` and `parts` store the file. `running` does all of it
in one snapshot of the database, on the engine connection.
"""
