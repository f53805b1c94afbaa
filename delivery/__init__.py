"""Messages to people and their outcomes. Knows nothing of campaigns: an app that wants to send opens a batch.

Words: sender, provider account, channel, batch, message, lease, gate, settle, lane, hit, control (the kill switch).
"""
