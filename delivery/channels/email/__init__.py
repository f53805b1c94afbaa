"""E-mail: messages as RFC 5322 and MIME describe them, composed from HTML and text."""
