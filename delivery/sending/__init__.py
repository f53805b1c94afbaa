"""The send engine: claim a lease, pass the gate, send, settle; and recover what a crash left behind.

Everything here runs as the database role "engine", whose SQL names the batch (and so the workspace) itself.
"""
