"""A workspace worth looking at: made from a CSV file, sent to the sandbox, opened and clicked on the real pages."""
