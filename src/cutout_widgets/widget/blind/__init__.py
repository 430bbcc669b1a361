"""Rows and images that do not reveal which source they belong to."""
