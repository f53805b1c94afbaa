"""A message to a person, and what became of it. Knows nothing of campaigns: whoever wants to send opens a batch.

Words: sender, provider account, channel, batch, message, lease, gate, settle, lane, hit, control (the kill switch).
"""
