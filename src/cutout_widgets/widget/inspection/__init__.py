"""The data of the inspector: everything about one source."""
