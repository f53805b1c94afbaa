"""The exports of other programs: recognised by their headings, and mapped as each program means its columns.

`program` says what is known of a program, one module each knows one, `registry` lists them. A new program is a module
and a line there.
"""
