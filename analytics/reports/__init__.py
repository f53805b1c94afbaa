"""One class per report."""
