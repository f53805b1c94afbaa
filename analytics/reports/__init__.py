"""One page object per report."""
