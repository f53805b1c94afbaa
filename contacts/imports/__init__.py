"""Contacts, companies and addresses that want no mail, from CSV and Excel files.

`sniffing` and `workbooks` look at a file, `uploading` stores it, `columns` maps it, `reading` yields its rows,
`forecasting` says what would happen, `running` writes, `undoing` takes back. From `reading` on, the engine role works,
which row-level security does not hold back: every statement names the workspace.
"""
