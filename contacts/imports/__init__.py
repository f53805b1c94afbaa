"""Imports contacts, companies and do-not-contact addresses from files: CSV, sheets, vCards, JSON, lists of addresses.

`file_kinds`, `encodings`, `sniffing` and `workbooks` inspect a file, `records` reads what is no table, `survey` counts
its lines, `uploading` stores it, `columns` maps its columns, `programs` knows those of other programs' exports,
`delimited` reads text as rows, `row_stream` yields the rows of a stored file, `forecasting` counts what would happen,
`running` writes, `undoing` takes an import back. From `row_stream` on, the code runs as the engine role, which bypasses
row-level security: every statement names the workspace.
"""
