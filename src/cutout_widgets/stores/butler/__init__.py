"""Butler repositories."""
