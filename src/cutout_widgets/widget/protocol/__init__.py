"""What crosses between kernel and browser."""
