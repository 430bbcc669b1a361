"""Databases of DiaSources, such as APDBs."""
