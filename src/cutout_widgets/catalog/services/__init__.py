"""Rows from services of the Virtual Observatory: TAP."""
