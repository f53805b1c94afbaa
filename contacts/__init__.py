"""The people a workspace may write to: contacts, tags, consent with its proof, suppression, import.

Words: contact, tag, consent, suppression, audience, import, rejected row.
"""
