"""64-bit identifiers: exact conversion, unpacking, look-up."""
