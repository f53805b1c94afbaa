"""Segments: conditions on contacts, as data.

`definition` reads and checks a definition, `compiling` turns it into SQL, `describing` into a sentence. `counting`
counts the contacts, and `explaining` says why a contact is in a segment. The possible conditions are in a registry
(`conditions`), to which the *_conditions modules here and other apps add their own.
"""
