"""64-bit identifiers: exact, packed, looked up."""
