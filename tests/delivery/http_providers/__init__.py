"""SendGrid, Brevo and Amazon SES: what arrives there, what their answers mean, and what happens when they don't answer.

A script of faults stands in for the provider; what is sent is held against the official schemas in tests/contract.
"""
