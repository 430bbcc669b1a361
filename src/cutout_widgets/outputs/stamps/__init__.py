"""Saving cutouts as stamp files: many triplets in each."""
