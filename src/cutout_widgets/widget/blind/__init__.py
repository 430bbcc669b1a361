"""Rows and images that do not tell which source they belong to."""
