"""The send engine: claim a lease, pass the gate, send, settle; and repair what a crash left.

Everything here runs as the engine role, whose SQL names the batch (and so the workspace) itself.
"""
