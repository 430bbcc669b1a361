"""From an exposure to a table of measured sources."""
