"""SendGrid, Brevo and Amazon SES: what arrives there, what their answers mean, and what happens when they don't answer.

A server with faults on demand stands in for the provider. tests/contract validates what is sent against official
schemas."""
