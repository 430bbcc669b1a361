"""From numbers to grey levels."""
