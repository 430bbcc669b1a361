"""Arrays in memory."""
