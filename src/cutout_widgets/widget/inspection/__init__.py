"""The data of the inspector: all numbers of one source."""
