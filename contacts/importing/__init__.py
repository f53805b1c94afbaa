"""Contacts from a CSV file: look at it, map its columns, take it in chunk by chunk, explain every row.

`sniffing` looks, `uploading` stores, `reading` yields rows, `running` writes; only `running` uses the engine role.
"""
