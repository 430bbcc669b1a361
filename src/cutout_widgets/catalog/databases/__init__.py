"""Databases of DiaSources: APDBs and their kin."""
