"""A channel for tests: plain texts to phone numbers. It is built as a real one would be, outside the product's folders."""
