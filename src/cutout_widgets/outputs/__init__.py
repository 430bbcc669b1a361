"""Outputs: files on disk. Where they lie, what they show, how many are written at once, are they whole."""
