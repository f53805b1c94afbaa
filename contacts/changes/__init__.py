"""What happens to contacts, as rows: the outbox that other parts read by cursor. Triggers write it (migration 0013)."""
